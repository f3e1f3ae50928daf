//! Who may load the law as data. Everybody may read it.

use crate::people::{Action, Role};

/// Load a rule set, a calendar or budget subjects. There is no route for it: only the operator's command does.
pub static IMPORT: Action = Action::new("regulations.import", &[Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&IMPORT];
