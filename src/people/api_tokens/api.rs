//! One's own machine tokens over HTTP.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::ApiTokenRow;
use super::{policy, rules, service, store};
use crate::kernel::UtcInstant;
use crate::kernel::id::ApiTokenId;
use crate::people::{self, desk};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_tokens).service(create_token).service(revoke_token);
}

/// A token, without the token itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApiTokenView {
    /// Id.
    pub id: ApiTokenId,
    /// What its owner calls it.
    #[schema(example = "monthly mirror of the contract register")]
    pub name: String,
    /// `read`, and names of actions.
    #[schema(max_items = 50, example = json!(["read"]))]
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: UtcInstant,
    /// When it ends.
    pub expires_at: UtcInstant,
}

impl From<ApiTokenRow> for ApiTokenView {
    fn from(row: ApiTokenRow) -> Self {
        Self { scopes: row.scopes(), id: row.id, name: row.name, created_at: row.created_at, expires_at: row.expires_at }
    }
}

/// Live tokens.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApiTokenList {
    /// Newest first.
    #[schema(max_items = 100)]
    pub items: Vec<ApiTokenView>,
}

/// List my API tokens
///
/// The caller's own live tokens, newest first. The tokens themselves are not stored and cannot be shown again.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "Tokens", body = ApiTokenList)), security(("bearer" = [])))]
#[get("/me/api-tokens")]
async fn list_tokens(call: Call) -> Answer {
    people::query(call, |snapshot, viewer| {
        let actor = viewer.person()?;
        let items = store::live(snapshot, actor.account)?.into_iter().map(ApiTokenView::from).collect();
        Reply::ok(&ApiTokenList { items })
    })
    .await
}

/// `read`, or the name of an action.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(max_length = 64, example = "read")]
pub struct ScopeName(pub String);

/// A token to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiToken {
    /// What to call it.
    #[schema(min_length = 1, max_length = 64, example = "monthly mirror of the contract register")]
    pub name: String,
    /// `read`, and names of actions as the `x-action` of operations gives them.
    #[schema(min_items = 1, max_items = 50, example = json!(["read"]))]
    pub scopes: Vec<ScopeName>,
    /// Its life, in days.
    #[schema(minimum = 1, maximum = 365, example = 90)]
    pub expires_in_days: i64,
}

/// A token, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeApiToken {
    /// For `Authorization: Bearer`.
    #[schema(example = "baiyi_pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub token: String,
    /// What is kept of it.
    pub kept: ApiTokenView,
}

/// Make an API token
///
/// For a machine client of one's own. It never may more than its account may at that time, acts in its name, and serves only the reads (`read`) and the
/// actions named, which must be open to the roles that its maker holds. Steps that need a fresh proof of identity, and the keeping of accounts, are never
/// a token's. A suspension, a new password, another second factor or none, and a recovery end it. Only its SHA-256 is stored.
#[utoipa::path(tag = "accounts", request_body = CreateApiToken, responses((status = 201, description = "Made", body = MadeApiToken)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["too_many_tokens"])), ("x-idempotent" = json!(false))),
    security(("bearer" = [])))]
#[post("/me/api-tokens")]
async fn create_token(call: Call, scopes: web::Data<rules::Scopes>, body: Body<CreateApiToken>) -> Answer {
    let (row, token) = desk::unsaved(
        &call,
        |tx, actor| service::may_create(tx, actor),
        move |tx, granted| {
            let asked = body.get()?;
            let names: Vec<String> = asked.scopes.iter().map(|scope| scope.0.clone()).collect();
            rules::check(&scopes, &asked.name, &names, asked.expires_in_days)?;
            service::create(tx, granted, &scopes, &asked.name, &names, asked.expires_in_days)
        },
    )
    .await?;
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(MadeApiToken { token, kept: row.into() }))
}

/// End an API token
///
/// It stops to work at once.
#[utoipa::path(tag = "accounts", params(("api_token_id" = ApiTokenId, Path, description = "The token")), responses((status = 204, description = "Ended")),
    extensions(("x-action" = json!(policy::REVOKE.name))), security(("bearer" = [])))]
#[delete("/me/api-tokens/{api_token_id}")]
async fn revoke_token(call: Call, id: Id<ApiTokenId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_revoke(tx, actor, id.0),
        |tx, granted| {
            service::revoke(tx, &granted)?;
            Ok(Reply::empty())
        },
    )
    .await
}
