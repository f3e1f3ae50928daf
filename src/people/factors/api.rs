//! One's own second factor over HTTP. Answers hold secrets, so they are never saved under an idempotency key.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;
use zeroize::Zeroizing;

use super::service::{self, Judged};
use super::{policy, rules, store};
use crate::kernel::error::Fields;
use crate::kernel::id::SessionId;
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people::accounts::AccountRow;
use crate::people::{self, desk, password};
use crate::trust::vault::Vault;
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call, Failure, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read_factor).service(offer_factor).service(confirm_factor).service(end_factor).service(renew_codes).service(step_up);
}

/// One's own second factor.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FactorView {
    /// Since when a second factor counts; null when there is none.
    pub enrolled_at: Option<UtcInstant>,
    /// Whether one of the account's roles may only be used with one.
    #[schema(example = true)]
    pub required: bool,
    /// Recovery codes that were not used.
    #[schema(minimum = 0, maximum = 10, example = 10)]
    pub recovery_codes_left: i64,
}

/// Read my second factor
///
/// Whether one counts, whether the roles need one, and how many recovery codes are left.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The second factor", body = FactorView)), security(("bearer" = [])))]
#[get("/me/second-factor")]
async fn read_factor(call: Call) -> Answer {
    let needed_for = call.desk.second_factor_for.clone();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let (row, recovery_codes_left) = service::state(snapshot, actor.account)?;
        let required = rules::needs_factor(&actor.roles, &needed_for);
        Reply::ok(&FactorView { enrolled_at: row.and_then(|row| row.confirmed_at), required, recovery_codes_left })
    })
    .await
}

/// The present password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferFactor {
    /// The present password, so that an unwatched screen is not enough.
    #[schema(max_length = 512, example = "three quiet river stones")]
    pub password: String,
}

/// A seed for an authenticator program, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OfferedFactor {
    /// The seed in base 32, to be typed in.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The same as an address, to be shown as a QR code.
    #[schema(example = "otpauth://totp/Baiyi%20330502:lin%40yuehe.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Baiyi%20330502")]
    pub otpauth_uri: String,
}

/// Begin a second factor
///
/// Gives a seed for an authenticator program (RFC 6238: SHA-1, 6 digits, 30 seconds). It counts only after `POST /me/second-factor/confirmation`. Where one
/// counts already, this needs a fresh proof of identity, and the old one counts until the new one is confirmed. Attempts are limited like sign-ins.
#[utoipa::path(tag = "accounts", request_body = OfferFactor, responses((status = 201, description = "Offered", body = OfferedFactor)),
    extensions(("x-action" = json!(policy::ENROL.name)), ("x-problems" = json!(["rate_limited", "step_up_required"])), ("x-idempotent" = json!(false))),
    security(("bearer" = [])))]
#[post("/me/second-factor")]
async fn offer_factor(call: Call, vault: web::Data<Vault>, throttle: web::Data<Throttle>, body: Body<OfferFactor>) -> Answer {
    let account = desk::admit(&call, |db, actor| service::may_offer(db, actor).map(|granted| granted.into_subject())).await?;
    let given = body.get()?;
    prove_password(&call, &throttle, &account, &given.password, "/password").await?;
    let mut secret = Zeroizing::new([0_u8; rules::SECRET_BYTES]);
    getrandom::fill(secret.as_mut()).map_err(|e| Error::internal(format!("no randomness: {e}")))?;
    let sealed = vault.seal(&account.id.to_string(), secret.as_slice())?;
    desk::unsaved(&call, |tx, actor| service::may_offer(tx, actor), move |tx, granted| service::offer(tx, granted, &sealed)).await?;
    let (secret, otpauth_uri) = rules::offer(secret.as_slice(), &call.district, &account.email)?;
    Ok(unkept(&OfferedFactor { secret, otpauth_uri }))
}

/// A code.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmFactor {
    /// Six digits of the authenticator program.
    #[schema(min_length = 6, max_length = 64, example = "287082")]
    pub code: String,
}

/// Recovery codes, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RecoveryCodes {
    /// Each stands in once for a one-time password. Keep them on paper.
    #[schema(min_items = 10, max_items = 10, example = json!(["abcd-efgh-2345-mnop", "bcde-fghi-3456-nopq", "cdef-ghij-4567-opqr", "defg-hijk-5672-pqrs",
        "efgh-ijkl-6723-qrst", "fghi-jklm-7234-rstu", "ghij-klmn-2345-stuv", "hijk-lmno-3456-tuvw", "ijkl-mnop-4567-uvwx", "jklm-nopq-5672-vwxy"]))]
    pub recovery_codes: Vec<String>,
}

/// Confirm a second factor
///
/// With the first code the offered factor counts. It gives ten recovery codes, ends every other session and counts this one as signed in with it.
#[utoipa::path(tag = "accounts", request_body = ConfirmFactor, responses((status = 201, description = "It counts", body = RecoveryCodes)),
    extensions(("x-action" = json!(policy::ENROL.name)), ("x-problems" = json!(["rate_limited", "no_second_factor", "step_up_required"])),
        ("x-idempotent" = json!(false))), security(("bearer" = [])))]
#[post("/me/second-factor/confirmation")]
async fn confirm_factor(call: Call, vault: web::Data<Vault>, throttle: web::Data<Throttle>, body: Body<ConfirmFactor>) -> Answer {
    let (account, offered) = desk::admit(&call, |db, actor| {
        let account = service::may_offer(db, actor)?.into_subject();
        let offered = store::offered(db, account.id)?.ok_or_else(|| service::NO_SECOND_FACTOR.error())?;
        Ok((account, offered))
    })
    .await?;
    let given = body.get()?;
    throttle.admit(&attempts_of(&account), call.client)?;
    let Some(Judged::Step(offered, step)) = service::judge(&vault, offered, bounded(&given.code)?)? else {
        return Err(Failure(wrong("/code")));
    };
    let session = session_of(&call)?;
    let codes = desk::unsaved(
        &call,
        |tx, actor| service::may_offer(tx, actor),
        move |tx, granted| service::confirm(tx, granted, &offered, step, session)?.ok_or_else(|| error::CONFLICT.error()),
    )
    .await?;
    Ok(unkept(&RecoveryCodes { recovery_codes: codes }))
}

