//! Changes of a contract over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ChangeKind, ChangeRow, ChangeState, NewChange};
use super::{policy, service, store};
use crate::delivery::agreements::{self, ContractRow};
use crate::kernel::id::{ContractChangeId, ContractId, FundId, MilestoneId};
use crate::kernel::{Money, Result, UtcInstant, error};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_changes).service(propose_change).service(consent_to_change).service(approve_change).service(reject_change);
}

/// A change of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChangeView {
    /// Id.
    pub id: ContractChangeId,
    /// Contract.
    pub contract_id: ContractId,
    /// Place among the contract's changes, from 1.
    #[schema(example = 1)]
    pub number: i32,
    /// What it does.
    pub kind: ChangeKind,
    /// By how much the price grows or falls; of a termination what is settled.
    pub amount: Money,
    /// Fund that pays for an increase.
    pub fund_id: Option<FundId>,
    /// Milestone that costs less, or that is settled.
    pub milestone_id: Option<MilestoneId>,
    /// Title of the further milestone.
    #[schema(example = "增加助浴服务")]
    pub title: Option<String>,
    /// Its day.
    pub due_on: Option<NaiveDate>,
    /// Why.
    #[schema(example = "新增 30 位服务对象。")]
    pub reason: String,
    /// Why the unit ends the contract without the supplier's consent.
    #[schema(example = "继续履行将损害服务对象利益：机构已停止运营。")]
    pub unilateral_ground: Option<String>,
    /// When the supplier consented.
    pub consented_at: Option<UtcInstant>,
    /// State.
    pub state: ChangeState,
    /// When it was decided.
    pub decided_at: Option<UtcInstant>,
    /// What the officer noted.
    #[schema(example = "预算不足。")]
    pub decision_note: Option<String>,
    /// What went free by it.
    pub released: Money,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl From<ChangeRow> for ChangeView {
    fn from(row: ChangeRow) -> Self {
        Self {
            id: row.id,
            contract_id: row.contract_id,
            number: row.number,
            kind: row.kind,
            amount: row.amount_fen.into(),
            fund_id: row.fund_id,
            milestone_id: row.milestone_id,
            title: row.title,
            due_on: row.due_on,
            reason: row.reason,
            unilateral_ground: row.unilateral_ground,
            consented_at: row.consented_at,
            state: row.state,
            decided_at: row.decided_at,
            decision_note: row.decision_note,
            released: row.released_fen.into(),
            created_at: row.created_at,
        }
    }
}

/// The changes of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChangesView {
    /// The changes, oldest first.
    #[schema(max_items = 1000)]
    pub items: Vec<ChangeView>,
}

/// List the changes of a contract
///
/// Oldest first, for the parties, finance and auditors.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The changes", body = ChangesView)), security(("bearer" = [])))]
#[get("/contracts/{contract_id}/changes")]
async fn list_changes(call: Call, id: Id<ContractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let contract = agreements::find(snapshot, viewer.tenant, id.0)?;
        if !contract.is_open_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        let items = store::of_contract(snapshot, viewer.tenant, contract.id)?.into_iter().map(ChangeView::from).collect();
        Reply::ok(&ChangesView { items })
    })
    .await
}

/// A proposal.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeChange {
    /// What it does.
    pub kind: ChangeKind,
    /// By how much the price grows or falls; of a termination what is settled, zero when nothing is.
    pub amount: Money,
    /// Fund of the unit that pays for an increase.
    #[serde(default)]
    pub fund_id: Option<FundId>,
    /// Milestone that costs less, or that is settled.
    #[serde(default)]
    pub milestone_id: Option<MilestoneId>,
    /// Title of the further milestone of an increase.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128, example = "增加助浴服务")]
    pub title: Option<String>,
    /// Its day, within the term.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "新增 30 位服务对象。")]
    pub reason: String,
    /// What those served say of what is settled (rule R015).
    #[serde(default)]
    #[schema(min_length = 10, max_length = 4000, example = "访谈老人 20 位，19 位对上门服务表示满意。")]
    pub beneficiaries_opinion: Option<String>,
    /// Ground of a termination without the supplier's consent: going on would harm the public interest (Government Procurement Law, article 50).
    #[serde(default)]
    #[schema(min_length = 10, max_length = 500, example = "继续履行将损害服务对象利益：机构已停止运营。")]
    pub unilateral_ground: Option<String>,
}

