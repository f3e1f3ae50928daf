//! Records that were tampered with are named where they differ.

use uuid::Uuid;

use super::*;

fn at(text: &str) -> UtcInstant {
    UtcInstant::parse(text).unwrap()
}

/// A drawn record of five experts for a panel of two, in which the second passed.
fn drawn() -> DrawRecord {
    let draw_id = DrawId::new(Uuid::from_u128(1));
    let mut members: Vec<(Hash, u8)> =
        (1_u8..=5).map(|n| (rules::leaf(draw_id, &[n; 32], AnyId::new(Uuid::from_u128(u128::from(n)))), n)).collect();
    members.sort_unstable();
    let leaves: Vec<Hash> = members.iter().map(|(leaf, _)| *leaf).collect();
    let nonces = [[0x11; 32], [0x22; 32]];
    let root = rules::pool_root(draw_id, &leaves);
    let contribution = |place: usize| {
        let unit_id = UnitId::new(Uuid::from_u128(place as u128 + 7));
        Contribution {
            unit_id,
            commitment: hex::encode(rules::commitment(draw_id, unit_id, &nonces[place])),
            committed_at: at("2026-03-02T01:00:00Z"),
            nonce: Some(hex::encode(nonces[place])),
            revealed_at: Some(at("2026-03-02T03:00:00Z")),
            late: false,
            pool_root: Some(hex::encode(root)),
        }
    };
    let seed = rules::seed(draw_id, &root, &nonces);
    let order = rules::permutation(seed, 5);
    let outcomes = [Some(Outcome::Seated), Some(Outcome::Declined), Some(Outcome::Seated), None, None];
    let named = order.iter().zip(outcomes).zip(1..).map(|((place, outcome), turn)| {
        let n = members[*place].1;
        Named { turn, member_id: AnyId::new(Uuid::from_u128(u128::from(n))), salt: hex::encode([n; 32]), outcome, passed_because: None }
    });
    DrawRecord {
        format: FORMAT.to_owned(),
        draw_id,
        lot_id: LotId::new(Uuid::from_u128(2)),
        purpose: Purpose::Panel,
        place: None,
        experts: 2,
        method: Method::TwoUnits,
        because: None,
        contributions: vec![contribution(0), contribution(1)],
        checkpoint: None,
        frozen_at: Some(at("2026-03-02T02:00:00Z")),
        pool_root: Some(hex::encode(root)),
        pool: leaves.iter().map(hex::encode).collect(),
        seed: Some(hex::encode(seed)),
        named: named.collect(),
        order,
        silent_unit: None,
        ended_at: None,
    }
}

fn told(change: impl FnOnce(&mut DrawRecord)) -> String {
    let mut record = drawn();
    change(&mut record);
    recompute(&record, None).unwrap_err()
}

#[test]
fn an_honest_record_follows_whole_or_with_the_called_only() {
    let mut record = drawn();
    assert_eq!(recompute(&record, None), Ok(()));
    assert_eq!(recompute(&record, record.pool_root.as_deref()), Ok(()));
    record.named.truncate(3);
    assert_eq!(recompute(&record, None), Ok(()));
    let parsed: DrawRecord = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
    assert_eq!(parsed, record);
}

#[test]
fn every_change_is_named_at_its_first_place() {
    let other = hex::encode([9; 32]);
    let cases: Vec<(String, &str)> = vec![
        (told(|r| r.format = "baiyi/draw/v0".to_owned()), "format baiyi/draw/v0"),
        (
            told(|r| r.contributions[1].nonce = Some(other.clone())),
            "contribution 2 (unit 00000000-0000-0000-0000-000000000008): the nonce does not open",
        ),
        (told(|r| r.contributions[1] = r.contributions[0].clone()), "the unit contributes twice"),
        (told(|r| r.contributions[0].committed_at = at("2026-03-02T02:00:01Z")), "contribution 1: committed after the pool was frozen"),
        (told(|r| r.contributions[0].revealed_at = Some(at("2026-03-02T01:59:59Z"))), "contribution 1: revealed before"),
        (told(|r| r.contributions[1].late = true), "contribution 2: there is a seed, but the nonce was not revealed in time"),
        (told(|r| r.contributions.truncate(1)), "contributions: 1 of units"),
        (told(|r| r.pool.swap(0, 1)), "pool: the leaf after place 0"),
        (
            told(|r| {
                r.pool.pop();
            }),
            "pool: the leaves have the root",
        ),
        (told(|r| r.pool[4] = "ff".repeat(32)), "pool: the leaves have the root"),
        (told(|r| r.seed = Some(other.clone())), "seed: the pool and the contributions give"),
        (told(|r| r.order.swap(1, 3)), "order, turn 2"),
        (
            told(|r| {
                r.order.pop();
            }),
            "order: 4 turns",
        ),
        (told(|r| r.named[0].member_id = AnyId::new(Uuid::from_u128(99))), "turn 1: 00000000-0000-0000-0000-000000000063 does not stand"),
        (told(|r| r.named.swap(0, 1)), "turn 2"),
        (told(|r| r.named[0].outcome = None), "turn 2: "),
        (told(|r| r.experts = 1), "2 are seated, the panel asked for 1"),
        (
            told(|r| r.contributions[1].pool_root = Some(other.clone())),
            "contribution 2 (unit 00000000-0000-0000-0000-000000000008): it was revealed to the pool 0909",
        ),
        (told(|r| r.contributions[0].pool_root = None), "it was revealed to the pool nothing"),
        (told(|r| r.named[1].outcome = Some(Outcome::PassedOver)), "turn 2: 00000000"),
        (told(|r| r.named[1].passed_because = Some(Hindrance::Conflict)), "was passed over without a cause, or has a cause without that"),
        (
            told(|r| {
                (r.frozen_at, r.seed) = (None, None);
                r.order.clear();
            }),
            "a number was revealed without a frozen pool",
        ),
        (told(|r| r.ended_at = r.frozen_at), "a draw that ended without a result shows one"),
        (told(|r| r.frozen_at = None), "there is a result without a frozen pool"),
        (told(|r| r.method = Method::Journal), "contributions: 2 of units do not make a draw by journal"),
    ];
    for (told, expected) in cases {
        assert!(told.contains(expected), "{told} does not say {expected}");
    }
    let known = "ab".repeat(32);
    assert!(recompute(&drawn(), Some(&known)).unwrap_err().contains("known from elsewhere"));
}
