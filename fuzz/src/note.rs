//! Signed notes: one text has one meaning. What opens says what was signed, and is written again as it came.

use baiyi::kernel::id::TenantId;
use baiyi::trust::checkpoint::{self, Head, JournalKey};
use baiyi::trust::journal::leaf_hash;
use baiyi::trust::keychain::{KeyChain, KeyOf, Rotation, Succession, rotation};
use baiyi::trust::notes;
use baiyi::trust::quorum::journal::{EntryProof, Kept, Proof, included};
use baiyi::trust::receipt::{self, Place, Receipt};
use baiyi::trust::tree::{Edge, Hash, consistency, inclusion, node_hash};
use baiyi::trust::witness::{Request, Verdict, cosigned, judge, name_of, origin_of};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::fixture::{JOURNAL, NEXT, ORIGIN, RECEIPTS, RECEIPTS_OF_ANY_TEXT, WITNESS, signed};
use crate::{Seeds, seed, split};

/// Leaves that a witness and an opener saw last.
const SEEN: u64 = 5;
/// Leaves of the tree now.
const NOW: u64 = 9;

fn text_of(index: u64) -> String {
    format!("{{\"entry\":{index}}}")
}

/// The hash of a complete subtree.
fn node(level: u32, position: u64) -> Hash {
    match level.checked_sub(1) {
        None => leaf_hash(&[7; 32], &text_of(position)),
        Some(below) => node_hash(&node(below, 2 * position), &node(below, 2 * position + 1)),
    }
}

fn head(size: u64) -> Head {
    let mut edge = Edge::default();
    for leaf in 0..size {
        edge.append(node(0, leaf));
    }
    Head { size, root: edge.root() }
}

fn grown() -> Vec<Hash> {
    consistency(&mut |level, position| Ok(node(level, position)), SEEN, NOW).unwrap()
}

/// Judges one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = split(data) else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match letter {
        b'T' => note(&signed(&JOURNAL, text)),
        b'R' => receipt_of(text),
        b'X' => receipt_of(&signed(&RECEIPTS_OF_ANY_TEXT, text)),
        b'W' => request(text),
        b'Q' => {
            let (head, note) = text.split_once("\n\n").unwrap_or((text, ""));
            request(&format!("{head}\n\n{}", signed(&JOURNAL, note)));
        }
        b'L' => receipt_of(&signed(&RECEIPTS_OF_ANY_TEXT, &other_line(&text_under(&RECEIPTS.sign(&final_receipt())), text))),
        b'M' => note(&signed(&JOURNAL, &other_line(&text_under(&JOURNAL.sign(&head(NOW))), text))),
        b'O' => request(&other_line(&whole_request().body(), text)),
        b'C' => cosignatures(text),
        b'V' => verifier(text),
        b'F' => followed(text),
        b'A' => announced(text),
        _ => note(text),
    }
}

/// The text with one line replaced: the input's first letter says which, from `a`, and what follows is written there.
fn other_line(text: &str, input: &str) -> String {
    let mut letters = input.chars();
    let at = letters.next().and_then(|letter| u32::from(letter).checked_sub(u32::from('a')));
    let line = |(number, line): (u32, &str)| if Some(number) == at { format!("{}\n", letters.as_str()) } else { line.to_owned() };
    (0..).zip(text.split_inclusive('\n')).map(line).collect()
}

/// Inputs of [`other_line`] that change nothing.
fn each_line(name: &str, letter: u8, text: &str) -> Seeds {
    let input = |(at, line): (u8, &str)| seed(&format!("{name}_{at}"), letter, [&[at], line.as_bytes()].concat());
    (b'a'..=b'z').zip(text.lines()).map(input).collect()
}

/// What of a note is signed.
fn text_under(note: &str) -> String {
    format!("{}\n", note.rsplit_once("\n\n").unwrap().0)
}

/// A checkpoint, signed or not.
fn note(note: &str) {
    let opened = checkpoint::open(note, &JOURNAL.verifier());
    assert_eq!(KeyChain::from(JOURNAL.verifier().as_str()).open(note), opened);
    if let Some((text, lines)) = checkpoint::parts(note) {
        assert_eq!(format!("{text}\n{}\n", lines.collect::<Vec<_>>().join("\n")), note, "nothing is left over");
    }
    if let Some(head) = opened {
        let (text, _) = checkpoint::parts(note).expect("what opens is a note");
        one_spelling(text);
        assert_eq!(checkpoint::head_of(text), Some((ORIGIN, head)));
        assert_eq!(checkpoint::open(note, &NEXT.verifier()), None);
    }
    one_spelling(note);
}

