//! Who calls, applies, assesses, publishes and removes. Everybody reads calls, and from the publicity on who is accepted.

use crate::people::{Action, Role};

/// Call for applications.
pub static CALL: Action = Action::new("directory.call", &[Role::CatalogueEditor]);
/// End a call without an edition.
pub static CANCEL: Action = Action::change("directory.cancel", &[Role::CatalogueEditor], &["called", "publicised"]);
/// Show the accepted ones to everybody.
pub static PUBLICISE: Action = Action::change("directory.publicise", &[Role::CatalogueEditor], &["called"]);
/// Put the edition into force: never who called for it or assessed in it.
pub static PUBLISH: Action = Action::change("directory.publish", &[Role::PlatformAdmin], &["publicised"]);
/// Apply for one's own organisation, which must be verified.
pub static APPLY: Action = Action::new("directory.apply", &[Role::OrgAdmin]).within(&["verified"]);
/// Take one's own application back.
pub static WITHDRAW: Action = Action::change("directory.withdraw", &[Role::OrgAdmin], &["applied"]);
/// Read an application.
pub static READ: Action = Action::new(
    "directory.read_application",
    &[
        Role::OrgAdmin,
        Role::OrgMember,
        Role::CatalogueEditor,
        Role::PlatformAdmin,
        Role::Incubator,
        Role::ThirdPartyEvaluator,
        Role::Supervisor,
        Role::Auditor,
    ],
);
/// Assess an application: never one's own, nor that of an organisation that the own base incubates.
pub static ASSESS: Action = Action::change("directory.assess", &[Role::Incubator, Role::ThirdPartyEvaluator], &["applied"]);
/// Take an organisation out for a reason.
pub static REMOVE: Action =
    Action::change("directory.remove", &[Role::CatalogueEditor, Role::PlatformAdmin, Role::Supervisor], &["accepted", "listed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CALL, &CANCEL, &PUBLICISE, &PUBLISH, &APPLY, &WITHDRAW, &READ, &ASSESS, &REMOVE];
