//! Who notes a pledge, who shows its evidence and who verifies it.

use crate::people::{Action, Role};

/// Note a pledge.
pub static PLEDGE: Action = Action::new("pledges.create", &[Role::FinanceOfficer, Role::Purchaser]);
/// Read one.
pub static READ: Action = Action::new("pledges.read", &[Role::FinanceOfficer, Role::Purchaser, Role::PurchaserLead, Role::Auditor]);
/// Name the evidence.
pub static EVIDENCE: Action = Action::change("pledges.evidence", &[Role::FinanceOfficer, Role::Purchaser], &["pledged"]);
/// Verify the evidence: never who named it.
pub static VERIFY: Action = Action::change("pledges.verify", &[Role::FinanceOfficer], &["evidenced"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PLEDGE, &READ, &EVIDENCE, &VERIFY];
