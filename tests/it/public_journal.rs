//! A journal with a cadence: its checkpoints and tiles are public, and tell nothing of how many bids came in.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::trust::cadence::{Cadence, Rhythm};
use baiyi::trust::checkpoint;
use serde_json::Value;
use tlog_tiles::{Hash, HashReader, Tile, TileHashReader, TileReader};

use crate::openapi::{document, operations};
use crate::support::chain::run_sql;
use crate::support::story::Chain;
use crate::support::{Backend, Client, TestApp, on_both, run_unchecked_at};

const LEAVES: u32 = 64;

fn cadence() -> Cadence {
    Cadence { seconds: NonZeroU32::new(60).unwrap(), leaves: NonZeroU32::new(LEAVES).unwrap() }
}

/// The next beats of the clock, each with its batch.
async fn beats(app: &TestApp, minutes: std::ops::Range<u32>) {
    for minute in minutes {
        app.clock.advance_to(UtcInstant::parse(&format!("2026-03-02T01:{minute:02}:00Z")).unwrap());
        jobs::sequence_on(&app.db, &app.clock, &app.journal, cadence()).await.unwrap();
    }
}

/// The text with everything that is drawn at random replaced by its length: ids, hashes, signatures, keys.
fn without_randomness(text: &str) -> String {
    let drawn = |word: &str| word.len() >= 16 && word.bytes().any(|byte| byte.is_ascii_digit());
    let (mut told, mut word) = (String::new(), String::new());
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || "+/=-_".contains(letter) {
            word.push(letter);
            continue;
        }
        told.push_str(&if drawn(&word) { format!("<{}>", word.len()) } else { std::mem::take(&mut word) });
        word.clear();
        told.push(letter);
    }
    told
}

/// The same of an answer; rows of one instant have no order but that of their random ids.
fn told_alike(text: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else { return without_randomness(text) };
    if let Some(items) = answer.get_mut("items").and_then(Value::as_array_mut) {
        let mut told: Vec<String> = items.iter().map(|item| without_randomness(&item.to_string())).collect();
        told.sort_unstable();
        *items = told.into_iter().map(Value::String).collect();
    }
    without_randomness(&answer.to_string())
}

/// Everything that the API answers to the public about the district, the tender and the journal, by path.
async fn public_bytes(public: &Client, ids: &BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let document = document();
    // The metrics count requests; they are for this machine only, where the test happens to run.
    for operation in operations(&document).iter().filter(|one| one.method == "get" && one.path != "/metrics") {
        let mut path = operation.path.clone();
        for parameter in operation.path_parameters() {
            let stranger = "0192f0c1-7a10-7000-8000-000000000001".to_owned();
            path = path.replace(&format!("{{{parameter}}}"), ids.get(parameter).unwrap_or(&stranger));
        }
        let answer = public.get(&path).send().await;
        let (tag, link) = (answer.header("etag"), answer.header("link"));
        told.insert(
            operation.name(),
            format!("{} {} {}", answer.status, without_randomness(&format!("{tag} {link}")), told_alike(&answer.text)),
        );
    }
    for tile in ["0/000", "0/001", "0/000.p/64", "0/000.p/128", "1/000.p/1", "0/002.p/64", "0/005"] {
        let answer = public.get(&format!("/api/v1/journal/log/tile/{tile}")).send().await;
        told.insert(format!("tile {tile}"), format!("{} {}", answer.status, answer.bytes.len()));
    }
    told
}

/// What the public sees at each beat while a tender takes bids: with three of them or with none.
fn seen(backend: Backend, bids: bool) -> Vec<BTreeMap<String, String>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = told.clone();
    run_unchecked_at(backend, Rhythm(Some(cadence())), move |app| {
        Box::pin(async move {
            let mut chain = Chain::cast(app).await;
            chain.organisations(app).await;
            chain.fund().await;
            chain.tender(app).await;
            beats(app, 1..4).await;
            let ids = chain.ids.clone();
            if bids {
                chain.bids().await;
            }
            for minute in 4..8 {
                let bytes = public_bytes(&app.public(), &ids).await;
                tell.lock().unwrap().push(bytes);
                beats(app, minute..minute + 1).await;
            }
            let bytes = public_bytes(&app.public(), &ids).await;
            tell.lock().unwrap().push(bytes);
            assert_eq!(app.walk_with(Vec::new()).await, [""; 0]);
        })
    });
    std::mem::take(&mut told.lock().unwrap())
}

