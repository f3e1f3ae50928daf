//! Readers of what comes from outside, fed with valid inputs that were changed at random: none ends the program, none takes one spelling for another.
//!
//! `BAIYI_TEST_MUTATIONS` says how many cases each has: a few hundred when absent.

use baiyi::disclosure::bundle::{Bundle, Padding, check};
use baiyi::trust::checkpoint::{self, Head, JournalKey};
use baiyi::trust::keychain::{KeyChain, Rotation, rotation};
use baiyi::trust::tiles::Tile;
use baiyi::trust::tree::{verify_consistency, verify_inclusion};
use baiyi::trust::witness::{Request, WitnessKey, cosigned, judge, name_of, origin_of};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Cases of one property: those of the environment, or so many.
pub fn cases(usual: u32) -> u32 {
    std::env::var("BAIYI_TEST_MUTATIONS").map_or(usual, |cases| cases.parse().unwrap())
}

/// One change of a text.
#[derive(Debug, Clone)]
enum Change {
    Put(usize, char),
    Cut(usize, usize),
    Repeat(usize, usize),
    Insert(usize, String),
}

fn change() -> impl Strategy<Value = Change> {
    let place = 0_usize..2000;
    let letter = prop_oneof![any::<char>(), prop::sample::select(vec!['\n', '\r', ' ', '0', '+', '-', '=', '—', '\0', '9', 'A'])];
    prop_oneof![
        (place.clone(), letter).prop_map(|(at, letter)| Change::Put(at, letter)),
        (place.clone(), 1_usize..80).prop_map(|(at, length)| Change::Cut(at, length)),
        (place.clone(), 1_usize..80).prop_map(|(at, length)| Change::Repeat(at, length)),
        (place, prop::sample::select(vec!["\n", "\n\n", "— ", "old 0\n", "18446744073709551616", "00", "\u{feff}", "\r\n"]))
            .prop_map(|(at, text)| Change::Insert(at, text.to_owned())),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for change in changes {
        let length = letters.len().max(1);
        match change {
            Change::Put(at, letter) if !letters.is_empty() => letters[at % length] = *letter,
            Change::Put(..) => {}
            Change::Cut(at, count) => {
                let at = at % length;
                letters.drain(at.min(letters.len())..(at + count).min(letters.len()));
            }
            Change::Repeat(at, count) => {
                let at = (at % length).min(letters.len());
                let part: Vec<char> = letters[at..(at + count).min(letters.len())].to_vec();
                letters.splice(at..at, part);
            }
            Change::Insert(at, text) => {
                let at = (at % length).min(letters.len());
                letters.splice(at..at, text.chars());
            }
        }
    }
    letters.into_iter().collect()
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    #[test]
    fn notes_and_verifier_keys(size in any::<u64>(), changes in changes(), of_key in changes()) {
        let key = JournalKey::ephemeral("baiyi/330502").unwrap();
        let head = Head { size, root: [3; 32] };
        let note = key.sign(&head);
        let other = changed(&note, &changes);
        // One text has one meaning: what still opens says what was signed.
        if let Some(opened) = checkpoint::open(&other, &key.verifier()) {
            prop_assert_eq!(&opened, &head);
            prop_assert_eq!(checkpoint::parts(&other).unwrap().0, checkpoint::parts(&note).unwrap().0);
        }
        if let Some((_, read)) = checkpoint::head_of(&other) {
            prop_assert_eq!(other.split('\n').nth(1).unwrap(), read.size.to_string());
        }
        let verifier = changed(&key.verifier(), &of_key);
        if checkpoint::open(&note, &verifier).is_some() {
            prop_assert_eq!(checkpoint::origin_of(&verifier), Some("baiyi/330502"));
        }
        let _ = (KeyChain::from(verifier.as_str()).open(&other), name_of(&verifier));
    }

    #[test]
    fn cosignatures(time in any::<u64>(), changes in changes()) {
        let witness = WitnessKey::ephemeral("witness.example/w1").unwrap();
        let line = witness.cosign("baiyi/330502\n5\nx\n", time);
        let other = changed(&line, &changes);
        if let Some((read, _)) = cosigned("baiyi/330502\n5\nx\n", other.lines(), &witness.verifier()) {
            prop_assert_eq!(read, time);
        }
    }

    #[test]
    fn requests_to_a_witness(old in 0_u64..9, proof in prop::collection::vec(any::<[u8; 32]>(), 0..5), changes in changes()) {
        let key = JournalKey::ephemeral("baiyi/330502").unwrap();
        let request = Request { old, proof, note: key.sign(&Head { size: 9, root: [3; 32] }) };
        let body = request.body();
        prop_assert_eq!(Request::parse(&body), Some(request));
        let other = changed(&body, &changes);
        if let Some(read) = Request::parse(&other) {
            // What was read is written as it came, so that nothing is read into it; base64 has one spelling here as well.
            prop_assert_eq!(read.body(), other);
            let verifier = key.verifier();
            let seen = Head { size: old, root: [4; 32] };
            let _ = (origin_of(&read), judge(&read, &[verifier.as_str()], Some(&seen)), judge(&read, &[verifier.as_str()], None));
        }
    }

    #[test]
    fn proofs_of_any_form(at in any::<u64>(), size in any::<u64>(), path in prop::collection::vec(any::<[u8; 32]>(), 0..70)) {
        // Nobody finds a root for hashes drawn at random; and no size makes it run away.
        prop_assert!(!verify_inclusion(&[1; 32], at, size, &path, &[2; 32]));
        prop_assert!(at == size || !verify_consistency(at, size, &path, &[1; 32], &[2; 32]));
    }

    #[test]
    fn tiles(level in "[0-9]{0,3}", path in "[x0-9./p]{0,20}") {
        if let Some(tile) = Tile::parse(&level, &path) {
            let mut read = |_: u32, _: u64| Ok([0; 32]);
            prop_assert!(tile.width >= 1 && tile.width <= 256);
            if let Some(hashes) = tile.read(&mut read, 1 << 40).unwrap() {
                prop_assert_eq!(u64::try_from(hashes.len()).unwrap(), tile.width);
            }
        }
    }

    #[test]
    fn announced_keys(changes in changes()) {
        let (old, new) = (JournalKey::ephemeral("baiyi/330502").unwrap(), JournalKey::ephemeral("baiyi/330502").unwrap());
        let event = rotation(baiyi::kernel::id::TenantId::from(uuid::Uuid::nil()), 1, &old, &new);
        let text = json!({"content": event.content}).to_string();
        let whole = Rotation::of_entry(Some(3), &serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert!(whole.holds());
        let Ok(value) = serde_json::from_str::<Value>(&changed(&text, &changes)) else { return Ok(()) };
        if let Some(read) = Rotation::of_entry(Some(3), &value) {
            prop_assert!(!read.holds() || read == whole);
        }
    }

    #[test]
    fn canonical_json_is_a_fixed_point(number in any::<i64>(), text in any::<String>(), list in prop::collection::vec(any::<String>(), 0..4), changes in changes()) {
        let value = json!({"number": number, "text": text, "list": list, "z": null, "a": {"b": true}});
        let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
        let read: Value = serde_json::from_str(&canonical).unwrap();
        // The numbers of the journal are those that every JSON reader keeps whole.
        if number.unsigned_abs() < 1 << 53 {
            prop_assert_eq!(&read, &value);
        }
        prop_assert_eq!(serde_json_canonicalizer::to_string(&read).unwrap(), canonical.clone());
        if let Ok(other) = serde_json::from_str::<Value>(&changed(&canonical, &changes)) {
            let once = serde_json_canonicalizer::to_string(&other).unwrap();
            let again: Value = serde_json::from_str(&once).unwrap();
            prop_assert_eq!(serde_json_canonicalizer::to_string(&again).unwrap(), once);
        }
    }

    #[test]
    fn bundles(changes in changes(), salt in any::<String>(), index in any::<i64>()) {
        let key = JournalKey::ephemeral("baiyi/330502").unwrap();
        let entry = json!({"index": 0, "id": "e", "tenant_id": "t", "at": "a", "actor_id": null, "action": "x.y", "resource_kind": "unit", "resource_id": "r",
            "resource_version": 1, "case_id": null, "text": "{}", "salt": "AAAA", "leaf_hash": "AAAA"});
        let other = changed(&entry.to_string(), &changes);
        let journal: Vec<_> = serde_json::from_str(&other).into_iter().collect();
        let bundle = Bundle { journal, paddings: vec![Padding { index, salt }], ..Bundle::default() };
        prop_assert!(!check::faults(&bundle, &key.verifier(), &[other]).is_empty());
    }
}
