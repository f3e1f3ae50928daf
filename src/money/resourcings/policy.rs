//! Who proposes and who approves that another fund pays.

use crate::people::{Action, Role};

/// Propose that another fund pays for what a line has left.
pub static PROPOSE: Action = Action::new("resourcings.propose", &[Role::FinanceOfficer]).within(&["committed"]);
/// Read a proposal.
pub static READ: Action = Action::new("resourcings.read", &[Role::FinanceOfficer, Role::PurchaserLead, Role::Auditor]);
/// Approve it: never the proposer.
pub static APPROVE: Action =
    Action::change("resourcings.approve", &[Role::FinanceOfficer, Role::PurchaserLead], &["proposed"]).stepped_up();
/// Reject it: never the proposer.
pub static REJECT: Action = Action::change("resourcings.reject", &[Role::FinanceOfficer, Role::PurchaserLead], &["proposed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE, &READ, &APPROVE, &REJECT];