fn alike(backend: Backend) {
    let (none, three) = (seen(backend, false), seen(backend, true));
    assert_eq!(none.len(), three.len());
    for (beat, (one, other)) in none.iter().zip(&three).enumerate() {
        for (path, bytes) in one {
            assert_eq!(bytes, &other[path], "{path} at beat {beat}");
        }
    }
    if let Some(last) = none.last() {
        assert!(last["GET /api/v1/journal/log/checkpoint"].contains(&format!("\n{}\n", 7 * LEAVES)), "{last:?}");
        assert_eq!(last["tile 0/000"], "200 8192");
        assert_eq!(last["tile 0/005"].split(' ').next(), Some("404"));
        assert!(last["GET /api/v1/journal/entries"].starts_with("401"), "entries are for auditors");
    }
}

#[test]
fn public_bytes_are_the_same_for_no_bid_and_for_three_on_sqlite() {
    alike(Backend::Sqlite);
}

#[test]
fn public_bytes_are_the_same_for_no_bid_and_for_three_on_postgres() {
    alike(Backend::Postgres);
}

/// Tiles as a client of another make reads them: fetched before, by the path that the client itself writes.
struct Fetched(BTreeMap<String, Vec<u8>>);

impl TileReader for Fetched {
    fn height(&self) -> u8 {
        8
    }
    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        Ok(tiles.iter().map(|tile| self.0[&tile.path()].clone()).collect())
    }
    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// Every entry that a reader is shown.
async fn feed(reader: &Client, filter: &str) -> Vec<Value> {
    let (mut found, mut path) = (Vec::new(), format!("/api/v1/journal/entries?limit=100&{filter}"));
    loop {
        let page = reader.get(&path).send().await.is(200).value();
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { return found };
        path = format!("/api/v1/journal/entries?limit=100&{filter}&after={next}");
    }
}

