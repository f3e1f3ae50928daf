//! Who agrees the terms of acceptance. Signing and concluding are actions on a milestone.

use crate::people::{Action, Role};

/// Write the terms of acceptance, before finance approves the contract.
pub static TERMS: Action = Action::change("contracts.set_acceptance_terms", &[Role::Purchaser], &["drafted"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&TERMS];
