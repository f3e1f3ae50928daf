//! The chains of the house's signing keys: each key is announced in the journal by an entry that the key before it and the new one signed. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::checkpoint::{self, Head};
use super::journal::Event;
use super::notes::{self, NoteKey};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AnyId, TenantId};

crate::text_enum! {
    /// What a chain of keys signs.
    pub enum KeyOf {
        /// Checkpoints of the journal.
        Journal = "journal",
        /// Receipts of bids.
        Receipts = "receipts",
        /// Access tokens.
        Tokens = "tokens",
    }
}

impl KeyOf {
    /// The action that announces the next key.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Journal => "journal.key_rotated",
            Self::Receipts => "receipts.key_rotated",
            Self::Tokens => "tokens.key_rotated",
        }
    }

    /// The kind of resource that the key is. There is one of each, so its id is the nil UUID.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Journal => "journal_key",
            Self::Receipts => "receipts_key",
            Self::Tokens => "tokens_key",
        }
    }

    /// Whose key an entry of this action on this kind announces.
    pub fn of_entry(action: &str, kind: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|of| of.action() == action && of.kind() == kind)
    }

    const fn whose(self) -> &'static str {
        match self {
            Self::Journal => "journal's",
            Self::Receipts => "receipts'",
            Self::Tokens => "tokens'",
        }
    }
}

/// The id under which rotations are found.
pub fn resource() -> AnyId {
    AnyId::from(uuid::Uuid::nil())
}

/// One announced key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Which chain.
    pub of: KeyOf,
    /// Index of the entry that announces it; none while it waits. The checkpoint over the entry is the first that a new key of the journal signs.
    pub index: Option<i64>,
    /// Verifier key until then.
    pub from: String,
    /// Verifier key from then on.
    pub to: String,
    /// Instant until which what the old key signed still counts; of tokens only, which say themselves when they end.
    pub until: Option<UtcInstant>,
    /// Signature of the old key over the statement, base64.
    pub signed_by_old: String,
    /// Signature of the new key over the statement, base64: nobody announces a key that is not its own.
    pub signed_by_new: String,
}

/// What both keys sign.
pub fn statement(of: KeyOf, from: &str, to: &str, until: Option<UtcInstant>) -> String {
    let until = until.map(|until| format!("until {until}\n")).unwrap_or_default();
    format!("baiyi {of} key rotation v1\n{from}\n{to}\n{until}")
}

/// A key and its successor.
pub struct Succession<'a> {
    /// Which chain.
    pub of: KeyOf,
    /// The key until now.
    pub old: &'a NoteKey,
    /// The next one.
    pub new: &'a NoteKey,
    /// Of tokens: until when those of the old key count.
    pub until: Option<UtcInstant>,
}

/// The event that announces the next key.
pub fn rotation(tenant: TenantId, version: i64, Succession { of, old, new, until }: &Succession<'_>) -> Event<'static> {
    let (from, to) = (old.verifier(), new.verifier());
    let text = statement(*of, &from, &to, *until);
    let mut content = json!({"from": from, "to": to, "signed_by_old": STANDARD.encode(old.sign_text(&text)), "signed_by_new": STANDARD.encode(new.sign_text(&text))});
    if let (Some(until), Some(facts)) = (until, content.as_object_mut()) {
        facts.insert("until".to_owned(), until.to_string().into());
    }
    Event { tenant, action: of.action(), kind: of.kind(), resource: resource(), version, case: None, content }
}

impl Rotation {
    /// Reads it from the signed text of an entry.
    pub fn of_entry(of: KeyOf, index: Option<i64>, entry: &Value) -> Option<Self> {
        let content = entry.get("content")?;
        let text = |key: &str| Some(content.get(key)?.as_str()?.to_owned());
        let until = match content.get("until") {
            None => None,
            Some(until) => Some(UtcInstant::parse(until.as_str()?).ok()?),
        };
        let (from, to, signed_by_old, signed_by_new) = (text("from")?, text("to")?, text("signed_by_old")?, text("signed_by_new")?);
        Some(Self { of, index, from, to, until, signed_by_old, signed_by_new })
    }

    /// Whether both keys signed it, for one chain.
    pub fn holds(&self) -> bool {
        let text = statement(self.of, &self.from, &self.to, self.until);
        let signed = |key: &str, signature: &str| STANDARD.decode(signature).is_ok_and(|bytes| notes::verify_text(key, &text, &bytes));
        let one_name = notes::name_of(&self.from).is_some_and(|name| notes::name_of(&self.to) == Some(name));
        one_name
            && self.until.is_some() == (self.of == KeyOf::Tokens)
            && signed(&self.from, &self.signed_by_old)
            && signed(&self.to, &self.signed_by_new)
    }
}

/// The keys of one chain and from which entry on each one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChain {
    first: String,
    later: Vec<Link>,
}

