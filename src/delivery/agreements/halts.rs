//! A contract in force is suspended and resumed over HTTP. Nothing is delivered or accepted meanwhile; what was accepted is still paid.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{ContractDetail, detail};
use super::{ending, policy, service};
use crate::kernel::id::ContractId;
use crate::people;
use crate::web::{Answer, Body, Call, Id};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(suspend_contract).service(resume_contract);
}

/// Why a contract is suspended.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendContract {
    /// Reason, shown to the supplier.
    #[schema(min_length = 1, max_length = 500, example = "服务场所维修，暂停上门。")]
    pub reason: String,
}

/// Suspend a contract
///
/// A lead of the unit suspends a contract in force. Until it is resumed nothing is delivered, accepted or advanced; what was accepted is still paid.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = SuspendContract,
    responses((status = 200, description = "Suspended", body = ContractDetail)),
    extensions(("x-action" = json!(policy::SUSPEND.name))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/suspension")]
async fn suspend_contract(call: Call, id: Id<ContractId>, body: Body<SuspendContract>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::SUSPEND, id.0),
        move |tx, granted| {
            let row = ending::suspend(tx, &granted, &body.get()?.reason)?;
            detail(tx, row)
        },
    )
    .await
}

/// Resume a contract
///
/// A lead of the unit resumes a suspended contract.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "Resumed", body = ContractDetail)),
    extensions(("x-action" = json!(policy::RESUME.name))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/resumption")]
async fn resume_contract(call: Call, id: Id<ContractId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::RESUME, id.0),
        move |tx, granted| {
            let row = ending::resume(tx, &granted)?;
            detail(tx, row)
        },
    )
    .await
}
