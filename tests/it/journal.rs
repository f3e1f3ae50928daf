//! The journal's tree: proofs that verify, many writers, and what is found when somebody changes it behind the API.

use std::sync::Arc;

use baiyi::db::Facts;
use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::trust::checkpoint::{self, JournalKey};
use baiyi::trust::tree::{Hash, verify_consistency, verify_inclusion};
use baiyi::trust::{erasure, journal, sequencer, verify};
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

/// What the check says after somebody with the database's password did this; with `kept`, against the checkpoint that an auditor kept before.
fn after(backend: Backend, sql: &'static [&'static str], kept: bool) -> Vec<String> {
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = told.clone();
    run_unchecked(backend, move |app| {
        Box::pin(async move {
            filled(app).await;
            let note = app.read(|snapshot| sequencer::latest(snapshot).unwrap().unwrap().note).await;
            run_sql(app, sql.iter().map(|one| (*one).to_owned()).collect()).await;
            *tell.lock().unwrap() = app.walk_with(kept.then_some(note).into_iter().collect()).await;
        })
    });
    std::mem::take(&mut told.lock().unwrap())
}

/// What is done to the journal, and what the first finding says.
const TAMPERED: &[(&str, &str)] = &[
    (
        "UPDATE journal_entries SET leaf_hash = (SELECT leaf_hash FROM journal_entries WHERE sequence = 0) WHERE sequence = 4",
        "at index 4 does not match: leaf_hash",
    ),
    (
        "UPDATE journal_nodes SET hash = (SELECT hash FROM journal_nodes WHERE level = 0 AND position = 0) WHERE level = 0 AND position = 2",
        "at index 2: its leaf is not the one",
    ),
    ("UPDATE journal_entries SET sequence = 4000 WHERE sequence = 4", "entries and"),
    ("DELETE FROM journal_entries WHERE sequence = 5", "entries and"),
    (
        "UPDATE journal_checkpoints SET root = (SELECT hash FROM journal_nodes WHERE level = 0 AND position = 0) WHERE size = (SELECT MAX(size) FROM journal_checkpoints)",
        "checkpoint of size",
    ),
    ("UPDATE journal_entries SET case_id = resource_id WHERE sequence = 4", "at index 4 does not match: case_id"),
    ("UPDATE journal_entries SET resource_kind = 'organisation' WHERE sequence = 3", "at index 3 does not match: resource_kind"),
    (
        "UPDATE journal_nodes SET hash = (SELECT hash FROM journal_nodes WHERE level = 0 AND position = 0) WHERE level = 1 AND position = 2",
        "node 2 of level 1, complete at index 5: not the hash",
    ),
    ("DELETE FROM journal_nodes WHERE level = 2 AND position = 0", "node 0 of level 2, complete at index 3: missing"),
    (
        "INSERT INTO journal_nodes (level, position, hash) SELECT 40, 7, hash FROM journal_nodes WHERE level = 0 AND position = 0",
        "are stored",
    ),
    ("UPDATE journal_entries SET content = NULL, salt = NULL WHERE sequence = 2", "at index 2 is erased and no entry records it"),
    ("UPDATE journal_entries SET salt = NULL WHERE sequence = 2", "at index 2 does not match: half"),
];

/// Cuts the journal's tail off as if it had never been, checkpoints and all.
pub const CUT: &[&str] = &[
    "DELETE FROM journal_checkpoints WHERE size > (SELECT MIN(size) FROM journal_checkpoints)",
    "DELETE FROM journal_entries WHERE sequence >= (SELECT MIN(size) FROM journal_checkpoints)",
    "DELETE FROM journal_nodes WHERE (position + 1) * (1 << level) > (SELECT MIN(size) FROM journal_checkpoints)",
];

fn tampering(backend: Backend) {
    for (sql, words) in TAMPERED {
        let told = after(backend, std::slice::from_ref(sql), false);
        assert!(told.first().is_some_and(|first| first.contains(words)), "{sql}: {told:?}");
    }
}

on_both! {
    async fn a_tail_that_is_cut_off_is_found_by_a_checkpoint_kept_outside(app: &TestApp) {
        filled(app).await;
        let note = app.read(|snapshot| sequencer::latest(snapshot).unwrap().unwrap().note).await;
        assert_eq!(app.walk_with(vec![note.clone()]).await, [""; 0]);
        let other = JournalKey::ephemeral("baiyi/330502").unwrap();
        let size = checkpoint::open(&note, &app.journal.verifier()).unwrap().size;
        let split = app.journal.sign(&checkpoint::Head { size, root: [9; 32] });
        assert!(app.walk_with(vec![split]).await.first().unwrap().contains("have another root"));
        let larger = app.journal.sign(&checkpoint::Head { size: size + 1, root: [9; 32] });
        assert!(app.walk_with(vec![larger]).await.first().unwrap().contains("the journal has only"));
        let foreign = other.sign(&checkpoint::open(&note, &app.journal.verifier()).unwrap());
        assert!(app.walk_with(vec![foreign]).await.first().unwrap().contains("not signed with this journal's key"));
    }

    async fn an_erasure_that_the_journal_records_is_told_and_no_fault(app: &TestApp) {
        filled(app).await;
        let tenant = app.tenant;
        let index = app
            .db
            .write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
                let page = journal::page(tx, None, 100)?;
                let of = |kind: &str| page.iter().find(|(_, entry)| entry.index.is_some() && entry.resource_kind == kind).map(|(id, entry)| (*id, entry.index.unwrap()));
                let (account, index) = of("account").unwrap();
                assert!(erasure::erase(tx, tenant, account, "短").is_err(), "a reason is needed");
                assert!(erasure::erase(tx, tenant, of("unit").unwrap().0, "本人要求删除").is_err(), "other facts are checked against it");
                assert_eq!(erasure::erase(tx, tenant, account, "本人要求删除").unwrap(), index);
                assert!(erasure::erase(tx, tenant, account, "本人要求删除").is_err(), "it is gone already");
                Ok(index)
            })
            .await
            .unwrap();
        assert_eq!(app.walk_the_tree().await, [""; 0]);
        let verifier = app.journal.verifier();
        let found = app.read(move |snapshot| verify::whole(snapshot, &verifier, &[]).unwrap()).await;
        assert_eq!(found.erased.len(), 1);
        assert!(found.erased[0].contains(&format!("at index {index} is erased, as the journal records")), "{:?}", found.erased);
    }
}

/// What a cut leaves is a journal that agrees with itself: nothing but the kept checkpoint tells.
fn cutting(backend: Backend) {
    assert_eq!(after(backend, CUT, false), [""; 0]);
    assert!(after(backend, CUT, true).iter().any(|fault| fault.contains("the kept checkpoint of size")));
}

#[test]
fn whoever_changes_the_journal_behind_the_api_is_found_on_sqlite() {
    tampering(Backend::Sqlite);
    cutting(Backend::Sqlite);
}

#[test]
fn whoever_changes_the_journal_behind_the_api_is_found_on_postgres() {
    if crate::support::postgres::fresh_database().is_some() {
        tampering(Backend::Postgres);
        cutting(Backend::Postgres);
    }
}

#[test]
fn a_note_of_another_key_is_no_checkpoint_of_this_journal() {
    let (ours, other) = (JournalKey::ephemeral("baiyi/330502").unwrap(), JournalKey::ephemeral("baiyi/330502").unwrap());
    let head = checkpoint::Head { size: 1, root: [0; 32] };
    assert_eq!(checkpoint::open(&other.sign(&head), &ours.verifier()), None);
}
