//! Who may keep the units. Everybody may read them.

use crate::people::{Action, Role};

/// Make a unit.
pub static CREATE: Action = Action::new("units.create", &[Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE];
