//! Opened bids: what counts is for its place, its files and its members, however it is written.

use baiyi::kernel::Fen;
use baiyi::kernel::fen::MAX_FEN;
use baiyi::procurement::bids::rules::{Opened, Place, judge};
use baiyi::trust::sealing::pad;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Seeds, seed, split};

const CEILING: i64 = 20_000_000;
/// The fields of a bid; the letter of an input names one, or the whole text.
const FIELDS: [&str; 13] = [
    "format",
    "tender_id",
    "lot_id",
    "amendment",
    "organisation_id",
    "sequence",
    "attachments",
    "consortium",
    "nonce",
    "price_fen",
    "offer",
    "subcontracting",
    "declarations",
];
/// How many of them tie a bid to its place.
const BINDING: usize = 9;

fn id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

fn payload() -> Value {
    json!({"format": "baiyi-bid-1", "tender_id": id(1), "lot_id": id(2), "amendment": 1, "organisation_id": id(3), "sequence": 2, "nonce": "5f".repeat(32),
        "price_fen": 18_000_000, "offer": "每周三次入户", "attachments": ["ab".repeat(32), "cd".repeat(32)], "consortium": [id(4), id(5)],
        "subcontracting": "助浴由持证机构承担", "declarations": [{"kind": "certificate", "text": "证书", "valid_to": "2026-12-31", "declaration_id": id(6)}]})
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

/// Places that differ in one thing.
fn elsewhere() -> [Place; 8] {
    let other = Uuid::from_u128(9);
    [
        Place { tender: other.into(), ..place() },
        Place { lot: other.into(), ..place() },
        Place { amendments: vec![0, 2], ..place() },
        Place { organisation: other.into(), ..place() },
        Place { sequence: 3, ..place() },
        Place { attachments: vec![Some("ab".repeat(32))], ..place() },
        Place { attachments: vec![Some("ab".repeat(32)), None], ..place() },
        Place { members: vec![Uuid::from_u128(4).into()], ..place() },
    ]
}

/// Whether the value names the place, read without Baiyi's types.
fn names_the_place(value: &Value) -> bool {
    let uuid = |value: &Value| value.as_str().and_then(|text| Uuid::parse_str(text).ok()).map(|id| id.as_u128());
    let list = |name: &str| value[name].as_array().map(|list| list.iter().collect::<Vec<_>>()).unwrap_or_default();
    let mut files: Vec<Option<String>> = list("attachments").iter().map(|hash| hash.as_str().map(str::to_ascii_lowercase)).collect();
    files.sort_unstable();
    let mut members: Vec<Option<u128>> = list("consortium").into_iter().map(uuid).collect();
    members.sort_unstable();
    let nonce = value["nonce"].as_str().unwrap_or_default();
    value["format"] == "baiyi-bid-1"
        && [uuid(&value["tender_id"]), uuid(&value["lot_id"]), uuid(&value["organisation_id"])] == [Some(1), Some(2), Some(3)]
        && value["amendment"].as_i64() == Some(1)
        && value["sequence"].as_i64() == Some(2)
        && nonce.len() == 64
        && nonce.bytes().all(|byte| byte.is_ascii_hexdigit())
        && files == [Some("ab".repeat(32)), Some("cd".repeat(32))]
        && members == [Some(4), Some(5)]
}

/// Judges one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = split(data) else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let at = usize::from(letter).wrapping_sub(usize::from(b'a'));
    match FIELDS.get(at) {
        Some(field) => {
            let Ok(value) = serde_json::from_str::<Value>(text) else { return };
            let mut other = payload();
            other[*field] = value;
            let found = whole(&other.to_string());
            assert!(at >= BINDING || matches!(found, Opened::Valid(_)) == names_the_place(&other), "{field}: {found:?}");
        }
        None => drop(whole(text)),
    }
}

fn whole(text: &str) -> Opened {
    let found = judge(Some(text), &place(), Fen::new(CEILING));
    // The spaces with which it was padded say nothing.
    assert_eq!(judge(Some(&pad(text)), &place(), Fen::new(CEILING)), found);
    let (content, why) = match &found {
        Opened::Unusable(why) => {
            assert!(["unreadable", "unknown_format", "not_bound"].contains(why), "{why}");
            return found;
        }
        Opened::Valid(content) => (content, ""),
        Opened::Invalid(why, content) => (content, *why),
    };
    let value: Value = serde_json::from_str(text.trim_end()).expect("what was read is JSON");
    assert!(names_the_place(&value), "bound to another place");
    let price = value["price_fen"].as_i64().expect("the price is an integer");
    let expected = match price {
        1..=CEILING => "",
        price if price > 0 && price <= MAX_FEN => "over_ceiling",
        _ => "price_not_positive",
    };
    assert_eq!(why, expected, "{price} fen");
    assert!(!why.is_empty() || content.price.get() == price);
    assert_eq!(value["offer"].as_str(), Some(content.offer.as_str()));
    assert_eq!(value["subcontracting"].as_str(), content.subcontracting.as_deref());
    for other in elsewhere() {
        assert_eq!(judge(Some(text), &other, Fen::new(CEILING)), Opened::Unusable("not_bound"));
    }
    found
}

/// The payload, whole and field by field.
pub fn seeds() -> Seeds {
    let whole = payload();
    let mut seeds = vec![seed("whole", b'A', whole.to_string()), seed("padded", b'A', pad(&whole.to_string()))];
    for (letter, field) in (b'a'..).zip(FIELDS) {
        seeds.push(seed(field, letter, whole[field].to_string()));
    }
    seeds
}
