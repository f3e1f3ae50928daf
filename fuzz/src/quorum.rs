//! A ceremony of three openers of whom two open, as it was at each step, and a closing to which the first contributed. Its packages are drawn at random, so
//! it is kept in a file; `BAIYI_FUZZ_CEREMONY=fuzz/fixtures/ceremony.json target/debug/note` makes another.

use std::sync::LazyLock;

use baiyi::kernel::UtcInstant;
use baiyi::trust::quorum::messages::{Board, Member, Seat};
use baiyi::trust::quorum::opener::{OpenerKeys, State, Step};
use baiyi::trust::quorum::opening::{CLOSING, ClosedBid, ClosedFile, ClosedLot, Closing, Contribution};
use baiyi::trust::quorum::points::points_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fixture::opener;

/// Openers.
pub const OPENERS: u8 = 3;
/// Openers needed.
pub const THRESHOLD: u16 = 2;

/// What is kept of the ceremony.
#[derive(Serialize, Deserialize)]
pub struct Ceremony {
    /// The board at the end.
    pub board: Board,
    /// The first opener, after it sent its first package.
    pub begun: State,
    /// The first opener, after it dealt its shares.
    pub dealt: State,
    /// The first opener at the end.
    pub complete: State,
    /// A closing of two lots, of which one stays shut.
    pub closing: Closing,
    /// The first opener's contribution to it.
    pub contribution: Contribution,
}

/// The ceremony of the file.
pub static CEREMONY: LazyLock<Ceremony> = LazyLock::new(|| {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ceremony.json")).expect("the ceremony is there");
    serde_json::from_str(&text).expect("the ceremony can be read")
});
/// The openers' keys, by position from 0.
pub static KEYS: LazyLock<Vec<OpenerKeys>> = LazyLock::new(|| (1..=OPENERS).map(opener).collect());

/// Holds a ceremony and a closing anew.
pub fn make() -> Ceremony {
    let seat = |(key, position): (&OpenerKeys, u16)| {
        let (account_id, unit_id) = (Uuid::from_u128(10 + u128::from(position)).into(), Uuid::from_u128(20 + u128::from(position)).into());
        let name = format!("Kai {position}");
        let member = Member { position, account_id, unit_id, name, signing_key: key.signing_key(), recipient: key.recipient() };
        Seat { member, round1: None, transcript_signature: None }
    };
    let mut board = Board {
        id: Uuid::from_u128(1).into(),
        tender_id: Uuid::from_u128(2).into(),
        threshold: THRESHOLD,
        openers: KEYS.iter().zip(1..).map(seat).collect(),
        shares: Vec::new(),
        journal: None,
    };
    let prints: Vec<String> = KEYS.iter().map(OpenerKeys::fingerprint).collect();
    let others = |n: usize| prints.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, print)| print.clone()).collect::<Vec<_>>();
    let mut states: Vec<State> = KEYS.iter().enumerate().map(|(n, key)| State::join(key, &board, &others(n)).unwrap()).collect();
    let (mut begun, mut dealt) = (None, None);
    while !states.iter().all(|state| state.complete) {
        for (n, state) in states.iter_mut().enumerate() {
            let step = state.advance(&KEYS[n], &board).unwrap();
            match (&step, n) {
                (Step::SendFirst(_), 0) => begun = Some(state.clone()),
                (Step::SendShares(_), 0) => dealt = Some(state.clone()),
                _ => {}
            }
            match step {
                Step::SendFirst(first) => board.openers[n].round1 = Some(first),
                Step::SendShares(shares) => board.shares.extend(shares),
                Step::SendSignature { signature, .. } => board.openers[n].transcript_signature = Some(signature),
                Step::Wait(_) | Step::Complete => {}
            }
        }
    }
    let mut complete = states.swap_remove(0);
    let transcript = complete.transcript.clone().unwrap();
    let recipient: age::x25519::Recipient = transcript.recipient.parse().unwrap();
    let points = || points_of(&age::encrypt(&recipient, b"a bid").unwrap()).iter().map(|point| STANDARD.encode(point)).collect();
    let file = |n: u128| ClosedFile { attachment_id: Uuid::from_u128(n).into(), sha256: "1".repeat(64), points: points() };
    let bid =
        |n: u128, files: Vec<ClosedFile>| ClosedBid { bid_id: Uuid::from_u128(n).into(), sha256: "0".repeat(64), points: points(), files };
    let lot = |n: u128, opens: bool, bids: Vec<ClosedBid>| ClosedLot { lot_id: Uuid::from_u128(n).into(), opens, bids };
    let closing = Closing {
        format: CLOSING.to_owned(),
        tender_id: board.tender_id,
        ceremony_id: Some(board.id),
        transcript_sha256: Some(transcript.hash().unwrap()),
        recipient: transcript.recipient,
        deadline: UtcInstant::parse("2026-03-13T01:00:00Z").unwrap(),
        least: 2,
        lots: vec![lot(3, true, vec![bid(4, Vec::new()), bid(5, vec![file(6)])]), lot(7, false, vec![bid(8, Vec::new())])],
    };
    complete.see_deadline(closing.deadline);
    let contribution = complete.clone().contribute(&KEYS[0], &closing).unwrap();
    Ceremony { board, begun: begun.unwrap(), dealt: dealt.unwrap(), complete, closing, contribution }
}
