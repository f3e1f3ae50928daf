//! A draw in order is found in order, and whatever a server puts into another order or exchanges afterwards is named.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::trust::rows::Rows;

const NONCES: [Hash; 2] = [[0x11; 32], [0x22; 32]];

fn unit(place: usize) -> UnitId {
    UnitId::new(Uuid::from_u128(place as u128 + 7))
}

fn draw() -> DrawId {
    DrawId::new(Uuid::from_u128(1))
}

fn entry(index: i64, version: i64, action: &str, content: &Value) -> Entry {
    Entry {
        index: Some(index),
        id: format!("entry {index}"),
        tenant_id: String::new(),
        at: "2026-03-02T01:00:00Z".to_owned(),
        actor_id: None,
        action: action.to_owned(),
        resource_kind: "draw".to_owned(),
        resource_id: draw().to_string(),
        resource_version: version,
        case_id: None,
        text: Some(json!({"content": content}).to_string()),
        salt: None,
        leaf_hash: String::new(),
    }
}

fn object(value: Value) -> Image {
    value.as_object().cloned().unwrap()
}

/// A draw of two units in batches of three leaves, the first of which holds commitments and freeze in an order that tells nothing.
fn drawn() -> Bundle {
    let leaves: Vec<Hash> = (1..=3_u8).map(|n| [n; 32]).collect();
    let root = rules::pool_root(draw(), &leaves);
    let seed = hex::encode(rules::seed(draw(), &root, &NONCES));
    let root = hex::encode(root);
    let commitment = |place: usize| hex::encode(rules::commitment(draw(), unit(place), &NONCES[place]));
    let committed = |place: usize| json!({"unit_id": unit(place), "commitment": commitment(place)});
    let revealed = |place: usize| json!({"unit_id": unit(place), "nonce": hex::encode(NONCES[place]), "pool_root": root});
    let contribution = |place: usize| {
        object(json!({"unit_id": unit(place), "position": place + 1, "commitment": commitment(place), "nonce": hex::encode(NONCES[place]),
            "pool_root": root, "late": false}))
    };
    let frozen = json!({"pool_root": root, "pool": 3, "reveal_order": [unit(0), unit(1)]});
    let columns = object(json!({"pool_root": root, "seed": seed, "method": "two_units"}));
    let member = |(position, leaf): (usize, &Hash)| object(json!({"position": position, "leaf": hex::encode(leaf)}));
    let parts = BTreeMap::from([
        ("draw_contributions".to_owned(), vec![contribution(1), contribution(0)]),
        ("draw_pool".to_owned(), leaves.iter().enumerate().map(member).collect()),
    ]);
    let head = |size: i64| Checkpoint { size, root: STANDARD.encode([9; 32]), note: String::new() };
    Bundle {
        journal: vec![
            entry(0, 4, "draw.frozen", &frozen),
            entry(1, 2, "draw.committed", &committed(0)),
            entry(2, 3, "draw.committed", &committed(1)),
            entry(5, 5, "draw.revealed", &revealed(0)),
            entry(4, 6, "draw.revealed", &revealed(1)),
            entry(3, 7, "draw.drawn", &json!({"seed": seed})),
        ],
        checkpoints: vec![head(3), head(6)],
        resources: vec![Resource { kind: "draw".to_owned(), id: draw().to_string(), rows: Rows { columns, parts } }],
        ..Bundle::default()
    }
}

fn part<'b>(bundle: &'b mut Bundle, table: &str, place: usize) -> &'b mut Image {
    &mut bundle.resources[0].rows.parts.get_mut(table).unwrap()[place]
}

/// What is said after a change, without the draw.
fn told(change: impl FnOnce(&mut Bundle)) -> String {
    let mut bundle = drawn();
    change(&mut bundle);
    let told = faults(&bundle);
    assert!(told.len() == 1, "{told:?}");
    told[0].strip_prefix(&format!("the draw {}: ", draw())).unwrap().to_owned()
}

#[test]
fn a_draw_in_order_is_in_order_whatever_the_order_within_a_batch() {
    assert_eq!(faults(&drawn()), [""; 0]);
    let mut waiting = drawn();
    waiting.journal.iter_mut().skip(3).for_each(|entry| entry.index = None);
    assert_eq!(faults(&waiting), [""; 0], "what waits for its place comes after what has one");
    waiting.journal.iter_mut().for_each(|entry| entry.index = None);
    assert_eq!(faults(&waiting), [""; 0]);
}

