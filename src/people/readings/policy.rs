//! Who may read the reading log.

use crate::people::{Action, Role};

/// Read the log of readings.
pub static READ: Action = Action::new("readings.read", &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ];
