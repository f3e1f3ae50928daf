//! Complaints over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Consequence;
use super::views::{self, ComplaintView};
use super::{complaints, policy, service};
use crate::kernel::error;
use crate::kernel::id::{ChallengeId, ComplaintId};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(file_complaint)
        .service(get_complaint)
        .service(review_complaint)
        .service(suspend_for_complaint)
        .service(decide_complaint)
        .service(withdraw_complaint);
}

/// A complaint to be filed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileComplaint {
    /// Why the answer does not satisfy.
    #[schema(min_length = 10, max_length = 4000, example = "答复未回应第一项事实，请依法处理。")]
    pub statement: String,
    /// Numbers of the challenge's points that it takes up; nothing else may be complained of.
    #[schema(min_items = 1, max_items = 20, example = json!([1]))]
    pub points: Vec<i32>,
}

/// Complain to the supervisor
///
/// After the answer, or when none came in time; within the time that R061 gives from the end of the time for the answer.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge")), request_body = FileComplaint,
    responses((status = 201, description = "Filed", body = ComplaintView)),
    extensions(("x-action" = json!(policy::COMPLAIN.name)), ("x-problems" = json!(["answer_pending", "complaint_not_foreseen", "complaint_exists",
        "rule_broken", "calendar_not_loaded", "rule_incomplete"]))), security(("bearer" = [])))]
#[post("/challenges/{challenge_id}/complaint")]
async fn file_complaint(call: Call, id: Id<ChallengeId>, body: Body<FileComplaint>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::COMPLAIN, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = complaints::file(tx, &granted, &asked.statement, &asked.points)?;
            let location = format!("/api/v1/complaints/{}", row.id);
            let now = tx.now();
            Ok(Reply { status: 201, location: Some(location), ..views::complaint(tx, row, now)? })
        },
    )
    .await
}

/// Read a complaint
///
/// For who filed it, the purchaser, supervisors and auditors.
#[utoipa::path(tag = "challenges", params(("complaint_id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, description = "The complaint", body = ComplaintView)), security(("bearer" = [])))]
#[get("/complaints/{complaint_id}")]
async fn get_complaint(call: Call, id: Id<ComplaintId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = complaints::load(snapshot, viewer.tenant, id.0)?;
        if !file.row.is_open_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        views::complaint(snapshot, file.row, now)
    })
    .await
}

/// Whether a complaint is admitted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewComplaint {
    /// Admitted or refused.
    #[schema(example = true)]
    pub admit: bool,
    /// Why it is refused.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 4000, example = "投诉人未参与该采购活动，不符合受理条件。")]
    pub reason: Option<String>,
}

/// Admit or refuse a complaint
///
/// A supervisor who took no step of the purchase, within the working days of R062.
#[utoipa::path(tag = "challenges", params(("complaint_id" = ComplaintId, Path, description = "The complaint")), request_body = ReviewComplaint,
    responses((status = 200, description = "Reviewed", body = ComplaintView)),
    extensions(("x-action" = json!(policy::REVIEW.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/complaints/{complaint_id}/review")]
async fn review_complaint(call: Call, id: Id<ComplaintId>, body: Body<ReviewComplaint>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| complaints::may(tx, actor, &policy::REVIEW, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = complaints::review(tx, &granted, asked.admit, asked.reason.as_deref())?;
            let now = tx.now();
            views::complaint(tx, row, now)
        },
    )
    .await
}

/// How long the purchase is suspended.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendPurchase {
    /// Last day.
    #[schema(example = "2026-04-30")]
    pub until: NaiveDate,
    /// Why; for the file, not public.
    #[schema(min_length = 10, max_length = 1000, example = "投诉事项可能影响成交结果，暂停采购活动。")]
    pub reason: String,
}

/// Suspend a purchase for a complaint
///
/// Once, and no longer than R063 allows. Until then, or until the decision, no contract is drafted or signed. The mark is public.
#[utoipa::path(tag = "challenges", params(("complaint_id" = ComplaintId, Path, description = "The complaint")), request_body = SuspendPurchase,
    responses((status = 200, description = "Suspended", body = ComplaintView)),
    extensions(("x-action" = json!(policy::STOP.name)),
        ("x-problems" = json!(["duties_not_separate", "suspended_before", "rule_broken", "calendar_not_loaded", "rule_incomplete"]))),
    security(("bearer" = [])))]
#[post("/complaints/{complaint_id}/suspension")]
async fn suspend_for_complaint(call: Call, id: Id<ComplaintId>, body: Body<SuspendPurchase>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| complaints::may(tx, actor, &policy::STOP, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = complaints::suspend(tx, &granted, asked.until, &asked.reason)?;
            let now = tx.now();
            views::complaint(tx, row, now)
        },
    )
    .await
}

/// A decision on a complaint.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideComplaint {
    /// Whether the complaint is right.
    #[schema(example = true)]
    pub upheld: bool,
    /// The decision.
    #[schema(min_length = 10, max_length = 4000, example = "投诉事项成立，撤销成交结果。")]
    pub decision: String,
    /// What follows; only of a complaint that is right.
    pub consequence: Consequence,
}

/// Decide a complaint
///
/// A supervisor who took no step of the purchase. The suspension is lifted and the consequence takes effect at once.
#[utoipa::path(tag = "challenges", params(("complaint_id" = ComplaintId, Path, description = "The complaint")), request_body = DecideComplaint,
    responses((status = 200, description = "Decided", body = ComplaintView)),
    extensions(("x-action" = json!(policy::DECIDE.name)),
        ("x-problems" = json!(["duties_not_separate", "consequence_not_possible", "contract_in_force"]))), security(("bearer" = [])))]
#[post("/complaints/{complaint_id}/decision")]
async fn decide_complaint(call: Call, id: Id<ComplaintId>, body: Body<DecideComplaint>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| complaints::may(tx, actor, &policy::DECIDE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = complaints::decide(tx, &granted, asked.upheld, &asked.decision, asked.consequence)?;
            let now = tx.now();
            views::complaint(tx, row, now)
        },
    )
    .await
}

/// Take a complaint back
///
/// An administrator of who filed it, before the decision.
#[utoipa::path(tag = "challenges", params(("complaint_id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, description = "Taken back", body = ComplaintView)),
    extensions(("x-action" = json!(policy::RETRACT.name))), security(("bearer" = [])))]
#[post("/complaints/{complaint_id}/withdrawal")]
async fn withdraw_complaint(call: Call, id: Id<ComplaintId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| complaints::may(tx, actor, &policy::RETRACT, id.0),
        |tx, granted| {
            let row = complaints::withdraw(tx, &granted)?;
            let now = tx.now();
            views::complaint(tx, row, now)
        },
    )
    .await
}
