//! A witness of journals (C2SP tlog-witness, tlog-cosignature): what it answers to a checkpoint, and its timestamped cosignature. Pure.

use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{self, Head};
use super::keys;
use super::notes::{Verifier, key_hash};
use super::tree::{Hash, verify_consistency};
use crate::kernel::{Error, Result};

/// The signature type of a timestamped Ed25519 cosignature in a verifier key.
const COSIGNATURE_TYPE: u8 = 0x04;
/// Lines of a consistency proof at most.
const PROOF_LINES: usize = 63;

/// The key of a witness.
pub struct WitnessKey {
    pair: Ed25519KeyPair,
    name: String,
}

impl WitnessKey {
    /// Reads a PKCS #8 PEM file.
    pub fn read(path: &Path, name: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::read_ed25519(path)?, name)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral(name: &str) -> Result<Self> {
        Self::from_pkcs8(&keys::generate_pkcs8()?, name)
    }

    fn from_pkcs8(pkcs8: &[u8], name: &str) -> Result<Self> {
        if name.is_empty() || name.contains(['+', ' ', '\n']) || name.contains(char::is_whitespace) {
            return Err(Error::internal("a witness's name has neither spaces nor plus signs"));
        }
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(format!("the witness's key: {e}")))?;
        Ok(Self { pair, name: name.to_owned() })
    }

    fn typed_key(&self) -> Vec<u8> {
        [&[COSIGNATURE_TYPE], self.pair.public_key().as_ref()].concat()
    }

    /// The verifier key (vkey).
    pub fn verifier(&self) -> String {
        let key = self.typed_key();
        format!("{}+{}+{}", self.name, hex::encode(key_hash(&self.name, &key)), STANDARD.encode(key))
    }

    /// The signature line over the text of a checkpoint: that at this time (seconds of Unix) no larger tree of the origin was seen.
    pub fn cosign(&self, text: &str, time: u64) -> String {
        let signature = self.pair.sign(message(text, time).as_bytes());
        let bytes = [key_hash(&self.name, &self.typed_key()).as_slice(), &time.to_be_bytes(), signature.as_ref()].concat();
        format!("— {} {}\n", self.name, STANDARD.encode(bytes))
    }
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The name in a witness's verifier key; `None` when it is none.
pub fn name_of(verifier: &str) -> Option<&str> {
    Verifier::parse(verifier, COSIGNATURE_TYPE).map(|key| key.name)
}

/// When (seconds of Unix) the witness signed the note's text by one of these lines, and the line; `None` when none is its own.
pub fn cosigned<'a>(text: &str, mut lines: impl Iterator<Item = &'a str>, verifier: &str) -> Option<(u64, &'a str)> {
    let key = Verifier::parse(verifier, COSIGNATURE_TYPE)?;
    lines.find_map(|line| {
        let bytes = key.signed(line)?;
        let (time, signature) = bytes.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        key.verifies(message(text, time).as_bytes(), signature).then_some((time, line))
    })
}

/// What a log asks of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Size of the tree that the witness cosigned last, as the log believes.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The signed note.
    pub note: String,
}

impl Request {
    /// Reads a request's body.
    pub fn parse(body: &str) -> Option<Self> {
        let (head, note) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let digits = lines.next()?.strip_prefix("old ")?;
        let old: u64 = digits.parse().ok()?;
        let proof: Vec<Hash> = lines.map(|line| STANDARD.decode(line).ok()?.try_into().ok()).collect::<Option<_>>()?;
        (old.to_string() == digits && proof.len() <= PROOF_LINES).then(|| Self { old, proof, note: note.to_owned() })
    }

    /// The request's body.
    pub fn body(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| format!("{}\n", STANDARD.encode(hash))).collect();
        format!("old {}\n{proof}\n{}", self.old, self.note)
    }
}

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// 400: no request, or an older tree that is larger than the new one.
    Malformed,
    /// 404: no log of this origin is known.
    UnknownOrigin,
    /// 403: none of the log's keys signed it.
    UnknownKey,
    /// 409: the tree cosigned last has this size, or at this size another root.
    Conflict(u64),
    /// 422: the proof does not show that the tree only grew.
    NotConsistent,
    /// 200: to be kept, then cosigned.
    Accepted(Head),
}

/// The origin that a request is about, if there is one.
pub fn origin_of(request: &Request) -> Option<&str> {
    let (text, _) = checkpoint::parts(&request.note)?;
    checkpoint::head_of(text).map(|(origin, _)| origin)
}

