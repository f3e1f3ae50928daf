//! What an auditor is handed: the files of a bundle, padded files. A bundle without a finding holds, up to the checkpoint that the auditor kept, the
//! entries that were signed; and the rows that those entries name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use baiyi::disclosure::bundle::{Balance, Bundle, Checkpoint, Hold, Leg, Padding, Posting, Resource, check, files, receipts};
use baiyi::trust::cadence::padding_leaf;
use baiyi::trust::checkpoint::Head;
use baiyi::trust::journal::{Entry, leaf_hash};
use baiyi::trust::kinds;
use baiyi::trust::padding;
use baiyi::trust::padding::Run;
use baiyi::trust::receipt::{Place, Receipt};
use baiyi::trust::rows::Rows;
use baiyi::trust::sealed_files::media_type_of;
use baiyi::trust::tree::{Edge, Hash, inclusion, node_hash};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::fixture::{JOURNAL, RECEIPTS};
use crate::{Seeds, seed, split};

const FUND: &str = "fund";
const BID: &str = "bid-1";
const ACCOUNTS: [&str; 8] = ["authority", "available", "reserved", "committed", "spent", "returned", "carried", "reduced"];
/// The letter before the name of a file in an input.
const FILE: char = '@';

/// A salt that ends with a space, so that its last byte could stand before a text.
fn salt(index: i64) -> Vec<u8> {
    let mut salt = vec![u8::try_from(index).unwrap(); 32];
    salt[31] = b' ';
    salt
}

fn entry(index: i64, action: &str, (kind, id, version): (&str, &str, i64), content: &Value) -> Entry {
    let own = format!("entry-{index}");
    let text =
        json!({"id": own, "tenant_id": "t", "at": "2026-03-02T01:00:00Z", "actor_id": "kai", "action": action, "resource_kind": kind,
        "resource_id": id, "resource_version": version, "case_id": null, "content": content})
        .to_string();
    Entry {
        index: Some(index),
        leaf_hash: STANDARD.encode(leaf_hash(&salt(index), &text)),
        text: Some(text),
        salt: Some(STANDARD.encode(salt(index))),
        id: own,
        tenant_id: "t".to_owned(),
        at: "2026-03-02T01:00:00Z".to_owned(),
        actor_id: Some("kai".to_owned()),
        action: action.to_owned(),
        resource_kind: kind.to_owned(),
        resource_id: id.to_owned(),
        resource_version: version,
        case_id: None,
    }
}

/// A resource with a row of a few columns.
fn resource(kind: &str, id: &str, version: i64, state: Option<&str>) -> Resource {
    let mut columns = json!({"id": id, "version": version, "state": state, "title": "社区助浴"}).as_object().unwrap().clone();
    if kind == "bid" {
        // What its receipt is held against.
        columns.extend([("lot_id".to_owned(), json!("lot-1")), ("received_at".to_owned(), json!("2026-03-02T01:00:00Z"))]);
    }
    Resource { kind: kind.to_owned(), id: id.to_owned(), rows: Rows { columns, parts: BTreeMap::new() } }
}

/// The digests of its rows, as the entry with this index records them.
fn row(index: i64, resource: &Resource) -> Value {
    json!(resource.rows.digests(kinds::kind_of(&resource.kind).unwrap(), &salt(index)).unwrap())
}

