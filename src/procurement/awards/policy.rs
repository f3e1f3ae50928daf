//! Who proposes, confirms and contracts an award.

use crate::people::{Action, Role};

/// Propose the first ranked.
pub static PROPOSE: Action = Action::change("lots.propose_award", &[Role::Purchaser], &["evaluating"]).stepped_up();
/// End a lot for a grave cause before its award notice.
pub static FAIL: Action = Action::change("lots.fail", &[Role::PurchaserLead], &["opened", "evaluating", "award_proposed"]);
/// Run a lot again.
pub static RERUN: Action = Action::change("lots.rerun", &[Role::Purchaser], &["failed", "failed_unopened", "evaluating", "open"]);
/// Confirm the proposal.
pub static CONFIRM: Action = Action::change("awards.confirm", &[Role::PurchaserLead], &["proposed"]).stepped_up();
/// Draft the contract.
pub static CONTRACT: Action = Action::change("awards.draft_contract", &[Role::Purchaser], &["confirmed"]);
/// The winner declines.
pub static DECLINE: Action = Action::change("awards.decline", &[Role::OrgAdmin], &["confirmed", "contracting"]);
/// Record that the winner did not sign in time.
pub static LAPSE: Action = Action::change("awards.lapse", &[Role::Purchaser], &["confirmed", "contracting"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&PROPOSE, &FAIL, &RERUN, &CONFIRM, &CONTRACT, &DECLINE, &LAPSE];