/// End my second factor
///
/// Refused while a role of the account needs one. Needs a fresh proof of identity.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Ended")),
    extensions(("x-action" = json!(policy::RENEW.name)), ("x-problems" = json!(["second_factor_kept", "no_second_factor"]))), security(("bearer" = [])))]
#[delete("/me/second-factor")]
async fn end_factor(call: Call) -> Answer {
    let needed_for = call.desk.second_factor_for.clone();
    people::command(
        call,
        [0; 32],
        |tx, actor| service::may(tx, actor, &policy::RENEW),
        move |tx, granted| {
            service::end(tx, &granted, &needed_for)?;
            Ok(Reply::empty())
        },
    )
    .await
}

/// Make new recovery codes
///
/// The old ones stop to work. Needs a fresh proof of identity.
#[utoipa::path(tag = "accounts", responses((status = 201, description = "Made", body = RecoveryCodes)),
    extensions(("x-action" = json!(policy::RENEW.name)), ("x-problems" = json!(["no_second_factor"])), ("x-idempotent" = json!(false))),
    security(("bearer" = [])))]
#[post("/me/recovery-codes")]
async fn renew_codes(call: Call) -> Answer {
    let codes = desk::unsaved(
        &call,
        |tx, actor| service::may(tx, actor, &policy::RENEW),
        |tx, granted| {
            let row = store::confirmed(tx, granted.subject().id)?.ok_or_else(|| service::NO_SECOND_FACTOR.error())?;
            service::renew_codes(tx, &row)
        },
    )
    .await?;
    Ok(unkept(&RecoveryCodes { recovery_codes: codes }))
}

/// A proof of identity: the code where a second factor counts, the password where none does.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    /// A one-time password or a recovery code.
    #[serde(default)]
    #[schema(max_length = 64, example = "287082")]
    pub code: Option<String>,
    /// The password.
    #[serde(default)]
    #[schema(max_length = 512, example = "three quiet river stones")]
    pub password: Option<String>,
}

/// Prove again who I am
///
/// Approvals, payments, bank details and awards need a proof of identity not older than five minutes (RFC 9470). A sign-in is one; this renews it for the
/// session. Attempts are limited like sign-ins.
#[utoipa::path(tag = "sessions", request_body = StepUp, responses((status = 204, description = "Proved")),
    extensions(("x-action" = json!(policy::STEP_UP.name)), ("x-problems" = json!(["rate_limited"])), ("x-idempotent" = json!(false))),
    security(("bearer" = [])))]
#[post("/me/step-up")]
async fn step_up(call: Call, vault: web::Data<Vault>, throttle: web::Data<Throttle>, body: Body<StepUp>) -> Answer {
    let (account, factor) = desk::admit(&call, |db, actor| {
        let account = service::may(db, actor, &policy::STEP_UP)?.into_subject();
        Ok((account, store::confirmed(db, actor.account)?))
    })
    .await?;
    let given = body.get()?;
    let judged = match factor {
        Some(factor) => {
            let code = bounded(given.code.as_deref().unwrap_or(""))?;
            throttle.admit(&attempts_of(&account), call.client)?;
            Some(service::judge(&vault, factor, code)?.ok_or_else(|| wrong("/code"))?)
        }
        None => {
            prove_password(&call, &throttle, &account, given.password.as_deref().unwrap_or(""), "/password").await?;
            None
        }
    };
    let session = session_of(&call)?;
    desk::unsaved(
        &call,
        |tx, actor| service::may(tx, actor, &policy::STEP_UP),
        move |tx, granted| {
            if let Some(judged) = &judged
                && !service::spend(tx, judged, &granted.subject().email)?
            {
                return Err(wrong("/code"));
            }
            service::step_up(tx, granted, session, judged.is_some())
        },
    )
    .await?;
    Ok(HttpResponse::NoContent().insert_header(("cache-control", "no-store")).finish())
}

/// Proofs are counted apart from sign-ins, so that a stranger who guesses at the door does not keep the person from proving itself inside.
fn attempts_of(account: &AccountRow) -> String {
    format!("proof {}", account.email)
}

async fn prove_password(call: &Call, throttle: &Throttle, account: &AccountRow, given: &str, pointer: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(given.chars().count() <= 512, pointer, || words!("至多 512 个字符", "at most 512 characters"));
    fields.finish()?;
    throttle.admit(&attempts_of(account), call.client)?;
    let right = password::verify(given.to_owned(), Some(account.password_hash.clone())).await?;
    if right { Ok(()) } else { Err(wrong(pointer)) }
}

fn bounded(code: &str) -> Result<&str> {
    let mut fields = Fields::default();
    fields.require(code.chars().count() <= rules::CODE_MAX, "/code", || words!("至多 64 个字符", "at most 64 characters"));
    fields.finish()?;
    Ok(code)
}

fn wrong(pointer: &str) -> Error {
    Error::field(pointer, words!("不正确或已用过", "is wrong, or was used before"))
}

fn session_of(call: &Call) -> Result<SessionId> {
    call.principal.and_then(|principal| principal.session()).ok_or_else(|| people::proof::TOKEN_SCOPE.error())
}

fn unkept(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header(("cache-control", "no-store")).json(body)
}
