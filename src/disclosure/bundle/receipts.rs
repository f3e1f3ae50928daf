//! Holds receipts of bids against the journal of a bundle: an entry that is missing, says something else or stands elsewhere is named. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Bundle;
use crate::kernel::UtcInstant;
use crate::trust::keychain::{KeyChain, KeyOf};
use crate::trust::receipt::{self, Place, Receipt};
use crate::trust::recheck::Recheck;
use crate::trust::tree;

/// The chain of a bundle that holds the known key, and what is wrong with it. Only entries that match their leaf announce anything.
fn keys(bundle: &Bundle, of: KeyOf, known: &str) -> (KeyChain, Vec<String>) {
    let mut recheck = Recheck::default();
    for entry in bundle.journal.iter().filter(|entry| KeyOf::of_entry(&entry.action, &entry.resource_kind) == Some(of)) {
        recheck.entry(entry);
    }
    KeyChain::of(of, known, &recheck.end().rotations)
}

/// What a note of one of the keys says, and which key signed it.
fn opened(keys: &KeyChain, note: &str) -> Option<(String, Receipt)> {
    keys.keys().find_map(|key| Some((key.to_owned(), receipt::open(note, key)?)))
}

/// What is wrong with a receipt, or with the journal that it contradicts. `verifier` is a key of receipts and `journal` one of checkpoints that are known
/// from elsewhere; either may be any of its chain.
pub fn faults(bundle: &Bundle, note: &str, verifier: &str, journal: &str) -> Vec<String> {
    let (receipts, broken) = keys(bundle, KeyOf::Receipts, verifier);
    let (journal, _) = keys(bundle, KeyOf::Journal, journal);
    let Some((signer, receipt)) = opened(&receipts, note) else {
        return broken.into_iter().chain(["a receipt is not signed with the key of receipts".to_owned()]).collect();
    };
    let mut faults = own(&receipt);
    let stands = bundle.journal.iter().find(|entry| entry.id == receipt.entry).and_then(|entry| entry.index);
    let index = stands.and_then(|index| u64::try_from(index).ok()).or_else(|| receipt.place.as_ref().map(|place| place.index));
    if !receipts.covers(&signer, index) {
        faults.push("it is signed with a key that was replaced before its entry".to_owned());
    }
    if let Some(place) = &receipt.place {
        faults.extend(proof(&receipt, place, &journal));
    }
    faults.extend(against(bundle, &receipt));
    let told = faults.into_iter().map(|fault| format!("the receipt of bid {}: {fault}", receipt.bid));
    broken.into_iter().chain(told).collect()
}

/// The checkpoints that receipts carry: the journal must still begin with their trees.
pub fn checkpoints(bundle: &Bundle, notes: &[String], verifier: &str) -> Vec<String> {
    let (receipts, _) = keys(bundle, KeyOf::Receipts, verifier);
    notes.iter().filter_map(|note| opened(&receipts, note)?.1.place).map(|place| place.checkpoint).collect()
}

/// Whether the entry in the receipt is that of its bid.
fn own(receipt: &Receipt) -> Vec<String> {
    let entry: Value = serde_json::from_str(&receipt.text).unwrap_or_default();
    let told = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let pairs = [
        ("/id", &receipt.entry, "entry"),
        ("/resource_id", &receipt.bid, "bid"),
        ("/content/lot_id", &receipt.lot, "lot"),
        ("/content/received_at", &receipt.received, "instant"),
        ("/content/ciphertext_sha256", &receipt.sha256, "hash"),
    ];
    pairs
        .iter()
        .filter(|(pointer, said, _)| told(pointer) != **said)
        .map(|(pointer, said, what)| format!("its entry names the {what} {}, the receipt {said}", told(pointer)))
        .collect()
}

/// Whether the inclusion proof leads from the entry to a checkpoint of this journal.
fn proof(receipt: &Receipt, place: &Place, journal: &KeyChain) -> Option<String> {
    let Some(head) = journal.open(&place.checkpoint) else {
        return Some("its checkpoint is not signed with the journal's key".to_owned());
    };
    let holds = tree::verify_inclusion(&receipt.leaf(), place.index, head.size, &place.path, &head.root);
    (!holds).then(|| format!("its proof does not lead to its checkpoint of size {}", head.size))
}

/// Whether the journal holds the entry, with the same content at the same place.
fn against(bundle: &Bundle, receipt: &Receipt) -> Vec<String> {
    let Some(entry) = bundle.journal.iter().find(|entry| entry.id == receipt.entry) else {
        return vec![format!("the journal has no entry {}", receipt.entry)];
    };
    let mut faults = Vec::new();
    if entry.leaf_hash != STANDARD.encode(receipt.leaf()) {
        faults.push(format!("the entry {} in the journal has another leaf", entry.id));
    }
    if let Some(text) = entry.text.as_ref().filter(|text| **text != receipt.text) {
        let other: Value = serde_json::from_str(text).unwrap_or_default();
        let hash = other.pointer("/content/ciphertext_sha256").and_then(Value::as_str).unwrap_or("none").to_owned();
        faults.push(format!(
            "the entry {} in the journal says something else; its hash is {hash}, the receipt's {}",
            entry.id, receipt.sha256
        ));
    }
    let bid = bundle.resources.iter().find(|one| one.kind == "bid" && one.id == receipt.bid);
    let column = |name: &str| bid.and_then(|bid| bid.rows.columns.get(name)).and_then(Value::as_str).unwrap_or("none");
    if column("lot_id") != receipt.lot {
        faults.push(format!("its bid stands in the lot {}, the receipt names {}", column("lot_id"), receipt.lot));
    }
    if UtcInstant::parse(column("received_at")).ok() != UtcInstant::parse(&receipt.received).ok() {
        faults.push(format!("its bid was received at {}, by the receipt at {}", column("received_at"), receipt.received));
    }
    let stands = entry.index.and_then(|index| u64::try_from(index).ok());
    match (&receipt.place, stands) {
        (Some(place), Some(index)) if index != place.index => {
            faults.push(format!("the entry {} stands at index {index} in the journal, at {} in the receipt", entry.id, place.index));
        }
        (Some(place), None) => faults.push(format!("the entry {} has no index in the journal, {} in the receipt", entry.id, place.index)),
        _ => {}
    }
    faults
}
