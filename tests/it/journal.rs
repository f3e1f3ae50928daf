//! The journal's tree: proofs that verify, many writers, and what is found when somebody changes it behind the API.

use std::sync::Arc;

use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::trust::checkpoint::{self, JournalKey};
use baiyi::trust::tree::{Hash, verify_consistency, verify_inclusion};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::chain::run_sql;
use crate::support::story::Chain;
use crate::support::{Backend, TestApp, on_both, run_unchecked};

fn hash(text: &Value) -> Hash {
    STANDARD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn hashes(list: &Value) -> Vec<Hash> {
    list.as_array().unwrap().iter().map(hash).collect()
}

/// The head that a checkpoint's note signs, checked with its key.
fn head(view: &Value) -> checkpoint::Head {
    checkpoint::open(view["note"].as_str().unwrap(), view["verifier_key"].as_str().unwrap()).unwrap()
}

on_both! {
    async fn an_auditor_proves_that_an_entry_is_in_the_journal_and_that_it_only_grew(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        let auditor = chain.auditor.clone();
        auditor.get("/api/v1/journal/checkpoint").send().await.refused(409, "not_sequenced");
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let early = auditor.get("/api/v1/journal/checkpoint").send().await.is(200).value();
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let history = auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value();
        let entry = &history["history"][0];
        let proof = format!("/api/v1/journal/entries/{}/proof", entry["entry_id"].as_str().unwrap());
        auditor.get(&proof).send().await.refused(409, "not_sequenced");
        assert!(jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap() > 10);
        assert_eq!(jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap(), 0, "each entry once");
        let shown = auditor.get(&proof).send().await.is(200).value();
        let late = head(&shown["checkpoint"]);
        assert_eq!(hex::encode(hash(&shown["leaf_hash"])), entry["leaf_hash"].as_str().unwrap(), "the leaf of the case file");
        let path = hashes(&shown["hashes"]);
        assert!(verify_inclusion(&hash(&shown["leaf_hash"]), shown["index"].as_u64().unwrap(), late.size, &path, &late.root));
        let before = head(&early);
        let grown = auditor.get(&format!("/api/v1/journal/consistency?from={}", before.size)).send().await.is(200).value();
        assert!(verify_consistency(before.size, late.size, &hashes(&grown["hashes"]), &before.root, &late.root));
        auditor.get(&format!("/api/v1/journal/consistency?from={}", late.size + 1)).send().await.refused(422, "invalid");
        for stranger in [&chain.purchaser.client, &chain.bidders[0].client] {
            stranger.get("/api/v1/journal/checkpoint").send().await.refused(403, "forbidden");
            stranger.get(&proof).send().await.refused(403, "forbidden");
        }
    }

    async fn several_sequencers_and_many_writers_leave_no_gap_and_nothing_twice(app: &TestApp) {
        let keeper = app.person("Guan Li", &[baiyi::people::Role::PlatformAdmin]).await.client;
        let write = async |from: usize| {
            for number in from..from + 8 {
                keeper.post("/api/v1/units").json(json!({"name_zh": format!("示例单位{number}"), "kind": "department"})).await.is(201);
            }
        };
        let sequence = async || {
            for _ in 0..6 {
                jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
            }
        };
        futures_util::future::join4(write(0), write(100), write(200), futures_util::future::join(sequence(), sequence())).await;
        assert_eq!(app.walk_the_tree().await, [""; 0]);
    }
}

/// A sequenced journal of a few units.
async fn filled(app: &TestApp) {
    let keeper = app.person("Guan Li", &[baiyi::people::Role::PlatformAdmin]).await.client;
    for round in 0..3 {
        for number in 0..3 {
            keeper.post("/api/v1/units").json(json!({"name_zh": format!("示例单位{round}{number}"), "kind": "department"})).await.is(201);
        }
        app.clock.advance_to(UtcInstant::parse(&format!("2026-03-02T01:00:0{}Z", round + 1)).unwrap());
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
    }
    assert_eq!(app.walk_the_tree().await, [""; 0]);
}

/// What the walk says after somebody with the database's password did this.
fn after(backend: Backend, sql: &'static str) -> Vec<String> {
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = told.clone();
    run_unchecked(backend, move |app| {
        Box::pin(async move {
            filled(app).await;
            run_sql(app, vec![sql.to_owned()]).await;
            *tell.lock().unwrap() = app.walk_the_tree().await;
        })
    });
    std::mem::take(&mut told.lock().unwrap())
}

fn tampering(backend: Backend) {
    let named = |sql: &'static str, words: &str| {
        let told = after(backend, sql);
        assert!(told.first().is_some_and(|first| first.contains(words)), "{sql}: {told:?}");
    };
    named(
        "UPDATE journal_entries SET leaf_hash = (SELECT leaf_hash FROM journal_entries WHERE sequence = 0) WHERE sequence = 4",
        "at index 4",
    );
    named(
        "UPDATE journal_nodes SET hash = (SELECT hash FROM journal_nodes WHERE level = 0 AND position = 0) WHERE level = 0 AND position = 2",
        "at index 2",
    );
    named("UPDATE journal_entries SET sequence = 4000 WHERE sequence = 4", "entries and");
    named("DELETE FROM journal_entries WHERE sequence = 5", "entries and");
    named(
        "UPDATE journal_checkpoints SET root = (SELECT hash FROM journal_nodes WHERE level = 0 AND position = 0) WHERE size = (SELECT MAX(size) FROM journal_checkpoints)",
        "checkpoint of size",
    );
}

#[test]
fn whoever_changes_the_journal_behind_the_api_is_found_on_sqlite() {
    tampering(Backend::Sqlite);
}

#[test]
fn whoever_changes_the_journal_behind_the_api_is_found_on_postgres() {
    if crate::support::postgres::fresh_database().is_some() {
        tampering(Backend::Postgres);
    }
}

#[test]
fn a_note_of_another_key_is_no_checkpoint_of_this_journal() {
    let (ours, other) = (JournalKey::ephemeral("baiyi/330502").unwrap(), JournalKey::ephemeral("baiyi/330502").unwrap());
    let head = checkpoint::Head { size: 1, root: [0; 32] };
    assert_eq!(checkpoint::open(&other.sign(&head), &ours.verifier()), None);
}
