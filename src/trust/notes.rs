//! Keys of signed notes (C2SP signed-note): an Ed25519 key with a name, its verifier key, and what they sign and verify.

use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::keys;
use crate::kernel::{Error, Result};

/// The signature type of Ed25519 in a verifier key (C2SP signed-note).
pub(super) const ED25519_TYPE: u8 = 0x01;

/// An Ed25519 key with the name that its notes are signed under.
pub struct NoteKey {
    pair: Ed25519KeyPair,
    name: String,
}

impl NoteKey {
    /// Reads a PKCS #8 PEM file.
    pub fn read(path: &Path, name: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::read_ed25519(path)?, name)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral(name: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::generate_pkcs8()?, name)
    }

    pub(super) fn from_pkcs8(pkcs8: &[u8], name: &str) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(format!("the key {name}: {e}")))?;
        Ok(Self { pair, name: name.to_owned() })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The 32 bytes of the public key.
    pub(super) fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn typed_key(&self) -> Vec<u8> {
        [&[ED25519_TYPE], self.public()].concat()
    }

    /// The verifier key (vkey): name, key hash, and the typed public key.
    pub fn verifier(&self) -> String {
        let key = self.typed_key();
        format!("{}+{}+{}", self.name, hex::encode(key_hash(&self.name, &key)), STANDARD.encode(key))
    }

    /// Signs a text that is no note; it must not begin like one.
    pub fn sign_text(&self, text: &str) -> Vec<u8> {
        self.pair.sign(text.as_bytes()).as_ref().to_vec()
    }

    /// The signed note of a text that ends with a newline: these exact bytes are kept and shown.
    pub(super) fn note(&self, text: &str) -> String {
        let signed = [key_hash(&self.name, &self.typed_key()).as_slice(), self.pair.sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n— {} {}\n", self.name, STANDARD.encode(signed))
    }
}

/// The first bytes of the hash of a name and a typed public key (C2SP signed-note).
pub(super) fn key_hash(name: &str, typed_key: &[u8]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update(b"\n");
    hash.update(typed_key);
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// A verifier key, taken apart: name, key hash, signature type and the typed public key.
pub(super) struct Verifier<'a> {
    pub(super) name: &'a str,
    pub(super) hash: [u8; 4],
    key: Vec<u8>,
}

impl<'a> Verifier<'a> {
    /// Reads a vkey of this signature type; `None` when it is another one or its hash is not its own.
    pub(super) fn parse(verifier: &'a str, kind: u8) -> Option<Self> {
        let mut parts = verifier.splitn(3, '+');
        let (name, hash, key) = (parts.next()?, hex::decode(parts.next()?).ok()?, STANDARD.decode(parts.next()?).ok()?);
        let own = key_hash(name, &key);
        (!name.is_empty() && key.first() == Some(&kind) && own.as_slice() == hash).then_some(Self { name, hash: own, key })
    }

    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        self.key.get(1..).is_some_and(|public| UnparsedPublicKey::new(&ED25519, public).verify(text, signature).is_ok())
    }

    /// The bytes that a signature line of this name and key holds after the key hash.
    pub(super) fn signed(&self, line: &str) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(line.strip_prefix("— ")?.strip_prefix(self.name)?.strip_prefix(' ')?).ok()?;
        bytes.strip_prefix(self.hash.as_slice()).map(<[u8]>::to_vec)
    }
}

/// The name in a verifier key; `None` when it is none.
pub fn name_of(verifier: &str) -> Option<&str> {
    Verifier::parse(verifier, ED25519_TYPE).map(|key| key.name)
}

/// The 32 bytes of the public key in a verifier key; `None` when it is none.
pub fn public_of(verifier: &str) -> Option<Vec<u8>> {
    Verifier::parse(verifier, ED25519_TYPE)?.key.get(1..).map(<[u8]>::to_vec)
}

/// Whether the key of this verifier signed a text that is no note.
pub fn verify_text(verifier: &str, text: &str, signature: &[u8]) -> bool {
    Verifier::parse(verifier, ED25519_TYPE).is_some_and(|key| key.verifies(text.as_bytes(), signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_hash_is_that_of_the_published_example() {
        // From the documentation of Go's golang.org/x/mod/sumdb/note.
        let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        assert_eq!(hex::encode(key_hash("PeterNeumann", &key)), "c74f20a3");
        assert_eq!((name_of(verifier), public_of(verifier)), (Some("PeterNeumann"), Some(key[1..].to_vec())));
        assert_eq!((name_of("x+00+AA"), public_of("")), (None, None));
    }

    #[test]
    fn a_text_verifies_with_its_own_key_only() {
        let [key, other] = [0, 1].map(|_| NoteKey::ephemeral("baiyi/330502").unwrap());
        let signature = key.sign_text("a\n");
        assert!(verify_text(&key.verifier(), "a\n", &signature));
        assert!(!verify_text(&other.verifier(), "a\n", &signature) && !verify_text(&key.verifier(), "b\n", &signature));
    }
}
