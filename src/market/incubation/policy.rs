//! Who may apply for an incubation and who runs it.

use crate::people::{Action, Role};

/// Apply for one's own organisation, which must be verified.
pub static APPLY: Action = Action::new("incubations.apply", &[Role::OrgAdmin]).within(&["verified"]);
/// Take the organisation in.
pub static ADMIT: Action = Action::change("incubations.admit", &[Role::Incubator], &["applied"]);
/// Begin.
pub static START: Action = Action::change("incubations.start", &[Role::Incubator], &["admitted"]);
/// End it well.
pub static GRADUATE: Action = Action::change("incubations.graduate", &[Role::Incubator], &["incubating"]);
/// End it before graduation, or refuse the application.
pub static EXIT: Action = Action::change("incubations.exit", &[Role::Incubator], &["applied", "admitted", "incubating"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&APPLY, &ADMIT, &START, &GRADUATE, &EXIT];