/// A bundle in order, the checkpoint that an auditor kept, and the receipt of its bid.
struct Honest {
    bundle: Bundle,
    kept: String,
    receipt: String,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let journal = vec![
        entry(0, "unit.created", ("unit", "unit-1", 1), &json!({"row": row(0, &resource("unit", "unit-1", 1, None))})),
        entry(
            1,
            "tender.published",
            ("tender", "tender-1", 3),
            &json!({"state": "published", "lots": [{"id": "lot-1"}],
            "row": row(1, &resource("tender", "tender-1", 3, Some("published")))}),
        ),
        entry(
            2,
            "bid.sealed",
            ("bid", BID, 1),
            &json!({"state": "sealed", "lot_id": "lot-1", "received_at": "2026-03-02T01:00:00Z", "ciphertext_sha256": "ab".repeat(32),
            "row": row(2, &resource("bid", BID, 1, Some("sealed")))}),
        ),
        entry(4, "ledger.posted", ("posting", "posting-1", 1), &json!({})),
        entry(5, "ledger.posted", ("posting", "posting-2", 1), &json!({})),
    ];
    let paddings = vec![Padding { index: 3, salt: STANDARD.encode(salt(3)) }];
    let mut leaves: BTreeMap<i64, Hash> = paddings.iter().map(|padding| (padding.index, padding_leaf(&salt(padding.index)))).collect();
    leaves.extend(journal.iter().map(|entry| (entry.index.unwrap(), STANDARD.decode(&entry.leaf_hash).unwrap().try_into().unwrap())));
    let leaves: Vec<Hash> = leaves.into_values().collect();
    let (mut edge, mut checkpoints, mut nodes) = (Edge::default(), Vec::new(), BTreeMap::new());
    for leaf in &leaves {
        nodes.extend(edge.append(*leaf).into_iter().map(|(level, position, hash)| ((level, position), hash)));
        if matches!(edge.size(), 4 | 6) {
            let head = Head { size: edge.size(), root: edge.root() };
            checkpoints.push(Checkpoint {
                size: i64::try_from(head.size).unwrap(),
                root: STANDARD.encode(head.root),
                note: JOURNAL.sign(&head),
            });
        }
    }
    assert_eq!(node_hash(&leaves[0], &leaves[1]), nodes[&(1, 0)]);
    let posting = |id: &str, kind: &str, cause: &str, hold: Option<&str>| Posting {
        id: id.to_owned(),
        fund_id: FUND.to_owned(),
        kind: kind.to_owned(),
        cause_id: cause.to_owned(),
        cause_kind: "document".to_owned(),
        hold_id: hold.map(str::to_owned),
    };
    let leg = |posting: &str, account: &str, amount_fen: i64| Leg {
        posting_id: posting.to_owned(),
        fund_id: FUND.to_owned(),
        account: account.to_owned(),
        amount_fen,
    };
    let balance = |account: &str| Balance {
        fund_id: FUND.to_owned(),
        account: account.to_owned(),
        balance_fen: match account {
            "authority" => -900,
            "available" => 600,
            "reserved" => 300,
            _ => 0,
        },
    };
    let bundle = Bundle {
        resources: vec![
            resource("unit", "unit-1", 1, None),
            resource("tender", "tender-1", 3, Some("published")),
            resource("lot", "lot-1", 1, None),
            resource("bid", BID, 1, Some("sealed")),
        ],
        postings: vec![posting("posting-1", "appropriation", "c1", None), posting("posting-2", "reservation", "c2", Some("hold-1"))],
        holds: vec![Hold {
            id: "hold-1".to_owned(),
            fund_id: FUND.to_owned(),
            kind: "reservation".to_owned(),
            amount_fen: 300,
            used_fen: 0,
            released_fen: 0,
        }],
        legs: vec![
            leg("posting-1", "authority", -900),
            leg("posting-1", "available", 900),
            leg("posting-2", "available", -300),
            leg("posting-2", "reserved", 300),
        ],
        balances: ACCOUNTS.map(balance).to_vec(),
        journal,
        paddings,
        checkpoints,
    };
    let bid = &bundle.journal[2];
    let kept = bundle.checkpoints.last().unwrap().note.clone();
    let path = inclusion(&mut |level, position| Ok(nodes[&(level, position)]), 2, 6).unwrap();
    let receipt = RECEIPTS.sign(&Receipt {
        bid: BID.to_owned(),
        lot: "lot-1".to_owned(),
        sha256: "ab".repeat(32),
        received: bid.at.clone(),
        entry: bid.id.clone(),
        salt: salt(2),
        text: bid.text.clone().unwrap(),
        place: Some(Place { index: 2, path, checkpoint: kept.clone() }),
    });
    Honest { bundle, kept, receipt }
});

/// Judges one input.
pub fn run(data: &[u8]) {
    let Some((letter, rest)) = split(data) else { return };
    match letter {
        b'P' => padded(rest),
        b'M' => drop(media_type_of(rest)),
        b'R' => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            other_row(text);
        }
        _ => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            bundle(text);
        }
    }
}

