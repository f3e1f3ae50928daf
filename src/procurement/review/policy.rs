//! Who reviews bids, asks about low prices, explains and decides.

use crate::people::{Action, Role};

const PURCHASERS: &[Role] = &[Role::Purchaser, Role::PurchaserLead, Role::Agent];
const REVIEWERS: &[Role] = &[Role::Evaluator, Role::Purchaser, Role::PurchaserLead];

/// Begin the review of an opened lot.
pub static START: Action = Action::new("lots.start_review", PURCHASERS).within(&["opened"]);
/// Record findings on qualification. They need no version: several people record at the same time.
pub static QUALIFY: Action = Action::new("lots.qualify_bids", PURCHASERS).within(&["opened"]);
/// Record findings on responsiveness. Where a panel decides, only its members do.
pub static CHECK: Action = Action::new("lots.check_responsiveness", REVIEWERS).within(&["opened"]);
/// Ask a bidder to explain a low price.
pub static ASK: Action = Action::new("lots.ask_low_price", REVIEWERS).within(&["opened"]);
/// End the review.
pub static CONCLUDE: Action = Action::change("lots.conclude_review", PURCHASERS, &["opened"]);
/// Read the review. Evaluators only where they are appointed.
pub static READ: Action =
    Action::new("lots.read_review", &[Role::Purchaser, Role::PurchaserLead, Role::Agent, Role::Evaluator, Role::Supervisor, Role::Auditor]);
/// Read what the review says of one's own bid.
pub static READ_OWN: Action = Action::new("bids.read_review", &[Role::OrgAdmin, Role::OrgMember]);
/// Explain a low price.
pub static EXPLAIN: Action = Action::change("low_prices.explain", &[Role::OrgAdmin], &["asked"]);
/// Add a document to an explanation. It needs no version: documents only add.
pub static ATTACH: Action = Action::new("low_prices.attach", &[Role::OrgAdmin, Role::OrgMember]).within(&["asked"]);
/// Decide on an explanation, or on silence.
pub static DECIDE: Action = Action::change("low_prices.decide", REVIEWERS, &["asked", "explained"]);
/// Read a request to explain.
pub static READ_NOTICE: Action = Action::new(
    "low_prices.read",
    &[Role::OrgAdmin, Role::OrgMember, Role::Purchaser, Role::PurchaserLead, Role::Agent, Role::Evaluator, Role::Supervisor, Role::Auditor],
);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&START, &QUALIFY, &CHECK, &ASK, &CONCLUDE, &READ, &READ_OWN, &EXPLAIN, &ATTACH, &DECIDE, &READ_NOTICE];
