//! The journal as an opener's program follows it: the key is pinned, each checkpoint must grow out of the last one seen, an entry must be in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fault;
use crate::trust::checkpoint::{self, Head};
use crate::trust::journal::leaf_hash;
use crate::trust::tree::{Hash, verify_consistency, verify_inclusion};

/// The latest checkpoint with what proves that it grew out of an earlier one, and perhaps that an entry is in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JournalProof)]
pub struct Proof {
    /// The signed note.
    #[schema(example = "baiyi/330502\n1204\nuMbm…=\n\n— baiyi/330502 x09…=\n")]
    pub note: String,
    /// The key that signed it (vkey).
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub verifier_key: String,
    /// Size of the earlier tree.
    #[schema(example = 1000)]
    pub from: u64,
    /// The consistency proof, base64.
    #[schema(max_items = 128, example = json!(["uMbm…="]))]
    pub consistency: Vec<String>,
    /// The entry.
    pub entry: Option<EntryProof>,
}

/// An entry with its inclusion proof.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JournalEntryProof)]
pub struct EntryProof {
    /// Canonical text.
    #[schema(example = "{\"action\":\"tender.closed\",…}")]
    pub text: String,
    /// Salt, base64.
    #[schema(example = "uMbm…=")]
    pub salt: String,
    /// Index.
    #[schema(example = 1203)]
    pub index: u64,
    /// The path, base64.
    #[schema(max_items = 64, example = json!(["uMbm…="]))]
    pub hashes: Vec<String>,
}

/// What of the journal an opener keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The key, pinned when it was first seen.
    pub verifier_key: Option<String>,
    /// The last checkpoint seen.
    pub note: Option<String>,
}

impl Kept {
    /// Leaves of the last checkpoint seen; 0 before any.
    pub fn size(&self) -> u64 {
        self.head().map_or(0, |head| head.size)
    }

    fn head(&self) -> Option<Head> {
        checkpoint::open(self.note.as_deref()?, self.verifier_key.as_deref()?)
    }

    /// Accepts a later checkpoint; refuses one of another key, an older one, and one whose tree does not begin with the tree seen before.
    pub fn follow(&mut self, proof: &Proof) -> Result<Head, Fault> {
        if self.verifier_key.as_ref().is_some_and(|pinned| *pinned != proof.verifier_key) {
            return Err(Fault::refused("the journal is signed with another key than before"));
        }
        let head =
            checkpoint::open(&proof.note, &proof.verifier_key).ok_or_else(|| Fault::refused("the checkpoint's signature does not hold"))?;
        if let Some(before) = self.head() {
            let path = hashes(&proof.consistency)?;
            let grown = proof.from == before.size && verify_consistency(before.size, head.size, &path, &before.root, &head.root);
            if !grown {
                let (old, new) = (before.size, head.size);
                return Err(Fault::refused(format!(
                    "the journal forked: its tree of {new} entries does not begin with the tree of {old} that this program saw"
                )));
            }
        }
        *self = Self { verifier_key: Some(proof.verifier_key.clone()), note: Some(proof.note.clone()) };
        Ok(head)
    }
}

/// The entry's JSON when it is in the tree.
pub fn included(head: &Head, entry: &EntryProof) -> Result<Value, Fault> {
    let salt = STANDARD.decode(&entry.salt).map_err(|_| Fault::refused("a salt is not base64"))?;
    let leaf = leaf_hash(&salt, &entry.text);
    if !verify_inclusion(&leaf, entry.index, head.size, &hashes(&entry.hashes)?, &head.root) {
        return Err(Fault::refused("the entry is not in the journal"));
    }
    serde_json::from_str(&entry.text).map_err(|e| Fault::refused(format!("the entry is not JSON: {e}")))
}

fn hashes(encoded: &[String]) -> Result<Vec<Hash>, Fault> {
    let hash = |text: &String| STANDARD.decode(text).ok()?.try_into().ok();
    encoded.iter().map(|text| hash(text).ok_or_else(|| Fault::refused("a proof holds something that is no hash"))).collect()
}
