//! Signing keys over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{SigningKeyRow, SigningKeyState};
use super::{policy, service, store};
use crate::kernel::id::{AccountId, OrganisationId, SigningKeyId};
use crate::kernel::{Result, UtcInstant};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_signing_keys).service(propose_signing_key).service(confirm_signing_key).service(revoke_signing_key);
}

/// A key with which an organisation signs its bids.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SigningKeyView {
    /// Id.
    pub id: SigningKeyId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Ed25519 public key, base64 of 32 bytes.
    #[schema(example = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=")]
    pub public_key: String,
    /// SHA-256 of the 32 bytes: what the second person compares.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub fingerprint: String,
    /// Whether bids without a signature are refused while the key is confirmed.
    #[schema(example = false)]
    pub demanded: bool,
    /// State.
    pub state: SigningKeyState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who confirmed it.
    pub confirmed_by: Option<AccountId>,
    /// When.
    pub confirmed_at: Option<UtcInstant>,
    /// Who revoked it.
    pub revoked_by: Option<AccountId>,
    /// When.
    pub revoked_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl From<SigningKeyRow> for SigningKeyView {
    fn from(row: SigningKeyRow) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            public_key: row.public_key,
            fingerprint: row.fingerprint,
            demanded: row.demanded,
            state: row.state,
            proposed_by: row.proposed_by,
            confirmed_by: row.confirmed_by,
            confirmed_at: row.confirmed_at,
            revoked_by: row.revoked_by,
            revoked_at: row.revoked_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: SigningKeyRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&SigningKeyView::from(row))?.tagged(version))
}

/// Signing keys.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SigningKeyList {
    /// Newest first.
    #[schema(max_items = 100)]
    pub items: Vec<SigningKeyView>,
}

/// List the signing keys of an organisation
///
/// Its own people and auditors. The key behind a signed bid is public with the opening record.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "Keys", body = SigningKeyList)), extensions(("x-action" = json!(policy::READ.name))),
    security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/signing-keys")]
async fn list_signing_keys(call: Call, id: Id<OrganisationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        service::may(snapshot, actor, id.0, &policy::READ)?;
        let items = store::of_organisation(snapshot, actor.tenant, id.0)?.into_iter().map(SigningKeyView::from).collect();
        Reply::ok(&SigningKeyList { items })
    })
    .await
}

/// A signing key to be registered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSigningKey {
    /// Ed25519 public key, base64 of its 32 bytes.
    #[schema(min_length = 44, max_length = 44, example = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=")]
    pub public_key: String,
    /// The key's signature, base64, over the canonical JSON of `format` (`baiyi-signing-key-1`), `organisation_id` and `public_key`.
    #[schema(
        min_length = 88,
        max_length = 88,
        example = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA=="
    )]
    pub proof: String,
    /// Whether bids without a signature shall be refused while the key is confirmed.
    #[serde(default)]
    #[schema(example = false)]
    pub demanded: bool,
}

/// Register a signing key
///
/// By an administrator of the organisation; `baiyi seal keygen` makes key and request. It counts only after a second person of the organisation compared the
/// fingerprint and confirmed it. The private key never leaves your machine.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    request_body = ProposeSigningKey, responses((status = 201, description = "Proposed", body = SigningKeyView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["signing_key_known", "too_many_signing_keys"]))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/signing-keys")]
async fn propose_signing_key(call: Call, id: Id<OrganisationId>, body: Body<ProposeSigningKey>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, id.0, &policy::PROPOSE),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::propose(tx, &granted, &asked.public_key, &asked.proof, asked.demanded)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/signing-keys/{id}"), &SigningKeyView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Confirm a signing key
///
/// By another person of the organisation than its proposer; the legal representative who is its only person confirms alone. Compare the fingerprint first.
#[utoipa::path(tag = "organisations", params(("signing_key_id" = SigningKeyId, Path, description = "The key")),
    responses((status = 200, description = "Confirmed", body = SigningKeyView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/signing-keys/{signing_key_id}/confirmation")]
async fn confirm_signing_key(call: Call, id: Id<SigningKeyId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_decide(tx, actor, id.0, &policy::CONFIRM),
        |tx, granted| shown(service::confirm(tx, &granted)?),
    )
    .await
}

/// Revoke a signing key
///
/// By one administrator, at once. Bids that it signed stay signed.
#[utoipa::path(tag = "organisations", params(("signing_key_id" = SigningKeyId, Path, description = "The key")),
    responses((status = 200, description = "Revoked", body = SigningKeyView)), extensions(("x-action" = json!(policy::REVOKE.name))),
    security(("bearer" = [])))]
#[post("/signing-keys/{signing_key_id}/revocation")]
async fn revoke_signing_key(call: Call, id: Id<SigningKeyId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_decide(tx, actor, id.0, &policy::REVOKE),
        |tx, granted| shown(service::revoke(tx, &granted)?),
    )
    .await
}
