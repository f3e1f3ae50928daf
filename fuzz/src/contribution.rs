//! Openers' contributions, and the closings that they are to: a changed contribution is never accepted, and whoever signed it is named; an opener
//! contributes to a closing of its own ceremony, after its deadline, and to no point of a lot that stays shut.

use std::collections::BTreeSet;

use baiyi::kernel::UtcInstant;
use baiyi::trust::checkpoint::Head;
use baiyi::trust::journal::leaf_hash;
use baiyi::trust::quorum::journal::{EntryProof, Kept, Proof};
use baiyi::trust::quorum::messages::decode;
use baiyi::trust::quorum::opening::{
    ClosedBid, Closing, ClosingBoard, Contribution, GRACE_SECONDS, Notice, check_contribution, contribution_text, root_of,
};
use baiyi::trust::quorum::points::{decompress, lift};
use baiyi::trust::quorum::{Contributed, Fault, Point};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::json;

use crate::fixture::JOURNAL;
use crate::quorum::{CEREMONY, KEYS};
use crate::{Seeds, seed, split};

/// Points of one closing that are worked on in a run: each costs some milliseconds.
const POINTS_MAX: usize = 6;

/// What the server makes of a contribution that came as the first opener's.
fn checked(closing: &Closing, root: &str, sent: &Contribution) -> Result<Result<Contributed, Fault>, Fault> {
    let verifying = CEREMONY.complete.transcript.as_ref().unwrap().verifying_share(1).unwrap();
    check_contribution(&CEREMONY.board.openers[0].member, &verifying, closing, root, sent)
}

/// Judges one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = split(data) else { return };
    match letter {
        b'P' => partials(rest),
        b'E' => points(rest),
        letter => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            match letter {
                b'C' => closing(text),
                b'K' => opener(text),
                _ => contribution(text),
            }
        }
    }
}

/// A contribution as the server gets it.
fn contribution(text: &str) {
    let Ok(sent) = serde_json::from_str::<Contribution>(text) else { return };
    let accepted = matches!(checked(&CEREMONY.closing, &CEREMONY.contribution.root, &sent), Ok(Ok(_)));
    assert_eq!(accepted, sent == CEREMONY.contribution);
    let written = serde_json::to_string(&sent).unwrap();
    assert_eq!(serde_json::from_str::<Contribution>(&written).unwrap(), sent);
    if let Ok(bytes) = decode(&sent.partials) {
        assert_eq!(STANDARD.encode(bytes), sent.partials, "base64 has one spelling");
    }
}

/// Bytes that the first opener signed as they are, or another in its name.
fn partials(bytes: &[u8]) {
    let root = &CEREMONY.contribution.root;
    let sent = |by: usize| {
        let signature = KEYS[by].sign(&contribution_text(root, 1, bytes));
        checked(&CEREMONY.closing, root, &Contribution { root: root.clone(), partials: STANDARD.encode(bytes), signature })
    };
    match sent(0) {
        Ok(Ok(_)) => assert_eq!(bytes, decode(&CEREMONY.contribution.partials).unwrap(), "another contribution was accepted"),
        Ok(Err(Fault::Of { position, .. })) => assert_eq!(position, 1),
        Ok(Err(fault)) | Err(fault) => panic!("a signed contribution is its sender's fault: {fault}"),
    }
    assert!(sent(1).is_err(), "another's signature is nobody's fault");
}

/// Bytes as points of either curve.
fn points(bytes: &[u8]) {
    for part in bytes.chunks_exact(32).take(POINTS_MAX) {
        let point = part.try_into().unwrap();
        if let Some(lifted) = lift(&point) {
            assert_eq!(lifted.to_montgomery().to_bytes(), point);
            assert!(decompress(lifted.compress().as_bytes()).is_some());
        }
        if let Some(point) = decompress(part) {
            assert!(lift(&point.to_montgomery().to_bytes()).is_some());
        }
    }
    assert!(bytes.len() == 32 || decompress(bytes).is_none());
}

/// A closing that somebody else shows for the one contributed to.
fn closing(text: &str) {
    let Ok(mut closing) = Closing::parse(text) else { return };
    let honest = CEREMONY.closing.text().unwrap();
    let accepted = matches!(checked(&closing, &root_of(text), &CEREMONY.contribution), Ok(Ok(_)));
    assert_eq!(accepted, text == honest, "a contribution is to one closing");
    let written = closing.text().unwrap();
    assert_eq!(Closing::parse(&written).unwrap(), closing);
    assert_eq!(Closing::parse(&written).unwrap().text().unwrap(), written, "canonical text is a fixed point");
    if let Ok(points) = closing.points() {
        let each: BTreeSet<_> = points.iter().collect();
        assert_eq!(each.len(), points.len(), "each once");
        nothing_shut(&closing, &points);
        if closing.distinct().is_ok() {
            let before = closing.clone();
            closing.keep_shut();
            assert_eq!(closing, before, "there was nothing to be taken out");
        }
    }
    closing.keep_shut();
    let kept = closing.clone();
    closing.keep_shut();
    assert_eq!(closing, kept, "nothing is left to be taken out");
    let shut: BTreeSet<&String> = of_lots(&closing, false).collect();
    assert!(of_lots(&closing, true).all(|point| !shut.contains(point)));
    let mut seen = BTreeSet::new();
    for bid in closing.lots.iter().flat_map(|lot| &lot.bids) {
        let own: BTreeSet<&String> = of_bid(bid).collect();
        assert!(own.is_disjoint(&seen), "a point stands under two bids");
        seen.extend(own);
    }
}

