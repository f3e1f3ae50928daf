//! How an award is shown, with its clocks and what it waits for, computed as of now.

use chrono::NaiveDate;
use serde::Serialize;

use super::clocks::LawBook;
use super::model::{AwardOrigin, AwardRow, AwardState};
use super::rules;
use crate::db::Db;
use crate::delivery::agreements::suspensions::{self, SuspensionRow};
use crate::kernel::id::{AwardId, BidId, CaseId, LotId, OrganisationId, TenderId, UnitId};
use crate::kernel::{Money, Result, UtcInstant};
use crate::law::Finding;
use crate::parties::regulations::ClockView;
use crate::procurement::tenders::lots;
use crate::procurement::tenders::view::FindingView;
use crate::web::{Reply, Tag};

/// An award.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AwardView {
    /// Id.
    pub id: AwardId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Bid; a direct or imported award has none.
    pub bid_id: Option<BidId>,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price: Money,
    /// Where it stands.
    pub state: AwardState,
    /// What it rests on.
    pub origin: AwardOrigin,
    /// Place in the ranking.
    #[schema(example = 1)]
    pub place: Option<i32>,
    /// Why this supplier: of a direct award, or of the next ranked.
    #[schema(example = "第一候选人放弃成交，依次递补。")]
    pub reason: Option<String>,
    /// Day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// When the result notice and the award notices went out.
    pub published_at: Option<UtcInstant>,
    /// Last day of the result notice.
    pub notice_ends: Option<NaiveDate>,
    /// First day on which the contract may be drafted; null where nothing has to be waited for.
    pub contract_from: Option<NaiveDate>,
    /// Marks that suspend the contract now.
    #[schema(max_items = 100)]
    pub suspensions: Vec<SuspensionView>,
    /// Where the statutory platform published it.
    #[schema(example = "https://zfcg.example/notice/330502-2026-0017")]
    pub notice_url: Option<String>,
    /// When it ended.
    pub ended_at: Option<UtcInstant>,
    /// Why it ended.
    #[schema(example = "人员调整，无法履约。")]
    pub end_reason: Option<String>,
    /// Statutory clocks.
    #[schema(max_items = 10)]
    pub clocks: Vec<ClockView>,
    /// Rules that the last step brushed against without being blocked.
    #[schema(max_items = 100)]
    pub warnings: Vec<FindingView>,
    /// When it was proposed.
    pub created_at: UtcInstant,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// A mark that suspends drafting and signing. Public; who challenged is not in it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SuspensionView {
    /// `challenge` or `complaint`.
    #[schema(example = "challenge")]
    pub cause: String,
    /// Since when.
    pub since: UtcInstant,
    /// Last day; null: until it is dealt with.
    pub ends_on: Option<NaiveDate>,
}

impl From<SuspensionRow> for SuspensionView {
    fn from(row: SuspensionRow) -> Self {
        Self { cause: row.cause_kind, since: row.imposed_at, ends_on: row.ends_on }
    }
}

/// An award as of `now`.
pub fn award_view(db: &mut Db, row: AwardRow, now: UtcInstant, warnings: Vec<Finding>) -> Result<AwardView> {
    let today = now.date_in_shanghai();
    let file = lots::load(db, row.tenant_id, row.lot_id)?;
    let book = LawBook::of(db, &file.tender, today)?;
    let notified = row.published_at.map(UtcInstant::date_in_shanghai);
    let living = AwardState::LIVING.contains(&row.state);
    let signing = notified.filter(|_| living).and_then(|start| book.clock("R053", "sign_within", start, None));
    let notice = row.decided_on.and_then(|start| book.clock("R052", "publish_within", start, notified));
    let marks = suspensions::in_force(db, row.lot_id, today)?;
    Ok(AwardView {
        contract_from: rules::contract_from(&row),
        suspensions: marks.into_iter().map(SuspensionView::from).collect(),
        clocks: notice.into_iter().chain(signing).map(ClockView::from).collect(),
        warnings: warnings.into_iter().map(FindingView::from).collect(),
        id: row.id,
        tender_id: row.tender_id,
        lot_id: row.lot_id,
        case_id: row.case_id,
        unit_id: row.unit_id,
        bid_id: row.bid_id,
        organisation_id: row.organisation_id,
        price: row.price_fen.into(),
        state: row.state,
        origin: row.origin,
        place: row.place,
        reason: row.reason,
        decided_on: row.decided_on,
        published_at: row.published_at,
        notice_ends: row.notice_ends,
        notice_url: row.notice_url,
        ended_at: row.ended_at,
        end_reason: row.end_reason,
        created_at: row.created_at,
        version: row.version,
    })
}

/// The tagged answer: the clock and the marks are part of what is shown, so they are part of the tag.
pub fn tagged(reply: Reply, view: &AwardView, now: UtcInstant) -> Reply {
    let waiting = view.contract_from.is_some_and(|from| now.date_in_shanghai() < from);
    let late = view.clocks.iter().filter(|clock| clock.overdue).count();
    let shown = format!("s{}c{late}", view.suspensions.len());
    reply.tagged(Tag { version: view.version, phase: if waiting { "publicity" } else { "" }, view: &shown })
}

/// An award as the answer to a call.
pub fn reply(db: &mut Db, row: AwardRow, now: UtcInstant, warnings: Vec<Finding>) -> Result<Reply> {
    let view = award_view(db, row, now, warnings)?;
    Ok(tagged(Reply::ok(&view)?, &view, now))
}
