//! Who reads the journal's proofs. Not the public: how the tree grows would tell how many bids came in.

use crate::people::{Action, Role};

/// Read checkpoints and proofs.
pub static READ: Action = Action::new("journal.read", &[Role::Auditor, Role::Supervisor, Role::PlatformAdmin]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ];
