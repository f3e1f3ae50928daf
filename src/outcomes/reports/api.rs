//! Reports over HTTP: DTOs, handlers, routes. Evidence files are in `evidence`.

use actix_web::{get, post};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Findings, NewSplit, NewValue};
use super::service::Exceptions;
use super::views::{OutcomeReportDetail, OutcomeReportView, SplitPart, detail};
use super::{evidence, locks, policy, service, store};
use crate::kernel::id::{IndicatorId, OutcomeReportId, ProjectId};
use crate::kernel::{Error, Result, error};
use crate::outcomes::projects;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_reports)
        .service(submit_report)
        .service(get_report)
        .service(verify_report)
        .service(return_report)
        .configure(locks::routes)
        .service(resubmit_report)
        .configure(evidence::routes);
}

/// Page of the report list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReports {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the outcome reports of a project
///
/// Verified reports, oldest first, readable by everybody; the payee, the unit, verifiers and auditors see the others too.
#[utoipa::path(tag = "outcome reports", params(("project_id" = ProjectId, Path, description = "The project"), ListReports),
    responses((status = 200, description = "A page of reports", body = Page<OutcomeReportView>)))]
#[get("/projects/{project_id}/outcome-reports")]
async fn list_reports(call: Call, id: Id<ProjectId>, params: Params<ListReports>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let project = projects::find(snapshot, viewer.tenant, id.0)?;
        let actor = viewer.actor.as_ref();
        if !project.is_public() && !actor.is_some_and(|actor| project.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("outcome-reports {}", id.0))?;
        let open = actor.is_some_and(|actor| actor.sees(policy::READERS, &project));
        let rows = store::of_project(snapshot, viewer.tenant, project.id, !open, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), OutcomeReportView::from);
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Read an outcome report
///
/// One report with its values. Before it is verified it is there only for the payee, the unit, verifiers and auditors, who also see its
/// evidence.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report")),
    responses((status = 200, description = "The report", body = OutcomeReportDetail)))]
#[get("/outcome-reports/{report_id}")]
async fn get_report(call: Call, id: Id<OutcomeReportId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = service::file(snapshot, viewer.tenant, id.0)?;
        let open = viewer.actor.as_ref().is_some_and(|actor| file.is_open_to(actor));
        if !open && !file.report.state.is_locked() {
            return Err(error::NOT_FOUND.error());
        }
        detail(snapshot, file.report, open)
    })
    .await
}

/// What an indicator reached.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitValue {
    /// Indicator of the project.
    pub indicator_id: IndicatorId,
    /// Number reached; a ratio in basis points.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 812)]
    pub actual: i64,
    /// How it was counted.
    #[serde(default)]
    #[schema(max_length = 500, example = "按签到表去重")]
    pub note: String,
    /// Of a ratio: how many. With the denominator it makes the number.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 19)]
    pub numerator: Option<i64>,
    /// Of a ratio: of how many.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 20)]
    pub denominator: Option<i64>,
    /// Parts of a count by place and other dimensions; each dimension with what is unknown adds up to the number.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub splits: Vec<SubmitSplit>,
}

/// The parts of a count along one dimension.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitSplit {
    /// Dimension.
    #[schema(min_length = 1, max_length = 64, example = "社区")]
    pub dimension: String,
    /// Parts.
    #[schema(max_items = 100)]
    pub parts: Vec<SplitPart>,
    /// What belongs to no part that is known.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 0)]
    pub unknown: i64,
}

/// The report of a period.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitReport {
    /// A year, half, quarter or month: `2026`, `2026-H1`, `2026-Q1`, `2026-03`.
    #[schema(min_length = 4, max_length = 7, example = "2026-Q1")]
    pub period: String,
    /// What was reached, in words.
    #[schema(min_length = 1, max_length = 4000, example = "服务独居老人 812 人次，满意率 97%。")]
    pub summary: String,
    /// One value per indicator.
    #[schema(min_items = 1, max_items = 20)]
    pub values: Vec<SubmitValue>,
}

fn findings(summary: &str, values: &[SubmitValue]) -> Result<Findings> {
    let split = |one: &SubmitSplit| NewSplit {
        dimension: one.dimension.clone(),
        parts: one.parts.iter().map(|part| (part.part.clone(), part.number)).collect(),
        unknown: one.unknown,
    };
    let mut found = Vec::with_capacity(values.len());
    for (place, v) in values.iter().enumerate() {
        let share = match (v.numerator, v.denominator) {
            (None, None) => None,
            (Some(numerator), Some(denominator)) => Some((numerator, denominator)),
            _ => {
                let at = format!("/values/{place}/denominator");
                return Err(Error::field(at, words!("分子与分母须同时填写", "numerator and denominator go together")));
            }
        };
        found.push(NewValue {
            indicator: v.indicator_id,
            actual: v.actual,
            note: v.note.clone(),
            share,
            splits: v.splits.iter().map(split).collect(),
        });
    }
    Ok(Findings { summary: summary.to_owned(), values: found })
}

