//! Idempotency keys (IETF draft): key, effect and saved answer commit together.

use diesel::prelude::*;

use super::call::{Call, Caller};
use super::reply::Reply;
use crate::db::Tx;
use crate::db::schema::idempotency_keys as keys;
use crate::kernel::error::problems;
use crate::kernel::id::{AnyId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::words;

problems! {
    /// The key was used for something else.
    KEY_REUSED = "idempotency_key_reused", 422, "幂等键已用于其他请求", "The idempotency key was used for another request",
        "同一 Idempotency-Key 只能重发完全相同的请求。请换一个新键。",
        "The same Idempotency-Key may only repeat the very same request. Use a new key.";
}

#[derive(Insertable)]
#[diesel(table_name = keys, treat_none_as_default_value = false)]
struct NewKey<'a> {
    id: AnyId,
    tenant_id: TenantId,
    principal: &'a str,
    key: &'a str,
    operation: &'a str,
    fingerprint: &'a [u8],
    created_at: UtcInstant,
}

/// What became of the attempt to claim a key.
pub enum Claim {
    /// No key was sent: run without one.
    None,
    /// The key is ours: run, then [`save`].
    Fresh(AnyId),
    /// The same request was answered before.
    Replay(Reply),
}

type SavedRow = (String, Vec<u8>, Option<i32>, Option<String>, Option<String>, Option<String>);

/// Claims the call's key for its caller. A concurrent claim of the same key surfaces as a collision, and the rerun finds the saved answer.
pub fn claim(tx: &mut Tx<'_>, call: &Call, caller: &Caller, fingerprint: &[u8]) -> Result<Claim> {
    let Some(key) = call.idempotency_key.as_deref() else { return Ok(Claim::None) };
    let found: Option<SavedRow> = keys::table
        .filter(keys::tenant_id.eq(caller.tenant).and(keys::principal.eq(&caller.name)).and(keys::key.eq(key)))
        .select((keys::operation, keys::fingerprint, keys::status, keys::etag, keys::location, keys::body))
        .first(&mut **tx)
        .optional()?;
    let Some((operation, known, status, etag, location, body)) = found else {
        let id = tx.new_id();
        let row = NewKey {
            id,
            tenant_id: caller.tenant,
            principal: &caller.name,
            key,
            operation: &call.operation,
            fingerprint,
            created_at: tx.now(),
        };
        diesel::insert_into(keys::table).values(&row).execute(&mut **tx)?;
        return Ok(Claim::Fresh(id));
    };
    if operation != call.operation || !bool::from(subtle::ConstantTimeEq::ct_eq(known.as_slice(), fingerprint)) {
        return Err(KEY_REUSED.because(words!("该键首次用于 {operation}", "the key was first used for {operation}")));
    }
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| Error::internal("an idempotency key was committed without its answer"))?;
    Ok(Claim::Replay(Reply { status, body: body.unwrap_or_default(), etag, location, next: None, public_seconds: None, logged: None }))
}

/// Keeps the answer with the claimed key.
pub fn save(tx: &mut Tx<'_>, id: AnyId, reply: &Reply) -> Result<()> {
    diesel::update(keys::table.find(id))
        .set((
            keys::status.eq(Some(i32::from(reply.status))),
            keys::etag.eq(&reply.etag),
            keys::location.eq(&reply.location),
            keys::body.eq(Some(&reply.body)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Deletes keys made before `cutoff`, at most `limit`; returns how many.
pub fn purge(tx: &mut Tx<'_>, cutoff: UtcInstant, limit: i64) -> Result<usize> {
    let old: Vec<AnyId> =
        keys::table.filter(keys::created_at.lt(cutoff)).order(keys::created_at).limit(limit).select(keys::id).load(&mut **tx)?;
    let mut deleted: usize = 0;
    for id in old {
        deleted = deleted.saturating_add(diesel::delete(keys::table.find(id)).execute(&mut **tx)?);
    }
    Ok(deleted)
}
