//! Readers of what comes from outside, fed with valid inputs that were changed at random: none ends the program, none takes one spelling for another.
//!
//! `BAIYI_TEST_MUTATIONS` says how many cases each has: a few hundred when absent.

use std::sync::LazyLock;

use baiyi::disclosure::bundle::{Bundle, Padding, check};
use baiyi::kernel::{Fen, UtcInstant};
use baiyi::procurement::bids::rules::{self as bids, BidPayload, Opened, Place};
use baiyi::trust::checkpoint::{self, Head, JournalKey};
use baiyi::trust::keychain::{KeyChain, KeyOf, Rotation, Succession, rotation};
use baiyi::trust::notes::{self, NoteKey};
use baiyi::trust::quorum::dkg::{self, Packages};
use baiyi::trust::quorum::messages::{Board, Member, SealedShare, Seat, Transcript, decode, round1_hash, share_text};
use baiyi::trust::quorum::opener::{OpenerKeys, State, Step};
use baiyi::trust::quorum::opening::{CLOSING, ClosedBid, ClosedLot, Closing, Contribution, check_contribution, contribution_text, root_of};
use baiyi::trust::quorum::points::points_of;
use baiyi::trust::quorum::{Contributed, Fault};
use baiyi::trust::tiles::Tile;
use baiyi::trust::tree::{verify_consistency, verify_inclusion};
use baiyi::trust::witness::{Request, WitnessKey, cosigned, judge, name_of, origin_of};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

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

