//! Who reconciles a unit's book with the treasury's.

use crate::people::{Action, Role};

/// Send in the treasury's file of a month.
pub static RECONCILE: Action = Action::new("reconciliations.create", &[Role::FinanceOfficer]);
/// Read what was found.
pub static READ: Action = Action::new("reconciliations.read", &[Role::FinanceOfficer, Role::PurchaserLead, Role::Auditor]);
/// Explain a difference.
pub static EXPLAIN: Action = Action::change("reconciliations.explain", &[Role::FinanceOfficer], &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&RECONCILE, &READ, &EXPLAIN];
