//! Receipts of bids: C2SP signed notes with a key of their own. A receipt holds all that proves the bid's journal entry to somebody who trusts neither the
//! server nor this program: text and salt of the entry, and once it has its place, index, inclusion proof and checkpoint.

use std::path::Path;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{ED25519_TYPE, key_hash};
use super::journal::leaf_hash;
use super::keys;
use super::tree::Hash;
use crate::kernel::{Error, Result};

/// Second line of every receipt.
const FORMAT: &str = "baiyi-receipt-1";

/// The key that signs receipts, apart from the journal's.
pub struct ReceiptKey {
    pair: Ed25519KeyPair,
    name: String,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The bid.
    pub bid: String,
    /// Its lot.
    pub lot: String,
    /// SHA-256 of the ciphertext, lower-case hex.
    pub sha256: String,
    /// Instant of its last byte.
    pub received: String,
    /// The journal entry.
    pub entry: String,
    /// Salt of the entry.
    pub salt: Vec<u8>,
    /// Canonical text of the entry.
    pub text: String,
    /// Where the entry stands; none while it waits, and then the receipt is provisional.
    pub place: Option<Place>,
}

/// Where an entry stands in the journal's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index.
    pub index: u64,
    /// Inclusion proof, from the leaf up.
    pub path: Vec<Hash>,
    /// The checkpoint that it leads to, byte by byte.
    pub checkpoint: String,
}

impl Receipt {
    /// The leaf of the entry.
    pub fn leaf(&self) -> Hash {
        leaf_hash(&self.salt, &self.text)
    }

    fn write(&self, name: &str) -> String {
        let Self { bid, lot, sha256, received, entry, text, .. } = self;
        let salt = STANDARD.encode(&self.salt);
        let head = format!(
            "{name}\n{FORMAT}\nbid {bid}\nlot {lot}\nsha256 {sha256}\nreceived {received}\nentry {entry}\nsalt {salt}\ntext {text}\n"
        );
        match &self.place {
            None => format!("{head}state provisional\n"),
            Some(place) => {
                let path: String = place.path.iter().map(|hash| format!("path {}\n", STANDARD.encode(hash))).collect();
                format!("{head}state final\nindex {}\n{path}checkpoint\n{}", place.index, place.checkpoint)
            }
        }
    }

    fn read(text: &str, name: &str) -> Option<Self> {
        let (head, checkpoint) = match text.split_once("\ncheckpoint\n") {
            Some((head, checkpoint)) => (head, Some(checkpoint)),
            None => (text.strip_suffix('\n')?, None),
        };
        let mut lines = head.split('\n');
        if lines.next()? != name || lines.next()? != FORMAT {
            return None;
        }
        let mut field = |word: &str| lines.next()?.strip_prefix(word)?.strip_prefix(' ').map(str::to_owned);
        let (bid, lot, sha256, received, entry) = (field("bid")?, field("lot")?, field("sha256")?, field("received")?, field("entry")?);
        let (salt, text, state) = (STANDARD.decode(field("salt")?).ok()?, field("text")?, field("state")?);
        let place = match (state.as_str(), checkpoint) {
            ("provisional", None) => None,
            ("final", Some(checkpoint)) => {
                let digits = field("index")?;
                let index = digits.parse().ok().filter(|index: &u64| index.to_string() == digits)?;
                let path: Option<Vec<Hash>> =
                    lines.by_ref().map(|line| STANDARD.decode(line.strip_prefix("path ")?).ok()?.try_into().ok()).collect();
                Some(Place { index, path: path?, checkpoint: checkpoint.to_owned() })
            }
            _ => return None,
        };
        lines.next().is_none().then_some(Self { bid, lot, sha256, received, entry, salt, text, place })
    }
}

