//! Who says that a later year's appropriation arrived, and who reads a line.

use crate::people::{Action, Role};

/// Read a line.
pub static READ: Action = Action::new("funding.read", &[Role::FinanceOfficer, Role::Purchaser, Role::PurchaserLead, Role::Auditor]);
/// Commit a later year's part out of the fund that was appropriated for it.
pub static FULFIL: Action = Action::change("funding.fulfil", &[Role::FinanceOfficer], &["future"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ, &FULFIL];
