//! Who may make, read and change accounts.

use crate::people::{Action, Role};

/// Make an account.
pub static CREATE: Action = Action::new("accounts.create", &[Role::PlatformAdmin]).stepped_up();
/// List accounts.
pub static LIST: Action = Action::new("accounts.list", &[Role::PlatformAdmin, Role::Auditor]);
/// Change roles or suspend.
pub static CHANGE: Action = Action::change("accounts.change", &[Role::PlatformAdmin], &[]).stepped_up();

/// Change one's own password. It needs no version: whoever knows the present password knows enough.
pub static CHANGE_PASSWORD: Action = Action::new("accounts.change_password", &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &LIST, &CHANGE, &CHANGE_PASSWORD];