fn change(reach: usize) -> impl Strategy<Value = Change> {
    let place = 0..reach;
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
    prop::collection::vec(change(2000), 1..4)
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
            prop_assert_eq!(notes::name_of(&verifier), Some("baiyi/330502"));
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
    fn announced_keys(changes in changes(), of in prop::sample::select(KeyOf::ALL)) {
        let (old, new) = (NoteKey::ephemeral("baiyi/330502").unwrap(), NoteKey::ephemeral("baiyi/330502").unwrap());
        let until = (of == KeyOf::Tokens).then(baiyi::kernel::UtcInstant::machine_now);
        let event = rotation(baiyi::kernel::id::TenantId::from(uuid::Uuid::nil()), 1, &Succession { of, old: &old, new: &new, until });
        let text = json!({"content": event.content}).to_string();
        let whole = Rotation::of_entry(of, Some(3), &serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert!(whole.holds());
        let Ok(value) = serde_json::from_str::<Value>(&changed(&text, &changes)) else { return Ok(()) };
        if let Some(read) = Rotation::of_entry(of, Some(3), &value) {
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

/// The ceiling of the lot that [`payload`] is for.
const CEILING: i64 = 20_000_000;
/// The fields that tie a bid to its place.
const BINDING: [&str; 8] = ["format", "tender_id", "lot_id", "amendment", "organisation_id", "sequence", "attachments", "consortium"];

fn id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

fn payload() -> Value {
    json!({"format": "baiyi-bid-1", "tender_id": id(1), "lot_id": id(2), "amendment": 1, "organisation_id": id(3), "sequence": 2, "nonce": "5f".repeat(32),
        "price_fen": 18_000_000, "offer": "每周三次入户", "attachments": ["ab".repeat(32), "cd".repeat(32)], "consortium": [id(4), id(5)],
        "subcontracting": "助浴由持证机构承担", "declarations": [{"kind": "certificate", "text": "证书", "valid_to": "2026-12-31"}]})
}

fn place() -> Place {
    let uuid = Uuid::from_u128;
    Place {
        tender: uuid(1).into(),
        lot: uuid(2).into(),
        amendments: vec![1],
        organisation: uuid(3).into(),
        sequence: 2,
        attachments: vec![Some("ab".repeat(32)), Some("cd".repeat(32))],
        members: vec![uuid(4).into(), uuid(5).into()],
    }
}

/// What a payload says of its place, however it is written; `None` for what is no payload.
fn bound_to(text: &str) -> Option<Value> {
    let read: BidPayload = serde_json::from_str(text.trim_end()).ok()?;
    let mut read = serde_json::to_value(read).unwrap();
    for list in ["attachments", "consortium"] {
        let mut items: Vec<String> = read[list].as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_lowercase()).collect();
        items.sort_unstable();
        read[list] = json!(items);
    }
    Some(BINDING.iter().map(|field| ((*field).to_owned(), read[field].clone())).collect::<serde_json::Map<_, _>>().into())
}

fn judged(text: &str) -> Opened {
    bids::judge(Some(text), &place(), Fen::new(CEILING))
}

/// Any value that JSON has, among them those that a payload has elsewhere.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i32..4).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        (0_u128..7).prop_map(|n| json!(id(n))),
        prop::sample::select(vec!["ab", "cd", "AB", "Cd", "ef"]).prop_map(|byte| json!(byte.repeat(32))),
        prop::sample::select(vec!["baiyi-bid-1", "baiyi-bid-2", "baiyi-bid-1 ", ""]).prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{0,8}", inner), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn a_bid_that_nobody_changed_counts() {
    assert!(matches!(judged(&payload().to_string()), Opened::Valid(_)));
    // A second value under the same name would be read by one program and not by another.
    let twice = payload().to_string().replacen('{', &format!("{{\"lot_id\":\"{}\",", id(2)), 1);
    assert_eq!(judged(&twice), Opened::Unusable("unreadable"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    #[test]
    fn payloads_of_bids(changes in changes()) {
        let text = payload().to_string();
        let other = changed(&text, &changes);
        match judged(&other) {
            Opened::Unusable(why) => prop_assert!(["unreadable", "unknown_format", "not_bound"].contains(&why)),
            // What still counts is for the same place and for the same files and members.
            Opened::Valid(_) | Opened::Invalid(..) => prop_assert_eq!(bound_to(&other), bound_to(&text)),
        }
    }

    #[test]
    fn fields_that_bind_a_bid(field in prop::sample::select(BINDING.to_vec()), value in any_json()) {
        let (text, mut other) = (payload().to_string(), payload());
        other[field] = value;
        let other = other.to_string();
        let same = bound_to(&other) == bound_to(&text);
        let found = judged(&other);
        prop_assert_eq!(matches!(found, Opened::Valid(_)), same, "{}: {:?}", field, found);
        prop_assert!(same || matches!(found, Opened::Unusable("not_bound" | "unreadable" | "unknown_format")), "{}: {:?}", field, found);
    }

    #[test]
    fn other_fields_of_a_bid(field in prop::sample::select(vec!["nonce", "price_fen", "offer", "subcontracting", "declarations"]), value in any_json()) {
        let mut other = payload();
        other[field] = value;
        // They may be anything that can be read, and never move a bid to another place.
        if !matches!(judged(&other.to_string()), Opened::Unusable(_)) {
            prop_assert_eq!(bound_to(&other.to_string()), bound_to(&payload().to_string()));
            let elsewhere = Place { sequence: 3, ..place() };
            prop_assert_eq!(bids::judge(Some(&other.to_string()), &elsewhere, Fen::new(CEILING)), Opened::Unusable("not_bound"));
        }
    }
}

/// A ceremony of three openers that came to its end, and a closing of two bids to which the first contributed.
struct Quorum {
    keys: Vec<OpenerKeys>,
    states: Vec<State>,
    /// The first opener, after it dealt its shares.
    dealt: State,
    board: Board,
    closing: Closing,
    contribution: Contribution,
}

static QUORUM: LazyLock<Quorum> = LazyLock::new(|| {
    let keys: Vec<OpenerKeys> = (0..3).map(|_| OpenerKeys::ephemeral().unwrap()).collect();
    let seat = |(key, position): (&OpenerKeys, u16)| {
        let (account_id, unit_id) = (Uuid::from_u128(10 + u128::from(position)).into(), Uuid::from_u128(20 + u128::from(position)).into());
        let member = Member {
            position,
            account_id,
            unit_id,
            name: format!("Kai {position}"),
            signing_key: key.signing_key(),
            recipient: key.recipient(),
        };
        Seat { member, round1: None, transcript_signature: None }
    };
    let openers = keys.iter().zip(1..).map(seat).collect();
    let mut board = Board {
        id: Uuid::from_u128(1).into(),
        tender_id: Uuid::from_u128(2).into(),
        threshold: 2,
        openers,
        shares: Vec::new(),
        journal: None,
    };
    let prints: Vec<String> = keys.iter().map(OpenerKeys::fingerprint).collect();
    let others = |n: usize| prints.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, print)| print.clone()).collect::<Vec<_>>();
    let mut states: Vec<State> = keys.iter().enumerate().map(|(n, key)| State::join(key, &board, &others(n)).unwrap()).collect();
    let mut dealt = states[0].clone();
    while !states.iter().all(|state| state.complete) {
        for (n, state) in states.iter_mut().enumerate() {
            let step = state.advance(&keys[n], &board).unwrap();
            if n == 0 && matches!(step, Step::SendShares(_)) {
                dealt = state.clone();
            }
            match step {
                Step::SendFirst(first) => board.openers[n].round1 = Some(first),
                Step::SendShares(shares) => board.shares.extend(shares),
                Step::SendSignature { signature, .. } => board.openers[n].transcript_signature = Some(signature),
                Step::Wait(_) | Step::Complete => {}
            }
        }
    }
    let transcript = states[0].transcript.clone().unwrap();
    let recipient: age::x25519::Recipient = transcript.recipient.parse().unwrap();
    let bid = |n: u128| {
        let points = points_of(&age::encrypt(&recipient, b"a bid").unwrap()).iter().map(|point| STANDARD.encode(point)).collect();
        ClosedBid { bid_id: Uuid::from_u128(n).into(), sha256: "0".repeat(64), points, files: Vec::new() }
    };
    let closing = Closing {
        format: CLOSING.to_owned(),
        tender_id: board.tender_id,
        ceremony_id: Some(board.id),
        transcript_sha256: Some(transcript.hash().unwrap()),
        recipient: transcript.recipient,
        deadline: UtcInstant::parse("2026-03-13T01:00:00Z").unwrap(),
        least: 1,
        lots: vec![ClosedLot { lot_id: Uuid::from_u128(3).into(), opens: true, bids: vec![bid(4), bid(5)] }],
    };
    let contribution = states[0].contribute(&keys[0], &closing).unwrap();
    Quorum { keys, states, dealt, board, closing, contribution }
});

impl Quorum {
    /// What the server makes of a contribution that came as the first opener's.
    fn check(&self, closing: &Closing, root: &str, sent: &Contribution) -> Result<Result<Contributed, Fault>, Fault> {
        let verifying = self.states[0].transcript.as_ref().unwrap().verifying_share(1).unwrap();
        check_contribution(&self.board.openers[0].member, &verifying, closing, root, sent)
    }

    /// The same, with a signature over these bytes that is in order.
    fn check_bytes(&self, by: usize, partials: &[u8]) -> Result<Result<Contributed, Fault>, Fault> {
        let root = &self.contribution.root;
        let signature = self.keys[by].sign(&contribution_text(root, 1, partials));
        self.check(&self.closing, root, &Contribution { root: root.clone(), partials: STANDARD.encode(partials), signature })
    }
}

/// One change of bytes.
#[derive(Debug, Clone)]
enum Bend {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, u8),
    Swap(usize, usize),
}

fn bends() -> impl Strategy<Value = Vec<Bend>> {
    let bend = prop_oneof![
        4 => (any::<usize>(), 1_u8..).prop_map(|(at, with)| Bend::Flip(at, with)),
        1 => any::<usize>().prop_map(Bend::Cut),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Bend::Insert(at, byte)),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(one, other)| Bend::Swap(one, other)),
    ];
    prop::collection::vec(bend, 1..3)
}

