//! Who reads the journal's proofs and its feed. The public does so only where a cadence hides how much happened: otherwise how the tree grows would tell
//! how many bids came in.

use crate::people::{Action, Role};

/// Read checkpoints and proofs.
pub static READ: Action = Action::new("journal.read", &[Role::Auditor, Role::Supervisor, Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ];
