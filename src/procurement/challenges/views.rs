//! How challenges and complaints are shown, with their clocks. Who challenges what stays hidden from rivals and the public until it is answered.

use chrono::NaiveDate;
use serde::Serialize;

use super::model::{ChallengeRow, ChallengeState, ChallengeStep, ComplaintRow, ComplaintState, Consequence, PointRow};
use super::store;
use crate::db::Db;
use crate::delivery::agreements::suspensions::{self, SuspensionRow};
use crate::kernel::id::{AnyId, AwardId, ChallengeId, ComplaintId, LotId, OrganisationId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::parties::regulations::{Clock, ClockView};
use crate::procurement::awards::LawBook;
use crate::procurement::tenders::lots;
use crate::web::{Reply, Tag};

/// A challenge.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChallengeView {
    /// Id.
    pub id: ChallengeId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// What is challenged.
    pub step: ChallengeStep,
    /// The award that is challenged.
    pub award_id: Option<AwardId>,
    /// Where it stands.
    pub state: ChallengeState,
    /// Whether it suspends the contract now; public.
    #[schema(example = true)]
    pub suspends: bool,
    /// Who challenges; null to rivals and the public until it is answered.
    pub organisation_id: Option<OrganisationId>,
    /// Its points; empty to rivals and the public until it is answered.
    #[schema(max_items = 20)]
    pub points: Vec<PointView>,
    /// When it was filed.
    pub filed_at: UtcInstant,
    /// The answer.
    #[schema(example = "评审记录表明各项得分有据，质疑不成立。")]
    pub answer: Option<String>,
    /// What follows from it.
    pub consequence: Option<Consequence>,
    /// When it was answered.
    pub answered_at: Option<UtcInstant>,
    /// Clocks: the answer (R060), and until when a complaint may follow (R061).
    #[schema(max_items = 2)]
    pub clocks: Vec<ClockView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

/// A point of a challenge.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PointView {
    /// Number, from 1; a complaint names it.
    #[schema(example = 1)]
    pub number: i32,
    /// The fact.
    #[schema(example = "第一候选人的业绩材料与公示不符。")]
    pub fact: String,
    /// What is asked for.
    #[schema(example = "重新评审该项得分。")]
    pub request: String,
}

impl From<PointRow> for PointView {
    fn from(row: PointRow) -> Self {
        Self { number: row.number, fact: row.fact, request: row.request }
    }
}

/// A complaint.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ComplaintView {
    /// Id.
    pub id: ComplaintId,
    /// The challenge it follows.
    pub challenge_id: ChallengeId,
    /// Lot.
    pub lot_id: LotId,
    /// Who complains.
    pub organisation_id: OrganisationId,
    /// Where it stands.
    pub state: ComplaintState,
    /// Why the answer does not satisfy.
    #[schema(example = "答复未回应第一项事实。")]
    pub statement: String,
    /// Points of the challenge that it takes up.
    #[schema(max_items = 20, example = json!([1]))]
    pub points: Vec<i32>,
    /// Last day of the suspension that it set.
    pub suspended_until: Option<NaiveDate>,
    /// When it was filed.
    pub filed_at: UtcInstant,
    /// When it was admitted or refused.
    pub reviewed_at: Option<UtcInstant>,
    /// Why it was refused.
    #[schema(example = "超出质疑事项。")]
    pub review_reason: Option<String>,
    /// The decision.
    #[schema(example = "投诉事项缺乏事实依据，驳回投诉。")]
    pub decision: Option<String>,
    /// What follows from it.
    pub consequence: Option<Consequence>,
    /// When it was decided.
    pub decided_at: Option<UtcInstant>,
    /// Clocks: the admission and the decision (R062).
    #[schema(max_items = 2)]
    pub clocks: Vec<ClockView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

fn day(at: Option<UtcInstant>) -> Option<NaiveDate> {
    at.map(UtcInstant::date_in_shanghai)
}

fn marks_of(db: &mut Db, lot: LotId, cause: AnyId, today: NaiveDate) -> Result<Option<SuspensionRow>> {
    Ok(suspensions::in_force(db, lot, today)?.into_iter().find(|mark| mark.cause_id == cause))
}

