//! Who opens, freezes, feeds, ends and reads draws.

use super::model::INSIDE;
use crate::people::{Action, Role};

const BUYERS: &[Role] = &[Role::Purchaser, Role::PurchaserLead];

/// Open a draw of experts once the bids are opened, or of tied bids once they are ranked.
pub static OPEN: Action = Action::new("draws.open", BUYERS).within(&["opened", "evaluating"]);
/// Commit to a number for one's unit. It needs no version: two units act at once.
pub static COMMIT: Action = Action::new("draws.commit", INSIDE).within(&["open"]);
/// Fix the pool.
pub static FREEZE: Action = Action::new("draws.freeze", BUYERS).within(&["open"]);
/// Reveal one's unit's number; too late it only shows what would have been drawn.
pub static REVEAL: Action = Action::new("draws.reveal", INSIDE).within(&["frozen", "failed"]);
/// End a draw whose unit keeps silent, or that was not frozen.
pub static END: Action = Action::new("draws.end", INSIDE).within(&["open", "frozen"]);
/// Read a draw before the result is public.
pub static READ: Action = Action::new("draws.read", INSIDE);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&OPEN, &COMMIT, &FREEZE, &REVEAL, &END, &READ];
