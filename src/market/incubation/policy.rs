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

/// Say how many places a base has.
pub static SET_PLACES: Action = Action::new("incubations.set_places", &[Role::PlatformAdmin]);
/// Read the board of a base.
pub static READ_BOARD: Action = Action::new(
    "incubations.read_board",
    &[
        Role::Incubator,
        Role::PlatformAdmin,
        Role::Purchaser,
        Role::PurchaserLead,
        Role::FinanceOfficer,
        Role::ThirdPartyEvaluator,
        Role::Auditor,
    ],
);
/// Record a mentoring session.
pub static MENTOR: Action = Action::new("incubations.mentor", &[Role::Incubator]).within(&["admitted", "incubating"]);
/// Say for the organisation whether a session took place as it was recorded.
pub static ANSWER_SESSION: Action = Action::change("incubations.answer_session", &[Role::OrgAdmin, Role::OrgMember], &["recorded"]);
/// Assess what the organisation can do.
pub static ASSESS: Action = Action::new("incubations.assess", &[Role::Incubator, Role::ThirdPartyEvaluator]).within(&["incubating"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&APPLY, &ADMIT, &START, &GRADUATE, &EXIT, &SET_PLACES, &READ_BOARD, &MENTOR, &ANSWER_SESSION, &ASSESS];
