//! Who reads reports. District-wide roles see every unit, the others their own.

use crate::people::{Action, Role};

/// Read the reports.
pub static READ: Action = Action::new(
    "reports.read",
    &[Role::Auditor, Role::Supervisor, Role::PlatformAdmin, Role::FinanceOfficer, Role::PurchaserLead, Role::Purchaser],
);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ];
