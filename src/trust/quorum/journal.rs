//! The journal as an opener's program follows it: the key is pinned, each checkpoint must grow out of the last one seen, an entry must be in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fault;
use crate::trust::checkpoint::{self, Head};
use crate::trust::journal::leaf_hash;
use crate::trust::keychain::{KeyOf, Rotation};
use crate::trust::tree::{Hash, verify_consistency, verify_inclusion};
use crate::trust::witness;

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
    /// Announcements of the journal's keys, oldest first.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub rotations: Vec<Announced>,
}

/// A key of the journal that the key before it announced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JournalKeyAnnounced)]
pub struct Announced {
    /// The key until then (vkey).
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub from: String,
    /// The key from then on (vkey).
    #[schema(example = "baiyi/330502+19c1d0aa+AVx0…")]
    pub to: String,
    /// Signature of the old key over the statement, base64.
    #[schema(example = "x09…==")]
    pub signed_by_old: String,
    /// Signature of the new key over the statement, base64.
    #[schema(example = "x09…==")]
    pub signed_by_new: String,
}

impl Announced {
    /// Whether both keys signed it as keys of the journal.
    fn holds(&self) -> bool {
        let Self { from, to, signed_by_old, signed_by_new } = self.clone();
        Rotation { of: KeyOf::Journal, index: None, from, to, until: None, signed_by_old, signed_by_new }.holds()
    }
}

impl From<Rotation> for Announced {
    fn from(Rotation { from, to, signed_by_old, signed_by_new, .. }: Rotation) -> Self {
        Self { from, to, signed_by_old, signed_by_new }
    }
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

    /// Pins the key that was told by another way than the server; refused when another one was seen already.
    pub fn pin(&mut self, verifier_key: &str) -> Result<(), Fault> {
        match &self.verifier_key {
            Some(pinned) if pinned != verifier_key => Err(Fault::refused(format!("this program saw the journal's key {pinned} before"))),
            _ => {
                self.verifier_key = Some(verifier_key.to_owned());
                Ok(())
            }
        }
    }

    /// Whether the pinned key leads to this one: by no announcement, or by some of which the key before each signed it.
    fn leads_to(&self, key: &str, rotations: &[Announced]) -> bool {
        let Some(pinned) = self.verifier_key.as_deref() else { return true };
        let mut at = pinned;
        for one in rotations.iter().skip_while(|one| one.from != pinned) {
            if at == key {
                return true;
            }
            if one.from != at || !one.holds() {
                return false;
            }
            at = &one.to;
        }
        at == key
    }

    /// Accepts a later checkpoint; refuses one of a key that the pinned one did not announce, an older one, and one whose tree does not begin with the tree
    /// seen before.
    pub fn follow(&mut self, proof: &Proof) -> Result<Head, Fault> {
        if !self.leads_to(&proof.verifier_key, &proof.rotations) {
            return Err(Fault::refused("the journal is signed with another key than before, which that one did not announce"));
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

/// Which of these witnesses (vkeys) did not cosign the checkpoint of a note.
pub fn unwitnessed<'w>(note: &str, witnesses: &'w [String]) -> Vec<&'w str> {
    let cosigned = |key: &str| checkpoint::parts(note).is_some_and(|(text, lines)| witness::cosigned(text, lines, key).is_some());
    witnesses.iter().map(String::as_str).filter(|key| !cosigned(key)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::TenantId;
    use crate::trust::checkpoint::JournalKey;
    use crate::trust::keychain::{Succession, rotation};
    use serde_json::json;

    fn announced(old: &JournalKey, new: &JournalKey) -> Announced {
        let succession = Succession { of: KeyOf::Journal, old: old.note_key(), new: new.note_key(), until: None };
        let event = rotation(TenantId::from(uuid::Uuid::nil()), 1, &succession);
        Rotation::of_entry(KeyOf::Journal, None, &json!({"content": event.content})).unwrap().into()
    }

    /// One tree under a key, for a program that saw it before.
    fn shown(key: &JournalKey, size: u64, rotations: &[Announced]) -> Proof {
        let note = key.sign(&Head { size, root: [7; 32] });
        Proof { note, verifier_key: key.verifier(), from: size, rotations: rotations.to_vec(), ..Proof::default() }
    }

    #[test]
    fn a_key_is_followed_as_far_as_the_keys_before_announce_it() {
        let [first, second, third, evil] = [0, 1, 2, 3].map(|_| JournalKey::ephemeral("baiyi/330502").unwrap());
        let chain = [announced(&first, &second), announced(&second, &third)];
        let mut kept = Kept::default();
        kept.pin(&first.verifier()).unwrap();
        assert!(kept.pin(&second.verifier()).is_err(), "a pinned key is not exchanged");
        kept.follow(&shown(&first, 5, &[])).unwrap();
        let follows = |key: &JournalKey, rotations: &[Announced]| {
            let mut before = kept.clone();
            let followed = before.follow(&shown(key, 5, rotations));
            assert_eq!(before == kept, followed.is_err() || key.verifier() == first.verifier(), "what is refused is not kept");
            followed.is_ok()
        };
        assert!(follows(&first, &chain) && follows(&second, &chain) && follows(&third, &chain));
        assert!(!follows(&second, &[]) && !follows(&third, &chain[..1]) && !follows(&third, &chain[1..]), "every link is needed");
        assert!(!follows(&evil, &[announced(&evil, &evil)]) && !follows(&evil, &chain));
        let mut forged = announced(&evil, &second);
        forged.from = first.verifier();
        assert!(!follows(&second, &[forged]));
        let receipts = Succession { of: KeyOf::Receipts, old: first.note_key(), new: second.note_key(), until: None };
        let event = rotation(TenantId::from(uuid::Uuid::nil()), 1, &receipts);
        let other = Rotation::of_entry(KeyOf::Receipts, None, &json!({"content": event.content})).unwrap();
        assert!(!follows(&second, &[other.into()]), "a key of receipts is none of the journal");
    }
}
