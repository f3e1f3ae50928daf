//! Who forms panels, appoints reviewers, scores, discusses, ranks and reads what.

use crate::people::{Action, Role};

const BUYERS: &[Role] = &[Role::Purchaser, Role::PurchaserLead];
const MEMBERS: &[Role] = &[Role::Evaluator, Role::Purchaser, Role::PurchaserLead];
const READERS: &[Role] = &[Role::Evaluator, Role::Purchaser, Role::PurchaserLead, Role::Supervisor, Role::Auditor];
const SITTING: &[&str] = &["opened", "evaluating"];

/// Appoint an evaluator.
pub static APPOINT: Action = Action::change("lots.appoint_evaluator", BUYERS, &["open", "opened"]);
/// Appoint the two or three people who review.
pub static APPOINT_REVIEWERS: Action = Action::change("lots.appoint_reviewers", BUYERS, &["opened"]);
/// Draw a panel, once the bidders are known.
pub static FORM_PANEL: Action = Action::change("lots.form_panel", BUYERS, &["opened"]);
/// Record that a member declines, or that a conflict was found. It needs no version: the lot does not change.
pub static DEPART: Action =
    Action::new("lots.record_departure", &[Role::Evaluator, Role::Purchaser, Role::PurchaserLead, Role::Supervisor]).within(SITTING);
/// Name who leads the panel.
pub static NAME_CHAIR: Action = Action::new("lots.name_chair", MEMBERS).within(SITTING);
/// Read who evaluates.
pub static READ_PANEL: Action = Action::new("lots.read_panel", READERS);
/// Hand in one's score sheet. It needs no version: private sheets never bump a visible one.
pub static SCORE: Action = Action::new("lots.score", MEMBERS).within(SITTING);
/// Commit to a score sheet that one keeps. It needs no version: several do so at once.
pub static COMMIT_SCORES: Action = Action::new("lots.commit_scores", MEMBERS).within(SITTING);
/// Close the commitments although some are missing.
pub static CLOSE_COMMITMENTS: Action = Action::new("lots.close_score_commitments", MEMBERS).within(SITTING);
/// Read the sheets: one's own, everybody's once all are in.
pub static READ_SHEETS: Action = Action::new("lots.read_score_sheets", READERS);
/// Open, answer and close the discussion of outliers.
pub static DISCUSS: Action = Action::new("lots.discuss_scores", MEMBERS).within(&["evaluating"]);
/// Rank the bids.
pub static RANK: Action = Action::change("lots.rank", &[Role::Purchaser], &["evaluating"]);
/// Sign the report, or dissent.
pub static SIGN: Action = Action::new("lots.sign_report", MEMBERS).within(&["evaluating"]);
/// Read the report.
pub static READ_REPORT: Action = Action::new("lots.read_evaluation_report", READERS);
/// Read the offers to be scored.
pub static READ_OFFERS: Action = Action::new("lots.read_offers", &[Role::Evaluator, Role::Purchaser, Role::PurchaserLead, Role::Auditor]);
/// Read the ranking before the award.
pub static READ_RANKING: Action =
    Action::new("lots.read_ranking", &[Role::Purchaser, Role::PurchaserLead, Role::Auditor, Role::Supervisor]);
/// Read the scores of one's own organisation's bid.
pub static READ_OWN: Action = Action::new("bids.read_evaluation", &[Role::OrgAdmin, Role::OrgMember]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[
    &APPOINT,
    &APPOINT_REVIEWERS,
    &FORM_PANEL,
    &DEPART,
    &NAME_CHAIR,
    &READ_PANEL,
    &SCORE,
    &COMMIT_SCORES,
    &CLOSE_COMMITMENTS,
    &READ_SHEETS,
    &DISCUSS,
    &RANK,
    &SIGN,
    &READ_REPORT,
    &READ_OFFERS,
    &READ_RANKING,
    &READ_OWN,
];
