//! Who may judge organisations. Anybody may register one.

use crate::people::{Action, Role};

/// Confirm that the organisation is what it says it is.
pub static VERIFY: Action = Action::change("organisations.verify", &[Role::PlatformAdmin], &["registered"]);
/// Stop an organisation for a reason.
pub static SUSPEND: Action = Action::change("organisations.suspend", &[Role::PlatformAdmin, Role::Supervisor], &["verified"]);
/// Read the profile that related parties are found by.
pub static READ_PROFILE: Action = Action::new("organisations.read_profile", PROFILE_READERS);
/// Keep one's own profile.
pub static CHANGE_PROFILE: Action = Action::change("organisations.change_profile", &[Role::OrgAdmin], &[]);
/// Confirm the profile against the papers.
pub static CONFIRM_PROFILE: Action = Action::change("organisations.confirm_profile", &[Role::PlatformAdmin], &["recorded"]);
/// Read to whom an organisation is related.
pub static READ_RELATIONS: Action = Action::new("organisations.read_relations", PROFILE_READERS);

/// Who reads profile and relations: the organisation its own, and those who judge.
const PROFILE_READERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor, Role::OrgAdmin];

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&VERIFY, &SUSPEND, &READ_PROFILE, &CHANGE_PROFILE, &CONFIRM_PROFILE, &READ_RELATIONS];
