//! Sessions over HTTP. Answers hold tokens, so they are never saved under an idempotency key.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::{self, Opened, Proven};
use super::{cookie, store};
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Result, UtcInstant};
use crate::people::factors::model::FactorRow;
use crate::people::factors::service::Judged;
use crate::people::tokens::{ACCESS_SECONDS, Mint};
use crate::people::{self, factors, password};
use crate::trust::vault::Vault;
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call, Failure, Id, Principal, Reply};
use crate::words;

problems! {
    /// One answer for a wrong password, an unknown account and a suspended one.
    BAD_CREDENTIALS = "bad_credentials", 401, "邮箱或密码不正确", "Wrong e-mail address or password",
        "无论账户是否存在，回答都相同。请检查后重试。",
        "The answer is the same whether or not the account exists. Check and try again.";
    /// The password was right, and a second factor counts.
    SECOND_FACTOR_NEEDED = "second_factor_needed", 401, "请输入动态口令", "A one-time password is needed",
        "该账户已启用动态口令，请同时提交 code（动态口令或恢复码）。",
        "A second factor of the account counts: sign in with its one-time password or a recovery code in `code`.";
    /// A wrong or used code.
    BAD_SECOND_FACTOR = "bad_second_factor", 401, "动态口令不正确", "The one-time password is wrong",
        "口令不正确、已用过或已过时。每个口令只能使用一次，请等待下一个。",
        "It is wrong, was used, or its time is over. A code works once: wait for the next.";
    /// A refresh token that cannot be exchanged.
    REFRESH_REFUSED = "refresh_refused", 401, "刷新令牌无效", "The refresh token is not valid",
        "令牌已用过、已过期或会话已结束。重复使用会结束整个会话。请重新登录。",
        "It was used before, has expired or its session has ended. Using one twice ends the whole session. Sign in again.";
}

/// Longest login name, in characters.
const EMAIL_MAX: usize = 254;
/// Longest password that is looked at, in characters.
const PASSWORD_MAX: usize = 512;
/// Longest second factor that is looked at, in characters.
const CODE_MAX: usize = 64;
/// Longest refresh token that is looked at, in characters.
const REFRESH_TOKEN_MAX: usize = 128;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(sign_in).service(refresh).service(list_sessions).service(revoke_session).service(revoke_sessions);
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
    /// Where a second factor counts: its one-time password, or a recovery code.
    #[serde(default)]
    #[schema(max_length = 64, example = "287082")]
    pub code: Option<String>,
    /// Whether the refresh token goes into a `__Host-` cookie that no script reads, in place of the answer: for browsers.
    #[serde(default)]
    #[schema(example = false)]
    pub cookie: bool,
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
    /// Exchanged once at `/sessions/refresh`; null where the cookie holds it.
    #[schema(example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub refresh_token: Option<String>,
}

fn tokens(mint: &Mint, opened: Opened, in_cookie: bool) -> Answer {
    let access_token = mint.issue(opened.account, opened.session)?;
    let mut response = HttpResponse::Created().insert_header(("cache-control", "no-store")).json(SessionTokens {
        account_id: opened.account,
        session_id: opened.session,
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        refresh_token: (!in_cookie).then(|| opened.refresh_token.clone()),
    });
    if in_cookie {
        cookie::keep(&mut response, &opened.refresh_token)?;
    }
    Ok(response)
}

fn bounded(fields: &mut Fields, value: &str, pointer: &str, max: usize) {
    fields.require(value.chars().count() <= max, pointer, || words!("至多 {max} 个字符", "at most {max} characters"));
}

/// Sign in
///
/// Opens a session with e-mail address and password. The answer and its timing are the same whether or not the account exists. Where a second factor
/// counts, whoever knows the password is asked for its code. Attempts are limited per account and per address; there is no permanent lockout.
#[utoipa::path(tag = "sessions", request_body = SignIn, responses((status = 201, description = "Signed in", body = SessionTokens)),
    extensions(("x-problems" = json!(["bad_credentials", "second_factor_needed", "bad_second_factor", "rate_limited"])), ("x-idempotent" = json!(false))))]
