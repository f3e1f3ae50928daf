//! Who keeps the pool of experts, and what experts declare of themselves.

use super::model::KEEPERS;
use crate::people::{Action, Role};

const KEEPERS_AND_EXPERT: &[Role] = &[Role::PlatformAdmin, Role::Supervisor, Role::Evaluator];

/// Take an expert in.
pub static CREATE: Action = Action::new("experts.create", KEEPERS);
/// Read the pool; an expert only its own entry.
pub static READ: Action = Action::new("experts.read", KEEPERS_AND_EXPERT);
/// Change name, account or fields.
pub static CHANGE: Action = Action::change("experts.change", KEEPERS, &["active", "suspended"]);
/// Declare an employer, a seat, kinship or an interest.
pub static DECLARE: Action = Action::new("experts.declare", KEEPERS_AND_EXPERT);
/// Say that a tie has ended.
pub static END_TIE: Action = Action::new("experts.end_tie", KEEPERS_AND_EXPERT);
/// Take an expert out of the draws.
pub static SUSPEND: Action = Action::change("experts.suspend", KEEPERS, &["active"]);
/// Take it back in.
pub static REINSTATE: Action = Action::change("experts.reinstate", KEEPERS, &["suspended"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &READ, &CHANGE, &DECLARE, &END_TIE, &SUSPEND, &REINSTATE];
