//! Rankings that were tampered with are named where they differ.

use super::*;

fn bid(n: u128) -> BidId {
    BidId::new(Uuid::from_u128(n))
}

fn bp(points: i32) -> BasisPoints {
    BasisPoints::new(points).unwrap()
}

/// Two sheets on three bids; one score of the second was amended.
fn ranked() -> RankingRecord {
    let lot_id = LotId::new(Uuid::from_u128(5));
    let criteria = vec![
        RecordedCriterion { position: 1, kind: CriterionKind::Quality, weight_bp: bp(8_000) },
        RecordedCriterion { position: 2, kind: CriterionKind::Price, weight_bp: bp(2_000) },
    ];
    let offers: Vec<RecordedOffer> = [(1, 18_000_000), (2, 17_000_000), (3, 19_000_000)]
        .map(|(n, fen)| RecordedOffer { bid_id: bid(n), price_fen: Fen::new(fen) })
        .to_vec();
    let sheet = |nonce: u8, points: [i32; 3]| {
        let scores: Vec<RecordedScore> =
            (1_u128..).zip(points).map(|(n, p)| RecordedScore { bid_id: bid(n), position: 1, points_bp: bp(p) }).collect();
        let plain: Vec<Score> = scores.iter().map(|one| (one.bid_id, 1, one.points_bp.get())).collect();
        let (key, words) = (sheets::scores_key(&[nonce; 32]), [nonce; 32]);
        let commitment = sheets::commitment(&sheets::scores_hash(&key, lot_id, &plain).unwrap(), &words);
        RecordedSheet {
            commitment: Some(hex::encode(commitment)),
            brought: Some(Brought::Ahead),
            scores_key: Some(hex::encode(key)),
            words_hash: Some(hex::encode(words)),
            scores,
            amendments: Vec::new(),
        }
    };
    let mut second = sheet(2, [8_000, 4_000, 8_000]);
    second.amendments = vec![RecordedAmendment { bid_id: bid(2), position: 1, before_bp: bp(4_000), after_bp: bp(7_600) }];
    let place = |n, place, price_points_bp, points_bp| RecordedPlace { bid_id: bid(n), place, price_points_bp, points_bp };
    RankingRecord {
        format: FORMAT.to_owned(),
        lot_id,
        method: RankedBy::Weighted,
        criteria,
        offers,
        sheets: vec![sheet(1, [8_000, 8_000, 8_000]), second],
        // 0.8 × 80 + 0.2 × 94.44 = 82.89; 0.8 × 78 + 20 = 82.40; 64 + 0.2 × 89.47 = 81.89.
        ranking: vec![place(1, 1, 9_444, 8_289), place(2, 2, 10_000, 8_240), place(3, 3, 8_947, 8_189)],
        ties: Vec::new(),
    }
}

fn told(change: impl FnOnce(&mut RankingRecord)) -> String {
    let mut record = ranked();
    change(&mut record);
    recompute(&record).unwrap_err()
}

#[test]
fn an_honest_ranking_follows() {
    assert_eq!(recompute(&ranked()), Ok(()));
    let parsed: RankingRecord = serde_json::from_str(&serde_json::to_string(&ranked()).unwrap()).unwrap();
    assert_eq!(recompute(&parsed), Ok(()));
}

#[test]
fn every_change_is_named_at_its_first_place() {
    let draw_id = DrawId::new(Uuid::from_u128(8));
    let cases: Vec<(String, &str)> = vec![
        (told(|r| r.sheets[1].scores[0].points_bp = bp(8_001)), "sheet 2: its points do not open the commitment"),
        (told(|r| r.sheets[0].words_hash = Some("00".repeat(32))), "sheet 1: its points do not open the commitment"),
        (
            told(|r| r.sheets[1].amendments[0].before_bp = bp(4_001)),
            "sheet 2: bid 00000000-0000-0000-0000-000000000002, criterion 1: amended from 4001",
        ),
        (told(|r| r.sheets[1].amendments[0].position = 7), "amended, but never scored"),
        (
            told(|r| r.sheets[1].amendments[0].after_bp = bp(9_000)),
            "bid 00000000-0000-0000-0000-000000000002: total points 8240 were written",
        ),
        (
            told(|r| {
                r.sheets.pop();
            }),
            "total points",
        ),
        (told(|r| r.offers[0].price_fen = Fen::new(17_000_000)), "price points 9444 were written, 10000 follow"),
        (told(|r| r.ranking[0].points_bp = 8_290), "bid 00000000-0000-0000-0000-000000000001: total points 8290 were written, 8289 follow"),
        (told(|r| r.ranking[1].place = 1), "bid 00000000-0000-0000-0000-000000000002: place 1 were written, 2 follow"),
        (told(|r| r.ranking.swap(0, 1)), "it stands behind a bid of a later place"),
        (
            told(|r| {
                r.ranking.pop();
            }),
            "it is not in the ranking",
        ),
        (
            told(|r| {
                r.offers.pop();
            }),
            "sheet 1: it does not score every valid bid once",
        ),
        (told(|r| r.criteria[0].weight_bp = bp(7_000)), "total points"),
        (told(|r| r.ties = vec![RecordedTie { place: 1, draw_id, order: vec![bid(1), bid(2)] }]), "place 1: the draw"),
    ];
    for (told, expected) in cases {
        assert!(told.contains(expected), "{told} does not say {expected}");
    }
}
