//! Milestones over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{policy, service};
use crate::delivery::agreements::MilestoneRow;
use crate::delivery::agreements::views::MilestoneView;
use crate::kernel::id::MilestoneId;
use crate::kernel::{Result, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_milestone).service(deliver_milestone).service(reject_milestone);
}

fn shown(row: MilestoneRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&MilestoneView::from(row))?.tagged(version))
}

/// Read a milestone
///
/// One milestone with its version, for everybody who may read its contract.
#[utoipa::path(tag = "milestones", params(("milestone_id" = MilestoneId, Path, description = "The milestone")),
    responses((status = 200, description = "The milestone", body = MilestoneView)))]
#[get("/milestones/{milestone_id}")]
async fn get_milestone(call: Call, id: Id<MilestoneId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = service::file(snapshot, viewer.tenant, id.0)?;
        if !file.contract.is_public() && !viewer.actor.as_ref().is_some_and(|actor| file.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        shown(file.milestone)
    })
    .await
}

/// What was delivered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverMilestone {
    /// What the supplier says it delivered.
    #[schema(min_length = 1, max_length = 2000, example = "已服务 412 人次，附签到表。")]
    pub note: String,
}

/// Deliver a milestone
///
/// The supplier says that it is delivered, for the first time or after a rejection. The contract must be active.
#[utoipa::path(tag = "milestones", params(("milestone_id" = MilestoneId, Path, description = "The milestone")), request_body = DeliverMilestone,
    responses((status = 200, description = "Delivered", body = MilestoneView)),
    extensions(("x-action" = json!(policy::DELIVER.name))), security(("bearer" = [])))]
#[post("/milestones/{milestone_id}/delivery")]
async fn deliver_milestone(call: Call, id: Id<MilestoneId>, body: Body<DeliverMilestone>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::DELIVER, id.0),
        move |tx, granted| shown(service::deliver(tx, &granted, &body.get()?.note)?),
    )
    .await
}

/// A rejection.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectMilestone {
    /// Reason, shown to the supplier.
    #[schema(min_length = 1, max_length = 500, example = "签到表与台账不符。")]
    pub reason: String,
}

/// Reject a milestone
///
/// The purchaser refuses it with a reason; the supplier may deliver again.
#[utoipa::path(tag = "milestones", params(("milestone_id" = MilestoneId, Path, description = "The milestone")), request_body = RejectMilestone,
    responses((status = 200, description = "Rejected", body = MilestoneView)),
    extensions(("x-action" = json!(policy::REJECT.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/milestones/{milestone_id}/rejection")]
async fn reject_milestone(call: Call, id: Id<MilestoneId>, body: Body<RejectMilestone>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REJECT, id.0),
        move |tx, granted| shown(service::reject(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
