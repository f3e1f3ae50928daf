//! Everybody keeps their own tokens.

use crate::people::Action;

/// Make a token.
pub static CREATE: Action = Action::new("api_tokens.create", &[]).stepped_up();
/// End a token.
pub static REVOKE: Action = Action::new("api_tokens.revoke", &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &REVOKE];
