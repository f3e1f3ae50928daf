//! Checks a bundle without database or server: leaves, tree, checkpoints, business rows against the journal's last word, balances against legs. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Bundle, draws, money, protocol, resources};
use crate::trust::cadence::padding_leaf;
use crate::trust::checkpoint;
use crate::trust::keychain::{KeyChain, KeyOf};
use crate::trust::recheck::{Recheck, SALT_BYTES};
use crate::trust::tree::Hash;
use crate::trust::walk::Walk;
use crate::trust::witness;

/// What is wrong with the bundle, first to last: entries, tree, rows, sealed bids, draws, money. `kept` are signed notes from elsewhere.
pub fn faults(bundle: &Bundle, verifier: &str, kept: &[String]) -> Vec<String> {
    let mut recheck = Recheck::default();
    for entry in &bundle.journal {
        recheck.entry(entry);
    }
    let rechecked = recheck.end();
    let (keys, broken) = KeyChain::of(KeyOf::Journal, verifier, &rechecked.rotations);
    let mut faults = rechecked.faults;
    faults.extend(broken);
    for of in [KeyOf::Receipts, KeyOf::Tokens] {
        faults.extend(KeyChain::announced(of, &rechecked.rotations).1);
    }
    faults.extend(tree(bundle, keys, kept));
    faults.extend(resources::faults(bundle));
    faults.extend(protocol::faults(bundle));
    faults.extend(draws::faults(bundle));
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