fn bent(bytes: &[u8], bends: &[Bend]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for bend in bends {
        let length = bytes.len().max(1);
        match bend {
            Bend::Flip(at, with) => bytes.iter_mut().skip(at % length).take(1).for_each(|byte| *byte ^= with),
            Bend::Cut(at) => bytes.truncate(at % length),
            Bend::Insert(at, byte) => bytes.insert((at % length).min(bytes.len()), *byte),
            Bend::Swap(one, other) if !bytes.is_empty() => bytes.swap(one % length, other % length),
            Bend::Swap(..) => {}
        }
    }
    bytes
}

#[test]
fn a_contribution_that_nobody_changed_is_accepted() {
    let quorum = &*QUORUM;
    let root = root_of(&quorum.closing.text().unwrap());
    assert!(matches!(quorum.check(&quorum.closing, &root, &quorum.contribution), Ok(Ok(_))));
    assert!(matches!(quorum.check_bytes(0, &decode(&quorum.contribution.partials).unwrap()), Ok(Ok(_))));
    let mut states = quorum.states.clone();
    assert!(matches!(states[0].advance(&quorum.keys[0], &quorum.board), Ok(Step::Complete)));
}

#[test]
fn whoever_seals_something_else_than_a_package_is_named() {
    let quorum = &*QUORUM;
    let ceremony = quorum.board.statement().hash().unwrap();
    let round1 = round1_hash(&quorum.board.first_packages().unwrap().unwrap()).unwrap();
    let recipient: age::x25519::Recipient = quorum.keys[0].recipient().parse().unwrap();
    for package in ["not base64!", "AAAA", ""] {
        let inside = json!({"ceremony": ceremony, "round1": round1, "from": 2, "to": 1, "package": package}).to_string();
        let ciphertext = age::encrypt(&recipient, inside.as_bytes()).unwrap();
        let signature = quorum.keys[1].sign(&share_text(&ceremony, &round1, 2, 1, &ciphertext));
        let mut board = quorum.board.clone();
        let share = board.shares.iter_mut().find(|share| (share.from, share.to) == (2, 1)).unwrap();
        *share = SealedShare { from: 2, to: 1, ciphertext: STANDARD.encode(&ciphertext), signature };
        let told = quorum.dealt.clone().advance(&quorum.keys[0], &board);
        assert!(matches!(told, Err(Fault::Of { position: 2, .. })), "{package}: {told:?}");
    }
}

