//! Who prints papers: whoever reads the case. The evaluation report's content comes only to those who read that report.

use crate::people::{Action, Role};

/// Make a paper of a case.
pub static MAKE: Action = Action::new(
    "cases.make_paper",
    &[Role::Auditor, Role::Supervisor, Role::PlatformAdmin, Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent],
);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&MAKE];
