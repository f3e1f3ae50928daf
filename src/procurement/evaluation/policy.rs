//! Who appoints, scores and ranks.

use crate::people::{Action, Role};

/// Appoint an evaluator.
pub static APPOINT: Action = Action::change("lots.appoint_evaluator", &[Role::Purchaser, Role::PurchaserLead], &["open", "opened"]);
/// Hand in one's score sheet. It needs no version: private sheets never bump a visible one.
pub static SCORE: Action = Action::new("lots.score", &[Role::Evaluator]).within(&["opened", "evaluating"]);
/// Rank the bids.
pub static RANK: Action = Action::change("lots.rank", &[Role::Purchaser], &["evaluating"]);
/// Read the offers to be scored.
pub static READ_OFFERS: Action = Action::new("lots.read_offers", &[Role::Evaluator, Role::Purchaser, Role::PurchaserLead, Role::Auditor]);
/// Read the ranking before the award.
pub static READ_RANKING: Action =
    Action::new("lots.read_ranking", &[Role::Purchaser, Role::PurchaserLead, Role::Auditor, Role::Supervisor]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&APPOINT, &SCORE, &RANK, &READ_OFFERS, &READ_RANKING];
