//! Who may bid, read its own bids and take one back.

use crate::people::{Action, Role};

/// Send a bid for a lot. It needs no version: hidden children never bump a visible one.
pub static SUBMIT: Action = Action::new("bids.submit", &[Role::OrgAdmin]);
/// Learn what a sealed payload must bind.
pub static PREPARE: Action = Action::new("bids.prepare", &[Role::OrgAdmin, Role::OrgMember]);
/// List one's own bids.
pub static LIST: Action = Action::new("bids.list", &[Role::OrgAdmin, Role::OrgMember]);
/// Take a bid back.
pub static WITHDRAW: Action = Action::change("bids.withdraw", &[Role::OrgAdmin], &["sealed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&SUBMIT, &PREPARE, &LIST, &WITHDRAW];
