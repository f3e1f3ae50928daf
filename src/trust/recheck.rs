//! Holds journal entries against their own leaves: text, salt, columns, and that nothing was erased without an entry that says so. Pure, so that a
//! database and an export are judged alike.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::journal::{self, Entry, Event};
use super::keychain::{KEY_KIND, ROTATED, Rotation};
use crate::kernel::id::{JournalEntryId, TenantId};

/// The action that records an erasure. Its resource is the erased entry.
pub const ERASED: &str = "journal.erased";

/// The kind of resource that an entry of the journal is.
pub const ENTRY_KIND: &str = "journal_entry";

/// Bytes of a salt.
pub const SALT_BYTES: usize = 32;

/// The columns that the signed text repeats.
const COLUMNS: usize = 10;

/// The event that records that text and salt of an entry were erased; to be journalled in the transaction that erases them.
pub fn erasure(tenant: TenantId, entry: JournalEntryId, index: i64, reason: &str) -> Event<'static> {
    let content = json!({"entry_id": entry, "index": index, "reason": reason});
    Event { tenant, action: ERASED, kind: ENTRY_KIND, resource: entry.any(), version: 1, case: None, content }
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Recheck {
    entries: u64,
    faults: Vec<String>,
    erased: BTreeMap<String, Option<i64>>,
    recorded: BTreeMap<String, Option<i64>>,
    rotations: Vec<Rotation>,
}

/// What a recheck ends with.
#[derive(Debug, Default)]
pub struct Rechecked {
    /// Entries looked at.
    pub entries: u64,
    /// Entries that do not match, in the order they came; then erasures that nobody recorded.
    pub faults: Vec<String>,
    /// Entries whose text was erased and whose erasure is recorded.
    pub erased: Vec<String>,
    /// Changes of the journal's key that intact entries announce.
    pub rotations: Vec<Rotation>,
}

impl Recheck {
    /// Looks at one entry; gives its signed text, parsed, if there is one and everything matches it.
    pub fn entry(&mut self, entry: &Entry) -> Option<Value> {
        self.entries = self.entries.saturating_add(1);
        let (text, salt) = match (&entry.text, &entry.salt) {
            (Some(text), Some(salt)) => (text, salt),
            (None, None) => {
                self.erased.insert(entry.id.clone(), entry.index);
                return None;
            }
            _ => return self.fault(entry, "half of text and salt is missing"),
        };
        // A salt of another length would leave open where it ends and the text begins.
        let Some(salt) = STANDARD.decode(salt).ok().filter(|salt| salt.len() == SALT_BYTES) else { return self.fault(entry, "salt") };
        if STANDARD.encode(journal::leaf_hash(&salt, text)) != entry.leaf_hash {
            return self.fault(entry, "leaf_hash");
        }
        let Ok(value) = serde_json::from_str::<Value>(text) else { return self.fault(entry, "content") };
        if let Some(column) = differing(entry, &value) {
            return self.fault(entry, column);
        }
        if entry.action == ERASED && entry.resource_kind == ENTRY_KIND {
            let index = value.get("content").and_then(|content| content.get("index")).and_then(Value::as_i64);
            self.recorded.insert(entry.resource_id.clone(), index);
        }
        if entry.action == ROTATED && entry.resource_kind == KEY_KIND {
            match Rotation::of_entry(entry.index, &value) {
                Some(rotation) => self.rotations.push(rotation),
                None => return self.fault(entry, "it announces no key"),
            }
        }
        Some(value)
    }

    fn fault(&mut self, entry: &Entry, what: &str) -> Option<Value> {
        self.faults.push(format!("entry {}{} does not match: {what}", entry.id, at(entry.index)));
        None
    }

    /// Holds what was erased against what was recorded.
    pub fn end(self) -> Rechecked {
        let Self { entries, mut faults, erased: gone, recorded, rotations } = self;
        let mut erased = Vec::new();
        for (id, index) in gone {
            match recorded.get(&id) {
                Some(told) if *told == index => erased.push(format!("entry {id}{} is erased, as the journal records", at(index))),
                Some(_) => faults.push(format!("entry {id}{} is erased, but the journal records another index", at(index))),
                None => faults.push(format!("entry {id}{} is erased and no entry records it", at(index))),
            }
        }
        Rechecked { entries, faults, erased, rotations }
    }
}

fn at(index: Option<i64>) -> String {
    index.map_or_else(|| " (not in the tree yet)".to_owned(), |index| format!(" at index {index}"))
}