impl From<&ProposeChange> for NewChange {
    fn from(asked: &ProposeChange) -> Self {
        Self {
            kind: asked.kind,
            amount: asked.amount.amount_fen,
            fund: asked.fund_id,
            milestone: asked.milestone_id,
            title: asked.title.clone(),
            due_on: asked.due_on,
            reason: asked.reason.clone(),
            beneficiaries_opinion: asked.beneficiaries_opinion.clone(),
            unilateral_ground: asked.unilateral_ground.clone(),
        }
    }
}

fn shown((contract, change): (ContractRow, ChangeRow)) -> Result<Reply> {
    Ok(Reply::ok(&ChangeView::from(change))?.tagged(contract.version))
}

/// Propose a change of a contract
///
/// The unit proposes an increase (a further milestone, paid by a fund of the unit), a decrease of a milestone that is not delivered, or a termination
/// with what is settled. All increases together are at most a tenth of the first price (rule R056, and every other contract alike). The version is the contract's.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = ProposeChange,
    responses((status = 201, description = "Proposed", body = ChangeView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["change_open", "rule_broken", "supplements_too_large", "advance_outstanding"]))),
    security(("bearer" = [])))]
#[post("/contracts/{contract_id}/changes")]
async fn propose_change(call: Call, id: Id<ContractId>, body: Body<ProposeChange>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::PROPOSE, id.0),
        move |tx, granted| {
            let made = service::propose(tx, &granted, &NewChange::from(body.get()?))?;
            let location = format!("/api/v1/contracts/{}/changes", made.0.id);
            Ok(Reply { status: 201, location: Some(location), ..shown(made)? })
        },
    )
    .await
}

/// Consent to the change that waits
///
/// An administrator of the supplier consents; without it only a termination with a stated ground is approved.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "Consented", body = ChangeView)),
    extensions(("x-action" = json!(policy::CONSENT.name)), ("x-problems" = json!(["no_open_change", "consented_already"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/changes/consent")]
async fn consent_to_change(call: Call, id: Id<ContractId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::CONSENT, id.0),
        move |tx, granted| shown(service::consent(tx, &granted)?),
    )
    .await
}

/// Approve the change that waits
///
/// A finance officer who did not propose it. An increase is committed out of its fund; a decrease and what a termination leaves go free.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "Approved", body = ChangeView)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["no_open_change", "consent_missing", "duties_not_separate", "rule_broken", "supplements_too_large",
        "advance_outstanding", "advance_under_way", "insufficient_funds", "funding_exceeded", "invalid"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/changes/approval")]
async fn approve_change(call: Call, id: Id<ContractId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::APPROVE, id.0),
        move |tx, granted| shown(service::approve(tx, &granted)?),
    )
    .await
}

/// Why a change is refused.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectChange {
    /// Reason.
    #[schema(min_length = 1, max_length = 500, example = "预算不足。")]
    pub reason: String,
}

/// Refuse the change that waits
///
/// A finance officer who did not propose it refuses with a reason; nothing moves.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = RejectChange,
    responses((status = 200, description = "Refused", body = ChangeView)),
    extensions(("x-action" = json!(policy::REJECT.name)), ("x-problems" = json!(["no_open_change", "duties_not_separate"]))),
    security(("bearer" = [])))]
#[post("/contracts/{contract_id}/changes/rejection")]
async fn reject_change(call: Call, id: Id<ContractId>, body: Body<RejectChange>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REJECT, id.0),
        move |tx, granted| shown(service::reject(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
