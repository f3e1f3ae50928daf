//! Awards over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{AwardRow, AwardState};
use super::service::{self, ContractTerms, Drawing};
use super::{policy, store};
use crate::delivery::agreements::NewMilestone;
use crate::delivery::agreements::views::{self, ContractDetail};
use crate::kernel::id::{AwardId, BidId, CaseId, LotId, OrganisationId, TenderId, UnitId};
use crate::kernel::{Error, Money, Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::procurement::tenders::view::{LotView, lot_view};
use crate::procurement::tenders::{self, lots};
use crate::web::{Answer, Body, Call, Id, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(propose_award).service(fail_lot).service(get_award).service(confirm_award).service(draft_contract);
}

/// An award.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AwardView {
    /// Id.
    pub id: AwardId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Bid.
    pub bid_id: BidId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price: Money,
    /// Where it stands.
    pub state: AwardState,
    /// When it was proposed.
    pub created_at: UtcInstant,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<AwardRow> for AwardView {
    fn from(row: AwardRow) -> Self {
        Self {
            id: row.id,
            tender_id: row.tender_id,
            lot_id: row.lot_id,
            case_id: row.case_id,
            unit_id: row.unit_id,
            bid_id: row.bid_id,
            organisation_id: row.organisation_id,
            price: row.price_fen.into(),
            state: row.state,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// How a tie is decided; empty when there is none.
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
/// The purchaser proposes the award of a ranked lot to the first place. A tie at the first place is decided by lot, with its record.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")), request_body = ProposeAward,
    responses((status = 201, description = "Proposed", body = AwardView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["not_ranked", "first_place_tied"]))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/award")]
async fn propose_award(call: Call, id: Id<LotId>, body: Body<ProposeAward>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| lots::may(tx, actor, &policy::PROPOSE, id.0),
        move |tx, granted| {
            let row = service::propose(tx, &granted, body.get()?.drawing()?.as_ref())?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/awards/{id}"), &AwardView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Why a lot ends without an award.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailLot {
    /// The grave cause; it is public.
    #[schema(min_length = 10, max_length = 1000, example = "因政策调整取消该采购任务（政府采购法第36条第四项）。")]
    pub reason: String,
}

/// End a lot without an award
///
/// The lead of the unit ends an opened lot for a grave cause, which is published with the lot; the reserved money is free again.
#[utoipa::path(tag = "awards", params(("lot_id" = LotId, Path, description = "The lot")), request_body = FailLot,
    responses((status = 200, description = "Ended", body = LotView)), extensions(("x-action" = json!(policy::FAIL.name))), security(("bearer" = [])))]
#[post("/lots/{lot_id}/failure")]
async fn fail_lot(call: Call, id: Id<LotId>, body: Body<FailLot>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| lots::may(tx, actor, &policy::FAIL, id.0),
        move |tx, granted| {
            let lot = service::fail(tx, &granted, &body.get()?.reason)?;
            let criteria = tenders::store::criteria_of(tx, lot.id)?;
            Ok(Reply::ok(&lot_view(&lot, &criteria))?.tagged(lot.version))
        },
    )
    .await
}

/// Read an award
///
/// Public once confirmed; before, seen by the unit, supervisors and auditors.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), responses((status = 200, description = "The award", body = AwardView)))]
#[get("/awards/{award_id}")]
async fn get_award(call: Call, id: Id<AwardId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let visible = viewer.actor.as_ref().map_or(row.state != AwardState::Proposed, |actor| row.visible_to(actor));
        if !visible {
            return Err(error::NOT_FOUND.error());
        }
        let version = row.version;
        Ok(Reply::ok(&AwardView::from(row))?.tagged(version).public(60))
    })
    .await
}

/// Confirm an award
///
/// The lead of the unit, never who proposed it. The lot is awarded and every bidder is told by mail.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), responses((status = 200, description = "Confirmed", body = AwardView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/awards/{award_id}/confirmation")]
async fn confirm_award(call: Call, id: Id<AwardId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::CONFIRM, id.0),
        |tx, granted| {
            let row = service::confirm(tx, &granted)?;
            let version = row.version;
            Ok(Reply::ok(&AwardView::from(row))?.tagged(version))
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
}

/// Draft the contract
///
/// Makes the contract of a confirmed award with its milestones, whose amounts add up to the price to the fen.
#[utoipa::path(tag = "awards", params(("award_id" = AwardId, Path, description = "The award")), request_body = DraftContract,
    responses((status = 201, description = "Drafted", body = ContractDetail)),
    extensions(("x-action" = json!(policy::CONTRACT.name))), security(("bearer" = [])))]
#[post("/awards/{award_id}/contract")]
async fn draft_contract(call: Call, id: Id<AwardId>, body: Body<DraftContract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CONTRACT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let milestone = |m: &DraftMilestone| NewMilestone { title: m.title.clone(), due_on: m.due_on, amount: m.amount.amount_fen };
            let terms = ContractTerms {
                title: asked.title.clone(),
                starts_on: asked.starts_on,
                ends_on: asked.ends_on,
                milestones: asked.milestones.iter().map(milestone).collect(),
            };
            let (contract, _) = service::draft_contract(tx, &granted, &terms)?;
            let location = format!("/api/v1/contracts/{}", contract.id);
            Ok(Reply { status: 201, location: Some(location), ..views::detail(tx, contract)? })
        },
    )
    .await
}
