//! Who may open.

use crate::people::{Action, Role};

/// Open the bids of a tender.
pub static OPEN: Action = Action::change("tenders.open", &[Role::Opener], &["published"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&OPEN];
