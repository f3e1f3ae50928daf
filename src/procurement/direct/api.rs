//! Awards without competition over HTTP.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{policy, service};
use crate::kernel::Money;
use crate::kernel::id::LotId;
use crate::people;
use crate::procurement::awards::views::{self, AwardView};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(propose_direct_award);
}

/// The price agreed with the supplier that the tender names.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeDirectAward {
    /// Price, at most the ceiling.
    pub price: Money,
    /// How the price was agreed and why it is reasonable.
    #[schema(min_length = 10, max_length = 1000, example = "经协商按上年单价执行，价格与周边街道同类服务相当。")]
    pub reason: String,
}

/// Propose an award without competition
///
/// For a single-source purchase after its publicity, a direct commission or a direct order under a framework: the award goes to the supplier
/// that the tender names. The unit's lead confirms it.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")), request_body = ProposeDirectAward,
    responses((status = 201, description = "Proposed", body = AwardView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["lot_asks_for_bids", "publicity_runs"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/direct-award")]
async fn propose_direct_award(call: Call, id: Id<LotId>, body: Body<ProposeDirectAward>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::propose(tx, &granted, asked.price.amount_fen, &asked.reason)?;
            let (id, now) = (row.id, tx.now());
            let view = views::award_view(tx, row, now, Vec::new())?;
            Ok(views::tagged(Reply::created(format!("/api/v1/awards/{id}"), &view)?, &view, now))
        },
    )
    .await
}
