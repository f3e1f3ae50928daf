//! The payment term of a contract: within how many working days of the claim the unit pays. Agreed while the contract is drafted.

use actix_web::post;
use serde::Deserialize;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::ContractRow;
use super::views::{ContractDetail, detail};
use super::{policy, service};
use crate::db::Tx;
use crate::kernel::id::ContractId;
use crate::kernel::{Error, Result};
use crate::people::{self, Authorized};
use crate::web::{Answer, Body, Call, Id};
use crate::words;

/// Shortest and longest term, in working days.
pub const TERM_DAYS: std::ops::RangeInclusive<i32> = 1..=90;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(set_payment_term);
}

/// Writes the term into the contract; both parties sign it knowing it.
pub fn set(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>, days: i32) -> Result<ContractRow> {
    if !TERM_DAYS.contains(&days) {
        let (least, most) = (TERM_DAYS.start(), TERM_DAYS.end());
        return Err(Error::field("/working_days", words!("须为 {least} 到 {most}", "must be {least} to {most}")));
    }
    let before = granted.subject();
    let row = ContractRow { payment_term_days: Some(days), ..service::moved(before, before.state) };
    service::keep(tx, "contract.payment_term_set", row, json!({"payment_term_days": days}))
}

/// A payment term.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPaymentTerm {
    /// Within how many working days of its claim a payment is made.
    #[schema(minimum = 1, maximum = 90, example = 20)]
    pub working_days: i32,
}

/// Set the payment term
///
/// The unit writes it into a drafted contract, before finance approves it; both parties then sign it with it. Replaces an earlier one. Where a payment is shows how
/// many of these working days are left.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = SetPaymentTerm,
    responses((status = 200, description = "Set", body = ContractDetail)),
    extensions(("x-action" = json!(policy::TERM.name))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/payment-term")]
async fn set_payment_term(call: Call, id: Id<ContractId>, body: Body<SetPaymentTerm>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::TERM, id.0),
        move |tx, granted| {
            let row = set(tx, &granted, body.get()?.working_days)?;
            detail(tx, row)
        },
    )
    .await
}