proptest! {
    // Points are slow in a program that was not made fast.
    #![proptest_config(ProptestConfig::with_cases(cases(64)))]

    #[test]
    fn contributions(changes in changes()) {
        let quorum = &*QUORUM;
        let other = changed(&serde_json::to_string(&quorum.contribution).unwrap(), &changes);
        let Ok(sent) = serde_json::from_str::<Contribution>(&other) else { return Ok(()) };
        let accepted = matches!(quorum.check(&quorum.closing, &quorum.contribution.root, &sent), Ok(Ok(_)));
        prop_assert_eq!(accepted, sent == quorum.contribution);
    }

    #[test]
    fn contributions_signed_as_they_are(bends in bends()) {
        let quorum = &*QUORUM;
        let good = decode(&quorum.contribution.partials).unwrap();
        let other = bent(&good, &bends);
        if other == good {
            return Ok(());
        }
        match quorum.check_bytes(0, &other) {
            // The server knows whom to name, because the signature is the sender's.
            Ok(Err(Fault::Of { position, .. })) => prop_assert_eq!(position, 1),
            Ok(accepted) => prop_assert!(false, "{:?}", accepted.err()),
            Err(fault) => prop_assert!(false, "{}", fault),
        }
        prop_assert!(quorum.check_bytes(1, &other).is_err(), "another's signature is nobody's fault");
    }

    #[test]
    fn closings(changes in prop::collection::vec(change(1200), 1..4)) {
        let quorum = &*QUORUM;
        let text = quorum.closing.text().unwrap();
        let other = changed(&text, &changes);
        let Ok(closing) = Closing::parse(&other) else { return Ok(()) };
        let accepted = matches!(quorum.check(&closing, &root_of(&other), &quorum.contribution), Ok(Ok(_)));
        prop_assert_eq!(accepted, other == text, "a contribution is to one closing");
    }

    #[test]
    fn boards(changes in prop::collection::vec(change(9000), 1..4)) {
        let quorum = &*QUORUM;
        let whole = serde_json::to_value(&quorum.board).unwrap();
        let Ok(board) = serde_json::from_str::<Board>(&changed(&whole.to_string(), &changes)) else { return Ok(()) };
        let mut state = quorum.states[0].clone();
        if let Ok(Step::Complete) = state.advance(&quorum.keys[0], &board) {
            let mut shown = serde_json::to_value(&board).unwrap();
            shown["journal"] = Value::Null;
            prop_assert_eq!(shown, whole, "an opener is content with what it saw and signed, and with nothing else");
        }
        let _ = (board.statement().hash(), board.first_packages(), Transcript::of(&board.statement(), &Packages::new(), &board.shares));
    }

    #[test]
    fn packages_of_a_ceremony(first in bends(), second in bends()) {
        let begun: Vec<_> = (1..=2).map(|position| dkg::begin(position, 2, 2).unwrap()).collect();
        let honest = Packages::from([(2, begun[1].1.clone())]);
        let (kept, _) = dkg::deal(&begun[0].0, &honest).unwrap();
        let (_, mut dealt) = dkg::deal(&begun[1].0, &Packages::from([(1, begun[0].1.clone())])).unwrap();
        let to_me = Packages::from([(2, dealt.remove(&1).unwrap().to_vec())]);
        let finish = |firsts: &Packages, seconds: &Packages| {
            let seconds = seconds.iter().map(|(of, bytes)| (*of, zeroize::Zeroizing::new(bytes.clone()))).collect();
            dkg::finish(&kept, firsts, &seconds)
        };
        let (share, group) = finish(&honest, &to_me).unwrap();
        let bend = |packages: &Packages, bends: &[Bend]| -> Packages { packages.iter().map(|(of, bytes)| (*of, bent(bytes, bends))).collect() };
        let (firsts, seconds) = (bend(&honest, &first), bend(&to_me, &second));
        let _ = (dkg::check_first(2, 2, &firsts[&2]), dkg::group(2, &firsts));
        // Bytes behind a package are not read: what is still taken means what it meant, and anything else ends the ceremony.
        for (firsts, seconds) in [(&firsts, &to_me), (&honest, &seconds), (&firsts, &seconds)] {
            let looked_at = dkg::deal(&begun[0].0, firsts).and_then(|_| finish(firsts, seconds));
            if let Ok((found, of)) = looked_at {
                prop_assert_eq!((&found, &of), (&share, &group));
            }
        }
    }
}
