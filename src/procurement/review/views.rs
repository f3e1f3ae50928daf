//! The review as the API shows it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::low_prices;
use super::model::{FindingRow, NoticeRow, NoticeState, ReviewDesk, ReviewState, Stage};
use super::{service, store};
use crate::db::Db;
use crate::kernel::error;
use crate::kernel::id::{BidId, LotId, LowPriceNoticeId, OrganisationId};
use crate::kernel::{BasisPoints, Money, Result, UtcInstant};
use crate::law::Finding;
use crate::law::facts::InvalidGround;
use crate::law::price::LowTrigger;
use crate::parties::regulations;
use crate::procurement::bids::{self, BidRow, BidState, Declared, consortium, reuse};
use crate::procurement::opening::{self, MarkRow, marks};
use crate::procurement::tenders::view::FindingView as RuleView;

/// The review of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReviewView {
    /// Lot.
    pub lot_id: LotId,
    /// Where it stands.
    pub state: ReviewState,
    /// Share of the ceiling below which a price must be explained.
    pub low_share_bp: BasisPoints,
    /// When it began.
    pub started_at: UtcInstant,
    /// When it ended.
    pub concluded_at: Option<UtcInstant>,
    /// What is said of it as a whole.
    #[schema(example = "两家通过审查。")]
    pub note: Option<String>,
    /// Bids that were opened.
    #[schema(max_items = 1000)]
    pub bids: Vec<ReviewedBidView>,
    /// Rules that the conclusion brushed against without being blocked.
    #[schema(max_items = 100)]
    pub warnings: Vec<RuleView>,
    /// Version, also in the ETag; grows with every finding.
    #[schema(example = 3)]
    pub version: i64,
}

/// A bid in review.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReviewedBidView {
    /// Bid.
    pub bid_id: BidId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// The other members of its consortium.
    #[schema(max_items = 10)]
    pub members: Vec<OrganisationId>,
    /// Raw price; null when the bid could not be read.
    pub price: Option<Money>,
    /// Where it stands.
    pub state: BidState,
    /// Why it is invalid.
    #[schema(example = "unqualified")]
    pub invalid_because: Option<String>,
    /// What it gives to subcontractors.
    #[schema(example = "助浴设备的运输分包给本地物流企业，占报价 5%。")]
    pub subcontracting: Option<String>,
    /// Its declarations.
    #[schema(max_items = 50)]
    pub declarations: Vec<Declared>,
    /// What was found of it.
    #[schema(max_items = 500)]
    pub findings: Vec<FoundView>,
    /// What stands against it or between it and others, with the remedy.
    #[schema(max_items = 500)]
    pub marks: Vec<MarkView>,
    /// What makes its price abnormally low, once every bid has its findings.
    #[schema(max_items = 3)]
    pub low_price_triggers: Vec<LowTrigger>,
    /// The request to explain its price.
    pub low_price_notice: Option<NoticeView>,
}

/// What was found on one criterion.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FoundView {
    /// What was looked at.
    pub stage: Stage,
    /// The criterion.
    #[schema(example = "具有助浴服务人员的健康证明")]
    pub criterion: String,
    /// Whether it is met.
    #[schema(example = false)]
    pub passed: bool,
    /// Ground of R044.
    pub ground: Option<InvalidGround>,
    /// Why not.
    #[schema(example = "未附健康证明。")]
    pub reason: Option<String>,
    /// When.
    pub made_at: UtcInstant,
}

impl From<&FindingRow> for FoundView {
    fn from(row: &FindingRow) -> Self {
        Self {
            stage: row.stage,
            criterion: row.criterion.clone(),
            passed: row.passed,
            ground: row.ground,
            reason: row.reason.clone(),
            made_at: row.made_at,
        }
    }
}

/// A mark on a bid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MarkView {
    /// What was found.
    #[schema(example = "same_head")]
    pub kind: String,
    /// The rule it rests on; empty when none of the rule set speaks of it.
    #[schema(example = "R066")]
    pub rule: String,
    /// The other bid, where it takes two.
    pub other_bid_id: Option<BidId>,
    /// Whether it made the bid invalid; otherwise people judge it.
    #[schema(example = true)]
    pub stops: bool,
    /// What it means, 中文.
    #[schema(example = "与另一响应方：单位负责人为同一人")]
    pub detail_zh: String,
    /// What it means, English.
    #[schema(example = "with another bidder: they have the same head")]
    pub detail_en: String,
    /// What the bidder can do, 中文.
    #[schema(example = "同一包只能由其中一方参加")]
    pub remedy_zh: String,
    /// What the bidder can do, English.
    #[schema(example = "only one of them takes part in a lot")]
    pub remedy_en: String,
}

impl From<&MarkRow> for MarkView {
    fn from(row: &MarkRow) -> Self {
        Self {
            kind: row.kind.clone(),
            rule: row.rule.clone(),
            other_bid_id: row.other_bid_id,
            stops: row.stops,
            detail_zh: row.detail_zh.clone(),
            detail_en: row.detail_en.clone(),
            remedy_zh: row.remedy_zh.clone(),
            remedy_en: row.remedy_en.clone(),
        }
    }
}

