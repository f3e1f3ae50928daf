//! Password resets over HTTP.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use crate::kernel::error::Fields;
use crate::people::factors;
use crate::people::password::{self, Chooser};
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(ask_reset).service(complete_reset);
}

/// Whose password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskReset {
    /// Login name.
    #[schema(max_length = 254, example = "lin@yuehe.example")]
    pub email: String,
}

/// Ask for a password reset
///
/// Mails a token that sets a new password within thirty minutes. The answer is the same whether or not the account exists. Limited like sign-ins.
#[utoipa::path(tag = "accounts", request_body = AskReset, responses((status = 202, description = "If the account exists, a mail is on its way")),
    extensions(("x-problems" = json!(["rate_limited"])), ("x-idempotent" = json!(false))))]
#[post("/password-resets")]
async fn ask_reset(call: Call, throttle: web::Data<Throttle>, body: Body<AskReset>) -> Answer {
    let email = body.get()?.email.clone();
    let mut fields = Fields::default();
    fields.require(email.chars().count() <= 254, "/email", || words!("至多 254 个字符", "at most 254 characters"));
    fields.finish()?;
    // A reset is counted apart from sign-ins, so that it cannot lock somebody out of signing in.
    throttle.admit(&format!("reset {}", email.trim()), call.client)?;
    let district = call.district.clone();
    call.desk.db.write(call.facts(), move |tx| service::ask(tx, &district, &email)).await?;
    Ok(HttpResponse::Accepted().insert_header(("cache-control", "no-store")).finish())
}

/// A new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteReset {
    /// The token of the mail.
    #[schema(max_length = 128, example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub token: String,
    /// The new password: 15 to 128 characters, 12 where a second factor counts or is demanded; not a common one, without login name or name.
    #[schema(min_length = 12, max_length = 128, example = "seven lanterns on the lake")]
    pub new_password: String,
}

/// Set a new password with a reset token
///
/// Ends every session and machine token of the account. A second factor still counts at the next sign-in.
#[utoipa::path(tag = "accounts", request_body = CompleteReset, responses((status = 204, description = "Set")),
    extensions(("x-problems" = json!(["reset_refused", "rate_limited"])), ("x-idempotent" = json!(false))))]
#[post("/password-resets/completion")]
async fn complete_reset(call: Call, throttle: web::Data<Throttle>, body: Body<CompleteReset>) -> Answer {
    let given = body.get()?;
    let mut fields = Fields::default();
    fields.require(given.token.chars().count() <= 128, "/token", || words!("至多 128 个字符", "at most 128 characters"));
    fields.finish()?;
    password::check(&given.new_password, "/new_password")?;
    throttle.admit(&format!("token {}", given.token), call.client)?;
    let token = given.token.clone();
    // Hashing is slow: a token that does not serve is refused before it costs anything.
    let needed_for = call.desk.second_factor_for.clone();
    let (account, second_factor) = call
        .desk
        .db
        .read(move |snapshot| {
            let account = service::account_of(snapshot, &token)?;
            let beside = factors::service::stands_beside(snapshot, account.id, &needed_for)?;
            Ok((account, beside))
        })
        .await?;
    let chooser = Chooser { email: &account.email, name: &account.name, second_factor };
    password::check_for(&given.new_password, chooser, "/new_password")?;
    let (token, hash) = (given.token.clone(), password::hash(given.new_password.clone()).await?);
    call.desk.db.write(call.facts(), move |tx| service::complete(tx, &token, &hash)).await?;
    Ok(HttpResponse::NoContent().insert_header(("cache-control", "no-store")).finish())
}
