//! Checks a bundle without database or server: leaves, tree, checkpoints, business rows against the journal's last word, balances against legs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Bundle, KINDS, money};
use crate::trust::cadence::padding_leaf;
use crate::trust::checkpoint;
use crate::trust::journal::Entry;
use crate::trust::keychain::KeyChain;
use crate::trust::recheck::{Recheck, SALT_BYTES};
use crate::trust::tree::Hash;
use crate::trust::walk::Walk;
use crate::trust::witness;

/// What is wrong with the bundle, first to last: entries, tree, rows, money. `kept` are signed notes from elsewhere.
pub fn faults(bundle: &Bundle, verifier: &str, kept: &[String]) -> Vec<String> {
    let mut recheck = Recheck::default();
    for entry in &bundle.journal {
        recheck.entry(entry);
    }
    let rechecked = recheck.end();
    let (keys, broken) = KeyChain::of(verifier, &rechecked.rotations);
    let mut faults = rechecked.faults;
    faults.extend(broken);
    faults.extend(tree(bundle, keys, kept));
    faults.extend(rows(bundle));
    faults.extend(money::faults(bundle));
    faults
}

fn tree(bundle: &Bundle, keys: KeyChain, kept: &[String]) -> Vec<String> {
    let mut walk = Walk::new(keys);
    for note in kept {
        walk.keep(note);
    }
    let decoded = |text: &str| STANDARD.decode(text).ok();
    let mut leaves: Vec<(Option<i64>, String, Option<Hash>)> = Vec::new();
    for entry in bundle.journal.iter().filter(|entry| entry.index.is_some()) {
        leaves.push((entry.index, entry.id.clone(), decoded(&entry.leaf_hash).and_then(|leaf| leaf.try_into().ok())));
    }
    for padding in &bundle.paddings {
        leaves.push((
            Some(padding.index),
            format!("padding {}", padding.index),
            decoded(&padding.salt).filter(|salt| salt.len() == SALT_BYTES).map(|salt| padding_leaf(&salt)),
        ));
    }
    leaves.sort_by_key(|(index, _, _)| *index);
    let mut heads = bundle.checkpoints.iter().peekable();
    for (index, what, leaf) in leaves {
        let Some(leaf) = leaf else {
            walk.faults.push(format!("entry {what}: its leaf is no hash"));
            return walk.faults;
        };
        if walk.leaf(index, leaf).is_none() {
            return walk.faults;
        }
        let size = walk.size();
        while let Some(head) = heads.next_if(|head| u64::try_from(head.size) == Ok(size)) {
            walk.checkpoint(head.size, &STANDARD.decode(&head.root).unwrap_or_default(), &head.note);
        }
    }
    for head in heads {
        walk.faults.push(format!("checkpoint of size {}: out of order, or the journal has fewer entries", head.size));
    }
    walk.end();
    walk.faults
}

/// Whether each of these witnesses cosigned the last checkpoint.
pub fn witnessed(bundle: &Bundle, witnesses: &[String]) -> Vec<String> {
    let note = bundle.checkpoints.last().map_or("", |head| head.note.as_str());
    let cosigned = |key: &str| checkpoint::parts(note).is_some_and(|(text, lines)| witness::cosigned(text, lines, key).is_some());
    let missing = witnesses.iter().filter(|key| !cosigned(key.as_str()));
    missing.map(|key| format!("the last checkpoint is not cosigned by the witness {}", witness::name_of(key).unwrap_or(key))).collect()
}

/// What the journal says last of a resource.
#[derive(Default)]
struct Last<'a> {
    version: i64,
    /// The state that an entry of this version names.
    state: Option<String>,
    at: &'a str,
}

/// Each compared row has the version and the state that the journal's last entry on it names; none is without an entry, and none that the journal knows
/// is missing. A row that nothing happened to yet may be named by the entry that made it: a contract's first milestones are.
fn rows(bundle: &Bundle) -> Vec<String> {
    let mut last: BTreeMap<(&str, &str), Last<'_>> = BTreeMap::new();
    for entry in &bundle.journal {
        let told = last.entry((entry.resource_kind.as_str(), entry.resource_id.as_str())).or_default();
        // Of two entries on one version the later one counts: the journal is in the order of its ids, which is that of time.
        if entry.resource_version >= told.version {
            if entry.resource_version > told.version {
                told.state = None;
            }
            told.version = entry.resource_version;
            told.at = entry.id.as_str();
            told.state = state_of(entry).or_else(|| told.state.take());
        }
    }
    let (named, mut faults) = (named(&bundle.journal), Vec::new());
    let mut found: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in &bundle.resources {
        found.insert((row.kind.as_str(), row.id.as_str()));
        let unnamed = KINDS.iter().any(|kind| kind.kind == row.kind && kind.begins_unnamed);
        match last.get(&(row.kind.as_str(), row.id.as_str())) {
            Some(told) if told.version != row.version => {
                faults.push(format!("{} {}: version {} in its table, {} in the journal", row.kind, row.id, row.version, told.version));
            }
            Some(told) => {
                let stated = KINDS.iter().any(|kind| kind.kind == row.kind && kind.stated);
                if let Some(state) = told.state.as_ref().filter(|state| stated && row.state.as_ref() != Some(*state)) {
                    let own = row.state.as_deref().unwrap_or("none");
                    faults.push(format!("{} {}: state {own} in its table, {state} in the journal (entry {})", row.kind, row.id, told.at));
                }
            }
            None if row.version == 1 && (unnamed || named.contains(&row.id)) => {}
            None => faults.push(format!("{} {}: the journal does not know of it", row.kind, row.id)),
        }
    }
    let compared = |kind: &str| KINDS.iter().any(|one| one.kind == kind);
    let missing = last.iter().filter(|((kind, id), _)| compared(kind) && !found.contains(&(*kind, *id)));
    faults.extend(
        missing.map(|((kind, id), told)| format!("{kind} {id}: the journal knows of it (entry {}), and its table has not", told.at)),
    );
    faults
}

/// The state that an entry names for its own resource.
fn state_of(entry: &Entry) -> Option<String> {
    let text: Value = serde_json::from_str(entry.text.as_deref()?).ok()?;
    Some(text.get("content")?.get("state")?.as_str()?.to_owned())
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
