//! How awards and lots end, over HTTP: declined, not signed, cancelled for a grave cause, run again.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::GraveCause;
use super::views::{self, AwardView};
use super::{fate, policy, service};
use crate::kernel::id::{AwardId, LotId};
use crate::people;
use crate::procurement::tenders::view::{LotView, TenderView, lot_view, tagged, tender_view};
use crate::procurement::tenders::{self, lots};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(fail_lot).service(decline_award).service(lapse_award).service(rerun_lot);
}

/// Why a lot ends without an award.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailLot {
    /// Which of the grave causes.
    pub cause: GraveCause,
    /// What happened; it is public.
    #[schema(min_length = 10, max_length = 1000, example = "因政策调整取消该采购任务（政府采购法第36条第四项）。")]
    pub reason: String,
}

/// End a lot without an award
///
/// The lead of the unit ends an opened lot for a grave cause (R045), which is published with the lot; bidders are told and the reserved money is free
/// again. Never after the result notice.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")), request_body = FailLot,
    responses((status = 200, description = "Ended", body = LotView)), extensions(("x-action" = json!(policy::FAIL.name))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/failure")]
async fn fail_lot(call: Call, id: Id<LotId>, body: Body<FailLot>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| lots::may(tx, actor, &policy::FAIL, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let lot = fate::fail(tx, &granted, asked.cause, &asked.reason)?;
            let criteria = tenders::store::criteria_of(tx, lot.id)?;
            Ok(Reply::ok(&lot_view(&lot, &criteria))?.tagged(lot.version))
        },
    )
    .await
}

/// A reason that is public.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicReason {
    /// The reason; it is public.
    #[schema(min_length = 10, max_length = 1000, example = "骨干人员离职，无法按期履约。")]
    pub reason: String,
}

/// Decline an award
///
/// An administrator of the winner declines, also while its contract waits for signatures. The money stays reserved; the purchaser awards the next
/// ranked (R057) or runs the lot again.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), request_body = PublicReason,
    responses((status = 200, description = "Declined", body = AwardView)),
    extensions(("x-action" = json!(policy::DECLINE.name)), ("x-problems" = json!(["contract_in_force"]))), security(("bearer" = [])))]
#[post("/awards/{award_id}/decline")]
async fn decline_award(call: Call, id: Id<AwardId>, body: Body<PublicReason>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::DECLINE, id.0),
        move |tx, granted| {
            let row = fate::decline(tx, &granted, &body.get()?.reason)?;
            let now = tx.now();
            views::reply(tx, row, now, Vec::new())
        },
    )
    .await
}

/// Record that the winner did not sign
///
/// The purchaser, once the time that R053 gives from the award notice is over. What follows is the same as after a decline.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), request_body = PublicReason,
    responses((status = 200, description = "Recorded", body = AwardView)),
    extensions(("x-action" = json!(policy::LAPSE.name)),
        ("x-problems" = json!(["signing_period_runs", "contract_in_force", "calendar_not_loaded", "rule_incomplete"]))), security(("bearer" = [])))]
#[post("/awards/{award_id}/lapse")]
async fn lapse_award(call: Call, id: Id<AwardId>, body: Body<PublicReason>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::LAPSE, id.0),
        move |tx, granted| {
            let row = fate::lapse(tx, &granted, &body.get()?.reason)?;
            let now = tx.now();
            views::reply(tx, row, now, Vec::new())
        },
    )
    .await
}

/// Run a lot again
///
/// For a lot that failed, or whose award was declined or overturned: its money is free, and a draft tender with its content is made in the same case.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")), request_body = PublicReason,
    responses((status = 201, description = "Drafted", body = TenderView)),
    extensions(("x-action" = json!(policy::RERUN.name)), ("x-problems" = json!(["not_to_be_rerun", "rules_not_loaded", "plan_budget_exceeded"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/rerun")]
async fn rerun_lot(call: Call, id: Id<LotId>, body: Body<PublicReason>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| lots::may(tx, actor, &policy::RERUN, id.0),
        move |tx, granted| {
            let made = fate::rerun(tx, granted, &body.get()?.reason)?;
            let now = tx.now();
            let view = tender_view(made.clone(), now, Vec::new());
            Ok(tagged(Reply::created(format!("/api/v1/tenders/{}", made.tender.id), &view)?, &made, now))
        },
    )
    .await
}
