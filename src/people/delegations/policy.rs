//! Who may lend roles: everybody their own, a unit's lead those of its people. The service checks which.

use crate::people::Action;

/// Make a delegation.
pub static CREATE: Action = Action::new("delegations.create", &[]);
/// End a delegation early.
pub static END: Action = Action::change("delegations.end", &[], &["open"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &END];
