//! Who mandates an agent: the lead of the purchasing unit.

use crate::people::{Action, Role};

/// Mandate an agent.
pub static GRANT: Action = Action::new("mandates.grant", &[Role::PurchaserLead]).stepped_up();
/// Revoke a mandate.
pub static REVOKE: Action = Action::change("mandates.revoke", &[Role::PurchaserLead], &["open"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&GRANT, &REVOKE];