/// A key that another one announced.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    /// Index of the announcing entry; the largest number while it waits.
    index: u64,
    key: String,
    /// Until when what the key before it signed counts, where that is told.
    until: Option<UtcInstant>,
}

impl From<&str> for KeyChain {
    /// A key that was never changed.
    fn from(verifier: &str) -> Self {
        Self { first: verifier.to_owned(), later: Vec::new() }
    }
}

impl KeyChain {
    /// The chain of these rotations, which must hold the key that is known; what is wrong otherwise, and then the known key alone.
    pub fn of(of: KeyOf, known: &str, rotations: &[Rotation]) -> (Self, Vec<String>) {
        let (chain, mut faults) = Self::announced(of, rotations);
        let chain = chain.unwrap_or_else(|| Self::from(known));
        if !chain.has(known) {
            faults.push(format!("the known key is not among the {} keys", of.whose()));
        }
        if faults.is_empty() { (chain, faults) } else { (Self::from(known), faults) }
    }

    /// The chain that these rotations announce as far as it holds, and where it breaks; no chain where nothing was announced.
    pub fn announced(of: KeyOf, rotations: &[Rotation]) -> (Option<Self>, Vec<String>) {
        let mut ordered: Vec<&Rotation> = rotations.iter().filter(|one| one.of == of).collect();
        // What waits for its place comes after everything that has one.
        ordered.sort_by_key(|one| one.index.unwrap_or(i64::MAX));
        let Some(first) = ordered.first() else { return (None, Vec::new()) };
        let mut chain = Self::from(first.from.as_str());
        for one in ordered {
            let at = one.index.map_or_else(|| "not in the tree yet".to_owned(), |index| format!("at index {index}"));
            if one.from != chain.last() || !one.holds() {
                return (Some(chain), vec![format!("the rotation of the {} key {at}: not signed by the key before it", of.whose())]);
            }
            let index = one.index.and_then(|index| u64::try_from(index).ok()).unwrap_or(u64::MAX);
            chain.later.push(Link { index, key: one.to.clone(), until: one.until });
        }
        (Some(chain), Vec::new())
    }

    /// The key that counts from now on.
    pub fn last(&self) -> &str {
        self.later.last().map_or(self.first.as_str(), |link| link.key.as_str())
    }

