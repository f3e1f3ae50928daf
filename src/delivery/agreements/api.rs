//! Contracts over HTTP: DTOs, handlers, routes. Documents are in `papers`.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ContractFilter, ContractParty, ContractState};
use super::seals::GivenSeal;
use super::views::{ContractDetail, ContractView, detail};
use super::{halts, papers, payment_term, policy, service, store};
use crate::kernel::error;
use crate::kernel::id::{ContractId, OrganisationId, ProjectId, UnitId};
use crate::people::{self, Scope, Subject};
use crate::trust::seals::SealServices;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep contracts.
const CACHE_SECONDS: u32 = 60;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_contracts)
        .service(get_contract)
        .service(approve_contract)
        .service(sign_contract)
        .service(link_project)
        .configure(payment_term::routes)
        .configure(halts::routes)
        .configure(papers::routes);
}

/// Filters and page of the contract list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListContracts {
    /// Only this state.
    state: Option<ContractState>,
    /// Only of this unit.
    unit_id: Option<UnitId>,
    /// Only of this organisation.
    organisation_id: Option<OrganisationId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List contracts
///
/// Active contracts and later, newest first, readable by everybody. The parties, finance and auditors also see theirs before.
#[utoipa::path(tag = "contracts", params(ListContracts), responses((status = 200, description = "A page of contracts", body = Page<ContractView>)))]
#[get("/contracts")]
async fn list_contracts(call: Call, params: Params<ListContracts>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let filter = ContractFilter { state: asked.state, unit: asked.unit_id, organisation: asked.organisation_id };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("contracts {filter:?}"))?;
        let scope = Scope::of(viewer.actor.as_ref(), policy::READERS);
        let rows = store::list(snapshot, viewer.tenant, &filter, scope, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), ContractView::from);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a contract
///
/// One contract with its milestones. Before it is active it is there only for its parties, finance and auditors.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The contract", body = ContractDetail)))]
#[get("/contracts/{contract_id}")]
async fn get_contract(call: Call, id: Id<ContractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = service::find(snapshot, viewer.tenant, id.0)?;
        if !row.is_public() && !viewer.actor.as_ref().is_some_and(|actor| row.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        Ok(detail(snapshot, row)?.public(CACHE_SECONDS))
    })
    .await
}

/// Approve a contract for finance
///
/// Commits the price out of the reservation (会签) and sets free what the reservation has left. The drafter may not.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "Approved", body = ContractDetail)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate", "hold_exceeded"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/approval")]
async fn approve_contract(call: Call, id: Id<ContractId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::APPROVE, id.0),
        move |tx, granted| {
            let row = service::approve(tx, &granted)?;
            detail(tx, row)
        },
    )
    .await
}

/// A signature.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignContract {
    /// For whom the caller signs.
    pub party: ContractParty,
    /// The party's electronic seal on a document of the contract, where it has one.
    #[serde(default)]
    pub seal: Option<GivenSeal>,
}

/// Sign a contract
///
/// An administrator of the organisation signs for it, a lead of the unit for the purchaser, in any order; the second signature makes the
/// contract active. Each comes with the party's electronic seal, or after the scan of the stamped contract was uploaded; the hash of that file is kept with it. The
/// finance approver may not sign, and nobody signs for both.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = SignContract,
    responses((status = 200, description = "Signed", body = ContractDetail)),
    extensions(("x-action" = json!(policy::SIGN.name)), ("x-problems" = json!(["already_signed", "duties_not_separate", "contract_suspended", "electronic_seal_wrong", "stamped_contract_missing"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/signatures")]
async fn sign_contract(call: Call, id: Id<ContractId>, body: Body<SignContract>, services: web::Data<SealServices>) -> Answer {
    let party = body.get().ok().map(|asked| asked.party);
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_sign(tx, actor, id.0, party),
        move |tx, granted| {
            let asked = body.get()?;
            let seal = asked.seal.as_ref().map(|given| (given, services.get_ref()));
            let row = service::sign(tx, &granted, asked.party, seal)?;
            detail(tx, row)
        },
    )
    .await
}

/// The project that a contract feeds.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkProject {
    /// A selected project of the same unit, or one that is delivered already.
    pub project_id: ProjectId,
}

/// Feed a hundred project
///
/// Links an active contract to a project of the same unit. A selected one is delivered from then on, by the contract's supplier; one that is delivered
/// gets a further contract.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = LinkProject,
    responses((status = 200, description = "Linked", body = ContractDetail)),
    extensions(("x-action" = json!(policy::LINK.name)), ("x-problems" = json!(["project_linked"]))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/project")]
async fn link_project(call: Call, id: Id<ContractId>, body: Body<LinkProject>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::LINK, id.0),
        move |tx, granted| {
            let row = service::link_project(tx, &granted, body.get()?.project_id)?;
            detail(tx, row)
        },
    )
    .await
}