fn views(clocks: impl IntoIterator<Item = Option<Clock>>) -> Vec<ClockView> {
    clocks.into_iter().flatten().map(ClockView::from).collect()
}

/// A challenge as of `now`; `open` when the reader may know who challenges what.
pub fn challenge_view(db: &mut Db, row: ChallengeRow, open: bool, now: UtcInstant) -> Result<ChallengeView> {
    let today = now.date_in_shanghai();
    let file = lots::load(db, row.tenant_id, row.lot_id)?;
    let book = LawBook::of(db, &file.tender, today)?;
    let ended = (row.state == ChallengeState::Withdrawn).then_some(today);
    let answering = book.clock("R060", "answer_within", row.filed_at.date_in_shanghai(), day(row.answered_at).or(ended));
    let complaint = store::complaint_of(db, row.id)?.map(|complaint| complaint.filed_at);
    let complaining = row.answer_due_on.filter(|_| ended.is_none()).and_then(|due| book.clock("R061", "file_within", due, day(complaint)));
    let points = if open { store::points(db, row.id)? } else { Vec::new() };
    Ok(ChallengeView {
        suspends: marks_of(db, row.lot_id, row.id.any(), today)?.is_some(),
        points: points.into_iter().map(PointView::from).collect(),
        clocks: views([answering, complaining]),
        id: row.id,
        tender_id: row.tender_id,
        lot_id: row.lot_id,
        step: row.step,
        award_id: row.award_id,
        state: row.state,
        organisation_id: open.then_some(row.organisation_id),
        filed_at: row.filed_at,
        answer: row.answer.filter(|_| open),
        consequence: row.consequence,
        answered_at: row.answered_at,
        version: row.version,
    })
}

/// A challenge as the answer to a call of somebody who may read it.
pub fn challenge(db: &mut Db, row: ChallengeRow, now: UtcInstant) -> Result<Reply> {
    let view = challenge_view(db, row, true, now)?;
    let shown = shown(view.suspends, &view.clocks);
    Ok(Reply::ok(&view)?.tagged(Tag { version: view.version, phase: "", view: &shown }))
}

/// What the clock and the marks change of an answer is part of its tag.
fn shown(suspends: bool, clocks: &[ClockView]) -> String {
    let late = clocks.iter().filter(|clock| clock.overdue).count();
    format!("s{}c{late}", u8::from(suspends))
}

/// A complaint as of `now`.
pub fn complaint_view(db: &mut Db, row: ComplaintRow, now: UtcInstant) -> Result<ComplaintView> {
    let today = now.date_in_shanghai();
    let file = lots::load(db, row.tenant_id, row.lot_id)?;
    let book = LawBook::of(db, &file.tender, today)?;
    let filed = row.filed_at.date_in_shanghai();
    let over = matches!(row.state, ComplaintState::Withdrawn).then_some(today);
    let refused = row.reviewed_at.filter(|_| row.state == ComplaintState::Refused);
    let reviewing = book.clock("R062", "review_within", filed, day(row.reviewed_at).or(over));
    let deciding = book.clock("R062", "decide_within", filed, day(row.decided_at.or(refused)).or(over));
    Ok(ComplaintView {
        suspended_until: marks_of(db, row.lot_id, row.id.any(), today)?.and_then(|mark| mark.ends_on),
        points: store::complaint_points(db, row.id)?,
        clocks: views([reviewing, deciding]),
        id: row.id,
        challenge_id: row.challenge_id,
        lot_id: row.lot_id,
        organisation_id: row.organisation_id,
        state: row.state,
        statement: row.statement,
        filed_at: row.filed_at,
        reviewed_at: row.reviewed_at,
        review_reason: row.review_reason,
        decision: row.decision,
        consequence: row.consequence,
        decided_at: row.decided_at,
        version: row.version,
    })
}

/// A complaint as the answer to a call of somebody who may read it.
pub fn complaint(db: &mut Db, row: ComplaintRow, now: UtcInstant) -> Result<Reply> {
    let view = complaint_view(db, row, now)?;
    let shown = shown(view.suspended_until.is_some(), &view.clocks);
    Ok(Reply::ok(&view)?.tagged(Tag { version: view.version, phase: "", view: &shown }))
}