/// An opened file: its content with exactly its own padding, or as it is.
fn padded(plaintext: &[u8]) {
    let pad = |content: &[u8]| {
        let (zeros, trailer) = padding::tail(u64::try_from(content.len()).unwrap());
        [content, &vec![0; usize::try_from(zeros).unwrap()], &trailer].concat()
    };
    let content = content(plaintext);
    assert!(content == plaintext || pad(&content) == plaintext, "padding of another content was taken off");
    assert_eq!(self::content(&pad(plaintext)), plaintext);
}

/// What is left of an opened file that streams past.
fn content(plaintext: &[u8]) -> Vec<u8> {
    let (mut padded, mut content) = (padding::Content::default(), Vec::new());
    let mut note = |run: Run<'_>| match run {
        Run::Zeros(count) => content.resize(content.len() + usize::try_from(count).unwrap(), 0),
        Run::Bytes(bytes) => content.extend_from_slice(bytes),
    };
    plaintext.chunks(13).for_each(|piece| padded.push(piece, &mut note));
    padded.end(&mut note);
    content
}

/// The files of an input: a line with `@` and a name begins each.
fn files_of(text: &str) -> BTreeMap<&str, String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let mut name = "";
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(FILE) {
            Some(next) => name = next.trim_end(),
            None => files.entry(name).or_default().push_str(line),
        }
    }
    files
}

fn lines<T: Serialize>(rows: &[T]) -> Vec<String> {
    rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect()
}

/// The files of a bundle, as they are written.
fn written(bundle: &Bundle) -> Vec<(&'static str, Vec<String>)> {
    vec![
        (files::JOURNAL, lines(&bundle.journal)),
        (files::CHECKPOINTS, lines(&bundle.checkpoints)),
        (files::PADDINGS, lines(&bundle.paddings)),
        (files::RESOURCES, lines(&bundle.resources)),
        (files::POSTINGS, lines(&bundle.postings)),
        (files::HOLDS, lines(&bundle.holds)),
        (files::LEGS, lines(&bundle.legs)),
        (files::BALANCES, lines(&bundle.balances)),
    ]
}

fn joined(files: &[(&str, Vec<String>)]) -> String {
    files.iter().map(|(name, lines)| format!("{FILE}{name}\n{}\n", lines.join("\n"))).collect()
}

/// The bundle with one line replaced: the input's first letter says which, from a space, and what follows is written there, or nothing.
fn other_row(input: &str) {
    let mut letters = input.chars();
    let at = letters.next().and_then(|letter| u32::from(letter).checked_sub(u32::from(' ')));
    let other = if letters.as_str().is_empty() { String::new() } else { format!("{}\n", letters.as_str()) };
    let whole = joined(&written(&HONEST.bundle));
    let line = |(number, line): (u32, &str)| if Some(number) == at { other.clone() } else { line.to_owned() };
    bundle(&(0..).zip(whole.split_inclusive('\n')).map(line).collect::<String>());
}

/// A bundle as it lies in a folder.
fn bundle(text: &str) {
    let mut found = files_of(text);
    let Ok(bundle) = files::read(|name| Ok(found.remove(name).unwrap_or_default())) else { return };
    let rows = written(&bundle);
    let again = files::read(|name| Ok(rows.iter().find(|(of, _)| *of == name).unwrap().1.join("\n"))).expect("what was read can be read");
    assert_eq!(written(&again), rows, "rows are written as they are read");
    let Honest { bundle: honest, kept, receipt } = &*HONEST;
    let (verifier, of_receipts) = (JOURNAL.verifier(), RECEIPTS.verifier());
    let _ = check::witnessed(&bundle, std::slice::from_ref(&verifier));
    let contradicted = receipts::faults(&bundle, receipt, &of_receipts, &verifier);
    if !check::faults(&bundle, &verifier, std::slice::from_ref(kept)).is_empty() {
        return;
    }
    for one in &honest.journal {
        let same: Vec<_> = bundle.journal.iter().filter(|entry| entry.index == one.index).collect();
        let [entry] = same.as_slice() else { panic!("index {:?} is there {} times", one.index, same.len()) };
        // What is erased has no text to hold its columns against; its erasure is recorded, or it would be a finding.
        assert!(*entry == one || (entry.text.is_none() && entry.leaf_hash == one.leaf_hash), "another entry passed: {entry:?}");
    }
    for one in &honest.paddings {
        let same: Vec<_> = bundle.paddings.iter().filter(|padding| padding.index == one.index).collect();
        assert!(matches!(same.as_slice(), [padding] if padding.salt == one.salt), "another padding passed");
    }
    if bundle.journal == honest.journal {
        assert_eq!(contradicted, [""; 0], "a receipt agrees with the journal that it is of");
        let (rows, own) = (compared(&bundle), compared(honest));
        let strangers: Vec<_> = rows.difference(&own).filter(|row| !unnamed(row)).collect();
        assert!(strangers.is_empty(), "rows that no entry names: {strangers:?}");
        assert!(own.difference(&rows).all(unnamed), "a row is missing");
    }
    money(&bundle);
}

