//! Who may record and lift standings. The two lists are public.

use crate::people::{Action, Role};

/// Record a suspension or an entry in a list.
pub static IMPOSE: Action = Action::new("standings.impose", &[Role::PlatformAdmin, Role::Supervisor])
    .within(&["verified", "suspended", "abnormal", "blacklisted"])
    .stepped_up();
/// Lift a standing for a reason.
pub static LIFT: Action = Action::change("standings.lift", &[Role::PlatformAdmin, Role::Supervisor], &["open"]);
/// List the standings of the whole district.
pub static LIST: Action = Action::new("standings.list", &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor]);

/// All actions of this part of the slice.
pub static ACTIONS: &[&Action] = &[&IMPOSE, &LIFT, &LIST];
