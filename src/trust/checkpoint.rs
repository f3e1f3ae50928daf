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

    /// The signed note of a head: these exact bytes are kept and shown.
    pub fn sign(&self, head: &Head) -> String {
        let text = format!("{}\n{}\n{}\n", self.origin, head.size, STANDARD.encode(head.root));
        let signature = self.pair.sign(text.as_bytes());
        let signed = [key_hash(&self.origin, &self.typed_key()).as_slice(), signature.as_ref()].concat();
        format!("{text}\n— {} {}\n", self.origin, STANDARD.encode(signed))
    }
}

/// The hash by which a signature line names its key (C2SP signed-note).
pub(super) fn key_hash(name: &str, typed_key: &[u8]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update(b"\n");
    hash.update(typed_key);
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// The head of a note that the verifier key signed; `None` for anything else.
pub fn open(note: &str, verifier: &str) -> Option<Head> {
    let (text, signatures) = note.split_once("\n\n")?;
    let text = format!("{text}\n");
    let mut parts = verifier.splitn(3, '+');
    let (name, hash, key) = (parts.next()?, hex::decode(parts.next()?).ok()?, STANDARD.decode(parts.next()?).ok()?);
    let (kind, public) = key.split_first()?;
    if *kind != ED25519_TYPE || key_hash(name, &key).as_slice() != hash {
        return None;
    }
    // Lines of other names and other keys, such as those of witnesses or of an older key of this name, are none of this verifier's business.
    let key = UnparsedPublicKey::new(&ED25519, public);
    let of_this_key = |line: &str| {
        let signed = STANDARD.decode(line.strip_prefix("— ")?.strip_prefix(name)?.strip_prefix(' ')?).ok()?;
        key.verify(text.as_bytes(), signed.strip_prefix(hash.as_slice())?).ok()
    };
    signatures.lines().find_map(of_this_key)?;
    let mut lines = text.lines();
    if lines.next()? != name {
        return None;
    }
    let size = lines.next()?.parse().ok()?;
    let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
    Some(Head { size, root })
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
        assert_eq!(open(&format!("{text}\n\n{others}— witness.example AAAA\n{own}"), &key.verifier()), Some(head));
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
