//! Who may check the ledger.

use crate::people::{Action, Role};

/// Run the invariants.
pub static CHECK: Action = Action::new("ledger.check", &[Role::Auditor, Role::FinanceOfficer, Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CHECK];