    /// Every key, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.first.as_str()).chain(self.later.iter().map(|link| link.key.as_str()))
    }

    /// Whether a key is one of the chain.
    pub fn has(&self, key: &str) -> bool {
        self.keys().any(|one| one == key)
    }

    /// Whether another key took the place of this one.
    pub fn replaced(&self, key: &str) -> bool {
        self.has(key) && self.last() != key
    }

    /// Every key with the instant from which on its tokens count no more; none of the last one.
    pub fn ends(&self) -> impl Iterator<Item = (&str, Option<UtcInstant>)> {
        let ends = self.later.iter().map(|link| link.until).chain(std::iter::once(None));
        self.keys().zip(ends)
    }

    /// The key that signs the checkpoint of this many entries.
    pub fn at(&self, size: u64) -> &str {
        self.later.iter().rev().find(|link| link.index < size).map_or(self.first.as_str(), |link| link.key.as_str())
    }

    /// Whether a key of the chain may have signed what is told of the entry at an index: its successor was announced after that entry. Without an index the
    /// entry waits, and then so must the announcement.
    pub fn covers(&self, key: &str, index: Option<u64>) -> bool {
        let next = self.keys().zip(&self.later).find(|(one, _)| *one == key).map(|(_, link)| link.index);
        self.has(key) && next.is_none_or(|next| index.map_or(next == u64::MAX, |index| index < next))
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
    use crate::trust::checkpoint::JournalKey;

    const NAME: &str = "baiyi/330502";

    fn link(of: KeyOf, index: Option<i64>, old: &NoteKey, new: &NoteKey, until: Option<UtcInstant>) -> Rotation {
        let tenant = TenantId::from(uuid::Uuid::nil());
        let event = rotation(tenant, 1, &Succession { of, old, new, until });
        Rotation::of_entry(of, index, &json!({"content": event.content})).unwrap()
    }

    fn rotation_at(index: i64, old: &JournalKey, new: &JournalKey) -> Rotation {
        link(KeyOf::Journal, Some(index), old.note_key(), new.note_key(), None)
    }

    #[test]
    fn a_chain_is_followed_and_every_break_is_named() {
        let key = || JournalKey::ephemeral(NAME).unwrap();
        let (first, second, third, evil) = (key(), key(), key(), key());
        let links = [rotation_at(9, &second, &third), rotation_at(4, &first, &second)];
        for known in [&first, &second, &third] {
            let (chain, faults) = KeyChain::of(KeyOf::Journal, &known.verifier(), &links);
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
        assert!(KeyChain::of(KeyOf::Journal, &evil.verifier(), &links).1[0].contains("not among the journal's keys"));
        // Somebody who holds a key of his own announces it, or announces a known key as his successor.
        let mut forged = rotation_at(4, &evil, &second);
        forged.from = first.verifier();
        assert!(KeyChain::of(KeyOf::Journal, &first.verifier(), &[forged]).1[0].contains("at index 4"));
        let mut taken = rotation_at(4, &evil, &second);
        taken.to = first.verifier();
        assert!(!KeyChain::of(KeyOf::Journal, &first.verifier(), &[taken]).1.is_empty());
        let other = JournalKey::ephemeral("baiyi/other").unwrap();
        assert!(!KeyChain::of(KeyOf::Journal, &first.verifier(), &[rotation_at(4, &first, &other)]).1.is_empty());
    }

    #[test]
    fn an_announcement_counts_for_its_own_chain_only() {
        let [old, new] = [0, 1].map(|_| NoteKey::ephemeral(NAME).unwrap());
        let until = Some(UtcInstant::parse("2026-03-02T01:15:00Z").unwrap());
        for (of, until) in [(KeyOf::Journal, None), (KeyOf::Receipts, None), (KeyOf::Tokens, until)] {
            let whole = link(of, Some(4), &old, &new, until);
            assert!(whole.holds(), "{of}");
            for other in KeyOf::ALL.iter().copied().filter(|other| *other != of) {
                assert!(!Rotation { of: other, ..whole.clone() }.holds(), "{of} told as {other}");
                assert_eq!(
                    KeyChain::of(other, &old.verifier(), std::slice::from_ref(&whole)),
                    (KeyChain::from(old.verifier().as_str()), vec![])
                );
            }
        }
        // Nobody gives the tokens of a replaced key a longer life, or receipts and checkpoints an end.
        let whole = link(KeyOf::Tokens, Some(4), &old, &new, until);
        let later = until.map(|until| until.plus_seconds(1));
        assert!(!Rotation { until: later, ..whole.clone() }.holds() && !Rotation { until: None, ..whole }.holds());
        assert!(!link(KeyOf::Tokens, Some(4), &old, &new, None).holds() && !link(KeyOf::Receipts, Some(4), &old, &new, until).holds());
    }

    #[test]
    fn a_replaced_key_covers_the_entries_before_its_replacement() {
        let keys = [0, 1, 2].map(|_| NoteKey::ephemeral(NAME).unwrap());
        let [first, second, third] = keys.each_ref().map(NoteKey::verifier);
        let chain = |waiting: Option<i64>| {
            let links =
                [link(KeyOf::Receipts, Some(4), &keys[0], &keys[1], None), link(KeyOf::Receipts, waiting, &keys[1], &keys[2], None)];
            KeyChain::of(KeyOf::Receipts, &second, &links).0
        };
        let fixed = chain(Some(9));
        let covers = |key: &str| [Some(3), Some(5), Some(8), Some(10), None].map(|index| fixed.covers(key, index));
        assert_eq!(covers(&first), [true, false, false, false, false]);
        assert_eq!(covers(&second), [true, true, true, false, false], "what waited at the rotation is settled by the key after it");
        assert_eq!(covers(&third), [true; 5]);
        assert_eq!(covers("stranger"), [false; 5]);
        assert!(chain(None).covers(&second, None) && chain(None).covers(&second, Some(99)), "as long as the announcement waits");
        assert!(fixed.replaced(&first) && !fixed.replaced(&third) && !fixed.replaced("stranger"));
    }
}