/// The first lines of a checkpoint are written as they are read.
fn one_spelling(text: &str) {
    if let Some((origin, Head { size, root })) = checkpoint::head_of(text) {
        assert!(text.starts_with(&format!("{origin}\n{size}\n{}\n", STANDARD.encode(root))), "read into it: {text:?}");
    }
}

/// A receipt, signed or not.
fn receipt_of(note: &str) {
    let Some(receipt) = receipt::open(note, &RECEIPTS.verifier()) else { return };
    let written = RECEIPTS.sign(&receipt);
    let text = |note: &str| note.rsplit_once("\n\n").unwrap().0.to_owned();
    assert_eq!(text(&written), text(note), "a receipt has one spelling");
    assert_eq!(receipt::open(&written, &RECEIPTS.verifier()), Some(receipt));
}

/// What a log asks of a witness.
fn request(body: &str) {
    let Some(request) = Request::parse(body) else { return };
    assert_eq!(request.body(), body, "what was read is written as it came");
    let (verifier, seen) = (JOURNAL.verifier(), head(SEEN));
    for last in [None, Some(&seen)] {
        match judge(&request, &[verifier.as_str()], last) {
            Verdict::Accepted(head) => {
                assert_eq!(checkpoint::open(&request.note, &verifier), Some(head.clone()), "signed by the log");
                assert_eq!(request.old, last.map_or(0, |last| last.size));
                assert!(last.is_none_or(|last| head.size > last.size || head == *last), "a tree only grows");
            }
            Verdict::Malformed | Verdict::UnknownOrigin | Verdict::UnknownKey | Verdict::Conflict(_) | Verdict::NotConsistent => {}
        }
        assert!(matches!(judge(&request, &[], last), Verdict::Malformed | Verdict::UnknownOrigin));
    }
    assert!(origin_of(&request).is_none_or(|origin| request.note.starts_with(origin)));
}

/// Lines of a witness under a text.
fn cosignatures(lines: &str) {
    let text = "baiyi/330502\n5\nx\n";
    if let Some((time, line)) = cosigned(text, lines.split('\n'), &WITNESS.verifier()) {
        assert_eq!(format!("{line}\n"), WITNESS.cosign(text, time), "a time that was not signed");
    }
}

/// A verifier key.
fn verifier(key: &str) {
    let note = JOURNAL.sign(&head(SEEN));
    for name in [notes::name_of(key), name_of(key)].into_iter().flatten() {
        assert!(!name.is_empty() && key.starts_with(&format!("{name}+")));
    }
    if checkpoint::open(&note, key).is_some() {
        let own = JOURNAL.verifier();
        assert_eq!((notes::name_of(key), key.rsplit('+').next()), (Some(ORIGIN), own.rsplit('+').next()), "another key opened it");
    }
    let _ = receipt::open(&RECEIPTS.sign(&final_receipt()), key);
}

/// The journal as an opener's program follows it. A note without a signature is signed, as a lying server would.
fn followed(text: &str) {
    let Ok(mut proof) = serde_json::from_str::<Proof>(text) else { return };
    if !proof.note.contains("\n— ") {
        proof.note = signed(&JOURNAL, &proof.note);
    }
    let before = Kept { verifier_key: Some(JOURNAL.verifier()), note: Some(JOURNAL.sign(&head(SEEN))) };
    let mut kept = before.clone();
    let Ok(found) = kept.follow(&proof) else {
        assert_eq!(kept, before, "what is refused is not kept");
        return;
    };
    assert_eq!((kept.size(), &kept.verifier_key), (found.size, &before.verifier_key));
    assert!(found.size > SEEN || found == head(SEEN), "a tree only grows");
    if let Some(entry) = proof.entry.as_ref().filter(|_| found == head(NOW))
        && let Ok(said) = included(&found, entry)
    {
        assert!(entry.index < NOW && said == json!({"entry": entry.index}), "an entry that the tree does not hold");
    }
}