/// What is compared of a resource: kind, id, version, and the columns and parts whose digests an entry records.
type Row = (String, String, i64, String);

fn compared(bundle: &Bundle) -> BTreeSet<Row> {
    let recorded = |resource: &Resource| {
        let columns: Vec<_> = ["id", "version", "state", "title"].iter().map(|column| resource.rows.columns.get(*column)).collect();
        let parts = kinds::kind_of(&resource.kind).map(|kind| kind.parts).unwrap_or_default();
        let parts: Vec<_> = parts.iter().map(|part| resource.rows.parts.get(part.table).filter(|rows| !rows.is_empty())).collect();
        json!([columns, parts]).to_string()
    };
    bundle.resources.iter().map(|row| (row.kind.clone(), row.id.clone(), row.version(), recorded(row))).collect()
}

/// A row to which nothing happened yet, so that no entry is its own.
fn unnamed((kind, id, version, _): &Row) -> bool {
    *version == 1 && ![("unit", "unit-1"), ("tender", "tender-1"), ("bid", BID)].contains(&(kind.as_str(), id.as_str()))
}

/// Balances are the sums of their legs, and every fund adds up to zero.
fn money(bundle: &Bundle) {
    let mut sums: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    for leg in &bundle.legs {
        *sums.entry((&leg.fund_id, &leg.account)).or_default() += i128::from(leg.amount_fen);
    }
    let mut stored: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    for balance in &bundle.balances {
        assert!(stored.insert((&balance.fund_id, &balance.account), i128::from(balance.balance_fen)).is_none(), "a balance is there twice");
    }
    sums.retain(|_, sum| *sum != 0);
    stored.retain(|_, sum| *sum != 0);
    assert_eq!(stored, sums);
    assert_eq!(stored.values().sum::<i128>(), 0);
}

/// The bundle, with what somebody may change in it, and padded files.
pub fn seeds() -> Seeds {
    let honest = &HONEST.bundle;
    assert_eq!(check::faults(honest, &JOURNAL.verifier(), std::slice::from_ref(&HONEST.kept)), [""; 0]);
    let whole = joined(&written(honest));
    let mut shifted = honest.clone();
    shifted.journal[0].salt = Some(STANDARD.encode(&salt(0)[..31]));
    shifted.journal[0].text = honest.journal[0].text.as_ref().map(|text| format!(" {text}"));
    let mut stateless = honest.clone();
    stateless.resources[1].rows.columns.remove("state");
    let (zeros, trailer) = padding::tail(100);
    let padded = [&[1; 100][..], &vec![0; usize::try_from(zeros).unwrap()], &trailer].concat();
    let line = |(at, line): (u8, &str)| seed(&format!("row_{at}"), b'R', [&[at], line.as_bytes()].concat());
    let mut seeds: Seeds = (b' '..).zip(whole.lines()).map(line).collect();
    seeds.extend([
        seed("whole", b'B', &whole),
        seed("salt_and_text_shifted", b'B', joined(&written(&shifted))),
        seed("without_a_state", b'B', joined(&written(&stateless))),
        seed("padded", b'P', padded),
        seed("pdf", b'M', b"%PDF-1.7\n"),
        seed("zip", b'M', b"PK\x03\x04"),
    ]);
    seeds
}
