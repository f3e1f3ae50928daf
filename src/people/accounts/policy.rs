//! Who may make, read and change accounts.

use crate::people::{Action, Role};

/// Make an account.
pub static CREATE: Action = Action::new("accounts.create", &[Role::PlatformAdmin]);
/// List accounts.
pub static LIST: Action = Action::new("accounts.list", &[Role::PlatformAdmin, Role::Auditor]);
/// Change roles or suspend.
pub static CHANGE: Action = Action::change("accounts.change", &[Role::PlatformAdmin], &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &LIST, &CHANGE];
