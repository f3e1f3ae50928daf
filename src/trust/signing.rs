//! Ed25519 signatures of organisations: raw keys and signatures in base64, over canonical JSON (RFC 8785).

use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::keys;
use crate::kernel::{Error, Result};

/// Bytes of a public key.
const KEY_BYTES: usize = 32;

/// A key file at the desk of whoever signs. The server has none of these.
pub struct LocalKey {
    pair: Ed25519KeyPair,
}

impl LocalKey {
    /// Reads a PKCS #8 PEM file, such as `baiyi seal keygen` and `openssl genpkey -algorithm ed25519` make.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_pkcs8(&keys::read_ed25519(path)?)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral() -> Result<Self> {
        Self::from_pkcs8(&keys::generate_pkcs8()?)
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(format!("the signing key: {e}")))?;
        Ok(Self { pair })
    }

    /// The public key, base64 of 32 bytes.
    pub fn public(&self) -> String {
        STANDARD.encode(self.pair.public_key().as_ref())
    }

    /// The signature over a text, base64 of 64 bytes.
    pub fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.pair.sign(text.as_bytes()).as_ref())
    }
}

/// What a signature is made over: canonical JSON, the same for everybody who has the same facts.
pub fn canonical(statement: &impl Serialize) -> Result<String> {
    serde_json_canonicalizer::to_string(statement).map_err(|e| Error::internal(format!("a statement could not be written: {e}")))
}

/// The 32 bytes of a public key in base64; `None` for anything else.
pub fn public_bytes(public: &str) -> Option<Vec<u8>> {
    STANDARD.decode(public).ok().filter(|key| key.len() == KEY_BYTES)
}

/// SHA-256 of the 32 bytes of a public key, lower-case hex.
pub fn fingerprint(public: &str) -> Option<String> {
    public_bytes(public).map(|key| hex::encode(Sha256::digest(key)))
}

/// Whether the key signed the text.
pub fn verify(public: &str, text: &str, signature: &str) -> bool {
    let (Some(key), Ok(signature)) = (public_bytes(public), STANDARD.decode(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(text.as_bytes(), &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_signature_holds_for_its_key_and_its_text_only() {
        let (key, other) = (LocalKey::ephemeral().unwrap(), LocalKey::ephemeral().unwrap());
        let text = canonical(&json!({"b": 1, "a": "标"})).unwrap();
        assert_eq!(text, r#"{"a":"标","b":1}"#);
        let signature = key.sign(&text);
        assert!(verify(&key.public(), &text, &signature));
        assert!(!verify(&other.public(), &text, &signature));
        assert!(!verify(&key.public(), r#"{"a":"标","b":2}"#, &signature));
        assert!(!verify(&key.public(), &text, "AAAA") && !verify("AAAA", &text, &signature) && !verify("", "", ""));
    }

    #[test]
    fn the_vector_of_rfc_8032_verifies() {
        // Section 7.1, test 2.
        let base64 = |hex_: &str| STANDARD.encode(hex::decode(hex_).unwrap());
        let key = base64("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = base64(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert!(verify(&key, "r", &signature));
        assert_eq!(fingerprint(&key).unwrap().len(), 64);
    }
}
