//! The evaluation report (评审报告): who evaluated, how, what was discussed, the ranking with reasons, and each member's signature or dissent.

use serde::Serialize;
use serde_json::json;

use super::deviation;
use super::model::{Capacity, EvaluationKind, EvaluationRow, MemberRow, MemberState, OutlierAnswer, RankingRow};
use super::rules::price_points;
use super::service::{progress, record};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, BidId, LotId, OrganisationId, ScoreSheetId, TenantId, TenderId};
use crate::kernel::{Error, Fen, Money, Result, UtcInstant};
use crate::parties::organisations;
use crate::people::accounts;
use crate::people::policy::Authorized;
use crate::procurement::bids::{self, BidState};
use crate::procurement::opening::{self, OpenedRow};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{LotState, Ranking};
use crate::words;

problems! {
    /// The report lacks signatures.
    REPORT_UNFINISHED = "evaluation_report_unfinished", 409, "评审报告尚未签署完毕", "The evaluation report is unfinished",
        "评审小组全体成员签署评审报告（或书面写明不同意见）后方可定标。",
        "The award follows once every member of the panel has signed the report or stated its dissent.";
}

/// A member as the report names it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReportMember {
    /// Account.
    pub account_id: AccountId,
    /// Name.
    #[schema(example = "陆评审")]
    pub name: String,
    /// In what capacity.
    pub capacity: Capacity,
    /// Whether it leads the panel.
    pub is_chair: bool,
    /// Whether it evaluates.
    pub state: MemberState,
    /// Why it no longer does.
    #[schema(example = "曾任职于响应供应商")]
    pub state_reason: Option<String>,
    /// When it signed.
    pub signed_at: Option<UtcInstant>,
    /// Whether it agrees.
    pub agrees: Option<bool>,
    /// Why it does not.
    #[schema(example = "对第二名的团队评分偏高。")]
    pub dissent: Option<String>,
}

/// A sheet in short.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReportSheet {
    /// Whose.
    pub account_id: AccountId,
    /// When it was handed in.
    pub submitted_at: UtcInstant,
    /// Its reasons.
    #[schema(example = "方案具体，团队经验充分。")]
    pub comment: String,
    /// Quality points of every bid.
    #[schema(max_items = 1000)]
    pub totals: Vec<ReportTotal>,
}

/// Quality points of a bid on a sheet.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReportTotal {
    /// Bid.
    pub bid_id: BidId,
    /// Points in hundredths, over the quality criteria.
    #[schema(example = 8700)]
    pub points_bp: i64,
}

/// A score that departed from the others'.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReportOutlier {
    /// Whose.
    pub account_id: AccountId,
    /// Bid.
    pub bid_id: BidId,
    /// Its quality points when the discussion was opened, in hundredths.
    #[schema(example = 4000)]
    pub own_bp: i64,
    /// Mean of the others in hundredths.
    #[schema(example = 8700)]
    pub others_bp: i64,
    /// Confirmed or amended; null while it is open.
    pub answer: Option<OutlierAnswer>,
    /// Why.
    #[schema(example = "误读评分细则，按细则更正。")]
    pub reason: Option<String>,
}

/// A ranked bid.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReportPlace {
    /// Place; equal places are ties.
    #[schema(example = 1)]
    pub place: i32,
    /// Bid.
    pub bid_id: BidId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Its name.
    #[schema(example = "吴兴区邻里互助协会")]
    pub organisation_name: String,
    /// Price.
    pub price: Money,
    /// Points of the price in hundredths.
    #[schema(example = 10_000)]
    pub price_points_bp: i64,
    /// Total points in hundredths.
    #[schema(example = 8700)]
    pub points_bp: i64,
}

/// A bid that was not ranked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReportInvalid {
    /// Bid.
    pub bid_id: BidId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Why it is invalid.
    #[schema(example = "above_ceiling")]
    pub because: Option<String>,
}

