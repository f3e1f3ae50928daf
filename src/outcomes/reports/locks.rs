//! What happens to a verified report over HTTP: the unit takes it over; a locked period is opened only by a named exception of two persons.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{OutcomeReportDetail, detail};
use super::{policy, service};
use crate::kernel::id::OutcomeReportId;
use crate::people;
use crate::web::{Answer, Body, Call, Id};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(accept_report).service(ask_reopening).service(agree_reopening);
}

/// Accept an outcome report
///
/// A lead of the unit takes a verified report over. Its period stays locked.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report")),
    responses((status = 200, description = "Accepted", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::ACCEPT.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/acceptance")]
async fn accept_report(call: Call, id: Id<OutcomeReportId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::ACCEPT, id.0),
        move |tx, granted| {
            let row = service::accept(tx, &granted)?;
            detail(tx, row, true)
        },
    )
    .await
}

/// Why a locked period is to be opened.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskReopening {
    /// Reason, shown to the payee and kept.
    #[schema(min_length = 1, max_length = 500, example = "两张签到表重复计入，须更正服务人次。")]
    pub reason: String,
}

/// Ask for an exception
///
/// A lead of the unit asks, with a reason, that the locked period of a running project be opened. A second person has to agree.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report")), request_body = AskReopening,
    responses((status = 200, description = "Asked", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::REOPEN.name)), ("x-problems" = json!(["reopening_asked"]))), security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/reopening")]
async fn ask_reopening(call: Call, id: Id<OutcomeReportId>, body: Body<AskReopening>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REOPEN, id.0),
        move |tx, granted| {
            let row = service::ask_reopening(tx, &granted, &body.get()?.reason)?;
            detail(tx, row, true)
        },
    )
    .await
}

/// Agree to an exception
///
/// A third-party evaluator who is not of the payee agrees: the report is returned with the exception's reason, to be said and verified anew.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report")),
    responses((status = 200, description = "Opened", body = OutcomeReportDetail)),
    extensions(("x-action" = json!(policy::AGREE.name)), ("x-problems" = json!(["no_reopening", "duties_not_separate"]))), security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/reopening/agreement")]
async fn agree_reopening(call: Call, id: Id<OutcomeReportId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_review(tx, actor, &policy::AGREE, id.0),
        move |tx, granted| {
            let row = service::agree_reopening(tx, &granted)?;
            detail(tx, row, true)
        },
    )
    .await
}
