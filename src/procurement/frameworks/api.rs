//! Framework agreements over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{FrameworkState, INSIDERS, NewFramework};
use super::store::ListFilter;
use super::view::{FrameworkDetail, FrameworkView, detail, framework_view};
use super::{policy, service, store};
use crate::kernel::error;
use crate::kernel::id::{CatalogueItemId, FrameworkId, OrganisationId, TenderId};
use crate::kernel::{Fen, Money};
use crate::people::scope::Scope;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_framework).service(list_frameworks).service(get_framework).service(activate_framework).service(end_framework);
}

/// A new framework agreement.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFramework {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "助浴服务框架协议")]
    pub title: String,
    /// What it is for: an item of the published guiding catalogue.
    pub catalogue_item_id: CatalogueItemId,
    /// Whether every unit of the district may order.
    #[schema(example = false)]
    pub district_wide: bool,
    /// What a unit price is for (计价单位).
    #[schema(min_length = 1, max_length = 20, example = "人次")]
    pub unit_label: String,
    /// The unit's concluded tender that it comes out of; its suppliers were ranked or awarded there.
    #[serde(default)]
    pub source_tender_id: Option<TenderId>,
    /// Number of an agreement made elsewhere; either this or the source tender.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, example = "湖财采框〔2026〕1号")]
    pub reference: Option<String>,
    /// Where that was published.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 500, example = "https://zfcg.example.gov.cn/notice/1")]
    pub reference_url: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    #[schema(example = "2026-12-31")]
    pub valid_to: NaiveDate,
    /// An order above this amount needs a competition among the admitted; zero when every call-off does.
    pub competition_above: Money,
    /// Admitted suppliers.
    #[schema(min_items = 1, max_items = 100)]
    pub suppliers: Vec<AdmitSupplier>,
}

/// A supplier to be admitted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmitSupplier {
    /// A verified organisation.
    pub organisation_id: OrganisationId,
    /// Price of a unit.
    pub unit_price: Money,
    /// Most that it may be ordered for in all; none when absent.
    #[serde(default)]
    pub limit: Option<Money>,
}

impl CreateFramework {
    fn read(&self) -> NewFramework {
        let supplier = |one: &AdmitSupplier| (one.organisation_id, one.unit_price.amount_fen, one.limit.map(|limit| limit.amount_fen));
        let suppliers: Vec<(OrganisationId, Fen, Option<Fen>)> = self.suppliers.iter().map(supplier).collect();
        NewFramework {
            title: self.title.clone(),
            item: self.catalogue_item_id,
            district_wide: self.district_wide,
            unit_label: self.unit_label.clone(),
            source: self.source_tender_id,
            reference: self.reference.clone(),
            reference_url: self.reference_url.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            competition_above: self.competition_above.amount_fen,
            suppliers,
        }
    }
}

/// Draft a framework agreement
///
/// From a concluded tender of the unit, whose ranked or awarded suppliers are admitted, or from an agreement made elsewhere.
#[utoipa::path(tag = "frameworks", request_body = CreateFramework, responses((status = 201, description = "Drafted", body = FrameworkDetail)),
    extensions(("x-action" = json!(policy::CREATE.name))), security(("bearer" = [])))]
#[post("/frameworks")]
async fn create_framework(call: Call, body: Body<CreateFramework>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let row = service::create(tx, &granted, &body.get()?.read())?;
            let (location, today) = (Some(format!("/api/v1/frameworks/{}", row.id)), tx.now().date_in_shanghai());
            Ok(Reply { status: 201, location, ..detail(tx, row, today)? })
        },
    )
    .await
}

/// Filters and page of the framework list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListFrameworks {
    /// Only this state.
    state: Option<FrameworkState>,
    /// Only this item.
    catalogue_item_id: Option<CatalogueItemId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List framework agreements
///
/// Active and ended ones for everybody, newest first; people of a unit also see its drafts.
#[utoipa::path(tag = "frameworks", params(ListFrameworks), responses((status = 200, description = "A page of agreements", body = Page<FrameworkView>)))]
#[get("/frameworks")]
async fn list_frameworks(call: Call, params: Params<ListFrameworks>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let scope = Scope::of(viewer.actor.as_ref(), INSIDERS);
        let filter = ListFilter { scope, state: asked.state, item: asked.catalogue_item_id };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("frameworks {filter:?}"))?;
        let before = request.after_instant()?.map(|(at, id)| (at, FrameworkId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, &filter, before, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| framework_view(row, today));
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(60))
    })
    .await
}

/// Read a framework agreement
///
/// With its suppliers, their prices, limits and what each was ordered for. Public once active.
#[utoipa::path(tag = "frameworks", params(("framework_id" = FrameworkId, Path, description = "The agreement")), responses((status = 200, description = "The agreement", body = FrameworkDetail)))]
#[get("/frameworks/{framework_id}")]
async fn get_framework(call: Call, id: Id<FrameworkId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let visible = viewer.actor.as_ref().map_or(row.state != FrameworkState::Drafted, |actor| row.visible_to(actor));
        if !visible {
            return Err(error::NOT_FOUND.error());
        }
        Ok(detail(snapshot, row, today)?.public(60))
    })
    .await
}

/// Activate a framework agreement
///
/// The lead of the unit, never the drafter.
#[utoipa::path(tag = "frameworks", params(("framework_id" = FrameworkId, Path, description = "The agreement")), responses((status = 200, description = "Active", body = FrameworkDetail)),
    extensions(("x-action" = json!(policy::ACTIVATE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/frameworks/{framework_id}/activation")]
async fn activate_framework(call: Call, id: Id<FrameworkId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::ACTIVATE, id.0),
        |tx, granted| {
            let (row, today) = (service::activate(tx, &granted)?, tx.now().date_in_shanghai());
            detail(tx, row, today)
        },
    )
    .await
}

/// Why a framework agreement is ended.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndFramework {
    /// The reason; it is public.
    #[schema(min_length = 1, max_length = 1000, example = "入围供应商均已退出。")]
    pub reason: String,
}

/// End a framework agreement
///
/// The lead ends it before its last day; orders that were placed go on.
#[utoipa::path(tag = "frameworks", params(("framework_id" = FrameworkId, Path, description = "The agreement")), request_body = EndFramework,
    responses((status = 200, description = "Ended", body = FrameworkDetail)),
    extensions(("x-action" = json!(policy::END.name))), security(("bearer" = [])))]
#[post("/frameworks/{framework_id}/end")]
async fn end_framework(call: Call, id: Id<FrameworkId>, body: Body<EndFramework>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::END, id.0),
        move |tx, granted| {
            let (row, today) = (service::end(tx, &granted, &body.get()?.reason)?, tx.now().date_in_shanghai());
            detail(tx, row, today)
        },
    )
    .await
}