/// The evaluation report of a lot.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// Lot.
    pub lot_id: LotId,
    /// Tender.
    pub tender_id: TenderId,
    /// Panel or reviewers.
    pub kind: EvaluationKind,
    /// `weighted` (综合评分) or `lowest_price` (最低价).
    #[schema(example = "weighted")]
    pub method: &'static str,
    /// Members, also those who left.
    #[schema(max_items = 100)]
    pub members: Vec<ReportMember>,
    /// Sheets that count.
    #[schema(max_items = 100)]
    pub sheets: Vec<ReportSheet>,
    /// What was discussed.
    #[schema(max_items = 1000)]
    pub outliers: Vec<ReportOutlier>,
    /// Candidates by place.
    #[schema(max_items = 1000)]
    pub ranking: Vec<ReportPlace>,
    /// Bids that were not ranked.
    #[schema(max_items = 1000)]
    pub invalid: Vec<ReportInvalid>,
    /// When the bids were ranked.
    pub ranked_at: UtcInstant,
    /// When the last member signed; null before.
    pub finished_at: Option<UtcInstant>,
}

impl Report {
    /// Whether an award may follow: a panel's report must be signed by all, for reviewers the ranking suffices.
    pub fn suffices(&self) -> bool {
        self.kind == EvaluationKind::Reviewers || self.finished_at.is_some()
    }
}

/// The report of a lot; `None` before it is ranked.
pub fn report_of(db: &mut Db, file: &LotFile) -> Result<Option<Report>> {
    let Some(evaluation) = store::evaluation(db, file.lot.id)? else { return Ok(None) };
    let Some(ranked_at) = evaluation.ranked_at else { return Ok(None) };
    let progress = progress(db, file)?;
    let members = members_of(db, file.lot.tenant_id, file.lot.id)?;
    let criteria = crate::procurement::tenders::store::criteria_of(db, file.lot.id)?;
    let scores = store::scores_of(db, &progress.sheets)?;
    let totals = deviation::totals(&criteria, &scores)?;
    let owner = |sheet: ScoreSheetId| progress.sheets.iter().find(|row| row.id == sheet).map(|row| row.evaluator_id);
    let outliers = store::outliers_of(db, &progress.sheets)?
        .into_iter()
        .filter_map(|row| {
            let account_id = owner(row.sheet_id)?;
            let (own_bp, others_bp) = (row.own_bp, row.others_bp);
            Some(ReportOutlier { account_id, bid_id: row.bid_id, own_bp, others_bp, answer: row.answer, reason: row.reason })
        })
        .collect();
    let sheets = progress
        .sheets
        .iter()
        .map(|sheet| ReportSheet {
            account_id: sheet.evaluator_id,
            submitted_at: sheet.submitted_at,
            comment: sheet.comment.clone(),
            totals: totals
                .iter()
                .filter(|(of, _, _)| *of == sheet.id)
                .map(|(_, bid, points)| ReportTotal { bid_id: *bid, points_bp: *points })
                .collect(),
        })
        .collect();
    let method = match file.tender.profile().ranking {
        Ranking::LowestPrice => "lowest_price",
        Ranking::Weighted | Ranking::None => "weighted",
    };
    Ok(Some(Report {
        lot_id: file.lot.id,
        tender_id: file.tender.id,
        kind: evaluation.kind,
        method,
        members,
        sheets,
        outliers,
        ranking: places(db, file)?,
        invalid: invalid(db, file.lot.id)?,
        ranked_at,
        finished_at: evaluation.finished_at,
    }))
}

/// Refuses an award while the report of a panel lacks a signature.
pub fn require_report(db: &mut Db, lot: LotId) -> Result<()> {
    match store::evaluation(db, lot)? {
        Some(row) if row.kind == EvaluationKind::Panel && row.finished_at.is_none() => Err(REPORT_UNFINISHED.error()),
        _ => Ok(()),
    }
}

