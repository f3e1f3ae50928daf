//! Who registers, confirms and revokes keys.

use crate::people::{Action, Role};

/// Read the keys of an organisation.
pub static READ: Action = Action::new("signing_keys.read", &[Role::OrgAdmin, Role::OrgMember, Role::Auditor]);
/// Propose a key.
pub static PROPOSE: Action = Action::new("signing_keys.propose", &[Role::OrgAdmin]).stepped_up();
/// Confirm it, after comparing the fingerprint with whoever holds the key.
pub static CONFIRM: Action = Action::change("signing_keys.confirm", &[Role::OrgAdmin, Role::OrgMember], &["proposed"]).stepped_up();
/// Revoke it. One person suffices: a key that is lost must stop counting at once.
pub static REVOKE: Action = Action::change("signing_keys.revoke", &[Role::OrgAdmin], &["proposed", "confirmed"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ, &PROPOSE, &CONFIRM, &REVOKE];
