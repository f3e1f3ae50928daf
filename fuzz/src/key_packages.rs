//! A ceremony among openers one of whom lies, over a server that lies: an opener is content with what everybody signed and with nothing else, and whoever
//! signed something wrong is named.

use std::sync::LazyLock;

use baiyi::trust::quorum::Fault;
use baiyi::trust::quorum::dkg::{self, Group, Packages};
use baiyi::trust::quorum::messages::{Board, FirstPackage, SealedShare, Transcript, decode, first_text, round1_hash, share_text};
use baiyi::trust::quorum::opener::{State, Step};
use baiyi::trust::sealing::{SealingKey, open_with};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::fixture::identity;
use crate::quorum::{CEREMONY, KEYS, THRESHOLD};
use crate::{Seeds, seed, split};

/// The ceremony as the first opener knows it from inside.
struct Within {
    statement: String,
    packages: Packages,
    round1: String,
    group: Group,
    /// What the second opener sealed to the first.
    inside: Vec<u8>,
    share: Value,
}

static WITHIN: LazyLock<Within> = LazyLock::new(|| {
    let packages = CEREMONY.board.first_packages().unwrap().unwrap();
    let sealed = CEREMONY.board.shares.iter().find(|share| (share.from, share.to) == (2, 1)).unwrap();
    let own: age::x25519::Identity = identity(21).parse().unwrap();
    Within {
        statement: CEREMONY.board.statement().hash().unwrap(),
        round1: round1_hash(&packages).unwrap(),
        group: dkg::group(THRESHOLD, &packages).unwrap(),
        packages,
        inside: open_with(&own, &decode(&sealed.ciphertext).unwrap(), 1 << 14).unwrap(),
        share: share_of(&CEREMONY.complete),
    }
});

/// The share that an opener keeps.
fn share_of(state: &State) -> Value {
    serde_json::to_value(state).unwrap()["share"].clone()
}

/// Judges one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = split(data) else { return };
    match letter {
        b'F' => first(rest),
        b'S' => share(rest),
        b'I' => inside(rest),
        _ => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            board(text);
        }
    }
}

/// The second opener's first package, signed by it.
fn first(package: &[u8]) {
    let packages: Packages =
        WITHIN.packages.iter().map(|(of, honest)| (*of, if *of == 2 { package.to_vec() } else { honest.clone() })).collect();
    let readable = dkg::check_first(2, THRESHOLD, package);
    assert_eq!(readable.is_ok(), dkg::group(THRESHOLD, &packages).is_ok(), "one that can be read makes a group with the others");
    let mut board = CEREMONY.board.clone();
    board.shares.clear();
    let signature = KEYS[1].sign(&first_text(&WITHIN.statement, 2, package));
    board.openers[1].round1 = Some(FirstPackage { package: STANDARD.encode(package), signature });
    match CEREMONY.begun.clone().advance(&KEYS[0], &board) {
        // Its sender may commit to another polynomial; it proves that it knows the constant term, and nobody makes a proof for another one.
        Ok(Step::SendShares(_)) => assert_eq!(dkg::group(THRESHOLD, &packages).unwrap().key, WITHIN.group.key, "another key was taken"),
        Ok(step) => panic!("every package is there: {step:?}"),
        Err(Fault::Of { position, .. }) => assert_eq!(position, 2),
        Err(fault) => panic!("whoever signed the package is not named: {fault}"),
    }
}

/// The second opener's package for the first, within a share that is in order.
fn share(package: &[u8]) {
    let mut said: Value = serde_json::from_slice(&WITHIN.inside).unwrap();
    said["package"] = STANDARD.encode(package).into();
    inside(said.to_string().as_bytes());
}

/// What the second opener sealed to the first, signed by it.
fn inside(plain: &[u8]) {
    let recipient: age::x25519::Recipient = KEYS[0].recipient().parse().unwrap();
    let ciphertext = age::encrypt(&recipient, plain).unwrap();
    let signature = KEYS[1].sign(&share_text(&WITHIN.statement, &WITHIN.round1, 2, 1, &ciphertext));
    let mut board = CEREMONY.board.clone();
    for share in board.shares.iter_mut().filter(|share| (share.from, share.to) == (2, 1)) {
        *share = SealedShare { from: 2, to: 1, ciphertext: STANDARD.encode(&ciphertext), signature: signature.clone() };
    }
    for seat in &mut board.openers {
        seat.transcript_signature = None;
    }
    let mut state = CEREMONY.dealt.clone();
    match state.advance(&KEYS[0], &board) {
        Ok(Step::SendSignature { .. }) => {
            assert_eq!(share_of(&state), WITHIN.share, "another share was taken");
            let said: Value = serde_json::from_slice(plain).expect("what was taken is JSON");
            let of = |name: &str| said[name].as_str().unwrap_or_default();
            assert_eq!((of("ceremony"), of("round1")), (WITHIN.statement.as_str(), WITHIN.round1.as_str()), "a share of another ceremony");
            assert_eq!((said["from"].as_u64(), said["to"].as_u64()), (Some(2), Some(1)), "a share of others");
        }
        Ok(step) => panic!("every share is there: {step:?}"),
        Err(Fault::Of { position, .. }) => assert_eq!(position, 2),
        Err(fault) => panic!("whoever sealed the share is not named: {fault}"),
    }
}

/// The board that a server shows to an opener who waits for the others, and to one who is content already.
fn board(text: &str) {
    let Ok(board) = serde_json::from_str::<Board>(text) else { return };
    let written = serde_json::to_value(&board).unwrap();
    assert_eq!(serde_json::to_value(serde_json::from_value::<Board>(written.clone()).unwrap()).unwrap(), written);
    for state in [&CEREMONY.dealt, &CEREMONY.complete] {
        let mut state = state.clone();
        if let Ok(Step::Complete) = state.advance(&KEYS[0], &board) {
            let mut shown = written.clone();
            shown["journal"] = Value::Null;
            assert_eq!(shown, serde_json::to_value(&CEREMONY.board).unwrap(), "an opener is content with what everybody signed");
            assert_eq!(share_of(&state), WITHIN.share);
        }
    }
    let _ = Transcript::of(&board.statement(), &WITHIN.packages, &board.shares);
    let _ = State::join(&KEYS[0], &board, &[]);
}

/// The packages, the share and the board of the ceremony.
pub fn seeds() -> Seeds {
    let said: Value = serde_json::from_slice(&WITHIN.inside).unwrap();
    let key = SealingKey::parse(&identity(21)).unwrap();
    assert_eq!(key.recipient(), KEYS[0].recipient());
    let degree = dkg::begin(2, THRESHOLD + 1, 3).unwrap().1;
    vec![
        seed("first", b'F', &WITHIN.packages[&2]),
        seed("first_of_another", b'F', &WITHIN.packages[&3]),
        seed("first_of_another_degree", b'F', degree),
        seed("share", b'S', STANDARD.decode(said["package"].as_str().unwrap()).unwrap()),
        seed("inside", b'I', &WITHIN.inside),
        seed("inside_not_base64", b'I', String::from_utf8(WITHIN.inside.clone()).unwrap().replace("\"package\":\"", "\"package\":\"!")),
        seed("board", b'B', serde_json::to_string(&CEREMONY.board).unwrap()),
    ]
}