#[test]
fn the_journal_freezes_once_after_the_commitments_and_before_the_reveals() {
    let (first, second) = (unit(0), unit(1));
    assert_eq!(told(|b| b.journal.push(b.journal[0].clone())), "the journal freezes its pool 2 times");
    assert_eq!(told(|b| drop(b.journal.remove(0))), "its pool is frozen, and the journal does not say so");
    assert_eq!(told(|b| b.journal[2].index = Some(3)), format!("unit {second} committed after the pool was frozen"));
    assert_eq!(told(|b| b.journal[2].index = None), format!("unit {second} committed after the pool was frozen"));
    assert_eq!(told(|b| b.journal[1].resource_version = 5), format!("unit {first} committed after the pool was frozen"));
    let backdated = told(|b| {
        (b.journal[0].index, b.journal[4].index) = (Some(4), Some(0));
    });
    assert_eq!(backdated, format!("unit {second} revealed before the pool was frozen"));
    assert_eq!(told(|b| b.journal[0].index = None), format!("unit {first} revealed before the pool was frozen"));
    assert_eq!(told(|b| b.journal[4].resource_version = 5), format!("unit {second} revealed before its turn"));
    let unfrozen = told(|b| {
        b.journal.remove(0);
        b.resources[0].rows.columns.remove("pool_root");
    });
    assert_eq!(unfrozen, format!("unit {first} revealed without a frozen pool"));
}

#[test]
fn rows_are_what_was_committed_to_frozen_and_revealed() {
    let (first, second) = (unit(0), unit(1));
    let other = hex::encode([7; 32]);
    let instead = |at: usize, field: &'static str| {
        let other = other.clone();
        move |b: &mut Bundle| {
            let mut text: Value = serde_json::from_str(b.journal[at].text.as_ref().unwrap()).unwrap();
            text["content"][field] = json!(other);
            b.journal[at].text = Some(text.to_string());
        }
    };
    let row = |table: &'static str, place: usize, column: &'static str| {
        let other = other.clone();
        move |b: &mut Bundle| drop(part(b, table, place).insert(column.to_owned(), json!(other)))
    };
    let cases: Vec<(String, String)> = vec![
        (told(instead(1, "commitment")), format!("unit {first} committed to something else than its row says")),
        (told(row("draw_contributions", 0, "commitment")), format!("unit {second} committed to something else than its row says")),
        (told(|b| drop(b.journal.remove(1))), format!("the journal says 0 times that unit {first} committed")),
        (told(|b| b.journal.push(b.journal[3].clone())), format!("the journal says 2 times that unit {first} revealed")),
        (
            told(instead(0, "pool_root")),
            format!("its pool has the root {}, the journal froze {other}", text(&drawn().resources[0].rows.columns, "pool_root")),
        ),
        (told(instead(3, "nonce")), format!("unit {first} revealed another number than its row says")),
        (told(instead(3, "pool_root")), format!("unit {first} revealed to another pool than the frozen one")),
        (told(row("draw_contributions", 0, "pool_root")), format!("unit {second} revealed to another pool than the frozen one")),
        (told(instead(5, "seed")), "its seed is not the one in the journal".to_owned()),
        (told(|b| drop(b.journal.remove(5))), "the journal says 0 times that it was drawn".to_owned()),
        (
            told(|b| drop(part(b, "draw_contributions", 1).insert("nonce".to_owned(), Value::Null))),
            format!("unit {first} revealed, and its number is gone"),
        ),
        (
            told(|b| drop(part(b, "draw_contributions", 1).insert("late".to_owned(), json!(true)))),
            format!("unit {first} revealed late by one of row and journal only"),
        ),
    ];
    for (told, expected) in cases {
        assert_eq!(told, expected);
    }
    assert!(told(|b| drop(part(b, "draw_pool", 0).insert("leaf".to_owned(), json!(other)))).starts_with("its members have the root "));
    assert!(told(|b| drop(b.resources[0].rows.parts.get_mut("draw_pool").unwrap().pop())).starts_with("its members have the root "));
    let swapped = told(|b| {
        part(b, "draw_contributions", 0).insert("position".to_owned(), json!(1));
        part(b, "draw_contributions", 1).insert("position".to_owned(), json!(2));
    });
    assert_eq!(
        swapped,
        format!("its units stand in the order {second}, {first}, the journal has them reveal in the order {first}, {second}")
    );
    let exchanged = told(|b| {
        instead(3, "nonce")(b);
        row("draw_contributions", 1, "nonce")(b);
    });
    assert_eq!(exchanged, format!("unit {first} revealed a number that does not open its commitment"));
    let reseeded = told(|b| {
        instead(5, "seed")(b);
        drop(b.resources[0].rows.columns.insert("seed".to_owned(), json!(other)));
    });
    assert_eq!(reseeded, "its seed does not follow from the frozen pool and what was revealed to it");
}
