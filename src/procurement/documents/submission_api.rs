//! Submission and publication of a tender over HTTP: the steps that its documents decide on.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use crate::kernel::UtcInstant;
use crate::kernel::id::TenderId;
use crate::procurement::openers;
use crate::procurement::tenders::api::step;
use crate::procurement::tenders::view::TenderView;
use crate::procurement::tenders::{Publication, policy};
use crate::web::{Answer, Body, Call, Id};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(submit_tender).service(publish_tender);
}

/// Send a tender to review
///
/// Judges the documents (forbidden criteria, bonds, price weights) and reserves the ceiling of every lot in the fund. A criterion that the
/// articles forbid is refused as `rule_broken` with the words found.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), responses((status = 200, description = "In review", body = TenderView)),
    extensions(("x-action" = json!(policy::SUBMIT.name)), ("x-problems" = json!(["rule_broken", "insufficient_funds", "price_not_scored"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/submission")]
async fn submit_tender(call: Call, id: Id<TenderId>) -> Answer {
    step(call, [0; 32], id.0, &policy::SUBMIT, service::submit).await
}

/// When bids are due, or how long the choice of a single source is public first.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_deadline": "2026-03-24T01:00:00Z"}))]
pub struct PublishTender {
    /// First instant at which no bid is taken, where bids are asked for. R019 and R025 say how far away it must lie.
    #[serde(default)]
    #[schema(example = "2026-03-24T01:00:00Z")]
    pub bid_deadline: Option<UtcInstant>,
    /// Last instant of the publicity of a single-source purchase (R033).
    #[serde(default)]
    #[schema(example = "2026-03-10T16:00:00Z")]
    pub publicity_until: Option<UtcInstant>,
}

/// Publish a tender
///
/// Makes the tender public. The time for bids and the period in which the documents are given out are judged by the rule set that the tender
/// was made under; rules that only warn are listed in `warnings`. Where openers hold the key, all of them must have signed their ceremony.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = PublishTender,
    responses((status = 200, description = "Published", body = TenderView)),
    extensions(("x-action" = json!(policy::PUBLISH.name)), ("x-problems" = json!(["rule_broken", "calendar_not_loaded", "nobody_invited", "ceremony_incomplete", "openers_required"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/publication")]
async fn publish_tender(call: Call, id: Id<TenderId>, body: Body<PublishTender>) -> Answer {
    let quorum_from = call.desk.quorum_from;
    step(call, body.fingerprint, id.0, &policy::PUBLISH, move |tx, granted| {
        let asked = body.get()?;
        openers::require_ready(tx, granted.subject(), asked.bid_deadline.is_some(), quorum_from)?;
        service::publish(tx, granted, &Publication { bid_deadline: asked.bid_deadline, publicity_until: asked.publicity_until })
    })
    .await
}