/// None of these points stands in a lot that stays shut, however it is written there.
fn nothing_shut(closing: &Closing, points: &[Point]) {
    let shut: BTreeSet<&str> = of_lots(closing, false).map(|point| point.trim_end_matches('=')).collect();
    assert!(!points.iter().any(|point| shut.contains(STANDARD_NO_PAD.encode(point).as_str())), "a point of a lot that stays shut");
}

/// The points of a bid and its files, as they are written.
fn of_bid(bid: &ClosedBid) -> impl Iterator<Item = &String> {
    bid.points.iter().chain(bid.files.iter().flat_map(|file| &file.points))
}

/// The points of the lots that are opened, or of the others, as they are written.
fn of_lots(closing: &Closing, opens: bool) -> impl Iterator<Item = &String> {
    closing.lots.iter().filter(move |lot| lot.opens == opens).flat_map(|lot| &lot.bids).flat_map(of_bid)
}

/// The journal of a server that says what it likes: its one entry names the root.
fn board(text: &str) -> ClosingBoard {
    let root = root_of(text);
    let at = "2026-03-13T01:00:30Z";
    let entry =
        json!({"action": "tender.closed", "at": at, "resource_id": CEREMONY.board.tender_id, "content": {"root": root}}).to_string();
    let leaf = leaf_hash(&[7; 32], &entry);
    let journal = Proof {
        note: JOURNAL.sign(&Head { size: 1, root: leaf }),
        verifier_key: JOURNAL.verifier(),
        from: 0,
        consistency: Vec::new(),
        rotations: Vec::new(),
        entry: Some(EntryProof { text: entry, salt: STANDARD.encode([7; 32]), index: 0, hashes: Vec::new() }),
    };
    ClosingBoard { root, text: text.to_owned(), journal: Some(journal) }
}

/// A closing as an opener's program is shown it.
fn opener(text: &str) {
    let now = UtcInstant::parse("2026-03-14T01:00:00Z").unwrap();
    let mut state = CEREMONY.complete.clone();
    let honest = &CEREMONY.closing;
    // Whoever reads the notice is told what the closing says, or else nothing is opened.
    let notice = Closing::parse(text).map_or(Notice { deadline: honest.deadline, least: 1, late: false }, |closing| Notice {
        deadline: closing.deadline,
        least: closing.least,
        late: false,
    });
    let Ok(closing) = state.check_closing(&board(text), now, notice) else { return };
    assert_eq!((closing.tender_id, closing.ceremony_id), (honest.tender_id, honest.ceremony_id));
    assert_eq!((&closing.recipient, &closing.transcript_sha256), (&honest.recipient, &honest.transcript_sha256));
    assert!(closing.deadline >= honest.deadline && closing.deadline.plus_seconds(GRACE_SECONDS) <= now);
    assert!(closing.lots.iter().all(|lot| !lot.opens || lot.bids.len() >= closing.least));
    let points = closing.points().unwrap();
    nothing_shut(&closing, &points);
    if points.len() > POINTS_MAX {
        return;
    }
    let Ok(sent) = state.contribute(&KEYS[0], &closing) else {
        assert!(points.iter().any(|point| lift(point).is_none()), "nothing but a point that could leak the share stops it");
        return;
    };
    let root = root_of(&closing.text().unwrap());
    assert!(matches!(checked(&closing, &root, &sent), Ok(Ok(_))), "what an opener contributes is accepted");
    // Another journal, so that nothing but its own memory holds it back.
    state.journal = Kept::default();
    let other = honest.text().unwrap();
    assert_eq!(
        state.check_closing(&board(&other), now, Notice { deadline: honest.deadline, least: 1, late: false }).is_ok(),
        root == root_of(&other),
        "it contributes to one closing only"
    );
}

/// The contribution and the closing of the ceremony.
pub fn seeds() -> Seeds {
    let (sent, text) = (&CEREMONY.contribution, CEREMONY.closing.text().unwrap());
    let partials = decode(&sent.partials).unwrap();
    let (shut, open) = (&CEREMONY.closing.lots[1].bids[0].points[0], &CEREMONY.closing.lots[0].bids[0].points[0]);
    let copied = text.replace(open, shut);
    let (before, after) = copied.rsplit_once(shut.as_str()).unwrap();
    let respelled = format!("{before}{}{after}", shut.trim_end_matches('='));
    vec![
        seed("contribution", b'J', serde_json::to_string(sent).unwrap()),
        seed("partials", b'P', &partials),
        seed("one", b'P', &partials[..96]),
        seed("points", b'E', &partials[..96]),
        seed("base", b'E', [9].into_iter().chain([0; 31]).collect::<Vec<u8>>()),
        seed("closing", b'C', &text),
        seed("closing_copied", b'C', &copied),
        seed("closing_respelled", b'C', &respelled),
        seed("opener", b'K', &text),
        seed("opener_copied", b'K', &copied),
        seed("opener_respelled", b'K', &respelled),
    ]
}
