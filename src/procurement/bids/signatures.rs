//! Signatures of bids: checked against the organisation's confirmed keys in the transaction that counts them, and kept with what they were made over.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::statement::{SIGNATURE_MISSING, SIGNATURE_WRONG, Statement, Step};
use crate::db::schema::{bid_signatures, signing_keys};
use crate::db::{Db, Tx};
use crate::kernel::id::{BidId, OrganisationId, SigningKeyId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::parties::organisations::signing_keys as keys;
use crate::people::{Authorized, Subject};

/// A signature that was found in order.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The key.
    pub key: SigningKeyId,
    /// Its fingerprint.
    pub fingerprint: String,
    /// What was signed.
    pub statement: String,
    /// The signature, base64.
    pub signature: String,
}

impl Signed {
    /// What the journal says of it, enough to check it without the database.
    pub fn facts(&self) -> Value {
        json!({"key_fingerprint": self.fingerprint, "statement": self.statement, "signature": self.signature})
    }
}

/// A stored signature.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bid_signatures)]
struct SignatureRow {
    bid_id: BidId,
    step: Step,
    signing_key_id: SigningKeyId,
    statement: String,
    signature: String,
    signed_at: UtcInstant,
}

/// Checks the signature of a step. None is fine unless the organisation asked for one.
pub fn check(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    statement: &Statement,
    signature: Option<&str>,
) -> Result<Option<Signed>> {
    let Some(signature) = signature else {
        return if keys::demanded(db, tenant, organisation)? { Err(SIGNATURE_MISSING.error()) } else { Ok(None) };
    };
    let text = statement.text()?;
    let key = keys::signer(db, tenant, organisation, &text, signature)?.ok_or_else(|| SIGNATURE_WRONG.error())?;
    Ok(Some(Signed { key: key.id, fingerprint: key.fingerprint, statement: text, signature: signature.to_owned() }))
}

/// Keeps a signature.
pub fn keep<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, bid: BidId, step: Step, signed: &Signed) -> Result<()> {
    let row = SignatureRow {
        bid_id: bid,
        step,
        signing_key_id: signed.key,
        statement: signed.statement.clone(),
        signature: signed.signature.clone(),
        signed_at: tx.now(),
    };
    diesel::insert_into(bid_signatures::table).values(&row).execute(&mut **tx)?;
    Ok(())
}

/// The signature of a bid's submission as the opening record shows it: anybody can check it with these fields alone.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
pub struct BidSignatureView {
    /// Canonical JSON of what was signed: tender, lot, amendment, bidder, hash of the ciphertext, sequence, the bid before.
    #[schema(example = "{\"amendment\":0,\"ciphertext_sha256\":\"9f86…\"}")]
    pub statement: String,
    /// Ed25519 signature over the bytes of the statement, base64.
    #[schema(example = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==")]
    pub signature: String,
    /// The organisation's public key, base64.
    #[schema(example = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=")]
    pub public_key: String,
    /// SHA-256 of the public key.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub key_fingerprint: String,
}

/// The signature of a bid's submission; `None` of an unsigned one.
pub fn of_bid(db: &mut Db, bid: BidId) -> Result<Option<BidSignatureView>> {
    Ok(bid_signatures::table
        .inner_join(signing_keys::table)
        .filter(bid_signatures::bid_id.eq(bid).and(bid_signatures::step.eq(Step::Submission)))
        .select((bid_signatures::statement, bid_signatures::signature, signing_keys::public_key, signing_keys::fingerprint))
        .first(db)
        .optional()?)
}