/// The announcement of the journal's next key.
fn announced(text: &str) {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    let Some(read) = Rotation::of_entry(KeyOf::Journal, Some(3), &value) else { return };
    let whole = Rotation::of_entry(KeyOf::Journal, Some(3), &announcement(&JOURNAL, &NEXT)).unwrap();
    assert!(!read.holds() || read == whole, "another key was announced");
    let (chain, faults) = KeyChain::of(KeyOf::Journal, &JOURNAL.verifier(), std::slice::from_ref(&read));
    assert_eq!(faults.is_empty(), read == whole);
    assert!(chain.keys().any(|key| key == JOURNAL.verifier()));
}

fn announcement(old: &JournalKey, new: &JournalKey) -> Value {
    let succession = Succession { of: KeyOf::Journal, old: old.note_key(), new: new.note_key(), until: None };
    json!({"content": rotation(TenantId::from(uuid::Uuid::nil()), 1, &succession).content})
}

fn final_receipt() -> Receipt {
    let path = inclusion(&mut |level, position| Ok(node(level, position)), 4, NOW).unwrap();
    Receipt {
        bid: "0192f0c1-7a10-7000-8000-000000000001".to_owned(),
        lot: "0192f0c1-7a10-7000-8000-000000000002".to_owned(),
        sha256: "ab".repeat(32),
        received: "2026-03-02T01:00:00Z".to_owned(),
        entry: "0192f0c1-7a10-7000-8000-000000000003".to_owned(),
        salt: vec![7; 32],
        text: text_of(4),
        place: Some(Place { index: 4, path, checkpoint: JOURNAL.sign(&head(NOW)) }),
    }
}

fn whole_request() -> Request {
    Request { old: SEEN, proof: grown(), note: JOURNAL.sign(&head(NOW)) }
}

/// Notes of every kind.
pub fn seeds() -> Seeds {
    let (checkpoint, whole) = (JOURNAL.sign(&head(NOW)), final_receipt());
    let cosignature = WITNESS.cosign("baiyi/330502\n5\nx\n", 1_772_413_200);
    let receipt = RECEIPTS.sign(&whole);
    let provisional = RECEIPTS.sign(&Receipt { place: None, ..whole });
    let request = whole_request();
    let first = Request { old: 0, proof: Vec::new(), note: checkpoint.clone() };
    let encoded = |hashes: Vec<Hash>| hashes.iter().map(|hash| STANDARD.encode(hash)).collect::<Vec<_>>();
    let path = inclusion(&mut |level, position| Ok(node(level, position)), 4, NOW).unwrap();
    let entry = EntryProof { text: text_of(4), salt: STANDARD.encode([7; 32]), index: 4, hashes: encoded(path) };
    let (note, verifier_key) = (checkpoint.clone(), JOURNAL.verifier());
    let proof = Proof { note, verifier_key, from: SEEN, consistency: encoded(grown()), entry: Some(entry), rotations: Vec::new() };
    let unsigned = Proof { note: text_under(&checkpoint), ..proof.clone() };
    let mut seeds = vec![
        seed("checkpoint", b'N', &checkpoint),
        seed("cosigned_checkpoint", b'N', format!("{checkpoint}{cosignature}")),
        seed("checkpoint_to_sign", b'T', text_under(&checkpoint)),
        seed("receipt", b'R', &receipt),
        seed("receipt_to_sign", b'X', text_under(&receipt)),
        seed("provisional_receipt_to_sign", b'X', text_under(&provisional)),
        seed("request", b'W', request.body()),
        seed("first_request", b'W', first.body()),
        seed("request_to_sign", b'Q', text_under(&request.body())),
        seed("cosignature", b'C', &cosignature),
        seed("verifier", b'V', JOURNAL.verifier()),
        seed("verifier_of_witness", b'V', WITNESS.verifier()),
        seed("followed", b'F', serde_json::to_string(&proof).unwrap()),
        seed("followed_to_sign", b'F', serde_json::to_string(&unsigned).unwrap()),
        seed("announcement", b'A', announcement(&JOURNAL, &NEXT).to_string()),
    ];
    seeds.extend(each_line("receipt_line", b'L', &text_under(&receipt)));
    seeds.extend(each_line("checkpoint_line", b'M', &text_under(&checkpoint)));
    seeds.extend(each_line("request_line", b'O', &request.body()));
    seeds
}
