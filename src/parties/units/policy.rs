//! Who may keep the units. Everybody may read them.

use crate::people::{Action, Role};

/// Make a unit.
pub static CREATE: Action = Action::new("units.create", &[Role::PlatformAdmin]);
/// Say which unit stands above it.
pub static SET_PARENT: Action = Action::change("units.set_parent", &[Role::PlatformAdmin], &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &SET_PARENT];
