//! Who runs a unit's year end; the confirmation needs a second officer.

use crate::people::{Action, Role};

/// Preview a year end.
pub static PREVIEW: Action = Action::new("year_ends.preview", &[Role::FinanceOfficer]);
/// Read one.
pub static READ: Action = Action::new("year_ends.read", &[Role::FinanceOfficer, Role::PurchaserLead, Role::Auditor]);
/// Post it.
pub static EXECUTE: Action = Action::change("year_ends.execute", &[Role::FinanceOfficer], &["previewed"]).stepped_up();
/// Take it back.
pub static REVERSE: Action = Action::change("year_ends.reverse", &[Role::FinanceOfficer], &["executed"]);
/// Confirm it: never who executed it. After that it cannot be reversed.
pub static CONFIRM: Action = Action::change("year_ends.confirm", &[Role::FinanceOfficer], &["executed"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PREVIEW, &READ, &EXECUTE, &REVERSE, &CONFIRM];
