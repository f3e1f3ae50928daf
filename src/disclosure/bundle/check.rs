//! Checks a bundle without database or server: leaves, tree, checkpoints, business rows against the journal's last word, balances against legs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Bundle;
use crate::trust::cadence::padding_leaf;
use crate::trust::checkpoint;
use crate::trust::journal::Entry;
use crate::trust::keychain::KeyChain;
use crate::trust::recheck::Recheck;
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
    faults.extend(money(bundle));
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
        leaves.push((Some(padding.index), format!("padding {}", padding.index), decoded(&padding.salt).map(|salt| padding_leaf(&salt))));
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

/// Each compared row has the version that the journal's last entry on it names; none is without an entry. A row that nothing happened to yet may be
/// named by the entry that made it: a contract's first milestones are.
fn rows(bundle: &Bundle) -> Vec<String> {
    let mut last: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for entry in &bundle.journal {
        let version = last.entry((entry.resource_kind.as_str(), entry.resource_id.as_str())).or_default();
        *version = entry.resource_version.max(*version);
    }
    let named = named(&bundle.journal);
    let told = |row: &super::Resource| match last.get(&(row.kind.as_str(), row.id.as_str())) {
        Some(version) if *version == row.version => None,
        Some(version) => Some(format!("{} {}: version {} in its table, {version} in the journal", row.kind, row.id, row.version)),
        None if row.version == 1 && named.contains(&row.id) => None,
        None => Some(format!("{} {}: the journal does not know of it", row.kind, row.id)),
    };
    bundle.resources.iter().filter_map(told).collect()
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

/// Every posting adds up to zero, in one fund, and every balance is the sum of its legs.
fn money(bundle: &Bundle) -> Vec<String> {
    let mut postings: BTreeMap<&str, (&str, i128)> = BTreeMap::new();
    let mut accounts: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    let mut faults = Vec::new();
    for leg in &bundle.legs {
        let amount = i128::from(leg.amount_fen);
        let (fund, sum) = postings.entry(leg.posting_id.as_str()).or_insert((leg.fund_id.as_str(), 0));
        *sum = sum.saturating_add(amount);
        if *fund != leg.fund_id {
            faults.push(format!("posting {}: it has legs in two funds", leg.posting_id));
        }
        let account = accounts.entry((leg.fund_id.as_str(), leg.account.as_str())).or_default();
        *account = account.saturating_add(amount);
    }
    faults.extend(
        postings.iter().filter(|(_, (_, sum))| *sum != 0).map(|(id, (_, sum))| format!("posting {id}: its legs add up to {sum} fen")),
    );
    for balance in &bundle.balances {
        let sum = accounts.remove(&(balance.fund_id.as_str(), balance.account.as_str())).unwrap_or_default();
        if sum != i128::from(balance.balance_fen) {
            faults.push(format!("fund {}, {}: balance {} fen, legs {sum} fen", balance.fund_id, balance.account, balance.balance_fen));
        }
    }
    faults.extend(
        accounts.iter().filter(|(_, sum)| **sum != 0).map(|((fund, account), _)| format!("fund {fund}, {account}: legs without a balance")),
    );
    faults
}
