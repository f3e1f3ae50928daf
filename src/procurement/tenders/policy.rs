//! Who may do what with a tender, and from which state.

use crate::people::{Action, Role};
pub use crate::procurement::plans::policy::UnitDesk;

/// Draft a tender for one's own unit.
pub static CREATE: Action = Action::new("tenders.create", &[Role::Purchaser]);
/// Write a draft anew.
pub static REWRITE: Action = Action::change("tenders.rewrite", &[Role::Purchaser], &["draft", "returned"]);
/// Add a document.
pub static ATTACH: Action = Action::new("tenders.attach", &[Role::Purchaser, Role::PurchaserLead, Role::Agent]).within(&[
    "draft",
    "in_review",
    "returned",
    "approved",
    "published",
]);
/// List whom to invite.
pub static INVITE: Action = Action::change("tenders.invite", &[Role::Purchaser, Role::PurchaserLead], &["draft", "returned", "approved"]);
/// Read whom it invites.
pub static READ_INVITATIONS: Action = Action::new("tenders.read_invitations", super::model::INSIDERS);
/// Send it to review; money is reserved.
pub static SUBMIT: Action = Action::change("tenders.submit", &[Role::Purchaser], &["draft", "returned"]);
/// Approve it.
pub static APPROVE: Action = Action::change("tenders.approve", &[Role::FinanceOfficer], &["in_review"]).stepped_up();
/// Send it back; the money is released.
pub static RETURN: Action = Action::change("tenders.return", &[Role::FinanceOfficer], &["in_review"]);
/// Make it public with its deadline.
pub static PUBLISH: Action = Action::change("tenders.publish", &[Role::Purchaser, Role::PurchaserLead], &["approved"]);
/// End it before publication.
pub static CANCEL: Action =
    Action::change("tenders.cancel", &[Role::Purchaser, Role::PurchaserLead], &["draft", "in_review", "returned", "approved"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &REWRITE, &ATTACH, &INVITE, &READ_INVITATIONS, &SUBMIT, &APPROVE, &RETURN, &PUBLISH, &CANCEL];
