//! Who takes the evidence of a case away. The entries come with their salts, so that they can be held against the journal's leaves.

use crate::people::{Action, Role};

/// Take the evidence of a case.
pub static EXPORT: Action = Action::new("cases.export_evidence", &[Role::Auditor]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&EXPORT];
