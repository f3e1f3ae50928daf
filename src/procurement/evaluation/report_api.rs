//! Sheets, discussion, report and the bidder's own scores over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::discussion::{self, Reply as Said};
use super::model::{AmendmentRow, OutlierRow, RemarkRow, ScoreRow, SheetRow};
use super::own_scores::{self, OwnEvaluation};
use super::report::{self, Report};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::error;
use crate::kernel::id::{AccountId, BidId, LotId, ScoreSheetId};
use crate::kernel::{BasisPoints, Result, UtcInstant};
use crate::people;
use crate::procurement::tenders::model::LotFile;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_sheets)
        .service(open_discussion)
        .service(answer_outlier)
        .service(close_discussion)
        .service(get_evaluation_report)
        .service(sign_report)
        .service(get_own_evaluation);
}

/// The score sheets that the reader may see.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SheetList {
    /// Whether every sheet is in; before, a member sees its own and nobody else any.
    pub complete: bool,
    /// Sheets that are still to come.
    #[schema(example = 0)]
    pub missing: usize,
    /// Sheets.
    #[schema(max_items = 100)]
    pub items: Vec<SheetDetail>,
}

/// A score sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SheetDetail {
    /// Id.
    pub id: ScoreSheetId,
    /// Whose.
    pub evaluator_id: AccountId,
    /// Reasons.
    #[schema(example = "方案具体，团队经验充分。")]
    pub comment: String,
    /// When it was handed in.
    pub submitted_at: UtcInstant,
    /// Points as they stand.
    #[schema(max_items = 5000)]
    pub scores: Vec<SheetScore>,
    /// Words on single bids.
    #[schema(max_items = 1000)]
    pub remarks: Vec<SheetRemark>,
    /// What departs from the others, once the discussion is open.
    #[schema(max_items = 1000)]
    pub outliers: Vec<SheetOutlier>,
}

/// Points of a sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SheetScore {
    /// Bid.
    pub bid_id: BidId,
    /// Criterion.
    #[schema(example = 1)]
    pub position: i32,
    /// Points in hundredths.
    pub points_bp: BasisPoints,
    /// Points before they were amended in the discussion; null when they were not.
    pub before_bp: Option<BasisPoints>,
}

/// Words of a sheet on a bid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SheetRemark {
    /// Bid.
    pub bid_id: BidId,
    /// The words.
    #[schema(example = "方案具体，但人员配备偏少。")]
    pub text: String,
}

/// An outlier of a sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SheetOutlier {
    /// Bid.
    pub bid_id: BidId,
    /// Quality points of this sheet in hundredths when the discussion was opened.
    #[schema(example = 4000)]
    pub own_bp: i64,
    /// Mean of the others in hundredths.
    #[schema(example = 8700)]
    pub others_bp: i64,
    /// `confirmed` or `amended`; null while it is open.
    #[schema(example = "amended")]
    pub answer: Option<&'static str>,
    /// Why.
    #[schema(example = "误读评分细则，按细则更正。")]
    pub reason: Option<String>,
}

fn sheet_list(db: &mut Db, file: &LotFile, reader: AccountId) -> Result<SheetList> {
    let progress = service::progress(db, file)?;
    let complete = progress.complete();
    let mut shown = progress.sheets.clone();
    shown.retain(|sheet| complete || sheet.evaluator_id == reader);
    let scores = store::scores_of(db, &shown)?;
    let remarks = store::remarks(db, &shown)?;
    let outliers = store::outliers_of(db, &shown)?;
    let amended = store::amendments(db, &shown)?;
    let items = shown.into_iter().map(|sheet| detail(sheet, &scores, &remarks, &outliers, &amended)).collect();
    Ok(SheetList { complete, missing: progress.missing, items })
}

fn detail(sheet: SheetRow, scores: &[ScoreRow], remarks: &[RemarkRow], outliers: &[OutlierRow], amended: &[AmendmentRow]) -> SheetDetail {
    let before = |score: &ScoreRow| {
        let same = |row: &&AmendmentRow| (row.sheet_id, row.bid_id, row.position) == (score.sheet_id, score.bid_id, score.position);
        amended.iter().find(same).map(|row| row.before_bp)
    };
    SheetDetail {
        scores: scores
            .iter()
            .filter(|score| score.sheet_id == sheet.id)
            .map(|score| SheetScore {
                bid_id: score.bid_id,
                position: score.position,
                points_bp: score.points_bp,
                before_bp: before(score),
            })
            .collect(),
        remarks: remarks
            .iter()
            .filter(|row| row.sheet_id == sheet.id)
            .map(|row| SheetRemark { bid_id: row.bid_id, text: row.remark.clone() })
            .collect(),
        outliers: outliers
            .iter()
            .filter(|row| row.sheet_id == sheet.id)
            .map(|row| SheetOutlier {
                bid_id: row.bid_id,
                own_bp: row.own_bp,
                others_bp: row.others_bp,
                answer: row.answer.map(|answer| answer.as_str()),
                reason: row.reason.clone(),
            })
            .collect(),
        id: sheet.id,
        evaluator_id: sheet.evaluator_id,
        comment: sheet.comment,
        submitted_at: sheet.submitted_at,
    }
}

/// Read the score sheets
///
/// Private until all are in: before, a member reads its own and nobody else any, neither the purchaser nor auditors.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Sheets", body = SheetList)),
    extensions(("x-action" = json!(policy::READ_SHEETS.name)), ("x-problems" = json!(["conflict_of_interest"]))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/score-sheets")]
async fn list_sheets(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = service::may_read(snapshot, actor, &policy::READ_SHEETS, id.0, now)?.into_subject();
        Ok(Reply::ok(&sheet_list(snapshot, &file, actor.account)?)?.logged(people::readings::BID_CONTENT))
    })
    .await
}

