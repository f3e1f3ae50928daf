//! Who challenges, answers, complains and decides.

use crate::people::{Action, Role};

/// File a challenge for one's own organisation.
pub static FILE: Action = Action::new("challenges.file", &[Role::OrgAdmin]);
/// Add a document to one's own challenge.
pub static ATTACH: Action = Action::new("challenges.attach", &[Role::OrgAdmin]).within(&["filed"]);
/// Take one's own challenge back.
pub static WITHDRAW: Action = Action::change("challenges.withdraw", &[Role::OrgAdmin], &["filed"]);
/// Answer it; an answer with a consequence is the lead's.
pub static ANSWER: Action = Action::change("challenges.answer", &[Role::Purchaser, Role::PurchaserLead, Role::Agent], &["filed"]);
/// Mark that it may touch the result, so that the contract waits.
pub static SUSPEND: Action = Action::change("challenges.suspend", &[Role::PurchaserLead], &["filed"]);
/// Complain about the answer, or that none came.
pub static COMPLAIN: Action = Action::new("complaints.file", &[Role::OrgAdmin]).within(&["filed", "accepted", "rejected"]);
/// Take one's own complaint back.
pub static RETRACT: Action = Action::change("complaints.withdraw", &[Role::OrgAdmin], &["filed", "admitted"]);
/// Admit or refuse a complaint.
pub static REVIEW: Action = Action::change("complaints.review", &[Role::Supervisor], &["filed"]);
/// Suspend the purchase.
pub static STOP: Action = Action::change("complaints.suspend", &[Role::Supervisor], &["admitted"]);
/// Decide a complaint.
pub static DECIDE: Action = Action::change("complaints.decide", &[Role::Supervisor], &["admitted"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&FILE, &ATTACH, &WITHDRAW, &ANSWER, &SUSPEND, &COMPLAIN, &RETRACT, &REVIEW, &STOP, &DECIDE];

/// Who reads a challenge before it is answered, besides who filed it.
pub static READERS: &[Role] =
    &[Role::Purchaser, Role::PurchaserLead, Role::Agent, Role::Supervisor, Role::Auditor, Role::OrgAdmin, Role::OrgMember];
/// The supplier's people among them.
pub static SUPPLIERS: &[Role] = &[Role::OrgAdmin, Role::OrgMember];