on_both! {
    async fn another_client_reads_the_tiles_and_proves_every_entry(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        let auditor = chain.auditor.clone();
        auditor.get("/api/v1/journal/log/checkpoint").send().await.refused(409, "not_sequenced");
        auditor.get("/api/v1/journal/log/tile/0/000").send().await.refused(404, "not_found");
        // Beyond one full tile, so that there are two levels.
        for number in 0..260 {
            if number % 100 == 0 {
                jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
            }
            let unit = serde_json::json!({"name_zh": format!("示例单位{number}"), "kind": "department"});
            chain.admin.post("/api/v1/units").json(unit).await.is(201);
        }
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let note = auditor.get("/api/v1/journal/log/checkpoint").send().await.is(200);
        assert_eq!(note.header("content-type"), "text/plain; charset=utf-8");
        let head = checkpoint::open(&note.text, &app.journal.verifier()).unwrap();
        assert!(head.size > 256);
        let mut tiles = BTreeMap::new();
        for tile in Tile::new_tiles(8, 0, head.size) {
            let path = tile.path();
            let own = path.strip_prefix("tile/8/").or_else(|| path.strip_prefix("tile/")).unwrap();
            let answer = auditor.get(&format!("/api/v1/journal/log/tile/{own}")).send().await.is(200);
            assert_eq!(answer.header("cache-control"), "private, no-cache");
            tiles.insert(path, answer.bytes);
        }
        let fetched = Fetched(tiles);
        let reader = TileHashReader::new(head.size, Hash(head.root), &fetched);
        assert_eq!(tlog_tiles::tree_hash(head.size, &reader).unwrap(), Hash(head.root));
        let listed = auditor.get("/api/v1/journal/entries?limit=100").send().await.is(200).value();
        for entry in listed["items"].as_array().unwrap() {
            let index = entry["index"].as_u64().unwrap();
            let leaf = Hash(hex::decode(entry["leaf_hash"].as_str().unwrap()).unwrap().try_into().unwrap());
            assert_eq!(reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).unwrap(), [leaf], "leaf {index}");
        }
        let last = head.size % 256;
        for wrong in [
            format!("0/001.p/{}", last + 1),
            "0/001".to_owned(),
            "0/0".to_owned(),
            "00/000".to_owned(),
            "3/000.p/1".to_owned(),
            "entries/000".to_owned(),
        ] {
            auditor.get(&format!("/api/v1/journal/log/tile/{wrong}")).send().await.refused(404, "not_found");
        }
        // Without a cadence the public learns nothing.
        for path in ["/api/v1/journal/log/checkpoint", "/api/v1/journal/log/tile/0/000", "/api/v1/journal/keys", "/api/v1/journal/consistency?from=1"] {
            app.public().get(path).send().await.refused(401, "unauthenticated");
            chain.bidders[0].client.get(path).send().await.refused(403, "forbidden");
        }
        let keys = auditor.get("/api/v1/journal/keys").send().await.is(200).value();
        assert_eq!(keys["items"].as_array().unwrap().len(), 1);
        assert_eq!(keys["items"][0]["verifier_key"], app.journal.verifier());
    }

    async fn the_feed_tells_nobody_who_bids_before_the_opening(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let of_bids = |entry: &&Value| ["bid", "bid_attachment", "document_receipt"].iter().any(|kind| entry["resource_kind"] == *kind);
        for reader in [&chain.admin, &chain.auditor] {
            let entries = feed(reader, "").await;
            assert_eq!(entries.iter().filter(of_bids).count(), 0);
            let withheld: Vec<_> = entries.iter().filter(|entry| entry["withheld"] == true).collect();
            assert!(withheld.len() >= 3, "{withheld:?}");
            for entry in withheld {
                let told = ["actor_id", "action", "resource_kind", "resource_id", "resource_version", "case_id"].map(|field| entry[field].is_null());
                assert_eq!(told, [true; 6], "{entry}");
            }
            let of_case = feed(reader, &format!("case_id={}", chain.id("case_id"))).await;
            assert!(!of_case.is_empty() && of_case.iter().all(|entry| entry["withheld"] == false));
        }
        chain.opening(app).await;
        let entries = feed(&chain.auditor, &format!("case_id={}", chain.id("case_id"))).await;
        assert!(entries.iter().filter(of_bids).count() >= 3, "{entries:?}");
        // An auditor of another year follows the leaves and learns nothing of the case.
        app.meddle();
        run_sql(app, vec!["UPDATE audit_notices SET from_year = 2024, to_year = 2025".to_owned()]).await;
        assert_eq!(feed(&chain.auditor, &format!("case_id={}", chain.id("case_id"))).await.len(), 0);
        assert_eq!(feed(&chain.auditor, "").await.len(), feed(&chain.admin, "").await.len());
    }

    async fn an_auditor_follows_the_feed_to_its_end_and_on(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let auditor = chain.auditor.clone();
        assert_eq!(auditor.get("/api/v1/journal/entries").send().await.is(200).value()["items"].as_array().unwrap().len(), 0);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let mut found = Vec::new();
        let mut path = "/api/v1/journal/entries?limit=7".to_owned();
        loop {
            let page = auditor.get(&path).send().await.is(200).value();
            found.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/journal/entries?limit=7&after={next}");
        }
        let indices: Vec<u64> = found.iter().map(|entry| entry["index"].as_u64().unwrap()).collect();
        let size = app.read(|snapshot| baiyi::trust::sequencer::size(snapshot).unwrap()).await;
        assert_eq!(indices, (0..size).collect::<Vec<_>>());
        assert!(found.iter().any(|entry| entry["action"] == "tender.published"));
        chain.admin.post("/api/v1/units").json(serde_json::json!({"name_zh": "示例单位", "kind": "department"})).await.is(201);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let more = auditor.get(&format!("/api/v1/journal/entries?from={size}")).send().await.is(200).value();
        assert_eq!(more["items"].as_array().unwrap().len(), 1);
        assert_eq!(more["items"][0]["resource_kind"], "unit");
        let case = auditor.get(&format!("/api/v1/journal/entries?case_id={}", chain.id("case_id"))).send().await.is(200).value();
        assert!(!case["items"].as_array().unwrap().is_empty());
        assert!(case["items"].as_array().unwrap().iter().all(|entry| entry["case_id"] == chain.id("case_id")));
        let next = auditor.get("/api/v1/journal/entries?limit=2").send().await.is(200).text_at("/next");
        auditor.get(&format!("/api/v1/journal/entries?from=1&after={next}")).send().await.refused(422, "invalid");
        chain.purchaser.client.get("/api/v1/journal/entries").send().await.refused(403, "forbidden");
    }
}