impl ReceiptKey {
    /// Reads a PKCS #8 PEM file.
    pub fn read(path: &Path, name: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::read_ed25519(path)?, name)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral(name: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::generate_pkcs8()?, name)
    }

    fn from_pkcs8(pkcs8: &[u8], name: &str) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(format!("the key of receipts: {e}")))?;
        Ok(Self { pair, name: name.to_owned() })
    }

    fn typed_key(&self) -> Vec<u8> {
        [&[ED25519_TYPE], self.pair.public_key().as_ref()].concat()
    }

    /// The verifier key (vkey).
    pub fn verifier(&self) -> String {
        let key = self.typed_key();
        format!("{}+{}+{}", self.name, hex::encode(key_hash(&self.name, &key)), STANDARD.encode(key))
    }

    /// The signed note: these exact bytes are kept and given out.
    pub fn sign(&self, receipt: &Receipt) -> String {
        let text = receipt.write(&self.name);
        let signed = [key_hash(&self.name, &self.typed_key()).as_slice(), self.pair.sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n— {} {}\n", self.name, STANDARD.encode(signed))
    }
}

/// What a note says that the verifier key signed; `None` for anything else.
pub fn open(note: &str, verifier: &str) -> Option<Receipt> {
    // The text of a final receipt has an empty line of its own, that of the checkpoint; the last one divides text and signatures.
    let (text, signatures) = note.rsplit_once("\n\n")?;
    let text = format!("{text}\n");
    let mut parts = verifier.splitn(3, '+');
    let (name, hash, key) = (parts.next()?, hex::decode(parts.next()?).ok()?, STANDARD.decode(parts.next()?).ok()?);
    let (kind, public) = key.split_first()?;
    if *kind != ED25519_TYPE || key_hash(name, &key).as_slice() != hash {
        return None;
    }
    let key = UnparsedPublicKey::new(&ED25519, public);
    let of_this_key = |line: &str| {
        let signed = STANDARD.decode(line.strip_prefix("— ")?.strip_prefix(name)?.strip_prefix(' ')?).ok()?;
        key.verify(text.as_bytes(), signed.strip_prefix(hash.as_slice())?).ok()
    };
    signatures.lines().find_map(of_this_key)?;
    Receipt::read(&text, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn receipt(place: Option<Place>) -> Receipt {
        Receipt {
            bid: "0192f0c1-7a10-7000-8000-000000000001".to_owned(),
            lot: "0192f0c1-7a10-7000-8000-000000000002".to_owned(),
            sha256: "ab".repeat(32),
            received: "2026-03-02T01:00:00Z".to_owned(),
            entry: "0192f0c1-7a10-7000-8000-000000000003".to_owned(),
            salt: vec![3; 32],
            text: r#"{"action":"bid.sealed","content":{"note":"checkpoint"}}"#.to_owned(),
            place,
        }
    }

    proptest! {
        #[test]
        fn what_was_signed_is_read_and_nothing_else(index: u64, path in proptest::collection::vec(any::<Hash>(), 0..40), provisional: bool, flip: prop::sample::Index) {
            let key = ReceiptKey::ephemeral("baiyi/330502/receipts").unwrap();
            let checkpoint = "baiyi/330502\n18\nAAAA\n\n— baiyi/330502 AAAA\n".to_owned();
            let receipt = receipt((!provisional).then_some(Place { index, path, checkpoint }));
            let note = key.sign(&receipt);
            prop_assert_eq!(open(&note, &key.verifier()), Some(receipt));
            prop_assert_eq!(open(&note, &ReceiptKey::ephemeral("baiyi/330502/receipts").unwrap().verifier()), None);
            let mut changed = note.clone().into_bytes();
            let at = flip.index(note.rfind("\n\n").unwrap());
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            if let Ok(changed) = String::from_utf8(changed) {
                prop_assert_eq!(open(&changed, &key.verifier()), None);
            }
        }

        #[test]
        fn an_index_has_one_spelling(index: u64, before in "\\+|0{1,3}") {
            let name = "baiyi/330502/receipts";
            let text = receipt(Some(Place { index, path: Vec::new(), checkpoint: "c\n".to_owned() })).write(name);
            prop_assert!(Receipt::read(&text, name).is_some());
            prop_assert_eq!(Receipt::read(&text.replace("\nindex ", &format!("\nindex {before}")), name), None);
        }

        #[test]
        fn no_text_makes_it_fall(text: String) {
            let verifier = ReceiptKey::ephemeral("baiyi/330502/receipts").unwrap().verifier();
            let _ = (open(&text, &verifier), open(&text, &text));
            let _ = Receipt::read(&format!("n\n{FORMAT}\n{text}"), "n");
        }
    }
}
