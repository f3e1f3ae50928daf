//! Who drafts the tenders of a plan.

use crate::people::{Action, Role};

/// Draft a tender from a plan.
pub static TENDER: Action = Action::change("plans.tender", &[Role::Purchaser], &["approved", "published", "used"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&TENDER];