/// A request to explain a low price.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NoticeView {
    /// Id.
    pub id: LowPriceNoticeId,
    /// Lot.
    pub lot_id: LotId,
    /// Bid.
    pub bid_id: BidId,
    /// The raw price that is asked about.
    pub price: Money,
    /// What triggered it; empty when the panel asked on its own judgement (R046).
    #[schema(max_items = 3)]
    pub triggers: Vec<LowTrigger>,
    /// Where it stands.
    pub state: NoticeState,
    /// What the panel wants to know.
    #[schema(example = "请说明人员成本的构成。")]
    pub question: String,
    /// When it was asked.
    pub asked_at: UtcInstant,
    /// First instant at which no explanation is taken.
    pub ends_at: UtcInstant,
    /// What the bidder says.
    #[schema(example = "两名社工由本机构既有项目承担，人员成本已列支。")]
    pub explanation: Option<String>,
    /// When it was explained.
    pub explained_at: Option<UtcInstant>,
    /// Why it was decided so.
    #[schema(example = "证明材料充分，报价合理。")]
    pub decision_reason: Option<String>,
    /// When it was decided.
    pub decided_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<NoticeRow> for NoticeView {
    fn from(row: NoticeRow) -> Self {
        Self {
            id: row.id,
            lot_id: row.lot_id,
            bid_id: row.bid_id,
            price: row.price_fen.into(),
            triggers: row.triggers.split(',').filter_map(|word| word.parse().ok()).collect(),
            state: row.state,
            question: row.question,
            asked_at: row.asked_at,
            ends_at: row.ends_at,
            explanation: row.explanation,
            explained_at: row.explained_at,
            decision_reason: row.decision_reason,
            decided_at: row.decided_at,
            version: row.version,
        }
    }
}

/// What is known of a lot's bids besides the bids themselves.
struct Known {
    findings: Vec<FindingRow>,
    marks: Vec<MarkRow>,
    notices: Vec<NoticeRow>,
    prices: BTreeMap<BidId, Money>,
    triggers: BTreeMap<BidId, Vec<LowTrigger>>,
    /// The day of the deadline.
    day: NaiveDate,
}

fn known(db: &mut Db, desk: &ReviewDesk) -> Result<Known> {
    let lot = desk.file.lot.id;
    let law = regulations::rules_of(db, desk.file.tender.rule_set_id)?;
    let triggered = low_prices::triggered(db, desk, &law)?;
    let day = desk.file.tender.bid_deadline.map_or(NaiveDate::MAX, |at| at.date_in_shanghai());
    Ok(Known {
        day,
        findings: store::findings(db, lot)?,
        marks: marks::of_lot(db, lot)?,
        notices: store::notices(db, lot)?,
        prices: opening::store::of_lots(db, &[lot])?.into_iter().map(|row| (row.bid_id, row.price_fen.into())).collect(),
        triggers: triggered.into_iter().map(|(bid, (_, triggers))| (bid, triggers)).collect(),
    })
}

fn bid_view(db: &mut Db, bid: BidRow, known: &Known) -> Result<ReviewedBidView> {
    let statement = opening::store::statements(db, &[bid.id])?.pop();
    let mut declarations = Vec::new();
    for declared in statement.as_ref().map_or_else(|| Ok(Vec::new()), opening::StatementRow::declared)? {
        // Text and last day as the bidder's file has them; whether it holds, the findings say.
        declarations.push(reuse::resolve(db, bid.tenant_id, bid.organisation_id, declared, known.day)?.declared);
    }
    Ok(ReviewedBidView {
        members: consortium::of_bid(db, bid.id)?,
        price: known.prices.get(&bid.id).copied(),
        state: bid.state,
        subcontracting: statement.and_then(|statement| statement.subcontracting),
        declarations,
        findings: service::of_bid(&known.findings, bid.id).into_iter().map(FoundView::from).collect(),
        marks: known.marks.iter().filter(|mark| mark.bid_id == bid.id).map(MarkView::from).collect(),
        low_price_triggers: known.triggers.get(&bid.id).cloned().unwrap_or_default(),
        low_price_notice: known.notices.iter().find(|notice| notice.bid_id == bid.id).cloned().map(NoticeView::from),
        bid_id: bid.id,
        organisation_id: bid.organisation_id,
        invalid_because: bid.invalid_because,
    })
}

/// The review of a lot for those who make or check it; 404 before it began.
pub fn review_view(db: &mut Db, desk: &ReviewDesk, warnings: Vec<Finding>) -> Result<ReviewView> {
    let review = desk.review.as_ref().ok_or_else(|| error::NOT_FOUND.error())?;
    let known = known(db, desk)?;
    let mut views = Vec::new();
    for bid in bids::store::of_lot(db, review.lot_id, BidState::OPENED)? {
        views.push(bid_view(db, bid, &known)?);
    }
    Ok(ReviewView {
        lot_id: review.lot_id,
        state: review.state,
        low_share_bp: review.low_share_bp,
        started_at: review.started_at,
        concluded_at: review.concluded_at,
        note: review.note.clone(),
        bids: views,
        warnings: warnings.into_iter().map(RuleView::from).collect(),
        version: review.version,
    })
}

/// What the review says of one bid, for its bidder. Findings are told when the review is over; marks and a request to explain at once.
pub fn own_view(db: &mut Db, desk: &ReviewDesk, bid: BidRow) -> Result<ReviewedBidView> {
    let mut known = known(db, desk)?;
    if desk.review.as_ref().is_none_or(|review| review.state == ReviewState::Open) {
        known.findings.clear();
        known.triggers.clear();
    }
    bid_view(db, bid, &known)
}
