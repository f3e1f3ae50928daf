//! Who proposes an award without competition. The lead confirms it like any other.

use crate::people::{Action, Role};

/// Propose the award to the supplier that the tender names.
pub static PROPOSE: Action = Action::change("lots.propose_direct_award", &[Role::Purchaser], &["open"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE];
