//! Re-sourcing over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ResourcingRow, ResourcingState};
use super::{policy, service};
use crate::kernel::id::{FundId, FundingLineId, ResourcingId};
use crate::kernel::{Money, Result, UtcInstant};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(propose_resourcing).service(get_resourcing).service(approve_resourcing).service(reject_resourcing);
}

/// A proposal to move a commitment to another fund.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ResourcingView {
    /// Id.
    pub id: ResourcingId,
    /// The line that is to be replaced.
    pub line_id: FundingLineId,
    /// The fund that is to pay.
    pub to_fund_id: FundId,
    /// What the line had left; once approved what was moved.
    pub amount: Money,
    /// Why.
    #[schema(example = "彩票公益金指标调减，改由财政资金列支")]
    pub reason: String,
    /// State.
    pub state: ResourcingState,
    /// The new line, once approved.
    pub new_line_id: Option<FundingLineId>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl From<ResourcingRow> for ResourcingView {
    fn from(row: ResourcingRow) -> Self {
        Self {
            id: row.id,
            line_id: row.line_id,
            to_fund_id: row.to_fund_id,
            amount: row.amount.into(),
            reason: row.reason,
            state: row.state,
            new_line_id: row.new_line_id,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: ResourcingRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&ResourcingView::from(row))?.tagged(version))
}

/// A proposal.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeResourcing {
    /// Another fund of the unit.
    pub to_fund_id: FundId,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "彩票公益金指标调减，改由财政资金列支")]
    pub reason: String,
}

/// Propose another fund for a commitment
///
/// A finance officer proposes that what a committed line has left is paid by another fund of the unit.
#[utoipa::path(tag = "funding", params(("funding_line_id" = FundingLineId, Path, description = "The line")), request_body = ProposeResourcing,
    responses((status = 201, description = "Proposed", body = ResourcingView)),
    extensions(("x-action" = json!(policy::PROPOSE.name))), security(("bearer" = [])))]
#[post("/funding-lines/{funding_line_id}/resourcings")]
async fn propose_resourcing(call: Call, id: Id<FundingLineId>, body: Body<ProposeResourcing>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_propose(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::propose(tx, &granted, asked.to_fund_id, &asked.reason)?;
            let (location, version) = (format!("/api/v1/resourcings/{}", row.id), row.version);
            Ok(Reply::created(location, &ResourcingView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Read a re-sourcing
///
/// One proposal with its version.
#[utoipa::path(tag = "funding", params(("resourcing_id" = ResourcingId, Path, description = "The proposal")),
    responses((status = 200, description = "The proposal", body = ResourcingView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/resourcings/{resourcing_id}")]
async fn get_resourcing(call: Call, id: Id<ResourcingId>) -> Answer {
    people::query(call, move |snapshot, viewer| shown(service::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject())).await
}

/// Approve a re-sourcing
///
/// A second person approves: what the line has left goes free in its fund and is committed in the other, linked by one cause.
#[utoipa::path(tag = "funding", params(("resourcing_id" = ResourcingId, Path, description = "The proposal")),
    responses((status = 200, description = "Approved and posted", body = ResourcingView)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate", "insufficient_funds",
        "reduction_pending", "fund_restricted", "stream_rule_broken", "funding_exceeded", "advance_under_way"]))), security(("bearer" = [])))]
#[post("/resourcings/{resourcing_id}/approval")]
async fn approve_resourcing(call: Call, id: Id<ResourcingId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::APPROVE, id.0),
        move |tx, granted| shown(service::approve(tx, &granted)?),
    )
    .await
}

/// Reject a re-sourcing
///
/// A second person rejects it; nothing is posted.
#[utoipa::path(tag = "funding", params(("resourcing_id" = ResourcingId, Path, description = "The proposal")),
    responses((status = 200, description = "Rejected", body = ResourcingView)),
    extensions(("x-action" = json!(policy::REJECT.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/resourcings/{resourcing_id}/rejection")]
async fn reject_resourcing(call: Call, id: Id<ResourcingId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::REJECT, id.0),
        move |tx, granted| shown(service::reject(tx, &granted)?),
    )
    .await
}
