//! The result notice of a lot: who was awarded, the candidates, the scores of the winner, the panel and the documents (实施条例 第43条).

use actix_web::get;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::clocks::LawBook;
use super::model::{AwardOrigin, AwardRow, AwardState};
use super::views::SuspensionView;
use super::{rules, store};
use crate::db::Db;
use crate::delivery::agreements::suspensions;
use crate::kernel::id::{AwardId, LotId, OrganisationId, TenantId, TenderId};
use crate::kernel::{Money, Result, UtcInstant, error};
use crate::parties::{organisations, units};
use crate::people::{self, accounts};
use crate::procurement::evaluation;
use crate::procurement::opening;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::papers::TenderPaper;
use crate::procurement::tenders::{LotState, Procedure, lots};
use crate::trust::attachments::DocumentView;
use crate::trust::documents;
use crate::web::{Answer, Call, Id, Reply};

/// Registers the route.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_result_notice);
}

/// The result notice of a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ResultNotice {
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Title of the tender.
    #[schema(example = "月河街道居家养老上门服务")]
    pub tender_title: String,
    /// Title of the lot.
    #[schema(example = "上门服务")]
    pub lot_title: String,
    /// Name of the purchaser.
    #[schema(example = "月河街道办事处")]
    pub unit_name: String,
    /// Procedure.
    pub procedure: Procedure,
    /// Where the lot stands.
    pub lot_state: LotState,
    /// Why the lot failed.
    #[schema(example = "task_cancelled: 因政策调整取消该采购任务。")]
    pub failed_because: Option<String>,
    /// The award that stands, or the last that was published.
    pub award: Option<AnnouncedAward>,
    /// Awards before it that ended.
    #[schema(max_items = 100)]
    pub former_awards: Vec<AnnouncedAward>,
    /// Candidates by place.
    #[schema(max_items = 1000)]
    pub candidates: Vec<Candidate>,
    /// Mean points of the winner by criterion, of those that people score.
    #[schema(max_items = 20)]
    pub winner_scores: Vec<WinnerScore>,
    /// Names of the panel.
    #[schema(max_items = 100, example = json!(["评审甲", "评审乙"]))]
    pub panel: Vec<String>,
    /// Procurement documents.
    #[schema(max_items = 100)]
    pub documents: Vec<DocumentView>,
    /// Last day of this notice.
    pub notice_ends: Option<NaiveDate>,
    /// First day on which the contract may be drafted; null where nothing has to be waited for.
    pub contract_from: Option<NaiveDate>,
    /// Last day for a challenge of the result; null where the statutory period does not bind.
    pub challenge_by: Option<NaiveDate>,
    /// Marks that suspend the contract now.
    #[schema(max_items = 100)]
    pub suspensions: Vec<SuspensionView>,
}

/// An award in the notice.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AnnouncedAward {
    /// Award.
    pub award_id: AwardId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Name of the supplier.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name: String,
    /// Price.
    pub price: Money,
    /// Where it stands.
    pub state: AwardState,
    /// What it rests on.
    pub origin: AwardOrigin,
    /// Why this supplier.
    #[schema(example = "第一候选人放弃成交，依次递补。")]
    pub reason: Option<String>,
    /// Day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// When the notice went out.
    pub published_at: Option<UtcInstant>,
    /// Where the statutory platform published it.
    #[schema(example = "https://zfcg.example/notice/330502-2026-0017")]
    pub notice_url: Option<String>,
    /// Why it ended.
    #[schema(example = "人员调整，无法履约。")]
    pub end_reason: Option<String>,
}

/// A candidate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Candidate {
    /// Place.
    #[schema(example = 1)]
    pub place: i32,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Name of the supplier.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name: String,
    /// Price.
    pub price: Money,
    /// Total points in hundredths.
    #[schema(example = 8400)]
    pub points_bp: i64,
}

/// The winner's mean points on a criterion.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WinnerScore {
    /// Criterion.
    #[schema(example = 1)]
    pub position: i32,
    /// Its name.
    #[schema(example = "服务方案")]
    pub name: String,
    /// Mean of the sheets, in hundredths.
    #[schema(example = 8900)]
    pub mean_bp: i64,
}

/// Read the result notice of a lot
///
/// Public from the confirmation of the award, or from the end of a lot that failed.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")),
    responses((status = 200, description = "The notice", body = ResultNotice)))]
#[get("/lots/{lot_id}/result-notice")]
async fn get_result_notice(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let file = lots::load(snapshot, viewer.tenant, id.0)?;
        let notice = compose(snapshot, &file, now)?.ok_or_else(|| error::NOT_FOUND.error())?;
        Ok(Reply::ok(&notice)?.public(60))
    })
    .await
}