#[post("/sessions")]
async fn sign_in(call: Call, mint: web::Data<Mint>, vault: web::Data<Vault>, throttle: web::Data<Throttle>, body: Body<SignIn>) -> Answer {
    let given = body.get()?;
    let mut fields = Fields::default();
    bounded(&mut fields, &given.email, "/email", EMAIL_MAX);
    bounded(&mut fields, &given.password, "/password", PASSWORD_MAX);
    bounded(&mut fields, given.code.as_deref().unwrap_or(""), "/code", CODE_MAX);
    fields.finish()?;
    throttle.admit(&given.email, call.client)?;
    let (district, email) = (call.district.clone(), given.email.clone());
    let found = call.desk.db.read(move |snapshot| service::account_for_login(snapshot, &district, &email)).await?;
    let right = password::verify(given.password.clone(), found.as_ref().map(|(row, _)| row.password_hash.clone())).await?;
    let Some((account, factor)) = found.filter(|_| right) else {
        return Err(Failure(BAD_CREDENTIALS.error()));
    };
    let in_cookie = given.cookie;
    let judged = factor.map(|factor| judge(&vault, factor, given.code.as_deref())).transpose()?;
    let facts = crate::db::Facts { account: Some(account.id), ..call.facts() };
    let opened = call
        .desk
        .db
        .write(facts, move |tx| {
            let proven = match &judged {
                Some(judged) if !factors::service::spend(tx, judged, &account.email)? => return Err(BAD_SECOND_FACTOR.error()),
                Some(_) => Proven::SecondFactor,
                None => Proven::Password,
            };
            service::open(tx, account.tenant_id, account.id, proven)
        })
        .await?;
    tokens(&mint, opened.ok_or_else(|| BAD_CREDENTIALS.error())?, in_cookie)
}

fn judge(vault: &Vault, factor: FactorRow, code: Option<&str>) -> Result<Judged> {
    let code = code.ok_or_else(|| SECOND_FACTOR_NEEDED.error())?;
    factors::service::judge(vault, factor, code)?.ok_or_else(|| BAD_SECOND_FACTOR.error())
}

/// A refresh token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The token from the sign-in or the last refresh; absent where the cookie holds it.
    #[serde(default)]
    #[schema(max_length = 128, example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub refresh_token: Option<String>,
}

/// Refresh a session
///
/// Exchanges a refresh token for new tokens. Each token works once; using one again ends the session. A token in the cookie serves only a request whose
/// `Origin` is this very site, and its successor goes into the cookie again.
#[utoipa::path(tag = "sessions", request_body = Refresh, responses((status = 201, description = "Refreshed", body = SessionTokens)),
    extensions(("x-problems" = json!(["refresh_refused", "foreign_origin"])), ("x-idempotent" = json!(false))))]
#[post("/sessions/refresh")]
async fn refresh(call: Call, mint: web::Data<Mint>, request: HttpRequest, body: Body<Refresh>) -> Answer {
    let (token, in_cookie) = match &body.get()?.refresh_token {
        Some(token) => (token.clone(), false),
        None => (cookie::read(&request)?.unwrap_or_default(), true),
    };
    let mut fields = Fields::default();
    fields.require(!token.is_empty(), "/refresh_token", || words!("须给出刷新令牌", "a refresh token is needed"));
    bounded(&mut fields, &token, "/refresh_token", REFRESH_TOKEN_MAX);
    fields.finish()?;
    match call.desk.db.write(call.facts(), move |tx| service::refresh(tx, &token)).await? {
        Some(opened) => tokens(&mint, opened, in_cookie),
        None => {
            // The session is over: the browser forgets its token together with the refusal.
            let mut refusal = HttpResponse::from_error(Failure(REFRESH_REFUSED.error()));
            cookie::clear(&request, &mut refusal)?;
            Ok(refusal)
        }
    }
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
async fn revoke_session(call: Call, request: HttpRequest, id: Id<SessionId>) -> Answer {
    let this = call.principal.and_then(Principal::session) == Some(id.0);
    let mut response = people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_revoke(tx, actor, id.0),
        |tx, granted| {
            service::revoke(tx, &granted)?;
            Ok(Reply::empty())
        },
    )
    .await?;
    if this {
        cookie::clear(&request, &mut response)?;
    }
    Ok(response)
}

/// End all my sessions
///
/// Revokes every session of the caller, this one too: all of its tokens stop working at once. Tokens of machine clients are ended one by one.
#[utoipa::path(tag = "sessions", responses((status = 204, description = "Ended")), extensions(("x-action" = json!(service::REVOKE_ALL.name))),
    security(("bearer" = [])))]
#[delete("/sessions")]
async fn revoke_sessions(call: Call, request: HttpRequest) -> Answer {
    let mut response = people::command(
        call,
        [0; 32],
        |tx, actor| service::may_revoke_all(tx, actor),
        |tx, granted| {
            service::revoke_own(tx, &granted)?;
            Ok(Reply::empty())
        },
    )
    .await?;
    cookie::clear(&request, &mut response)?;
    Ok(response)
}
