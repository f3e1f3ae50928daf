//! Everybody keeps their own second factor.

use crate::people::Action;

/// Offer and confirm a second factor.
pub static ENROL: Action = Action::new("factors.enrol", &[]);
/// Replace a second factor, end it, or make new recovery codes.
pub static RENEW: Action = Action::new("factors.renew", &[]).stepped_up();
/// Prove again who one is.
pub static STEP_UP: Action = Action::new("sessions.step_up", &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&ENROL, &RENEW, &STEP_UP];
