//! Who may keep the areas. Everybody may read them.

use crate::people::{Action, Role};

/// Make an area.
pub static CREATE: Action = Action::new("areas.create", &[Role::PlatformAdmin]);
/// Import a table of areas.
pub static IMPORT: Action = Action::new("areas.import", &[Role::PlatformAdmin]);
/// Change an area.
pub static CHANGE: Action = Action::change("areas.change", &[Role::PlatformAdmin], &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &IMPORT, &CHANGE];
