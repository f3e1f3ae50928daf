//! Calls-off under a framework over HTTP: direct orders, and competitions among the admitted.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{FrameworkState, NewCall};
use super::view::OrderView;
use super::{policy, service, store};
use crate::kernel::id::{FrameworkId, FundId, OrganisationId, PlanId};
use crate::kernel::{Money, error};
use crate::people;
use crate::procurement::plans::model::Mode;
use crate::procurement::tenders::view::{TenderView, tagged, tender_view};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Orders that are listed.
const ORDERS_MAX: i64 = 1000;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(place_order).service(list_orders).service(tender_framework);
}

/// A direct order.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// An admitted supplier.
    pub organisation_id: OrganisationId,
    /// Units.
    #[schema(minimum = 1, maximum = 1_000_000, example = 200)]
    pub quantity: i64,
    /// Why this supplier.
    #[schema(min_length = 10, max_length = 2000, example = "该机构在本街道设有助浴点，响应最快。")]
    pub reason: String,
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "月河街道二季度助浴服务")]
    pub title: String,
    /// What is needed.
    #[schema(min_length = 1, max_length = 10_000, example = "为 50 位失能老人每月助浴一次。")]
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// A fund of the ordering unit.
    pub fund_id: FundId,
    /// The unit's approved plan for the same item that it comes out of.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
}

/// Order under a framework
///
/// A direct order with an admitted supplier, at its price. A tender is drafted that names the supplier, with one lot over the amount; it goes through review
/// and publication and is awarded by `POST /lots/{lot_id}/direct-award`. Above the framework's limit the admitted suppliers compete instead.
#[utoipa::path(tag = "frameworks", params(("framework_id" = FrameworkId, Path, description = "The agreement")), request_body = PlaceOrder,
    responses((status = 201, description = "Ordered", body = OrderView)),
    extensions(("x-action" = json!(policy::CALL.name)), ("x-problems" = json!(["framework_not_in_force", "supplier_not_in_framework", "competition_needed",
        "framework_limit_exceeded", "plan_budget_exceeded", "rules_not_loaded"]))), security(("bearer" = [])))]
#[post("/frameworks/{framework_id}/orders")]
async fn place_order(call: Call, id: Id<FrameworkId>, body: Body<PlaceOrder>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_call(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewCall {
                title: asked.title.clone(),
                description: asked.description.clone(),
                mode: asked.mode,
                fund: asked.fund_id,
                plan: asked.plan_id,
            };
            let (order, _) = service::order(tx, &granted, &new, (asked.organisation_id, asked.quantity, &asked.reason))?;
            Reply::created(format!("/api/v1/tenders/{}", order.tender_id), &OrderView::from(order))
        },
    )
    .await
}

/// The orders under a framework.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderList {
    /// Newest first.
    #[schema(max_items = 1000)]
    pub items: Vec<OrderView>,
}

/// List orders under a framework
///
/// Public: what was ordered from whom, by which unit and why; newest first, at most 1000.
#[utoipa::path(tag = "frameworks", params(("framework_id" = FrameworkId, Path, description = "The agreement")), responses((status = 200, description = "The orders", body = OrderList)))]
#[get("/frameworks/{framework_id}/orders")]
async fn list_orders(call: Call, id: Id<FrameworkId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| row.state != FrameworkState::Drafted);
        let framework = row.ok_or_else(|| error::NOT_FOUND.error())?;
        let items = store::orders_of(snapshot, framework.id, ORDERS_MAX)?.into_iter().map(OrderView::from).collect();
        Ok(Reply::ok(&OrderList { items })?.public(60))
    })
    .await
}

/// A competition among the admitted suppliers.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenderFramework {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "月河街道全年助浴服务")]
    pub title: String,
    /// What is needed.
    #[schema(min_length = 1, max_length = 10_000, example = "为 200 位失能老人每月助浴一次，为期一年。")]
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// Highest price.
    pub ceiling: Money,
    /// A fund of the calling unit.
    pub fund_id: FundId,
    /// The unit's approved plan for the same item that it comes out of.
    #[serde(default)]
    pub plan_id: Option<PlanId>,
}

/// Let the admitted suppliers compete
///
/// Drafts a tender under the framework that invites every admitted supplier and nobody else (二次竞争); the lowest price wins.
#[utoipa::path(tag = "frameworks", params(("framework_id" = FrameworkId, Path, description = "The agreement")), request_body = TenderFramework,
    responses((status = 201, description = "Drafted", body = TenderView)),
    extensions(("x-action" = json!(policy::CALL.name)), ("x-problems" = json!(["framework_not_in_force", "plan_budget_exceeded", "rules_not_loaded"]))), security(("bearer" = [])))]
#[post("/frameworks/{framework_id}/tenders")]
async fn tender_framework(call: Call, id: Id<FrameworkId>, body: Body<TenderFramework>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_call(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewCall {
                title: asked.title.clone(),
                description: asked.description.clone(),
                mode: asked.mode,
                fund: asked.fund_id,
                plan: asked.plan_id,
            };
            let file = service::compete(tx, &granted, &new, asked.ceiling.amount_fen)?;
            let now = tx.now();
            let made = Reply::created(format!("/api/v1/tenders/{}", file.tender.id), &tender_view(file.clone(), now, Vec::new()))?;
            Ok(tagged(made, &file, now))
        },
    )
    .await
}