/// Everybody who was appointed, with names.
pub fn members_of(db: &mut Db, tenant: TenantId, lot: LotId) -> Result<Vec<ReportMember>> {
    let mut found = Vec::new();
    for row in store::members(db, lot)? {
        let name = accounts::store::find(db, tenant, row.account_id)?.map_or_else(String::new, |account| account.name);
        found.push(ReportMember {
            account_id: row.account_id,
            name,
            capacity: row.capacity,
            is_chair: row.is_chair,
            state: row.state,
            state_reason: row.state_reason,
            signed_at: row.signed_at,
            agrees: row.agrees,
            dissent: row.dissent,
        });
    }
    Ok(found)
}

fn places(db: &mut Db, file: &LotFile) -> Result<Vec<ReportPlace>> {
    let ranking: Vec<RankingRow> = store::ranking(db, file.lot.id)?;
    let opened: Vec<OpenedRow> = opening::store::of_lots(db, &[file.lot.id])?;
    let offer = |bid: BidId| opened.iter().find(|row| row.bid_id == bid);
    let lowest = ranking.iter().filter_map(|row| offer(row.bid_id)).map(|row| row.price_fen).min().unwrap_or(Fen::ZERO);
    let mut found = Vec::new();
    for row in &ranking {
        let Some(offer) = offer(row.bid_id) else { continue };
        let name = organisations::find(db, file.lot.tenant_id, offer.organisation_id)?.map_or_else(String::new, |row| row.name_zh);
        found.push(ReportPlace {
            place: row.place,
            bid_id: row.bid_id,
            organisation_id: offer.organisation_id,
            organisation_name: name,
            price: offer.price_fen.into(),
            price_points_bp: price_points(lowest, offer.price_fen)?,
            points_bp: row.points_bp,
        });
    }
    Ok(found)
}

fn invalid(db: &mut Db, lot: LotId) -> Result<Vec<ReportInvalid>> {
    let rows = bids::store::of_lot(db, lot, &[BidState::Invalid])?;
    Ok(rows
        .into_iter()
        .map(|row| ReportInvalid { bid_id: row.id, organisation_id: row.organisation_id, because: row.invalid_because })
        .collect())
}

/// Signs the report, or dissents with a reason; the last signature finishes it.
pub fn sign(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, agrees: bool, dissent: Option<&str>) -> Result<()> {
    let file = granted.subject();
    let mut fields = Fields::default();
    match dissent {
        Some(reason) => fields.text(reason, "/dissent", 5, 2000),
        None => fields.require(agrees, "/dissent", || words!("不同意须书面说明理由", "dissent needs a reason")),
    }
    fields.require(!agrees || dissent.is_none(), "/dissent", || words!("同意则不填", "only for who does not agree"));
    fields.finish()?;
    let progress = progress(tx, file)?;
    if progress.evaluation.ranked_at.is_none() || file.lot.state != LotState::Evaluating {
        return Err(error::WRONG_STATE.because(words!("尚未排序", "the bids are not ranked")));
    }
    let own = |row: &&MemberRow| row.account_id == granted.by();
    let member = progress.sitting.iter().find(own).ok_or_else(|| Error::internal("who signs does not sit"))?;
    if member.signed_at.is_some() {
        return Err(error::WRONG_STATE.because(words!("您已签署", "you have signed already")));
    }
    let words = dissent.map(|reason| reason.trim().to_owned());
    let row = MemberRow { signed_at: Some(tx.now()), agrees: Some(agrees), dissent: words.clone(), ..member.clone() };
    store::save_member(tx, granted, &row)?;
    record(tx, "lot.report_signed", file, json!({"account_id": granted.by(), "agrees": agrees, "dissent": words}))?;
    let waiting = progress.sitting.iter().filter(|row| row.signed_at.is_none()).count();
    if waiting == 1 {
        store::save_evaluation(tx, granted, &EvaluationRow { finished_at: Some(tx.now()), ..progress.evaluation })?;
        record(tx, "lot.report_finished", file, json!({"members": progress.sitting.len()}))?;
    }
    Ok(())
}
