//! Clarifications and amendments over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::amendments::{self, NewAmendment};
use super::model::{AmendmentKind, AmendmentState, Changes, LotChange};
use super::terms::TenderTerms;
use super::views::{AmendmentView, amendment_view};
use super::{policy, service, store};
use crate::kernel::UtcInstant;
use crate::kernel::id::{TenderAmendmentId, TenderId};
use crate::people;
use crate::procurement::tenders::api::Reason;
use crate::procurement::tenders::model::INSIDERS;
use crate::procurement::tenders::{self};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(amend_tender).service(list_amendments).service(get_amendment).service(approve_amendment).service(refuse_amendment);
}

/// A clarification or an amendment.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendTender {
    /// What it does.
    pub kind: AmendmentKind,
    /// What it says.
    #[schema(min_length = 1, max_length = 10_000, example = "服务次数由每周两次改为每周三次，最高限价不变。")]
    pub body: String,
    /// Whether it affects how bids are written: then it comes in time before the deadline, or moves it.
    pub material: bool,
    /// Whether bids made before it are stale; otherwise they stay valid and may be replaced.
    #[serde(default)]
    pub rebids: bool,
    /// The deadline from it on; it can only move away.
    #[serde(default)]
    #[schema(example = "2026-03-24T01:00:00Z")]
    pub bid_deadline: Option<UtcInstant>,
    /// New terms of the tender.
    #[serde(default)]
    pub tender_terms: Option<TenderTerms>,
    /// Changed lots.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub lots: Vec<LotChange>,
}

/// Clarify or amend a tender
///
/// After the publication and before the deadline. Everybody who has the documents, asked or was invited is told by mail. What affects the bids
/// comes early enough (R022, R026) or moves the deadline; the refusal names the earliest day. Object and qualification may not change. A
/// changed ceiling waits for finance.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = AmendTender,
    responses((status = 201, description = "In force, or proposed to finance", body = AmendmentView)),
    extensions(("x-action" = json!(policy::AMEND.name)),
        ("x-problems" = json!(["rule_broken", "calendar_not_loaded", "amendment_after_deadline", "qualification_changed", "ceiling_not_funded"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/amendments")]
async fn amend_tender(call: Call, id: Id<TenderId>, body: Body<AmendTender>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| tenders::service::may(tx, actor, &policy::AMEND, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewAmendment {
                kind: asked.kind,
                body: asked.body.clone(),
                material: asked.material,
                rebids: asked.rebids,
                bid_deadline: asked.bid_deadline,
                changes: Changes { tender_terms: asked.tender_terms.clone(), lots: asked.lots.clone() },
            };
            let (row, warnings) = amendments::write(tx, &granted, &new)?;
            let (path, version) = (format!("/api/v1/amendments/{}", row.id), row.version);
            Ok(Reply::created(path, &amendment_view(row, warnings)?)?.tagged(version))
        },
    )
    .await
}

/// Clarifications and amendments of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AmendmentList {
    /// In the order they were written.
    #[schema(max_items = 100)]
    pub items: Vec<AmendmentView>,
}

/// List the amendments of a tender
///
/// Everybody reads those in force; people of the unit also those proposed or refused.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The amendments", body = AmendmentList)))]
#[get("/tenders/{tender_id}/amendments")]
async fn list_amendments(call: Call, id: Id<TenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let tender = service::seen(snapshot, viewer, id.0)?;
        let inside = viewer.actor.as_ref().is_some_and(|actor| actor.sees(INSIDERS, &tender));
        let states = if inside { AmendmentState::ALL } else { &[AmendmentState::Published] };
        let rows = store::amendments(snapshot, tender.id, states)?;
        let items = rows.into_iter().map(|row| amendment_view(row, Vec::new())).collect::<crate::kernel::Result<_>>()?;
        Reply::ok(&AmendmentList { items })
    })
    .await
}

/// Read an amendment
///
/// Public once in force.
#[utoipa::path(tag = "documents", params(("tender_amendment_id" = TenderAmendmentId, Path, description = "The amendment")),
    responses((status = 200, description = "The amendment", body = AmendmentView)))]
#[get("/amendments/{tender_amendment_id}")]
async fn get_amendment(call: Call, id: Id<TenderAmendmentId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = amendments::seen(snapshot, viewer, id.0)?;
        let version = row.version;
        Ok(Reply::ok(&amendment_view(row, Vec::new())?)?.tagged(version))
    })
    .await
}

/// Approve an amendment
///
/// The finance officer, never its writer, approves an amendment that changes a ceiling. It is judged again on the day and is then in force.
#[utoipa::path(tag = "documents", params(("tender_amendment_id" = TenderAmendmentId, Path, description = "The amendment")),
    responses((status = 200, description = "In force", body = AmendmentView)),
    extensions(("x-action" = json!(policy::APPROVE_AMENDMENT.name)),
        ("x-problems" = json!(["duties_not_separate", "rule_broken", "calendar_not_loaded", "amendment_after_deadline", "qualification_changed", "ceiling_not_funded"]))),
    security(("bearer" = [])))]
#[post("/amendments/{tender_amendment_id}/approval")]
async fn approve_amendment(call: Call, id: Id<TenderAmendmentId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| amendments::may(tx, actor, &policy::APPROVE_AMENDMENT, id.0),
        |tx, granted| {
            let (row, warnings) = amendments::approve(tx, granted)?;
            let version = row.version;
            Ok(Reply::ok(&amendment_view(row, warnings)?)?.tagged(version))
        },
    )
    .await
}

/// Refuse an amendment
///
/// The finance officer refuses it with a reason; nothing changes.
#[utoipa::path(tag = "documents", params(("tender_amendment_id" = TenderAmendmentId, Path, description = "The amendment")), request_body = Reason,
    responses((status = 200, description = "Refused", body = AmendmentView)),
    extensions(("x-action" = json!(policy::REFUSE_AMENDMENT.name))), security(("bearer" = [])))]
#[post("/amendments/{tender_amendment_id}/refusal")]
async fn refuse_amendment(call: Call, id: Id<TenderAmendmentId>, body: Body<Reason>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| amendments::may(tx, actor, &policy::REFUSE_AMENDMENT, id.0),
        move |tx, granted| {
            let row = amendments::refuse(tx, &granted, &body.get()?.reason)?;
            let version = row.version;
            Ok(Reply::ok(&amendment_view(row, Vec::new())?)?.tagged(version))
        },
    )
    .await
}
