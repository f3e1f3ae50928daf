//! Who keeps framework agreements and who calls off.

use crate::people::{Action, Role};

/// Draft a framework agreement.
pub static CREATE: Action = Action::new("frameworks.create", &[Role::Purchaser]);
/// Put it in force.
pub static ACTIVATE: Action = Action::change("frameworks.activate", &[Role::PurchaserLead], &["drafted"]);
/// End it before its last day.
pub static END: Action = Action::change("frameworks.end", &[Role::PurchaserLead], &["drafted", "active"]);
/// Call off: by direct order or by competition.
pub static CALL: Action = Action::new("frameworks.call_off", &[Role::Purchaser]).within(&["active"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &ACTIVATE, &END, &CALL];
