//! What a signing key must be, pure.

use serde::Serialize;

use crate::kernel::Result;
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::OrganisationId;
use crate::trust::signing;
use crate::words;

problems! {
    /// Registered before.
    SIGNING_KEY_KNOWN = "signing_key_known", 409, "该公钥已登记过", "The key was registered before",
        "每把公钥只登记一次，撤销后也不得再用。请另行生成密钥。",
        "A key is registered once, and not again after it was revoked. Make another one.";
    /// Too many.
    TOO_MANY_KEYS = "too_many_signing_keys", 409, "签名密钥过多", "Too many signing keys",
        "请先撤销不再使用的密钥。",
        "Revoke keys that are no longer used.";
}

/// Most keys of an organisation that wait or count.
pub const KEYS_MAX: usize = 5;

/// What a key signs to show that whoever registers it holds it, for exactly this organisation.
#[derive(Debug, Serialize)]
pub struct Possession<'a> {
    format: &'static str,
    organisation_id: OrganisationId,
    public_key: &'a str,
}

impl<'a> Possession<'a> {
    /// The statement of a key.
    pub const fn of(organisation_id: OrganisationId, public_key: &'a str) -> Self {
        Self { format: "baiyi-signing-key-1", organisation_id, public_key }
    }
}

/// Checks a key and the proof that it is held; gives its fingerprint.
pub fn check(organisation: OrganisationId, public: &str, proof: &str) -> Result<String> {
    let mut fields = Fields::default();
    let fingerprint = signing::fingerprint(public);
    fields.require(fingerprint.is_some(), "/public_key", || {
        words!("须为 32 字节 Ed25519 公钥的 base64", "must be the base64 of the 32 bytes of an Ed25519 public key")
    });
    let statement = signing::canonical(&Possession::of(organisation, public))?;
    fields.require(fingerprint.is_none() || signing::verify(public, &statement, proof), "/proof", || {
        words!("须为该密钥对 {statement} 的签名", "must be the key's signature over {statement}")
    });
    fields.finish()?;
    Ok(fingerprint.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::signing::LocalKey;
    use uuid::Uuid;

    #[test]
    fn a_key_is_registered_by_whoever_holds_it_and_for_its_organisation() {
        let [own, other] = [1, 2].map(|id| OrganisationId::new(Uuid::from_u128(id)));
        let (key, stranger) = (LocalKey::ephemeral().unwrap(), LocalKey::ephemeral().unwrap());
        let proof =
            |key: &LocalKey, organisation, public: &str| key.sign(&signing::canonical(&Possession::of(organisation, public)).unwrap());
        let public = key.public();
        assert_eq!(check(own, &public, &proof(&key, own, &public)).unwrap(), signing::fingerprint(&public).unwrap());
        assert!(check(own, &public, &proof(&key, other, &public)).is_err(), "a proof for another organisation");
        assert!(check(own, &public, &proof(&stranger, own, &public)).is_err(), "a key of somebody else");
        assert!(check(own, "AAAA", "AAAA").is_err());
    }
}
