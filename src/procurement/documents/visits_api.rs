//! Site visits over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::VisitRow;
use super::views::{SiteVisitView, visit_view};
use super::{policy, service, store, visits};
use crate::db::Db;
use crate::kernel::id::{SiteVisitId, TenderId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Viewer};
use crate::procurement::tenders::model::INSIDERS;
use crate::procurement::tenders::{self, TenderRow};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(set_site_visit).service(list_site_visits).service(get_site_visit).service(register_for_site_visit);
}

/// A new site visit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSiteVisit {
    /// When it is.
    #[schema(example = "2026-03-09T01:00:00Z")]
    pub held_at: UtcInstant,
    /// Until when one may register.
    #[schema(example = "2026-03-06T09:00:00Z")]
    pub register_until: UtcInstant,
    /// Where.
    #[schema(min_length = 1, max_length = 300, example = "月河街道居家养老服务中心")]
    pub place: String,
    /// What else.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000, example = "请自带鞋套。")]
    pub note: Option<String>,
}

fn view(db: &mut Db, row: VisitRow, tender: &TenderRow, viewer: &Viewer, now: UtcInstant) -> Result<SiteVisitView> {
    let registered = store::registrations(db, row.id)?;
    let own = viewer.actor.as_ref().and_then(|actor| actor.organisation);
    let own_persons = registered.iter().find(|one| Some(one.organisation_id) == own).map(|one| one.persons);
    let inside = viewer.actor.as_ref().is_some_and(|actor| actor.sees(INSIDERS, tender));
    let over = now >= row.register_until;
    let all = registered.iter().fold(0_i32, |sum, one| sum.saturating_add(one.persons));
    Ok(visit_view(row, own_persons, (inside && over).then_some(all)))
}

/// Set a site visit
///
/// One visit for everybody alike, before the deadline. All who have the documents are told by mail.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = SetSiteVisit,
    responses((status = 201, description = "Set", body = SiteVisitView)),
    extensions(("x-action" = json!(policy::SET_VISIT.name))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/site-visits")]
async fn set_site_visit(call: Call, id: Id<TenderId>, body: Body<SetSiteVisit>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| tenders::service::may(tx, actor, &policy::SET_VISIT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let (place, note) = (asked.place.clone(), asked.note.clone());
            let new = visits::NewVisit { held_at: asked.held_at, register_until: asked.register_until, place, note };
            let row = visits::set(tx, &granted, &new)?;
            Reply::created(format!("/api/v1/site-visits/{}", row.id), &visit_view(row, None, None))
        },
    )
    .await
}

/// Site visits of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SiteVisitList {
    /// Visits by time.
    #[schema(max_items = 100)]
    pub items: Vec<SiteVisitView>,
}

/// List the site visits of a tender
///
/// Public with the tender. Nobody is shown who registered.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The visits", body = SiteVisitList)))]
#[get("/tenders/{tender_id}/site-visits")]
async fn list_site_visits(call: Call, id: Id<TenderId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let tender = service::seen(snapshot, viewer, id.0)?;
        let mut items = Vec::new();
        for row in store::visits(snapshot, tender.id)? {
            items.push(view(snapshot, row, &tender, viewer, now)?);
        }
        Reply::ok(&SiteVisitList { items })
    })
    .await
}

/// Read a site visit
///
/// Public with its tender.
#[utoipa::path(tag = "documents", params(("site_visit_id" = SiteVisitId, Path, description = "The visit")),
    responses((status = 200, description = "The visit", body = SiteVisitView)))]
#[get("/site-visits/{site_visit_id}")]
async fn get_site_visit(call: Call, id: Id<SiteVisitId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let row = store::find_visit(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let tender = service::seen(snapshot, viewer, row.tender_id)?;
        Reply::ok(&view(snapshot, row, &tender, viewer, now)?)
    })
    .await
}

/// How many come.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterForVisit {
    /// Persons of the organisation.
    #[schema(minimum = 1, maximum = 20, example = 2)]
    pub persons: i32,
}

/// Register for a site visit
///
/// A second time replaces the number of persons. Only the organisation itself is shown that it registered.
#[utoipa::path(tag = "documents", params(("site_visit_id" = SiteVisitId, Path, description = "The visit")), request_body = RegisterForVisit,
    responses((status = 201, description = "Registered", body = SiteVisitView)),
    extensions(("x-action" = json!(policy::REGISTER.name)), ("x-problems" = json!(["visit_registration_closed", "supplier_not_admitted"]))),
    security(("bearer" = [])))]
#[post("/site-visits/{site_visit_id}/registrations")]
async fn register_for_site_visit(call: Call, id: Id<SiteVisitId>, body: Body<RegisterForVisit>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| visits::may_register(tx, actor, id.0),
        move |tx, granted| {
            let registered = visits::register(tx, &granted, id.0, body.get()?.persons)?;
            let row = store::find_visit(tx, registered.tenant_id, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
            Reply::created(format!("/api/v1/site-visits/{}", id.0), &visit_view(row, Some(registered.persons), None))
        },
    )
    .await
}
