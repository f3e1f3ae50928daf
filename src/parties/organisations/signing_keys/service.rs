//! Use cases of signing keys.

use serde_json::json;

use super::model::{SigningKeyDesk, SigningKeyRow, SigningKeyState};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{OrganisationId, SigningKeyId, TenantId};
use crate::kernel::{Result, error};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::{self, OrganisationRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::trust::signing;

/// May the actor read the keys of this organisation, or propose one?
pub fn may(db: &mut Db, actor: &Actor, id: OrganisationId, action: &'static Action) -> Result<Authorized<OrganisationRow>> {
    let row = organisations::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor do this to the key?
pub fn may_decide(db: &mut Db, actor: &Actor, id: SigningKeyId, action: &'static Action) -> Result<Authorized<SigningKeyDesk>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let organisation = organisations::find(db, actor.tenant, row.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let alone = match store::people_of(db, actor.tenant, row.organisation_id)?.as_slice() {
        [(only, name)] if *name == organisation.legal_representative => Some(*only),
        _ => None,
    };
    authorize(actor, action, SigningKeyDesk { row, alone })
}

/// Proposes a key; the organisation's contact is told, so that a stranger's is noticed before it counts.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, public: &str, proof: &str, demanded: bool) -> Result<SigningKeyRow> {
    let organisation = granted.subject();
    let fingerprint = rules::check(organisation.id, public, proof)?;
    if store::is_known(tx, organisation.tenant_id, &fingerprint)? {
        return Err(rules::SIGNING_KEY_KNOWN.error());
    }
    let known = store::of_organisation(tx, organisation.tenant_id, organisation.id)?;
    if known.iter().filter(|row| row.state != SigningKeyState::Revoked).count() >= rules::KEYS_MAX {
        return Err(rules::TOO_MANY_KEYS.error());
    }
    let row = SigningKeyRow {
        id: tx.new_id(),
        tenant_id: organisation.tenant_id,
        organisation_id: organisation.id,
        public_key: public.to_owned(),
        fingerprint,
        demanded,
        state: SigningKeyState::Proposed,
        proposed_by: granted.by(),
        confirmed_by: None,
        confirmed_at: None,
        revoked_by: None,
        revoked_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    tell(
        tx,
        organisation,
        &row,
        "已提出，待另一人核对指纹后确认",
        "was proposed; a second person compares the fingerprint and confirms it",
    )?;
    // Kept where everybody who checks the journal finds it: whoever proposed the key held it.
    record(tx, "signing_key.proposed", &row, Some(proof))?;
    Ok(row)
}

/// Confirms: from now on signatures by it count.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<SigningKeyDesk>) -> Result<SigningKeyRow> {
    let row = store::confirm(tx, granted, granted.subject().row.id)?;
    told(tx, &row, "已确认，今后其签名有效", "was confirmed; its signatures count from now on", "signing_key.confirmed")?;
    Ok(row)
}

/// Revokes: bids that it signed stay signed, nothing later does.
pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<SigningKeyDesk>) -> Result<SigningKeyRow> {
    let row = store::revoke(tx, granted, granted.subject().row.id)?;
    told(tx, &row, "已撤销，其签名不再有效", "was revoked; its signatures count no longer", "signing_key.revoked")?;
    Ok(row)
}

/// The confirmed key of the organisation that signed the text; `None` when none did.
pub fn signer(db: &mut Db, tenant: TenantId, organisation: OrganisationId, text: &str, signature: &str) -> Result<Option<SigningKeyRow>> {
    let keys = store::confirmed_of(db, tenant, organisation)?;
    Ok(keys.into_iter().find(|key| signing::verify(&key.public_key, text, signature)))
}

/// Whether the organisation asks that its bids be signed.
pub fn demanded(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<bool> {
    Ok(store::confirmed_of(db, tenant, organisation)?.iter().any(|key| key.demanded))
}

fn told(tx: &mut Tx<'_>, row: &SigningKeyRow, zh: &str, en: &str, action: &str) -> Result<()> {
    let organisation = organisations::find(tx, row.tenant_id, row.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    tell(tx, &organisation, row, zh, en)?;
    record(tx, action, row, None)
}

fn tell(tx: &mut Tx<'_>, organisation: &OrganisationRow, row: &SigningKeyRow, zh: &str, en: &str) -> Result<()> {
    let fingerprint = &row.fingerprint;
    let subject = "签名密钥 Signing key".to_owned();
    let body = format!(
        "指纹为 {fingerprint} 的签名密钥{zh}。如非贵组织所为，请立即撤销并联系平台。\nThe signing key with fingerprint {fingerprint} {en}. If that was not you, revoke it and tell the platform at once.\n"
    );
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })
}

fn record(tx: &mut Tx<'_>, action: &str, row: &SigningKeyRow, proof: Option<&str>) -> Result<()> {
    let content = json!({
        "organisation_id": row.organisation_id, "public_key": row.public_key, "fingerprint": row.fingerprint, "demanded": row.demanded,
        "state": row.state, "proposed_by": row.proposed_by, "confirmed_by": row.confirmed_by, "revoked_by": row.revoked_by,
        "proof": proof,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "signing_key", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
