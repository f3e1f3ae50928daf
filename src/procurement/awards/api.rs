//! Awards over HTTP: proposed, read, confirmed, contracted. How they end is in `fate_api`.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::Drawing;
use super::service::{self, ContractTerms};
use super::views::{self, AwardView};
use super::{policy, store};
use crate::delivery::agreements::NewMilestone;
use crate::delivery::agreements::views::{self as contract_views, ContractDetail};
use crate::kernel::id::{AwardId, BidId, LotId};
use crate::kernel::{Error, Money, Result, error};
use crate::people::{self, Subject};
use crate::procurement::tenders::lots;
use crate::web::{Answer, Body, Call, Id, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(propose_award)
        .service(get_award)
        .service(confirm_award)
        .service(draft_contract)
        .configure(super::fate_api::routes)
        .configure(super::notice::routes);
}

/// How a tie is decided and why the next ranked is taken; empty when neither is needed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct ProposeAward {
    /// The bid drawn among those at the first place.
    #[serde(default)]
    pub bid_id: Option<BidId>,
    /// Record of the drawing: how, when, before whom.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 1000, example = "2026-03-13 10:00 在监督人员见证下抽签，抽中一号球。")]
    pub drawing: Option<String>,
    /// Why the next ranked is awarded, once an award of the lot ended.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 1000, example = "第一候选人放弃成交，依次递补第二候选人。")]
    pub reason: Option<String>,
}

impl ProposeAward {
    fn drawing(&self) -> Result<Option<Drawing>> {
        match (self.bid_id, &self.drawing) {
            (None, None) => Ok(None),
            (Some(bid), Some(record)) => Ok(Some(Drawing { bid, record: record.clone() })),
            _ => Err(Error::field("/drawing", words!("bid_id 与 drawing 须同时给出", "bid_id and drawing come together"))),
        }
    }
}

/// Propose an award
///
/// The purchaser proposes the award of a ranked lot to the first place; after an award that was declined or overturned to the next ranked, with
/// the reason (R057). A tie is decided by its draw (`POST /lots/{lot_id}/draws`), or by a drawing by hand with its record. What R051 says of the time taken is in `warnings`.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")), request_body = ProposeAward,
    responses((status = 201, description = "Proposed", body = AwardView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["not_ranked", "evaluation_report_unfinished", "first_place_tied", "draw_runs", "draw_binds", "draw_pool_changed", "no_candidate_left"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/award")]
async fn propose_award(call: Call, id: Id<LotId>, body: Body<ProposeAward>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| lots::may(tx, actor, &policy::PROPOSE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let (row, warnings) = service::propose(tx, &granted, asked.drawing()?.as_ref(), asked.reason.as_deref())?;
            let location = format!("/api/v1/awards/{}", row.id);
            let now = tx.now();
            Ok(Reply { status: 201, location: Some(location), ..views::reply(tx, row, now, warnings)? })
        },
    )
    .await
}

/// Read an award
///
/// Public once confirmed; before, seen by the unit, supervisors and auditors. Clocks, publicity and suspensions are those of the moment.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), responses((status = 200, description = "The award", body = AwardView)))]
#[get("/awards/{award_id}")]
async fn get_award(call: Call, id: Id<AwardId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let visible = viewer.actor.as_ref().map_or(row.is_public(), |actor| row.visible_to(actor));
        if !visible {
            return Err(error::NOT_FOUND.error());
        }
        Ok(views::reply(snapshot, row, now, Vec::new())?.public(60))
    })
    .await
}

/// Confirm an award
///
/// The lead of the unit, never who proposed it. The lot is awarded, the result notice is public and every bidder is told its own result by mail,
/// all at once (R052). Below the thresholds the publicity begins, after which the contract may be drafted.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), responses((status = 200, description = "Confirmed", body = AwardView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate", "calendar_not_loaded", "rule_incomplete"]))), security(("bearer" = [])))]
#[post("/awards/{award_id}/confirmation")]
async fn confirm_award(call: Call, id: Id<AwardId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::CONFIRM, id.0),
        |tx, granted| {
            let row = service::confirm(tx, &granted)?;
            let now = tx.now();
            views::reply(tx, row, now, Vec::new())
        },
    )
    .await
}

/// The terms of a contract.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftContract {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "月河街道居家养老上门服务合同")]
    pub title: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    #[schema(example = "2027-03-31")]
    pub ends_on: NaiveDate,
    /// Milestones; their amounts add up to the award's price.
    #[schema(min_items = 1, max_items = 24)]
    pub milestones: Vec<DraftMilestone>,
}

/// A milestone of a contract to be drafted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftMilestone {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "第一季度服务")]
    pub title: String,
    /// Due date.
    #[schema(example = "2026-06-30")]
    pub due_on: NaiveDate,
    /// Share of the price.
    pub amount: Money,
    /// What it is to bring (交付物), a line each.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["服务台账", "满意度调查报告"]))]
    pub deliverables: Vec<Deliverable>,
}

/// Something that a milestone is to bring.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[schema(min_length = 1, max_length = 128, example = "服务台账")]
pub struct Deliverable(String);

/// Draft the contract
///
/// Makes the contract of a confirmed award with its milestones, whose amounts add up to the price to the fen. Not while the publicity runs, and
/// not while a challenge or complaint suspends it.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), request_body = DraftContract,
    responses((status = 201, description = "Drafted", body = ContractDetail)),
    extensions(("x-action" = json!(policy::CONTRACT.name)), ("x-problems" = json!(["standstill_runs", "contract_suspended"]))), security(("bearer" = [])))]
#[post("/awards/{award_id}/contract")]
async fn draft_contract(call: Call, id: Id<AwardId>, body: Body<DraftContract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CONTRACT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let milestone = |m: &DraftMilestone| NewMilestone {
                title: m.title.clone(),
                due_on: m.due_on,
                amount: m.amount.amount_fen,
                deliverables: m.deliverables.iter().map(|one| one.0.clone()).collect(),
            };
            let terms = ContractTerms {
                title: asked.title.clone(),
                starts_on: asked.starts_on,
                ends_on: asked.ends_on,
                milestones: asked.milestones.iter().map(milestone).collect(),
            };
            let (contract, _) = service::draft_contract(tx, &granted, &terms)?;
            let location = format!("/api/v1/contracts/{}", contract.id);
            Ok(Reply { status: 201, location: Some(location), ..contract_views::detail(tx, contract)? })
        },
    )
    .await
}
