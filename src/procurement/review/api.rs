//! The review over HTTP.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewFinding, ReviewDesk, Stage};
use super::views::{ReviewView, ReviewedBidView, own_view, review_view};
use super::{low_prices_api, policy, service};
use crate::db::Tx;
use crate::kernel::id::{BidId, LotId, TenantId};
use crate::kernel::{BasisPoints, Result, error};
use crate::law::Finding;
use crate::law::facts::InvalidGround;
use crate::people::policy::authorize;
use crate::people::{self, Actor, Authorized};
use crate::procurement::bids;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(start_review)
        .service(get_review)
        .service(qualify_bids)
        .service(check_responsiveness)
        .service(conclude_review)
        .service(get_own_review);
    config.configure(low_prices_api::routes);
}

/// The review as it stands after a step.
pub(super) fn reply(tx: &mut Tx<'_>, tenant: TenantId, lot: LotId, warnings: Vec<Finding>) -> Result<Reply> {
    let desk = service::load(tx, tenant, lot)?;
    let view = review_view(tx, &desk, warnings)?;
    let version = view.version;
    Ok(Reply::ok(&view)?.tagged(version))
}

/// How a review begins.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct StartReview {
    /// Share of the ceiling below which the procurement documents call a price abnormally low (R047); absent when they say nothing.
    #[serde(default)]
    pub low_share_bp: Option<BasisPoints>,
}

/// Begin the review of a lot
///
/// After the opening and before scoring. It ends the session of the opening. Declarations that had expired on the day of the deadline are found at
/// once.
#[utoipa::path(tag = "review", params(("lot_id" = LotId, Path, description = "The lot")), request_body = StartReview,
    responses((status = 201, description = "Begun", body = ReviewView)),
    extensions(("x-action" = json!(policy::START.name)), ("x-problems" = json!(["conflict"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/review")]
async fn start_review(call: Call, id: Id<LotId>, body: Body<StartReview>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::START, id.0),
        move |tx, granted| {
            service::start(tx, &granted, body.get()?.low_share_bp)?;
            let made = reply(tx, granted.subject().file.lot.tenant_id, id.0, Vec::new())?;
            Ok(Reply { status: 201, location: Some(format!("/api/v1/lots/{}/review", id.0)), ..made })
        },
    )
    .await
}

/// Read the review of a lot
///
/// For the purchaser and its agent, the lot's evaluators, supervisors and auditors.
#[utoipa::path(tag = "review", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The review", body = ReviewView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/review")]
async fn get_review(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let granted = service::may(snapshot, viewer.person()?, &policy::READ, id.0)?;
        let view = review_view(snapshot, granted.subject(), Vec::new())?;
        let version = view.version;
        Ok(Reply::ok(&view)?.tagged(version).logged(people::readings::BID_CONTENT))
    })
    .await
}

/// Findings of one stage.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeFindings {
    /// Findings; a later one on the same criterion of the same bid takes the place of the earlier.
    #[schema(min_items = 1, max_items = 500)]
    pub findings: Vec<MakeFinding>,
}

/// A finding on one criterion of one bid.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bid_id": "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f", "criterion": "具有助浴服务人员的健康证明", "passed": true}))]
pub struct MakeFinding {
    /// The bid.
    pub bid_id: BidId,
    /// The criterion, in the words of the documents.
    #[schema(min_length = 1, max_length = 200, example = "具有助浴服务人员的健康证明")]
    pub criterion: String,
    /// Whether it is met.
    #[schema(example = true)]
    pub passed: bool,
    /// Ground of R044 (87号令 第63条), when it is not.
    #[serde(default)]
    pub ground: Option<InvalidGround>,
    /// Why not; it is told to the bidder.
    #[serde(default)]
    #[schema(min_length = 2, max_length = 1000, example = "未附健康证明。")]
    pub reason: Option<String>,
}

impl MakeFindings {
    fn command(&self) -> Vec<NewFinding> {
        let new = |one: &MakeFinding| NewFinding {
            bid: one.bid_id,
            criterion: one.criterion.clone(),
            passed: one.passed,
            ground: one.ground,
            reason: one.reason.clone(),
        };
        self.findings.iter().map(new).collect()
    }
}