/// Open the discussion
///
/// By the chair of the panel, once every sheet is in: lists the scores that depart from the mean of the others by more than the stated share.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 201, description = "Open", body = SheetList)),
    extensions(("x-action" = json!(policy::DISCUSS.name)),
        ("x-problems" = json!(["score_sheets_missing", "chair_missing", "not_the_chair", "conflict_of_interest", "wrong_state"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/discussion")]
async fn open_discussion(call: Call, id: Id<LotId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::DISCUSS, id.0, now)
        },
        move |tx, granted| {
            discussion::open(tx, &granted)?;
            let list = sheet_list(tx, granted.subject(), granted.by())?;
            Reply::created(format!("/api/v1/lots/{}/score-sheets", id.0), &list)
        },
    )
    .await
}

/// What a member says of a departing score of its own.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOutlier {
    /// The bid.
    pub bid_id: BidId,
    /// Why it stands by its score, or corrects it.
    #[schema(min_length = 5, max_length = 1000, example = "误读评分细则，按细则更正。")]
    pub reason: String,
    /// Corrected points; absent to confirm.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub scores: Vec<CorrectedScore>,
}

/// A corrected score.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedScore {
    /// Criterion.
    #[schema(minimum = 1, maximum = 20, example = 1)]
    pub position: i32,
    /// Points in hundredths.
    pub points_bp: BasisPoints,
}

/// Confirm or amend
///
/// Answers for a score of one's own that departs from the others', with the reason. What it was stays on file.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = AnswerOutlier,
    responses((status = 201, description = "Answered", body = SheetList)),
    extensions(("x-action" = json!(policy::DISCUSS.name)), ("x-problems" = json!(["conflict_of_interest", "wrong_state"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/discussion/answers")]
async fn answer_outlier(call: Call, id: Id<LotId>, body: Body<AnswerOutlier>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::DISCUSS, id.0, now)
        },
        move |tx, granted| {
            let asked = body.get()?;
            let scores = asked.scores.iter().map(|score| (score.position, score.points_bp)).collect();
            discussion::answer(tx, &granted, &Said { bid: asked.bid_id, reason: asked.reason.clone(), scores })?;
            let list = sheet_list(tx, granted.subject(), granted.by())?;
            Reply::created(format!("/api/v1/lots/{}/score-sheets", id.0), &list)
        },
    )
    .await
}

/// Close the discussion
///
/// By the chair, once everything listed is answered.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Closed", body = SheetList)),
    extensions(("x-action" = json!(policy::DISCUSS.name)),
        ("x-problems" = json!(["outliers_unanswered", "chair_missing", "not_the_chair", "conflict_of_interest", "wrong_state"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/discussion/closing")]
async fn close_discussion(call: Call, id: Id<LotId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::DISCUSS, id.0, now)
        },
        move |tx, granted| {
            discussion::close(tx, &granted)?;
            Reply::ok(&sheet_list(tx, granted.subject(), granted.by())?)
        },
    )
    .await
}

/// Read the evaluation report
///
/// Panel, method, sheets, what was discussed, the ranking with reasons, signatures and dissent. There is none before the bids are ranked.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The report", body = Report)),
    extensions(("x-action" = json!(policy::READ_REPORT.name)), ("x-problems" = json!(["conflict_of_interest"]))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/evaluation-report")]
async fn get_evaluation_report(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let file = service::may_read(snapshot, viewer.person()?, &policy::READ_REPORT, id.0, now)?.into_subject();
        let report = report::report_of(snapshot, &file)?.ok_or_else(|| error::NOT_FOUND.error())?;
        Ok(Reply::ok(&report)?.logged(people::readings::BID_CONTENT))
    })
    .await
}

/// A signature.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignReport {
    /// Whether the member agrees.
    pub agrees: bool,
    /// Why it does not; only then.
    #[serde(default)]
    #[schema(min_length = 5, max_length = 2000, example = "对第二名的团队评分偏高。")]
    pub dissent: Option<String>,
}

/// Sign the evaluation report
///
/// Each member signs once, or states its dissent with the reason. The last signature finishes the report.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = SignReport,
    responses((status = 201, description = "Signed", body = Report)),
    extensions(("x-action" = json!(policy::SIGN.name)), ("x-problems" = json!(["conflict_of_interest", "wrong_state"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/evaluation-report/signatures")]
async fn sign_report(call: Call, id: Id<LotId>, body: Body<SignReport>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| {
            let now = tx.now();
            service::may_as_member(tx, actor, &policy::SIGN, id.0, now)
        },
        move |tx, granted| {
            let asked = body.get()?;
            report::sign(tx, &granted, asked.agrees, asked.dissent.as_deref())?;
            let report = report::report_of(tx, granted.subject())?.ok_or_else(|| error::NOT_FOUND.error())?;
            Reply::created(format!("/api/v1/lots/{}/evaluation-report", id.0), &report)
        },
    )
    .await
}

/// Read how one's own bid was evaluated
///
/// After the award: the mean and each unnamed member's points per criterion, the place and what members said of this bid. Only for the bidder.
#[utoipa::path(tag = "evaluation", params(("bid_id" = BidId, Path, description = "The bid")), responses((status = 200, description = "Its evaluation", body = OwnEvaluation)),
    extensions(("x-action" = json!(policy::READ_OWN.name)), ("x-problems" = json!(["result_not_published"]))), security(("bearer" = [])))]
#[get("/bids/{bid_id}/evaluation")]
async fn get_own_evaluation(call: Call, id: Id<BidId>) -> Answer {
    people::query(call, move |snapshot, viewer| Reply::ok(&own_scores::own_evaluation(snapshot, viewer.person()?, id.0)?)).await
}
