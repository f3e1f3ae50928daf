//! Holds the rows of a bundle against the journal's last word on each: presence, version, state, and every column by its digest. Pure.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Bundle, Resource};
use crate::trust::journal::{Entry, ROW};
use crate::trust::kinds::{self, Kind};
use crate::trust::rows::{self, Rows};

/// What one entry says of a resource.
#[derive(Debug)]
struct Word<'a> {
    entry: &'a Entry,
    state: Option<String>,
    /// Digests of the rows, with the salt that they were made with.
    row: Option<(Map<String, Value>, Vec<u8>)>,
}

/// What the journal says last of a resource: the entries of its greatest version that are of the same, latest instant. A clock may stand still for
/// several, and within one instant nothing puts them in an order.
#[derive(Debug, Default)]
struct Last<'a> {
    version: i64,
    words: Vec<Word<'a>>,
    /// The state that the latest entry of this version which names one gives.
    state: Option<String>,
}

impl<'a> Last<'a> {
    fn hear(&mut self, entry: &'a Entry) {
        let now = (entry.resource_version, entry.at.as_str());
        let before = (self.version, self.words.first().map_or("", |word| word.entry.at.as_str()));
        if entry.resource_version > self.version {
            self.state = None;
        }
        let word = Word::of(entry);
        match now.0.cmp(&before.0).then_with(|| instants(now.1, before.1)) {
            Ordering::Less => return,
            Ordering::Greater => self.words.clear(),
            Ordering::Equal => {}
        }
        self.version = entry.resource_version;
        self.state = word.state.clone().or_else(|| self.state.take());
        self.words.push(word);
    }

    fn at(&self) -> &str {
        self.words.last().map_or("", |word| word.entry.id.as_str())
    }

    /// What is not as any of the last entries recorded it; of several, what is wrong by the one that comes closest.
    fn differing(&self, kind: &Kind, rows: &Rows) -> Option<(String, Vec<String>)> {
        let judged = self.words.iter().filter_map(|word| {
            let (recorded, salt) = word.row.as_ref()?;
            let found = rows.digests(kind, salt).unwrap_or_default();
            Some((word.entry.id.clone(), rows::differing(recorded, &found)))
        });
        judged.min_by_key(|(_, names)| names.len()).filter(|(_, names)| !names.is_empty())
    }
}

/// Instants of unlike precision, by time. Text that is no instant is a finding of the entries' own check.
fn instants(one: &str, other: &str) -> Ordering {
    one.trim_end_matches('Z').cmp(other.trim_end_matches('Z'))
}

impl<'a> Word<'a> {
    fn of(entry: &'a Entry) -> Self {
        let text: Option<Value> = entry.text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let content = text.as_ref().and_then(|text| text.get("content"));
        let state = content.and_then(|content| content.get("state")?.as_str()).map(str::to_owned);
        let row = content.and_then(|content| content.get(ROW)?.as_object()).cloned();
        let salt = entry.salt.as_deref().and_then(|salt| STANDARD.decode(salt).ok());
        Self { entry, state, row: row.zip(salt) }
    }
}

/// Each resource has the version and the state that the journal's last entry on it names, and rows with the digests that it records; none is without an
/// entry, and none that the journal knows is missing. A row that nothing happened to yet may be named by the entry that made it: a contract's first
/// milestones are.
pub fn faults(bundle: &Bundle) -> Vec<String> {
    let mut last: BTreeMap<(&str, &str), Last<'_>> = BTreeMap::new();
    for entry in bundle.journal.iter().filter(|entry| kinds::kind_of(&entry.resource_kind).is_some()) {
        last.entry((entry.resource_kind.as_str(), entry.resource_id.as_str())).or_default().hear(entry);
    }
    let (named, mut faults) = (named(&bundle.journal), Vec::new());
    let mut found: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in &bundle.resources {
        let Some(kind) = kinds::kind_of(&row.kind) else {
            faults.push(format!("{} {}: no such kind is held against the journal", row.kind, row.id));
            continue;
        };
        found.insert((row.kind.as_str(), row.id.as_str()));
        match last.get(&(row.kind.as_str(), row.id.as_str())) {
            Some(told) => faults.extend(of_row(kind, row, told)),
            None if row.version() == 1 && (kind.begins_unnamed || named.contains(&row.id)) => {}
            None => faults.push(format!("{} {}: the journal does not know of it", row.kind, row.id)),
        }
    }
    for ((name, id), told) in last.iter().filter(|(key, _)| !found.contains(*key)) {
        match kinds::kind_of(name) {
            Some(kind) if kind.removed_by.is_some_and(|action| told.words.iter().any(|word| word.entry.action == action)) => {}
            Some(kind) if kind.row.is_none() => faults.extend(of_rows(kind, (name, id), &Rows::default(), told)),
            _ => faults.push(format!("{name} {id}: the journal knows of it (entry {}), and its table has not", told.at())),
        }
    }
    faults
}

fn of_row(kind: &Kind, row: &Resource, told: &Last<'_>) -> Option<String> {
    let Resource { kind: name, id, .. } = row;
    if kind.row.is_some() && told.version != row.version() {
        return Some(format!("{name} {id}: version {} in its table, {} in the journal", row.version(), told.version));
    }
    let own = row.state().unwrap_or("none");
    if let Some(state) = told.state.as_deref().filter(|state| kind.stated && own != *state) {
        return Some(format!("{name} {id}: state {own} in its table, {state} in the journal (entry {})", told.at()));
    }
    of_rows(kind, (name, id), &row.rows, told)
}

fn of_rows(kind: &Kind, (name, id): (&str, &str), rows: &Rows, told: &Last<'_>) -> Option<String> {
    let (entry, names) = told.differing(kind, rows)?;
    Some(format!("{name} {id}: {} not as the journal recorded (entry {entry})", names.join(", ")))
}

/// Every `id` that an entry's text gives to a part of what it is about.
fn named(journal: &[Entry]) -> BTreeSet<String> {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(list) => list.iter().for_each(|one| walk(one, found)),
            Value::Object(fields) => {
                if let Some(Value::String(id)) = fields.get("id") {
                    found.insert(id.clone());
                }
                fields.values().for_each(|one| walk(one, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for text in journal.iter().filter_map(|entry| entry.text.as_deref()) {
        // A text that is no JSON is a finding of the entries' own check.
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            walk(&value, &mut found);
        }
    }
    found
}
