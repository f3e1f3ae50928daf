//! Who may load, confirm and configure the law as data. Everybody may read it.

use crate::people::{Action, Role};

/// Load a rule set, a calendar, thresholds or budget subjects.
pub static IMPORT: Action = Action::new("regulations.import", &[Role::PlatformAdmin]);
/// Confirm a rule with a source.
pub static CONFIRM: Action = Action::new("regulations.confirm", &[Role::PlatformAdmin]).stepped_up();
/// Take a confirmation back.
pub static WITHDRAW: Action = Action::new("regulations.withdraw", &[Role::PlatformAdmin]);
/// Set the thresholds of a year.
pub static SET_THRESHOLDS: Action = Action::new("regulations.set_thresholds", &[Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&IMPORT, &CONFIRM, &WITHDRAW, &SET_THRESHOLDS];
