//! Who proposes, confirms and contracts an award.

use crate::people::{Action, Role};

/// Propose the first ranked.
pub static PROPOSE: Action = Action::change("lots.propose_award", &[Role::Purchaser], &["evaluating"]);
/// End a lot for a grave cause before its award.
pub static FAIL: Action = Action::change("lots.fail", &[Role::PurchaserLead], &["opened", "evaluating"]);
/// Confirm the proposal.
pub static CONFIRM: Action = Action::change("awards.confirm", &[Role::PurchaserLead], &["proposed"]);
/// Draft the contract.
pub static CONTRACT: Action = Action::change("awards.draft_contract", &[Role::Purchaser], &["confirmed"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE, &FAIL, &CONFIRM, &CONTRACT];