/// Report an outcome
///
/// The organisation that delivers the project reports what each indicator reached in a period.
#[utoipa::path(tag = "outcome reports", params(("project_id" = ProjectId, Path, description = "The project")), request_body = SubmitReport,
    responses((status = 201, description = "Submitted", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::SUBMIT.name)), ("x-problems" = json!(["period_reported", "period_overlaps"]))), security(("bearer" = [])))]
#[post("/projects/{project_id}/outcome-reports")]
async fn submit_report(call: Call, id: Id<ProjectId>, body: Body<SubmitReport>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_submit(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::submit(tx, &granted, &asked.period, &findings(&asked.summary, &asked.values)?)?;
            let location = format!("/api/v1/outcome-reports/{}", row.id);
            Ok(Reply { status: 201, location: Some(location), ..detail(tx, row, true)? })
        },
    )
    .await
}

/// How a report is verified.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerifyReport {
    /// Why it is verified although it has no evidence file; public with the report. Without a file and without this it is refused.
    #[param(min_length = 1, max_length = 500, example = "原始签到表存放于社区档案室，已现场核对。")]
    without_evidence: Option<String>,
    /// Why it is verified before its period is over; public with the report. Without this it is refused then.
    #[param(min_length = 1, max_length = 500, example = "合同约定的服务已于六月全部完成。")]
    before_its_end: Option<String>,
}

/// Verify an outcome report
///
/// Locks the period. The final report, which reaches the end of the cohort's year, verifies the project once none of its reports waits. It
/// needs evidence, or a reason, and is verified when its period is over, or with a reason before. Neither its reporter nor anybody of the payee may.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report"), VerifyReport),
    responses((status = 200, description = "Verified", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::VERIFY.name)), ("x-problems" = json!(["duties_not_separate", "evidence_missing", "period_not_over"]))), security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/verification")]
async fn verify_report(call: Call, id: Id<OutcomeReportId>, params: Params<VerifyReport>) -> Answer {
    people::command(
        call,
        Sha256::digest(params.raw.as_bytes()).into(),
        move |tx, actor| service::may_review(tx, actor, &policy::VERIFY, id.0),
        move |tx, granted| {
            let asked = params.get()?;
            let exceptions =
                Exceptions { without_evidence: asked.without_evidence.as_deref(), before_its_end: asked.before_its_end.as_deref() };
            let row = service::verify(tx, &granted, exceptions)?;
            detail(tx, row, true)
        },
    )
    .await
}

/// Why a report is sent back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnReport {
    /// Reason, shown to the payee.
    #[schema(min_length = 1, max_length = 500, example = "缺少签到表。")]
    pub reason: String,
}

/// Return an outcome report
///
/// Sends it back to the payee with a reason. Neither its reporter nor anybody of the payee may.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report")), request_body = ReturnReport,
    responses((status = 200, description = "Returned", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::RETURN.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/return")]
async fn return_report(call: Call, id: Id<OutcomeReportId>, body: Body<ReturnReport>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_review(tx, actor, &policy::RETURN, id.0),
        move |tx, granted| {
            let row = service::give_back(tx, &granted, &body.get()?.reason)?;
            detail(tx, row, true)
        },
    )
    .await
}

/// A returned report, said anew.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResubmitReport {
    /// What was reached, in words.
    #[schema(min_length = 1, max_length = 4000, example = "补充签到表后：服务独居老人 806 人次。")]
    pub summary: String,
    /// One value per indicator.
    #[schema(min_items = 1, max_items = 20)]
    pub values: Vec<SubmitValue>,
}

/// Submit a returned outcome report again
///
/// The payee corrects a returned report; all values are given anew.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report")), request_body = ResubmitReport,
    responses((status = 200, description = "Submitted again", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::RESUBMIT.name))), security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/resubmission")]
async fn resubmit_report(call: Call, id: Id<OutcomeReportId>, body: Body<ResubmitReport>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::RESUBMIT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::resubmit(tx, &granted, &findings(&asked.summary, &asked.values)?)?;
            detail(tx, row, true)
        },
    )
    .await
}
