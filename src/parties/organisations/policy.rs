//! Who may judge organisations. Anybody may register one.

use crate::people::{Action, Role};

/// Confirm that the organisation is what it says it is.
pub static VERIFY: Action = Action::change("organisations.verify", &[Role::PlatformAdmin], &["registered"]);
/// Stop an organisation for a reason.
pub static SUSPEND: Action = Action::change("organisations.suspend", &[Role::PlatformAdmin], &["verified"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&VERIFY, &SUSPEND];