/// Judges a request. `keys` are the verifier keys of the origin's log, `last` the head that was cosigned last.
pub fn judge(request: &Request, keys: &[&str], last: Option<&Head>) -> Verdict {
    let Some(origin) = origin_of(request) else { return Verdict::Malformed };
    if !keys.iter().any(|key| key.split_once('+').is_some_and(|(name, _)| name == origin)) {
        return Verdict::UnknownOrigin;
    }
    let Some(head) = keys.iter().find_map(|key| checkpoint::open(&request.note, key)) else { return Verdict::UnknownKey };
    if request.old > head.size {
        return Verdict::Malformed;
    }
    let seen = last.map_or(0, |last| last.size);
    if request.old != seen {
        return Verdict::Conflict(seen);
    }
    match last {
        // From nothing there is nothing to prove, whatever the root of nothing is said to be.
        None if request.proof.is_empty() => Verdict::Accepted(head),
        Some(last) if last.size == head.size && last.root != head.root => Verdict::Conflict(seen),
        Some(last) if last.size == 0 && request.proof.is_empty() => Verdict::Accepted(head),
        Some(last) if verify_consistency(last.size, head.size, &request.proof, &last.root, &head.root) => Verdict::Accepted(head),
        _ => Verdict::NotConsistent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::checkpoint::JournalKey;
    use crate::trust::tree::{Edge, consistency};
    use std::collections::BTreeMap;

    /// Heads of a growing tree whose leaves are numbered from `seed`, and the proof between two of its sizes.
    fn grown(seed: u8, size: u64, old: u64) -> (Head, Vec<Hash>) {
        let (mut edge, mut nodes) = (Edge::default(), BTreeMap::new());
        for leaf in 0..size {
            let mut hash = [seed; 32];
            hash[..8].copy_from_slice(&leaf.to_be_bytes());
            nodes.extend(edge.append(hash).into_iter().map(|(level, position, hash)| ((level, position), hash)));
        }
        let proof = consistency(&mut |level, position| Ok(nodes[&(level, position)]), old, size).unwrap();
        (Head { size, root: edge.root() }, proof)
    }

    fn request(key: &JournalKey, seed: u8, size: u64, old: u64) -> Request {
        let (head, proof) = grown(seed, size, old);
        Request { old, proof, note: key.sign(&head) }
    }

    #[test]
    fn a_tree_that_grew_is_accepted_and_two_histories_are_not() {
        let (log, other) = (JournalKey::ephemeral("baiyi/330502").unwrap(), JournalKey::ephemeral("baiyi/330502").unwrap());
        let own = log.verifier();
        let keys = [own.as_str()];
        let first = grown(1, 5, 0).0;
        assert_eq!(judge(&request(&log, 1, 5, 0), &keys, None), Verdict::Accepted(first.clone()));
        assert_eq!(judge(&request(&log, 1, 9, 5), &keys, Some(&first)), Verdict::Accepted(grown(1, 9, 5).0));
        assert_eq!(judge(&request(&log, 1, 5, 5), &keys, Some(&first)), Verdict::Accepted(first.clone()), "the same again");
        assert_eq!(judge(&request(&log, 2, 5, 5), &keys, Some(&first)), Verdict::Conflict(5), "another root at the same size");
        assert_eq!(judge(&request(&log, 2, 9, 5), &keys, Some(&first)), Verdict::NotConsistent, "another history");
        assert_eq!(judge(&request(&log, 1, 9, 4), &keys, Some(&first)), Verdict::Conflict(5));
        assert_eq!(judge(&request(&log, 1, 9, 0), &keys, Some(&first)), Verdict::Conflict(5));
        assert_eq!(judge(&request(&log, 1, 3, 3), &keys, Some(&first)), Verdict::Conflict(5), "a tree that shrank");
        assert_eq!(judge(&Request { old: 7, ..request(&log, 1, 5, 0) }, &keys, Some(&first)), Verdict::Malformed);
        assert_eq!(judge(&request(&other, 1, 9, 5), &keys, Some(&first)), Verdict::UnknownKey);
        assert_eq!(judge(&request(&log, 1, 9, 5), &[], Some(&first)), Verdict::UnknownOrigin);
        assert_eq!(judge(&Request { proof: vec![[0; 32]], ..request(&log, 1, 5, 0) }, &keys, None), Verdict::NotConsistent);
    }

    #[test]
    fn requests_have_one_form() {
        let log = JournalKey::ephemeral("baiyi/330502").unwrap();
        let whole = request(&log, 1, 9, 5);
        assert_eq!(Request::parse(&whole.body()), Some(whole.clone()));
        for bad in ["", "old 5", "old 05\n\nx", "old +5\n\nx", "5\n\nx", "old 5\nAAAA\n\nx", "old 5\n!\n\nx"] {
            assert_eq!(Request::parse(bad), None, "{bad}");
        }
        let long = Request { proof: vec![[0; 32]; 64], ..whole };
        assert_eq!(Request::parse(&long.body()), None);
    }

    #[test]
    fn a_cosignature_holds_for_its_text_time_and_key_only() {
        let (witness, other) = (WitnessKey::ephemeral("witness.example/w1").unwrap(), WitnessKey::ephemeral("witness.example/w1").unwrap());
        let line = witness.cosign("baiyi/330502\n5\nx\n", 1_772_413_200);
        let lines = || line.lines();
        assert_eq!(cosigned("baiyi/330502\n5\nx\n", lines(), &witness.verifier()).unwrap().0, 1_772_413_200);
        assert_eq!(cosigned("baiyi/330502\n6\nx\n", lines(), &witness.verifier()), None);
        assert_eq!(cosigned("baiyi/330502\n5\nx\n", lines(), &other.verifier()), None);
        assert!(WitnessKey::ephemeral("a b").is_err() && WitnessKey::ephemeral("a+b").is_err());
        assert_eq!(name_of(&witness.verifier()), Some("witness.example/w1"));
        assert_eq!(name_of("nobody"), None);
    }

    #[test]
    fn the_published_example_of_a_cosignature_has_our_form() {
        // C2SP tlog-cosignature: 4 bytes of key id, 8 of time, 64 of signature.
        let line = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let bytes = STANDARD.decode(line).unwrap();
        assert_eq!(bytes.len(), 76);
        let time: [u8; 8] = bytes[4..12].try_into().unwrap();
        assert_eq!(u64::from_be_bytes(time), 1_679_315_147, "the time of the example's message");
    }
}
