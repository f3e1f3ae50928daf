//! The chain of the journal's keys: each is announced by an entry that the key before it and the new one signed. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::checkpoint::{self, Head, JournalKey};
use super::journal::Event;
use crate::kernel::id::{AnyId, TenantId};

/// The action that announces the next key.
pub const ROTATED: &str = "journal.key_rotated";

/// The kind of resource that the journal's key is. There is one, so its id is the nil UUID.
pub const KEY_KIND: &str = "journal_key";

/// The id under which rotations are found.
pub fn resource() -> AnyId {
    AnyId::from(uuid::Uuid::nil())
}

/// One announced key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Index of the entry that announces it; none while it waits. The checkpoint over the entry is the first that the new key signs.
    pub index: Option<i64>,
    /// Verifier key until then.
    pub from: String,
    /// Verifier key from then on.
    pub to: String,
    /// Signature of the old key over the statement, base64.
    pub signed_by_old: String,
    /// Signature of the new key over the statement, base64: nobody announces a key that is not its own.
    pub signed_by_new: String,
}

/// What both keys sign.
pub fn statement(from: &str, to: &str) -> String {
    format!("baiyi journal key rotation v1\n{from}\n{to}\n")
}

/// The event that announces the next key.
pub fn rotation(tenant: TenantId, version: i64, old: &JournalKey, new: &JournalKey) -> Event<'static> {
    let (from, to) = (old.verifier(), new.verifier());
    let text = statement(&from, &to);
    let content = json!({"from": from, "to": to, "signed_by_old": STANDARD.encode(old.sign_text(&text)), "signed_by_new": STANDARD.encode(new.sign_text(&text))});
    Event { tenant, action: ROTATED, kind: KEY_KIND, resource: resource(), version, case: None, content }
}

fn name_of(verifier: &str) -> &str {
    verifier.split_once('+').map_or(verifier, |(name, _)| name)
}

impl Rotation {
    /// Reads it from the signed text of an entry.
    pub fn of_entry(index: Option<i64>, entry: &Value) -> Option<Self> {
        let text = |key: &str| Some(entry.get("content")?.get(key)?.as_str()?.to_owned());
        Some(Self {
            index,
            from: text("from")?,
            to: text("to")?,
            signed_by_old: text("signed_by_old")?,
            signed_by_new: text("signed_by_new")?,
        })
    }

    /// Whether both keys signed it, for one journal.
    pub fn holds(&self) -> bool {
        let text = statement(&self.from, &self.to);
        let signed = |key: &str, signature: &str| STANDARD.decode(signature).is_ok_and(|bytes| checkpoint::verify_text(key, &text, &bytes));
        name_of(&self.from) == name_of(&self.to) && signed(&self.from, &self.signed_by_old) && signed(&self.to, &self.signed_by_new)
    }
}

/// The keys of a journal and from which entry on each one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChain {
    first: String,
    /// Index of the announcing entry, and the key.
    later: Vec<(u64, String)>,
}

impl From<&str> for KeyChain {
    /// A journal whose key was never changed.
    fn from(verifier: &str) -> Self {
        Self { first: verifier.to_owned(), later: Vec::new() }
    }
}

impl KeyChain {
    /// The chain of these rotations, which must hold the key that is known; what is wrong otherwise.
    pub fn of(known: &str, rotations: &[Rotation]) -> (Self, Vec<String>) {
        let mut ordered: Vec<&Rotation> = rotations.iter().collect();
        // What waits for its place comes after everything that has one.
        ordered.sort_by_key(|one| one.index.unwrap_or(i64::MAX));
        let Some(first) = ordered.first() else { return (Self::from(known), Vec::new()) };
        let mut chain = Self::from(first.from.as_str());
        let mut faults = Vec::new();
        for one in ordered {
            let at = one.index.map_or_else(|| "not in the tree yet".to_owned(), |index| format!("at index {index}"));
            if one.from != chain.last() || !one.holds() {
                faults.push(format!("the rotation of the journal's key {at}: not signed by the key before it"));
                break;
            }
            let index = one.index.and_then(|index| u64::try_from(index).ok()).unwrap_or(u64::MAX);
            chain.later.push((index, one.to.clone()));
        }
        if !chain.keys().any(|key| key == known) {
            faults.push("the known key is not among the journal's keys".to_owned());
        }
        if faults.is_empty() { (chain, faults) } else { (Self::from(known), faults) }
    }

    fn last(&self) -> &str {
        self.later.last().map_or(self.first.as_str(), |(_, key)| key.as_str())
    }

    /// Every key, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.first.as_str()).chain(self.later.iter().map(|(_, key)| key.as_str()))
    }

    /// The key that signs the checkpoint of this many entries.
    pub fn at(&self, size: u64) -> &str {
        self.later.iter().rev().find(|(index, _)| *index < size).map_or(self.first.as_str(), |(_, key)| key.as_str())
    }

    /// The head of a note that the key of its size signed.
    pub fn open(&self, note: &str) -> Option<Head> {
        let size = note.lines().nth(1)?.parse().ok()?;
        checkpoint::open(note, self.at(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotation_at(index: i64, old: &JournalKey, new: &JournalKey) -> Rotation {
        let tenant = TenantId::from(uuid::Uuid::nil());
        let event = rotation(tenant, 1, old, new);
        Rotation::of_entry(Some(index), &json!({"content": event.content})).unwrap()
    }

    #[test]
    fn a_chain_is_followed_and_every_break_is_named() {
        let key = || JournalKey::ephemeral("baiyi/330502").unwrap();
        let (first, second, third, evil) = (key(), key(), key(), key());
        let links = [rotation_at(9, &second, &third), rotation_at(4, &first, &second)];
        for known in [&first, &second, &third] {
            let (chain, faults) = KeyChain::of(&known.verifier(), &links);
            assert_eq!(faults, [""; 0]);
            assert_eq!(
                [chain.at(4), chain.at(5), chain.at(9), chain.at(10)],
                [first.verifier(), second.verifier(), second.verifier(), third.verifier()]
            );
            let head = Head { size: 5, root: [1; 32] };
            assert_eq!(chain.open(&second.sign(&head)), Some(head.clone()));
            assert_eq!(chain.open(&first.sign(&head)), None, "an old key signs nothing after it was replaced");
            assert_eq!(chain.open(&third.sign(&head)), None);
        }
        assert!(KeyChain::of(&evil.verifier(), &links).1[0].contains("not among"));
        // Somebody who holds a key of his own announces it, or announces a known key as his successor.
        let mut forged = rotation_at(4, &evil, &second);
        forged.from = first.verifier();
        assert!(KeyChain::of(&first.verifier(), &[forged]).1[0].contains("at index 4"));
        let mut taken = rotation_at(4, &evil, &second);
        taken.to = first.verifier();
        assert!(!KeyChain::of(&first.verifier(), &[taken]).1.is_empty());
        assert!(!KeyChain::of(&first.verifier(), &[rotation_at(4, &first, &JournalKey::ephemeral("baiyi/other").unwrap())]).1.is_empty());
    }
}
