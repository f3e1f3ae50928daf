//! Who proposes a change of a contract in force and who decides it. The parties, finance and auditors read it.

use crate::people::{Action, Role};

/// Propose a change.
pub static PROPOSE: Action = Action::change("contract_changes.propose", &[Role::Purchaser], &["active", "suspended"]);
/// Consent to it for the supplier: a contract changes by agreement.
pub static CONSENT: Action = Action::change("contract_changes.consent", &[Role::OrgAdmin], &["active", "suspended"]);
/// Approve it: never its proposer.
pub static APPROVE: Action = Action::change("contract_changes.approve", &[Role::FinanceOfficer], &["active", "suspended"]).stepped_up();
/// Refuse it: never its proposer.
pub static REJECT: Action = Action::change("contract_changes.reject", &[Role::FinanceOfficer], &["active", "suspended"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE, &CONSENT, &APPROVE, &REJECT];
