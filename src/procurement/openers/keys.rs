//! Use cases of openers' keys: registered by whoever holds them, confirmed by another person who compared the fingerprint.

use serde_json::json;

use super::model::{OpenerKeyRow, OpenerKeyState};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, OpenerKeyId};
use crate::kernel::{Error, Result, error};
use crate::people::policy::{District, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::trust::quorum::messages::{fingerprint, is_signed, key_text};
use crate::trust::sealing::SealTo;
use crate::words;

/// May the actor register a key or read all of them?
pub fn may(actor: &Actor, action: &'static Action) -> Result<Authorized<District>> {
    authorize(actor, action, District(actor.tenant))
}

/// May the actor do this to the key?
pub fn may_decide(db: &mut Db, actor: &Actor, action: &'static Action, id: OpenerKeyId) -> Result<Authorized<OpenerKeyRow>> {
    let row = store::find_key(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Registers the caller's keys; the signature proves that it holds them.
pub fn register(
    tx: &mut Tx<'_>,
    granted: &Authorized<District>,
    signing_key: &str,
    recipient: &str,
    signature: &str,
) -> Result<OpenerKeyRow> {
    let (account, tenant): (AccountId, _) = (granted.by(), granted.subject().0);
    if !rules::is_signing_key(signing_key) {
        return Err(Error::field(
            "/signing_key",
            words!("须为 64 位小写十六进制的 Ed25519 公钥", "an Ed25519 public key in 64 digits of lower-case hex"),
        ));
    }
    if SealTo::parse(recipient).map(|key| key.recipient()).ok().as_deref() != Some(recipient) {
        return Err(Error::field("/recipient", words!("须为 age1… 收件人", "an age1… recipient")));
    }
    if !is_signed(signing_key, &key_text(account, recipient), signature) {
        return Err(Error::field("/signature", words!("签名不符", "not signed by this key for this account")));
    }
    if store::key_by_signing_key(tx, signing_key)?.is_some() {
        return Err(rules::KEY_TAKEN.error());
    }
    let row = OpenerKeyRow {
        id: tx.new_id(),
        tenant_id: tenant,
        account_id: account,
        signing_key: signing_key.to_owned(),
        recipient: recipient.to_owned(),
        fingerprint: fingerprint(signing_key, recipient),
        state: OpenerKeyState::Proposed,
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert_key(tx, granted, &row)?;
    record(tx, "opener_key.registered", &row, Some(signature))?;
    Ok(row)
}

/// Confirms a key whose fingerprint the caller got from its holder; the key before it is revoked.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<OpenerKeyRow>, compared: &str) -> Result<OpenerKeyRow> {
    let key = granted.subject();
    if compared.trim().to_lowercase() != key.fingerprint {
        return Err(Error::field(
            "/fingerprint",
            words!("与登记的指纹不一致，请当面核对", "not the fingerprint of this key; compare it with its holder"),
        ));
    }
    let now = tx.now();
    if let Some(before) = store::confirmed_key(tx, key.tenant_id, key.account_id)? {
        let replaced = store::decide_key(tx, granted, before.id, OpenerKeyState::Revoked, now)?;
        record(tx, "opener_key.revoked", &replaced, None)?;
    }
    let row = store::decide_key(tx, granted, key.id, OpenerKeyState::Confirmed, now)?;
    record(tx, "opener_key.confirmed", &row, None)?;
    Ok(row)
}

/// Stops using a key: no ceremony names it any more.
pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<OpenerKeyRow>) -> Result<OpenerKeyRow> {
    let now = tx.now();
    let row = store::decide_key(tx, granted, granted.subject().id, OpenerKeyState::Revoked, now)?;
    record(tx, "opener_key.revoked", &row, None)?;
    Ok(row)
}

/// May the actor read this key?
pub fn read(db: &mut Db, actor: &Actor, id: OpenerKeyId) -> Result<OpenerKeyRow> {
    may_decide(db, actor, &policy::READ_KEYS, id).map(Authorized::into_subject)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &OpenerKeyRow, proof: Option<&str>) -> Result<()> {
    let content = json!({"account_id": row.account_id, "signing_key": row.signing_key, "recipient": row.recipient, "fingerprint": row.fingerprint, "proof": proof});
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "opener_key", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