async fn find(
    call: Call,
    lot: LotId,
    stage: Stage,
    body: Body<MakeFindings>,
    admit: impl Fn(&mut Tx<'_>, &Actor) -> Result<Authorized<ReviewDesk>> + Send + 'static,
) -> Answer {
    people::command(call, body.fingerprint, admit, move |tx, granted| {
        service::find(tx, &granted, stage, &body.get()?.command())?;
        reply(tx, granted.subject().file.lot.tenant_id, lot, Vec::new())
    })
    .await
}

/// Record findings on qualification
///
/// By the purchaser or its agent (87号令 第44条), criterion by criterion. A failure names one of the six grounds of R044 and the reason.
#[utoipa::path(tag = "review", params(("lot_id" = LotId, Path, description = "The lot")), request_body = MakeFindings,
    responses((status = 200, description = "The review", body = ReviewView)),
    extensions(("x-action" = json!(policy::QUALIFY.name)), ("x-problems" = json!(["review_not_concluded", "review_concluded"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/review/qualification")]
async fn qualify_bids(call: Call, id: Id<LotId>, body: Body<MakeFindings>) -> Answer {
    find(call, id.0, Stage::Qualification, body, move |tx, actor| service::may(tx, actor, &policy::QUALIFY, id.0)).await
}

/// Record findings on responsiveness
///
/// For bids that passed qualification, by the panel (87号令 第50条); where reviewers decide, also by people of the unit.
#[utoipa::path(tag = "review", params(("lot_id" = LotId, Path, description = "The lot")), request_body = MakeFindings,
    responses((status = 200, description = "The review", body = ReviewView)),
    extensions(("x-action" = json!(policy::CHECK.name)), ("x-problems" = json!(["review_not_concluded", "review_concluded"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/review/responsiveness")]
async fn check_responsiveness(call: Call, id: Id<LotId>, body: Body<MakeFindings>) -> Answer {
    find(call, id.0, Stage::Responsiveness, body, move |tx, actor| service::may_decide(tx, actor, &policy::CHECK, id.0)).await
}

/// How a review ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "两家通过审查。"}))]
pub struct ConcludeReview {
    /// What is said of it as a whole.
    #[serde(default)]
    #[schema(max_length = 2000, example = "两家通过审查。")]
    pub note: Option<String>,
}

/// Conclude the review of a lot
///
/// Bids that failed, or whose low price was not explained, become invalid, and their bidders are told why. With fewer bids left than the rule of the
/// procedure asks for (R045, R027) the lot fails and its money is free again. A price that R047 triggers and nobody asked about warns, or
/// refuses once the rule is confirmed.
#[utoipa::path(tag = "review", params(("lot_id" = LotId, Path, description = "The lot")), request_body = ConcludeReview,
    responses((status = 200, description = "Concluded", body = ReviewView)),
    extensions(("x-action" = json!(policy::CONCLUDE.name)),
        ("x-problems" = json!(["review_not_concluded", "review_concluded", "review_incomplete", "rule_broken"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/review/conclusion")]
async fn conclude_review(call: Call, id: Id<LotId>, body: Body<ConcludeReview>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CONCLUDE, id.0),
        move |tx, granted| {
            let (_, warnings) = service::conclude(tx, &granted, body.get()?.note.as_deref())?;
            reply(tx, granted.subject().file.lot.tenant_id, id.0, warnings)
        },
    )
    .await
}

/// Read what the review says of my bid
///
/// Marks and a request to explain at once, findings when the review is over. Only for the bidder.
#[utoipa::path(tag = "review", params(("bid_id" = BidId, Path, description = "The bid")), responses((status = 200, description = "The bid in review", body = ReviewedBidView)),
    extensions(("x-action" = json!(policy::READ_OWN.name))), security(("bearer" = [])))]
#[get("/bids/{bid_id}/review")]
async fn get_own_review(call: Call, id: Id<BidId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let hidden = || error::NOT_FOUND.error();
        let bid = bids::store::find(snapshot, actor.tenant, id.0)?.ok_or_else(hidden)?;
        let granted = authorize(actor, &policy::READ_OWN, bid)?;
        let bid = granted.into_subject();
        if !bid.state.is_opened() {
            return Err(hidden());
        }
        let desk = service::load(snapshot, actor.tenant, bid.lot_id)?;
        Reply::ok(&own_view(snapshot, &desk, bid)?)
    })
    .await
}
