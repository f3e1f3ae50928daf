//! Who records and reviews exceptions. Who recorded one, or acts under it, does not review it.

use crate::people::{Action, Role};

/// Record an exception beforehand.
pub static RECORD: Action = Action::new("duty_exceptions.record", &[Role::PurchaserLead]).stepped_up();
/// Review an exception.
pub static REVIEW: Action =
    Action::change("duty_exceptions.review", &[Role::Supervisor, Role::Auditor, Role::PurchaserLead], &["recorded"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&RECORD, &REVIEW];
