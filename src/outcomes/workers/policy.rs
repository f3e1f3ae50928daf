//! Who keeps the file of a worker, who verifies its facts, who names the workers of a project.

use crate::people::{Action, Role};

/// Enter a worker of the organisation.
pub static ENTER: Action = Action::new("social_workers.enter", &[Role::OrgAdmin]);
/// Change what is entered; a changed fact is to be verified anew.
pub static CHANGE: Action = Action::change("social_workers.change", &[Role::OrgAdmin], &[]);
/// Verify the certificate or the registration, or refuse it.
pub static VERIFY: Action = Action::change("social_workers.verify", &[Role::PlatformAdmin, Role::Incubator], &[]);
/// Write into the growth card.
pub static GROW: Action = Action::new("social_workers.grow", &[Role::OrgAdmin, Role::SocialWorker]);
/// Name the workers of a project.
pub static LINK: Action = Action::change("projects.name_workers", &[Role::OrgAdmin], &["delivering", "verified"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&ENTER, &CHANGE, &VERIFY, &GROW, &LINK];

/// Who reads a worker's file: its organisation, those who verify, auditors.
pub static READERS: &[Role] = &[Role::OrgAdmin, Role::OrgMember, Role::SocialWorker, Role::PlatformAdmin, Role::Incubator, Role::Auditor];
