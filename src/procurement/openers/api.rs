//! Openers' keys over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::OpenerKeyRow;
use super::views::OpenerKeyView;
use super::{ceremonies_api, keys, policy, store};
use crate::kernel::Result;
use crate::kernel::id::OpenerKeyId;
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Keys that a list shows at most.
const KEYS_MAX: i64 = 200;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_opener_keys)
        .service(register_opener_key)
        .service(get_opener_key)
        .service(confirm_opener_key)
        .service(revoke_opener_key);
    config.configure(ceremonies_api::routes);
}

fn shown(row: OpenerKeyRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&OpenerKeyView::from(row))?.tagged(version))
}

/// Openers' keys.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenerKeyList {
    /// Newest first.
    #[schema(max_items = 200)]
    pub items: Vec<OpenerKeyView>,
}

/// List openers' keys
///
/// Newest first, at most 200.
#[utoipa::path(tag = "openers", responses((status = 200, description = "Keys", body = OpenerKeyList)),
    extensions(("x-action" = json!(policy::READ_KEYS.name))), security(("bearer" = [])))]
#[get("/opener-keys")]
async fn list_opener_keys(call: Call) -> Answer {
    people::query(call, |snapshot, viewer| {
        let actor = viewer.person()?;
        keys::may(actor, &policy::READ_KEYS)?;
        let items = store::keys(snapshot, actor.tenant, KEYS_MAX)?.into_iter().map(OpenerKeyView::from).collect();
        Reply::ok(&OpenerKeyList { items })
    })
    .await
}

/// An opener's public keys with the proof that it holds the private ones.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterOpenerKey {
    /// Ed25519 public key, hex.
    #[schema(min_length = 64, max_length = 64, example = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    pub signing_key: String,
    /// age recipient.
    #[schema(min_length = 62, max_length = 62, example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: String,
    /// Signature by the key over `baiyi-opener-key-1`, the account's id and the recipient, each on a line, base64.
    #[schema(min_length = 1, max_length = 88, example = "x09…==")]
    pub signature: String,
}

/// Register my opener's key
///
/// `baiyi opener register` calls this with the public keys of files it made. The key counts after another person confirmed its fingerprint.
#[utoipa::path(tag = "openers", request_body = RegisterOpenerKey, responses((status = 201, description = "Registered", body = OpenerKeyView)),
    extensions(("x-action" = json!(policy::REGISTER_KEY.name)), ("x-problems" = json!(["opener_key_taken"]))), security(("bearer" = [])))]
#[post("/opener-keys")]
async fn register_opener_key(call: Call, body: Body<RegisterOpenerKey>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| keys::may(actor, &policy::REGISTER_KEY),
        move |tx, granted| {
            let asked = body.get()?;
            let row = keys::register(tx, &granted, &asked.signing_key, &asked.recipient, &asked.signature)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/opener-keys/{id}"), &OpenerKeyView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Read an opener's key
///
/// The public keys, their fingerprint, and who confirmed it.
#[utoipa::path(tag = "openers", params(("opener_key_id" = OpenerKeyId, Path, description = "The key")),
    responses((status = 200, description = "The key", body = OpenerKeyView)), extensions(("x-action" = json!(policy::READ_KEYS.name))), security(("bearer" = [])))]
#[get("/opener-keys/{opener_key_id}")]
async fn get_opener_key(call: Call, id: Id<OpenerKeyId>) -> Answer {
    people::query(call, move |snapshot, viewer| shown(keys::read(snapshot, viewer.person()?, id.0)?)).await
}

/// A fingerprint as its holder told it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmOpenerKey {
    /// The fingerprint that the holder read out or handed over, not the one that this server shows.
    #[schema(min_length = 32, max_length = 32, example = "9f86d081884c7d659a2feaa0c55ad015")]
    pub fingerprint: String,
}

/// Confirm an opener's key
///
/// By another person, with the fingerprint that the holder told face to face or by telephone. The holder's key before it is revoked.
#[utoipa::path(tag = "openers", params(("opener_key_id" = OpenerKeyId, Path, description = "The key")), request_body = ConfirmOpenerKey,
    responses((status = 200, description = "Confirmed", body = OpenerKeyView)),
    extensions(("x-action" = json!(policy::CONFIRM_KEY.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/opener-keys/{opener_key_id}/confirmation")]
async fn confirm_opener_key(call: Call, id: Id<OpenerKeyId>, body: Body<ConfirmOpenerKey>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| keys::may_decide(tx, actor, &policy::CONFIRM_KEY, id.0),
        move |tx, granted| shown(keys::confirm(tx, &granted, &body.get()?.fingerprint)?),
    )
    .await
}

/// Revoke an opener's key
///
/// No further ceremony names it. A ceremony that does goes on with it: abandon that, too, when the key is lost or known to others.
#[utoipa::path(tag = "openers", params(("opener_key_id" = OpenerKeyId, Path, description = "The key")),
    responses((status = 200, description = "Revoked", body = OpenerKeyView)), extensions(("x-action" = json!(policy::REVOKE_KEY.name))), security(("bearer" = [])))]
#[post("/opener-keys/{opener_key_id}/revocation")]
async fn revoke_opener_key(call: Call, id: Id<OpenerKeyId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| keys::may_decide(tx, actor, &policy::REVOKE_KEY, id.0),
        |tx, granted| shown(keys::revoke(tx, &granted)?),
    )
    .await
}
