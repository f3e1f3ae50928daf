//! Funding lines over HTTP: handlers and routes.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::LineRow;
use super::views::FundingLineView;
use super::{policy, service};
use crate::kernel::Result;
use crate::kernel::id::{FundId, FundingLineId};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_funding_line).service(fulfil_funding_line);
}

fn shown(row: LineRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&FundingLineView::from(row))?.tagged(version))
}

/// Read a funding line
///
/// One line of what pays for a lot or a contract, with its version.
#[utoipa::path(tag = "funding", params(("funding_line_id" = FundingLineId, Path, description = "The line")),
    responses((status = 200, description = "The line", body = FundingLineView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/funding-lines/{funding_line_id}")]
async fn get_funding_line(call: Call, id: Id<FundingLineId>) -> Answer {
    people::query(call, move |snapshot, viewer| shown(service::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject().line))
        .await
}

/// The fund that received a later year's appropriation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfilLine {
    /// A fund of the unit, of the line's stream and year.
    pub fund_id: FundId,
}

/// Fulfil a future commitment
///
/// The year's appropriation arrived: the approved future commitment becomes a commitment out of what is free in the fund, under the rules of its
/// stream and the fund's restrictions.
#[utoipa::path(tag = "funding", params(("funding_line_id" = FundingLineId, Path, description = "The line")), request_body = FulfilLine,
    responses((status = 200, description = "Committed", body = FundingLineView)),
    extensions(("x-action" = json!(policy::FULFIL.name)),
        ("x-problems" = json!(["insufficient_funds", "reduction_pending", "fund_restricted", "stream_rule_broken"]))),
    security(("bearer" = [])))]
#[post("/funding-lines/{funding_line_id}/fulfilment")]
async fn fulfil_funding_line(call: Call, id: Id<FundingLineId>, body: Body<FulfilLine>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::FULFIL, id.0),
        move |tx, granted| shown(service::fulfil_by(tx, &granted, body.get()?.fund_id)?),
    )
    .await
}
