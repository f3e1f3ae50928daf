//! Subcontracts over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewSubcontract, SubcontractRow, SubcontractState};
use super::{policy, service, store};
use crate::delivery::agreements;
use crate::kernel::id::{ContractId, OrganisationId, SubcontractId};
use crate::kernel::{Money, Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_subcontracts)
        .service(propose_subcontract)
        .service(get_subcontract)
        .service(consent_to_subcontract)
        .service(refuse_subcontract);
}

/// A part of a contract that somebody else does.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SubcontractView {
    /// Id.
    pub id: SubcontractId,
    /// Contract.
    pub contract_id: ContractId,
    /// Who does the part.
    pub subcontractor_id: OrganisationId,
    /// Which part.
    #[schema(example = "助浴设备的运输")]
    pub scope: String,
    /// What of the price it is worth.
    pub amount: Money,
    /// State.
    pub state: SubcontractState,
    /// Why it was refused.
    #[schema(example = "该部分为服务主体内容。")]
    pub reason: Option<String>,
    /// When the unit decided.
    pub decided_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl From<SubcontractRow> for SubcontractView {
    fn from(row: SubcontractRow) -> Self {
        Self {
            id: row.id,
            contract_id: row.contract_id,
            subcontractor_id: row.subcontractor_id,
            scope: row.scope,
            amount: row.amount_fen.into(),
            state: row.state,
            reason: row.reason,
            decided_at: row.decided_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// The subcontracts of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SubcontractsView {
    /// Oldest first.
    #[schema(max_items = 1000)]
    pub items: Vec<SubcontractView>,
}

fn shown(row: SubcontractRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&SubcontractView::from(row))?.tagged(version))
}

/// List the subcontracts of a contract
///
/// Everybody who may read the contract sees those that are agreed; the parties, finance and auditors see all.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The subcontracts", body = SubcontractsView)))]
#[get("/contracts/{contract_id}/subcontracts")]
async fn list_subcontracts(call: Call, id: Id<ContractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let contract = agreements::find(snapshot, viewer.tenant, id.0)?;
        let inside = viewer.actor.as_ref().is_some_and(|actor| contract.is_open_to(actor));
        if !contract.is_public() && !inside {
            return Err(error::NOT_FOUND.error());
        }
        let rows = store::of_contract(snapshot, viewer.tenant, contract.id)?;
        let items = rows.into_iter().filter(|row| inside || row.state == SubcontractState::Agreed).map(SubcontractView::from).collect();
        Reply::ok(&SubcontractsView { items })
    })
    .await
}

/// Read a subcontract
///
/// For the parties, finance and auditors.
#[utoipa::path(tag = "contracts", params(("subcontract_id" = SubcontractId, Path, description = "The subcontract")),
    responses((status = 200, description = "The subcontract", body = SubcontractView)), security(("bearer" = [])))]
#[get("/subcontracts/{subcontract_id}")]
async fn get_subcontract(call: Call, id: Id<SubcontractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| row.visible_to(actor));
        shown(row.ok_or_else(|| error::NOT_FOUND.error())?)
    })
    .await
}

/// Who does which part.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSubcontract {
    /// Who does the part: verified and not under a sanction.
    pub subcontractor_id: OrganisationId,
    /// Which part.
    #[schema(min_length = 1, max_length = 500, example = "助浴设备的运输")]
    pub scope: String,
    /// What of the price it is worth.
    pub amount: Money,
}

/// Name a subcontractor
///
/// The supplier names who does a part of an active contract, within the share of the published terms. It stays answerable for the whole.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = ProposeSubcontract,
    responses((status = 201, description = "Proposed", body = SubcontractView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["subcontracting_not_allowed", "subcontracted_too_much",
        "subcontractor_not_eligible"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/subcontracts")]
async fn propose_subcontract(call: Call, id: Id<ContractId>, body: Body<ProposeSubcontract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_propose(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewSubcontract { subcontractor: asked.subcontractor_id, scope: asked.scope.clone(), amount: asked.amount.amount_fen };
            let row = service::propose(tx, &granted, &new)?;
            let (location, version) = (format!("/api/v1/subcontracts/{}", row.id), row.version);
            Ok(Reply::created(location, &SubcontractView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Consent to a subcontractor
///
/// A lead of the unit consents; from then on it is public.
#[utoipa::path(tag = "contracts", params(("subcontract_id" = SubcontractId, Path, description = "The subcontract")),
    responses((status = 200, description = "Agreed", body = SubcontractView)),
    extensions(("x-action" = json!(policy::CONSENT.name))), security(("bearer" = [])))]
#[post("/subcontracts/{subcontract_id}/consent")]
async fn consent_to_subcontract(call: Call, id: Id<SubcontractId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::CONSENT, id.0),
        move |tx, granted| shown(service::consent(tx, &granted)?),
    )
    .await
}

/// Why it is refused.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseSubcontract {
    /// Reason, shown to the supplier.
    #[schema(min_length = 1, max_length = 500, example = "该部分为服务主体内容。")]
    pub reason: String,
}

/// Refuse a subcontractor
///
/// A lead of the unit refuses with a reason.
#[utoipa::path(tag = "contracts", params(("subcontract_id" = SubcontractId, Path, description = "The subcontract")), request_body = RefuseSubcontract,
    responses((status = 200, description = "Refused", body = SubcontractView)),
    extensions(("x-action" = json!(policy::REFUSE.name))), security(("bearer" = [])))]
#[post("/subcontracts/{subcontract_id}/refusal")]
async fn refuse_subcontract(call: Call, id: Id<SubcontractId>, body: Body<RefuseSubcontract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REFUSE, id.0),
        move |tx, granted| shown(service::refuse(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