/// The first column that is not what the signed text says.
fn differing(entry: &Entry, value: &Value) -> Option<&'static str> {
    let columns: [(&'static str, Value); COLUMNS.saturating_sub(1)] = [
        ("id", entry.id.as_str().into()),
        ("tenant_id", entry.tenant_id.as_str().into()),
        ("at", entry.at.as_str().into()),
        ("actor_id", entry.actor_id.as_deref().map_or(Value::Null, Value::from)),
        ("action", entry.action.as_str().into()),
        ("resource_kind", entry.resource_kind.as_str().into()),
        ("resource_id", entry.resource_id.as_str().into()),
        ("resource_version", entry.resource_version.into()),
        ("case_id", entry.case_id.as_deref().map_or(Value::Null, Value::from)),
    ];
    if value.as_object().is_none_or(|object| object.len() != COLUMNS) {
        return Some("content");
    }
    columns.into_iter().find(|(key, column)| value.get(key) != Some(column)).map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A well-formed entry of this text.
    fn entry(index: i64, action: &str, resource: &str, content: &Value) -> Entry {
        let id = format!("entry-{index}");
        let text = json!({"id": id, "tenant_id": "t", "at": "a", "actor_id": null, "action": action, "resource_kind": ENTRY_KIND,
            "resource_id": resource, "resource_version": 1, "case_id": "c", "content": content})
        .to_string();
        Entry {
            index: Some(index),
            leaf_hash: STANDARD.encode(journal::leaf_hash(&[7; 32], &text)),
            text: Some(text),
            salt: Some(STANDARD.encode([7; 32])),
            id,
            tenant_id: "t".to_owned(),
            at: "a".to_owned(),
            actor_id: None,
            action: action.to_owned(),
            resource_kind: ENTRY_KIND.to_owned(),
            resource_id: resource.to_owned(),
            resource_version: 1,
            case_id: Some("c".to_owned()),
        }
    }

    fn told(entries: &[Entry]) -> Rechecked {
        let mut recheck = Recheck::default();
        for entry in entries {
            recheck.entry(entry);
        }
        recheck.end()
    }

    #[test]
    fn an_erasure_counts_only_if_an_entry_names_it_with_its_index() {
        let whole = entry(3, "x.y", "r", &json!({}));
        assert_eq!(told(std::slice::from_ref(&whole)).faults, [""; 0]);
        let gone = Entry { text: None, salt: None, ..whole.clone() };
        assert!(told(std::slice::from_ref(&gone)).faults[0].contains("at index 3 is erased and no entry records it"));
        let record = entry(9, ERASED, &gone.id, &json!({"index": 3}));
        let fine = told(&[gone.clone(), record.clone()]);
        assert_eq!((fine.faults.len(), fine.erased.len()), (0, 1));
        assert!(told(&[gone.clone(), entry(9, ERASED, &gone.id, &json!({"index": 4}))]).faults[0].contains("another index"));
        let forged = Entry { resource_id: gone.id.clone(), ..entry(9, ERASED, "r", &json!({"index": 3})) };
        assert_eq!(told(&[gone, forged]).faults.len(), 2, "a record that does not match its own leaf records nothing");
        assert!(told(&[Entry { salt: None, ..whole }]).faults[0].contains("half"));
        assert_eq!(told(&[record]).faults, [""; 0]);
        let text = |entry: &Entry| entry.text.clone().unwrap();
        let spaced = Entry { salt: Some(STANDARD.encode([b' '; 32])), ..entry(3, "x.y", "r", &json!({})) };
        let spaced = Entry { leaf_hash: STANDARD.encode(journal::leaf_hash(&[b' '; 32], &text(&spaced))), ..spaced };
        assert_eq!(told(std::slice::from_ref(&spaced)).faults, [""; 0]);
        let shifted = Entry { salt: Some(STANDARD.encode([b' '; 31])), text: Some(format!(" {}", text(&spaced))), ..spaced };
        assert!(told(&[shifted]).faults[0].ends_with(": salt"), "the same leaf with another end of its salt");
    }

    #[test]
    fn each_column_that_differs_is_named() {
        let whole = entry(3, "x.y", "r", &json!({}));
        let other = || "other".to_owned();
        for (changed, column) in [
            (Entry { id: other(), ..whole.clone() }, ": id"),
            (Entry { tenant_id: other(), ..whole.clone() }, ": tenant_id"),
            (Entry { at: other(), ..whole.clone() }, ": at"),
            (Entry { actor_id: Some(other()), ..whole.clone() }, ": actor_id"),
            (Entry { action: other(), ..whole.clone() }, ": action"),
            (Entry { resource_kind: other(), ..whole.clone() }, ": resource_kind"),
            (Entry { resource_id: other(), ..whole.clone() }, ": resource_id"),
            (Entry { resource_version: 2, ..whole.clone() }, ": resource_version"),
            (Entry { case_id: None, ..whole.clone() }, ": case_id"),
            (Entry { leaf_hash: other(), ..whole.clone() }, ": leaf_hash"),
        ] {
            assert!(told(&[changed]).faults[0].ends_with(column), "{column}");
        }
    }
}