/// The notice of a lot as of `now`; none before there is a result.
pub fn compose(db: &mut Db, file: &LotFile, now: UtcInstant) -> Result<Option<ResultNotice>> {
    let (tender, lot) = (&file.tender, &file.lot);
    let mut awards: Vec<AwardRow> = store::of_lot(db, lot.id)?.into_iter().filter(AwardRow::is_public).collect();
    let last = awards.pop();
    let failed = matches!(lot.state, LotState::Failed | LotState::FailedUnopened);
    if last.is_none() && !failed || tender.published_at.is_none() {
        return Ok(None);
    }
    let today = now.date_in_shanghai();
    let start = last.as_ref().and_then(|row| row.notice_ends.or(row.published_at.map(UtcInstant::date_in_shanghai)));
    let challenge_by = match start {
        Some(start) => LawBook::of(db, tender, today)?.clock("R059", "file_within", start, None).and_then(|clock| clock.due_by),
        None => None,
    };
    let papers = documents::of_owner(db, tender.tenant_id, tender.id.any())?;
    let public = |purpose: &str| TenderPaper::PUBLIC.iter().any(|one| one.as_str() == purpose);
    let former = awards.into_iter().map(|row| announced(db, row)).collect::<Result<Vec<_>>>()?;
    Ok(Some(ResultNotice {
        tender_id: tender.id,
        lot_id: lot.id,
        tender_title: tender.title.clone(),
        lot_title: lot.title.clone(),
        unit_name: units::find(db, tender.tenant_id, tender.unit_id)?.map(|unit| unit.name_zh).unwrap_or_default(),
        procedure: tender.procedure,
        lot_state: lot.state,
        failed_because: lot.failed_because.clone(),
        former_awards: former,
        candidates: if last.is_some() { candidates(db, file)? } else { Vec::new() },
        winner_scores: last.as_ref().map_or_else(|| Ok(Vec::new()), |row| winner_scores(db, row))?,
        panel: panel(db, tender.tenant_id, lot.id)?,
        documents: papers.into_iter().filter(|row| public(&row.purpose)).map(DocumentView::from).collect(),
        notice_ends: last.as_ref().and_then(|row| row.notice_ends),
        contract_from: last.as_ref().and_then(rules::contract_from),
        challenge_by,
        suspensions: suspensions::in_force(db, lot.id, today)?.into_iter().map(SuspensionView::from).collect(),
        award: last.map(|row| announced(db, row)).transpose()?,
    }))
}

fn name_of(db: &mut Db, tenant: TenantId, id: OrganisationId) -> Result<String> {
    Ok(organisations::find(db, tenant, id)?.map(|row| row.name_zh).unwrap_or_default())
}

fn announced(db: &mut Db, row: AwardRow) -> Result<AnnouncedAward> {
    Ok(AnnouncedAward {
        award_id: row.id,
        organisation_id: row.organisation_id,
        organisation_name: name_of(db, row.tenant_id, row.organisation_id)?,
        price: row.price_fen.into(),
        state: row.state,
        origin: row.origin,
        reason: row.reason,
        decided_on: row.decided_on,
        published_at: row.published_at,
        notice_url: row.notice_url,
        end_reason: row.end_reason,
    })
}

fn candidates(db: &mut Db, file: &LotFile) -> Result<Vec<Candidate>> {
    let opened = opening::store::of_lots(db, &[file.lot.id])?;
    let mut found = Vec::new();
    for row in evaluation::store::ranking(db, file.lot.id)? {
        let Some(offer) = opened.iter().find(|offer| offer.bid_id == row.bid_id) else { continue };
        found.push(Candidate {
            place: row.place,
            organisation_id: offer.organisation_id,
            organisation_name: name_of(db, file.lot.tenant_id, offer.organisation_id)?,
            price: offer.price_fen.into(),
            points_bp: row.points_bp,
        });
    }
    Ok(found)
}

fn winner_scores(db: &mut Db, award: &AwardRow) -> Result<Vec<WinnerScore>> {
    let Some(bid) = award.bid_id else { return Ok(Vec::new()) };
    let sheets = evaluation::store::sheets(db, award.lot_id)?;
    let scores = evaluation::store::scores_of(db, &sheets)?;
    let mut found = Vec::new();
    for criterion in crate::procurement::tenders::store::criteria_of(db, award.lot_id)? {
        let given: Vec<i64> = scores
            .iter()
            .filter(|score| score.bid_id == bid && score.position == criterion.position)
            .map(|score| i64::from(score.points_bp.get()))
            .collect();
        let count = i64::try_from(given.len()).unwrap_or(i64::MAX);
        if let Some(mean_bp) = given.iter().sum::<i64>().checked_div(count) {
            found.push(WinnerScore { position: criterion.position, name: criterion.name, mean_bp });
        }
    }
    Ok(found)
}

fn panel(db: &mut Db, tenant: TenantId, lot: LotId) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for sheet in evaluation::store::sheets(db, lot)? {
        names.extend(accounts::store::find(db, tenant, sheet.evaluator_id)?.map(|row| row.name));
    }
    names.sort();
    Ok(names)
}
