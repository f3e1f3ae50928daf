//! Sessions over HTTP. Answers hold tokens, so they are never saved under an idempotency key.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::{self, Opened};
use super::store;
use crate::kernel::UtcInstant;
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::{AccountId, SessionId};
use crate::people::tokens::{ACCESS_SECONDS, Mint};
use crate::people::{self, password};
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call, Failure, Id, Principal, Reply};
use crate::words;

problems! {
    /// One answer for a wrong password, an unknown account and a suspended one.
    BAD_CREDENTIALS = "bad_credentials", 401, "邮箱或密码不正确", "Wrong e-mail address or password",
        "无论账户是否存在，回答都相同。请检查后重试。",
        "The answer is the same whether or not the account exists. Check and try again.";
    /// A refresh token that cannot be exchanged.
    REFRESH_REFUSED = "refresh_refused", 401, "刷新令牌无效", "The refresh token is not valid",
        "令牌已用过、已过期或会话已结束。重复使用会结束整个会话。请重新登录。",
        "It was used before, has expired or its session has ended. Using one twice ends the whole session. Sign in again.";
}

/// Longest login name, in characters.
const EMAIL_MAX: usize = 254;
/// Longest password that is looked at, in characters.
const PASSWORD_MAX: usize = 512;
/// Longest refresh token that is looked at, in characters.
const REFRESH_TOKEN_MAX: usize = 128;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(sign_in).service(refresh).service(list_sessions).service(revoke_session);
}

/// Credentials.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Login name.
    #[schema(max_length = 254, example = "lin@yuehe.example")]
    pub email: String,
    /// Password.
    #[schema(max_length = 512, example = "three quiet river stones")]
    pub password: String,
}

/// A session's tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SessionTokens {
    /// Account signed in.
    pub account_id: AccountId,
    /// Session.
    pub session_id: SessionId,
    /// JWT for `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Life of the access token, in seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Exchanged once at `/sessions/refresh`.
    #[schema(example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub refresh_token: String,
}

fn tokens(mint: &Mint, opened: Opened) -> Answer {
    let access_token = mint.issue(Principal { account: opened.account, session: opened.session })?;
    Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(SessionTokens {
        account_id: opened.account,
        session_id: opened.session,
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        refresh_token: opened.refresh_token,
    }))
}

fn bounded(fields: &mut Fields, value: &str, pointer: &str, max: usize) {
    fields.require(value.chars().count() <= max, pointer, || words!("至多 {max} 个字符", "at most {max} characters"));
}

/// Sign in
///
/// Opens a session with e-mail address and password. The answer and its timing are the same whether or not the account exists.
/// Attempts are limited per account and per address; there is no permanent lockout.
#[utoipa::path(tag = "sessions", request_body = SignIn, responses((status = 201, description = "Signed in", body = SessionTokens)),
    extensions(("x-problems" = json!(["bad_credentials", "rate_limited"])), ("x-idempotent" = json!(false))))]
#[post("/sessions")]
async fn sign_in(call: Call, mint: web::Data<Mint>, throttle: web::Data<Throttle>, body: Body<SignIn>) -> Answer {
    let given = body.get()?;
    let mut fields = Fields::default();
    bounded(&mut fields, &given.email, "/email", EMAIL_MAX);
    bounded(&mut fields, &given.password, "/password", PASSWORD_MAX);
    fields.finish()?;
    throttle.admit(&given.email, call.client)?;
    let (district, email) = (call.district.clone(), given.email.clone());
    let found = call.desk.db.read(move |snapshot| service::account_for_login(snapshot, &district, &email)).await?;
    let right = password::verify(given.password.clone(), found.as_ref().map(|row| row.password_hash.clone())).await?;
    let Some(account) = found.filter(|_| right) else {
        return Err(Failure(BAD_CREDENTIALS.error()));
    };
    let facts = crate::db::Facts { account: Some(account.id), ..call.facts() };
    let opened = call.desk.db.write(facts, move |tx| service::open(tx, account.tenant_id, account.id)).await?;
    tokens(&mint, opened.ok_or_else(|| BAD_CREDENTIALS.error())?)
}

/// A refresh token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The token from the sign-in or the last refresh.
    #[schema(max_length = 128, example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub refresh_token: String,
}

/// Refresh a session
///
/// Exchanges a refresh token for new tokens. Each token works once; using one again ends the session.
#[utoipa::path(tag = "sessions", request_body = Refresh, responses((status = 201, description = "Refreshed", body = SessionTokens)),
    extensions(("x-problems" = json!(["refresh_refused"])), ("x-idempotent" = json!(false))))]
#[post("/sessions/refresh")]
async fn refresh(call: Call, mint: web::Data<Mint>, body: Body<Refresh>) -> Answer {
    let token = body.get()?.refresh_token.clone();
    let mut fields = Fields::default();
    bounded(&mut fields, &token, "/refresh_token", REFRESH_TOKEN_MAX);
    fields.finish()?;
    let opened = call.desk.db.write(call.facts(), move |tx| service::refresh(tx, &token)).await?;
    tokens(&mint, opened.ok_or_else(|| REFRESH_REFUSED.error())?)
}

/// A live session.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// Id.
    pub id: SessionId,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    pub current: bool,
    /// Sign-in.
    pub created_at: UtcInstant,
    /// End without another refresh.
    pub expires_at: UtcInstant,
}

/// Live sessions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionList {
    /// Newest first.
    #[schema(max_items = 100)]
    pub items: Vec<SessionView>,
}

/// List my sessions
///
/// The caller's own live sessions, newest first.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "Sessions", body = SessionList)), security(("bearer" = [])))]
#[get("/sessions")]
async fn list_sessions(call: Call) -> Answer {
    people::query(call, |snapshot, viewer| {
        let actor = viewer.person()?;
        let items = store::live(snapshot, actor.account)?
            .into_iter()
            .map(|row| SessionView { id: row.id, current: row.id == actor.session, created_at: row.created_at, expires_at: row.expires_at })
            .collect();
        Reply::ok(&SessionList { items })
    })
    .await
}

/// End a session
///
/// Revokes one of the caller's own sessions; its tokens stop working at once.
#[utoipa::path(tag = "sessions", params(("session_id" = SessionId, Path, description = "The session")), responses((status = 204, description = "Ended")),
    extensions(("x-action" = json!(service::REVOKE.name))), security(("bearer" = [])))]
#[delete("/sessions/{session_id}")]
async fn revoke_session(call: Call, id: Id<SessionId>) -> Answer {
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
