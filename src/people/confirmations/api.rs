//! Confirmations over HTTP.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use crate::kernel::error::Fields;
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(confirm_account);
}

/// The code of a mail.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmAccount {
    /// The code.
    #[schema(max_length = 128, example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub token: String,
}

/// Confirm an address
///
/// Opens the account that was registered with an organisation; it can sign in from now on. Limited like sign-ins.
#[utoipa::path(tag = "accounts", request_body = ConfirmAccount, responses((status = 204, description = "Opened")),
    extensions(("x-problems" = json!(["confirmation_refused", "rate_limited"])), ("x-idempotent" = json!(false))))]
#[post("/account-confirmations")]
async fn confirm_account(call: Call, throttle: web::Data<Throttle>, body: Body<ConfirmAccount>) -> Answer {
    let token = body.get()?.token.clone();
    let mut fields = Fields::default();
    fields.require(token.chars().count() <= 128, "/token", || words!("至多 128 个字符", "at most 128 characters"));
    fields.finish()?;
    throttle.admit(&format!("confirmation {token}"), call.client)?;
    call.desk.db.write(call.facts(), move |tx| service::confirm(tx, &token).map(drop)).await?;
    Ok(HttpResponse::NoContent().insert_header(("cache-control", "no-store")).finish())
}
