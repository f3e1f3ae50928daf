//! Who records a session and who confirms it: never the same person.

use crate::people::{Action, Role};

/// Record a session.
pub static RECORD: Action =
    Action::new("service_sessions.record", &[Role::OrgAdmin, Role::OrgMember, Role::SocialWorker]).within(&["delivering", "verified"]);
/// Confirm it for the community.
pub static CONFIRM: Action = Action::change("service_sessions.confirm", &[Role::Purchaser, Role::PurchaserLead], &["recorded"]);
/// Dispute it with a reason.
pub static DISPUTE: Action = Action::change("service_sessions.dispute", &[Role::Purchaser, Role::PurchaserLead], &["recorded"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&RECORD, &CONFIRM, &DISPUTE];

/// Who reads single sessions: payee, unit, verifiers, auditors. Everybody reads the totals of a project.
pub static READERS: &[Role] =
    &[Role::OrgAdmin, Role::OrgMember, Role::SocialWorker, Role::Purchaser, Role::PurchaserLead, Role::ThirdPartyEvaluator, Role::Auditor];
