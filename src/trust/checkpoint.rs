//! Checkpoints: the size and root of the journal's tree as a C2SP signed note (tlog-checkpoint), signed with the journal's own Ed25519 key.

use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::keys;
use super::tree::Hash;
use crate::kernel::{Error, Result};

/// The signature type of Ed25519 in a verifier key (C2SP signed-note).
pub(super) const ED25519_TYPE: u8 = 0x01;

/// The key that signs checkpoints. Its name is the log's origin.
pub struct JournalKey {
    pair: Ed25519KeyPair,
    origin: String,
}

/// A tree head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

impl JournalKey {
    /// Reads a PKCS #8 PEM file.
    pub fn read(path: &Path, origin: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::read_ed25519(path)?, origin)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral(origin: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::generate_pkcs8()?, origin)
    }

    fn from_pkcs8(pkcs8: &[u8], origin: &str) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(format!("the journal's key: {e}")))?;
        Ok(Self { pair, origin: origin.to_owned() })
    }

    fn typed_key(&self) -> Vec<u8> {
        [&[ED25519_TYPE], self.pair.public_key().as_ref()].concat()
    }

    /// The verifier key (vkey): name, key hash, and the typed public key.
    pub fn verifier(&self) -> String {
        let key = self.typed_key();
        format!("{}+{}+{}", self.origin, hex::encode(key_hash(&self.origin, &key)), STANDARD.encode(key))
    }

    /// Signs a text that is no note; it must not begin like one.
    pub fn sign_text(&self, text: &str) -> Vec<u8> {
        self.pair.sign(text.as_bytes()).as_ref().to_vec()
    }

    /// The signed note of a head: these exact bytes are kept and shown.
    pub fn sign(&self, head: &Head) -> String {
        let text = format!("{}\n{}\n{}\n", self.origin, head.size, STANDARD.encode(head.root));
        let signature = self.pair.sign(text.as_bytes());
        let signed = [key_hash(&self.origin, &self.typed_key()).as_slice(), signature.as_ref()].concat();
        format!("{text}\n— {} {}\n", self.origin, STANDARD.encode(signed))
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

/// Text and signature lines of a note (C2SP signed-note). The text ends with its last newline; there is at least one line, each has the form of one, whoever
/// signed it, and no other control character than the newline is anywhere.
pub fn parts(note: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    if note.contains(|letter: char| letter.is_ascii_control() && letter != '\n') {
        return None;
    }
    let at = note.find("\n\n")?;
    let (text, signatures) = (note.get(..at.checked_add(1)?)?, note.get(at.checked_add(2)?..)?);
    let body = signatures.strip_suffix('\n')?;
    body.split('\n').all(signs).then(|| (text, body.split('\n')))
}

/// Whether a line is a signature of somebody: a name without space and plus, then a key hash and a signature in base64.
fn signs(line: &str) -> bool {
    let Some((name, signature)) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')) else { return false };
    let named = !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+');
    named && STANDARD.decode(signature).is_ok_and(|bytes| bytes.len() > 4)
}

/// What the text of a checkpoint says: origin and head. Sizes have one spelling.
pub fn head_of(text: &str) -> Option<(&str, Head)> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, digits, root) = (lines.next()?, lines.next()?, lines.next()?);
    let size: u64 = digits.parse().ok()?;
    let root = STANDARD.decode(root).ok()?.try_into().ok()?;
    (!origin.is_empty() && size.to_string() == digits && lines.all(|line| !line.is_empty())).then_some((origin, Head { size, root }))
}

/// The head of a note that the verifier key signed; `None` for anything else.
pub fn open(note: &str, verifier: &str) -> Option<Head> {
    let key = Verifier::parse(verifier, ED25519_TYPE)?;
    let (text, mut signatures) = parts(note)?;
    // Lines of other names and other keys, such as those of witnesses or of an older key of this name, are none of this verifier's business.
    signatures.find(|line| key.signed(line).is_some_and(|signature| key.verifies(text.as_bytes(), &signature)))?;
    let (origin, head) = head_of(text)?;
    (origin == key.name).then_some(head)
}

/// The origin of the journal whose verifier key this is; `None` when it is none.
pub fn origin_of(verifier: &str) -> Option<&str> {
    Verifier::parse(verifier, ED25519_TYPE).map(|key| key.name)
}

/// Whether the key of this verifier signed a text that is no note.
pub fn verify_text(verifier: &str, text: &str, signature: &[u8]) -> bool {
    Verifier::parse(verifier, ED25519_TYPE).is_some_and(|key| key.verifies(text.as_bytes(), signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_own_key_and_not_when_a_byte_differs() {
        let key = JournalKey::ephemeral("baiyi.example/330502").unwrap();
        let head = Head { size: 12, root: [7; 32] };
        let note = key.sign(&head);
        assert_eq!(open(&note, &key.verifier()), Some(head));
        assert_eq!(note.lines().take(2).collect::<Vec<_>>(), ["baiyi.example/330502", "12"]);
        assert_eq!(open(&note.replace("\n12\n", "\n13\n"), &key.verifier()), None);
        assert_eq!(open(&note, &JournalKey::ephemeral("baiyi.example/330502").unwrap().verifier()), None);
        assert_eq!(open("", &key.verifier()), None);
        let (text, own) = note.split_once("\n\n").unwrap();
        let (other, head) = (JournalKey::ephemeral("baiyi.example/330502").unwrap(), Head { size: 12, root: [7; 32] });
        let others = other.sign(&head).split_once("\n\n").unwrap().1.to_owned();
        assert_eq!(open(&format!("{text}\n\n{others}— witness.example AAAAAAA=\n{own}"), &key.verifier()), Some(head));
        assert_eq!(open(&format!("{text}\n\n{others}"), &key.verifier()), None);
        assert_eq!(open(&note, "x+00+AA"), None);
    }

    #[test]
    fn the_key_hash_is_that_of_the_published_example() {
        // From the documentation of Go's golang.org/x/mod/sumdb/note.
        let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        assert_eq!(hex::encode(key_hash("PeterNeumann", &key)), "c74f20a3");
        assert_eq!(open("no note", verifier), None);
    }
}
