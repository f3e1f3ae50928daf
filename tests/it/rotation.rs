//! Other keys for journal, receipts and tokens: announced in the journal, signed by the key before, followed by every verifier and by the server.

use std::sync::Arc;

use baiyi::cli::rotation::{Turn, rotate};
use baiyi::disclosure::bundle::{Bundle, check, export, receipts};
use baiyi::jobs;
use baiyi::kernel::{Clock, UtcInstant};
use baiyi::people::Role;
use baiyi::trust::checkpoint::JournalKey;
use baiyi::trust::held::beside;
use baiyi::trust::keychain::{self, KeyOf, Succession};
use baiyi::trust::notes::NoteKey;
use baiyi::trust::receipt::{self, ReceiptKey};
use baiyi::trust::{journal, keys, sequencer, verify};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::audit::{checked_by_python, python};
use crate::bids_bind::{plain, preparation, published, receipt_of, sequence};
use crate::sequencer::{House, ORIGIN, block_on, facts};
use crate::support::{Backend, Client, PASSWORD, TestApp, on_both};

async fn sequenced(house: &House, key: &Arc<JournalKey>) -> baiyi::kernel::Result<usize> {
    jobs::sequence(&house.db, &Clock::machine(), key).await
}

fn key(house: &House) -> Arc<JournalKey> {
    Arc::new(JournalKey::read(&house.key_file, ORIGIN).unwrap())
}

fn turn(house: &House) -> Turn {
    Turn { of: KeyOf::Journal, file: house.key_file.clone(), name: ORIGIN.to_owned(), leaked: false }
}

async fn turned(house: &House, turn: &Turn) -> baiyi::kernel::Result<(String, String)> {
    rotate(&house.db, house.tenant, turn, UtcInstant::machine_now()).await
}

async fn written(house: &House, from: u64) {
    for number in from..from + 3 {
        house.write(UtcInstant::machine_now(), number).await;
    }
}

async fn faults(house: &House, known: &str) -> Vec<String> {
    let known = known.to_owned();
    house.db.read(move |snapshot| verify::whole(snapshot, &known, &[])).await.unwrap().faults
}

async fn story(house: House) {
    let first = key(&house);
    written(&house, 0).await;
    sequenced(&house, &first).await.unwrap();
    let early = house.db.read(|snapshot| sequencer::latest(snapshot)).await.unwrap().unwrap().note;
    let (old, new) = turned(&house, &turn(&house)).await.unwrap();
    let second = key(&house);
    assert_eq!((old, new), (first.verifier(), second.verifier()));
    written(&house, 10).await;
    // A server that still holds the old key signs nothing more.
    let refused = sequenced(&house, &first).await.unwrap_err().to_string();
    assert!(refused.contains("its key was rotated"), "{refused}");
    assert_eq!(sequenced(&house, &second).await.unwrap(), 4);
    turned(&house, &turn(&house)).await.unwrap();
    let third = key(&house);
    // Everything that was signed is also right while the last announcement waits for its place.
    assert_eq!(faults(&house, &third.verifier()).await, [""; 0]);
    written(&house, 20).await;
    sequenced(&house, &third).await.unwrap();
    let stranger = JournalKey::ephemeral(ORIGIN).unwrap();
    for known in [&first, &second, &third] {
        assert_eq!(faults(&house, &known.verifier()).await, [""; 0]);
    }
    assert!(faults(&house, &stranger.verifier()).await[0].contains("not among the journal's keys"));
    let bundle: Bundle = house.db.read(|snapshot| export::read(snapshot)).await.unwrap();
    assert_eq!(check::faults(&bundle, &third.verifier(), std::slice::from_ref(&early)), [""; 0]);
    if let Some(python) = python() {
        for known in [&first, &third] {
            let (fine, words) = checked_by_python(&python, &bundle, &known.verifier());
            assert!(fine, "{words}");
        }
        assert!(!checked_by_python(&python, &bundle, &stranger.verifier()).0);
    }
    // A checkpoint that the replaced key signs afterwards is none of the journal's.
    let mut forged = bundle.clone();
    let last = forged.checkpoints.last_mut().unwrap();
    let head = baiyi::trust::checkpoint::open(&last.note, &third.verifier()).unwrap();
    last.note = first.sign(&head);
    assert!(check::faults(&forged, &third.verifier(), &[])[0].contains("not signed with this key"));
    if let Some(python) = python() {
        assert!(!checked_by_python(&python, &forged, &third.verifier()).0);
    }

    // Interrupted after it was announced and before the file was put in place: run again, it finishes what it began.
    std::fs::copy(&house.key_file, house.key_file.with_file_name("journal.next.pem")).unwrap();
    let kept = house.key_file.with_file_name(format!("journal.old-{}.pem", second.verifier().split('+').nth(1).unwrap()));
    std::fs::copy(kept, &house.key_file).unwrap();
    turned(&house, &turn(&house)).await.unwrap();
    assert_eq!(key(&house).verifier(), third.verifier());
    assert_eq!(faults(&house, &third.verifier()).await, [""; 0]);

    // Whoever has the database and not the key announces a key of his own.
    let (tenant, evil) = (house.tenant, JournalKey::ephemeral(ORIGIN).unwrap());
    let event =
        keychain::rotation(tenant, 4, &Succession { of: KeyOf::Journal, old: stranger.note_key(), new: evil.note_key(), until: None });
    house.db.write(facts(UtcInstant::machine_now()), move |tx| journal::record(tx, &event)).await.unwrap();
    let told = faults(&house, &third.verifier()).await;
    assert!(told[0].contains("not signed by the key before it"), "{told:?}");
}

#[test]
fn every_verifier_follows_the_journals_keys_on_sqlite() {
    block_on(async { story(House::of(Backend::Sqlite).await.unwrap()).await });
}

#[test]
fn every_verifier_follows_the_journals_keys_on_postgres() {
    block_on(async {
        if let Some(house) = House::of(Backend::Postgres).await {
            story(house).await;
        }
    });
}

/// The keys of receipts and of tokens have chains of their own in the same journal.
async fn other_chain(house: House, of: KeyOf, whose: &str) {
    let first = key(&house);
    written(&house, 0).await;
    let turn = Turn { of, file: house.key_file.with_file_name(format!("{of}.pem")), name: format!("{ORIGIN}/{of}"), leaked: false };
    keys::create_signing_key(&turn.file).unwrap();
    let read = |file: &std::path::Path| NoteKey::read(file, &turn.name).unwrap();
    let old = read(&turn.file);
    assert_eq!(turned(&house, &turn).await.unwrap(), (old.verifier(), read(&turn.file).verifier()));
    sequenced(&house, &first).await.unwrap();
    // Interrupted after the announcement: run again, it puts the announced key in its place and announces nothing more.
    let kept = beside(&turn.file, &format!("old-{}", old.verifier().split('+').nth(1).unwrap()));
    std::fs::rename(&turn.file, beside(&turn.file, "next")).unwrap();
    std::fs::copy(&kept, &turn.file).unwrap();
    let (_, second) = turned(&house, &turn).await.unwrap();
    assert_eq!((second, house.db.read(move |db| sequencer::rotations(db, of)).await.unwrap().len()), (read(&turn.file).verifier(), 1));
    turned(&house, &turn).await.unwrap();
    sequenced(&house, &first).await.unwrap();
    assert_eq!(faults(&house, &first.verifier()).await, [""; 0]);
    // A file that holds a replaced key announces nothing.
    let wrong = Turn { file: kept, ..turn.clone() };
    assert!(turned(&house, &wrong).await.unwrap_err().to_string().contains("announced last"));
    let bundle: Bundle = house.db.read(|snapshot| export::read(snapshot)).await.unwrap();
    assert_eq!(check::faults(&bundle, &first.verifier(), &[]), [""; 0]);
    assert!(python().is_none_or(|python| checked_by_python(&python, &bundle, &first.verifier()).0));

    // Whoever has the database and not the key announces a key of his own: named, and the journal's own chain is not touched.
    let [stranger, evil] = [0, 1].map(|_| NoteKey::ephemeral(&turn.name).unwrap());
    let until = (of == KeyOf::Tokens).then(UtcInstant::machine_now);
    let event = keychain::rotation(house.tenant, 4, &Succession { of, old: &stranger, new: &evil, until });
    house.db.write(facts(UtcInstant::machine_now()), move |tx| journal::record(tx, &event)).await.unwrap();
    sequenced(&house, &first).await.unwrap();
    let told = faults(&house, &first.verifier()).await;
    assert!(
        told.len() == 1 && told[0].contains(&format!("the {whose} key")) && told[0].contains("not signed by the key before it"),
        "{told:?}"
    );
    let bundle: Bundle = house.db.read(|snapshot| export::read(snapshot)).await.unwrap();
    assert_eq!(check::faults(&bundle, &first.verifier(), &[]), told);
    if let Some(python) = python() {
        let (fine, words) = checked_by_python(&python, &bundle, &first.verifier());
        assert!(!fine && words.contains(whose), "{words}");
    }
}

fn each_chain(backend: Backend) {
    for (of, whose) in [(KeyOf::Receipts, "receipts'"), (KeyOf::Tokens, "tokens'")] {
        block_on(async {
            if let Some(house) = House::of(backend).await {
                other_chain(house, of, whose).await;
            }
        });
    }
}

#[test]
fn receipts_and_tokens_have_chains_of_their_own_on_sqlite() {
    each_chain(Backend::Sqlite);
}

#[test]
fn receipts_and_tokens_have_chains_of_their_own_on_postgres() {
    each_chain(Backend::Postgres);
}

/// A key of the server that these stories call.
fn of_the_server(app: &TestApp, of: KeyOf, file: &str) -> Turn {
    Turn { of, file: app.folder.path().join(file), name: format!("{ORIGIN}/{of}"), leaked: false }
}

async fn with_token(app: &TestApp, token: &str) -> u16 {
    Client::new(reqwest::Client::new(), app.base.clone(), Some(token.to_owned())).get("/api/v1/me").send().await.status
}

fn key_id(token: &str) -> String {
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The ids of the public key set.
async fn key_ids(app: &TestApp) -> Vec<String> {
    let set = app.public().get("/.well-known/jwks.json").send().await.is(200).value();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_receipt_is_held_to_the_key_that_was_in_force(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let bidders = [0, 1, 2].map(|n| chain.bidders[n].client.clone());
        let turn = of_the_server(app, KeyOf::Receipts, "receipts.pem");
        let first = app.receipts.verifier();
        let early = bidders[0].post(&format!("{lot}/bids")).json(plain(15_000_000)).await.is(201);
        sequence(app).await;
        let of_early = receipt_of(&bidders[0], &early).await;
        let between = bidders[1].post(&format!("{lot}/bids")).json(plain(16_000_000)).await.is(201);
        let provisional = between.text_at("/receipt/note");
        // The announcement must come after everything that the old key told of.
        let refused = rotate(&app.db, app.tenant, &turn, app.clock.now()).await.unwrap_err().to_string();
        assert!(refused.contains("this instant or a later one"), "{refused}");
        app.clock.advance_to(app.clock.now().plus_seconds(1));
        let (old, second) = rotate(&app.db, app.tenant, &turn, app.clock.now()).await.unwrap();
        assert_eq!(old, first);

        // The bidder finds the present key and the chain; how the journal grows is told to auditors only.
        let prepared = preparation(&bidders[2], &lot).await;
        assert_eq!(prepared["receipt_verifier_key"], json!(second));
        let url = prepared["receipt_keys_url"].as_str().unwrap();
        let late = bidders[2].post(&format!("{lot}/bids")).json(plain(17_000_000)).await.is(201);
        assert_eq!(late.text_at("/receipt/verifier_key"), second);
        sequence(app).await;
        let listed = |client: Client| async move { client.get(url).send().await.is(200).value() };
        let (public, auditor) = (listed(app.public()).await, listed(chain.auditor.clone()).await);
        for (at, key) in [&first, &second].into_iter().enumerate() {
            assert_eq!((&public["items"][at]["verifier_key"], &auditor["items"][at]["verifier_key"]), (&json!(key), &json!(key)));
        }
        assert!(public["items"][1]["announced_at"].is_null() && auditor["items"][1]["announced_at"].is_u64());
        assert!(public["items"][1]["signed_by_old"].is_string());
        for of in ["journal", "tokens"] {
            app.public().get(&format!("/api/v1/journal/keys?of={of}")).send().await.refused(401, "unauthenticated");
        }

        // What was given stays as it was, with the key that signed it; what becomes final now is signed by the new key.
        let again = receipt_of(&bidders[0], &early).await;
        assert_eq!((again.text_at("/note"), again.text_at("/verifier_key")), (of_early.text_at("/note"), first.clone()));
        let settled = receipt_of(&bidders[1], &between).await;
        assert_eq!((settled.text_at("/state"), settled.text_at("/verifier_key")), ("final".to_owned(), second.clone()));
        let last = receipt_of(&bidders[2], &late).await.text_at("/note");
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        let journal = app.journal.verifier();
        let told = |note: &str, known: &str| receipts::faults(&bundle, note, known, &journal);
        for note in [&of_early.text_at("/note"), &provisional, &settled.text_at("/note"), &last] {
            for known in [&first, &second] {
                assert_eq!(told(note, known), [""; 0]);
            }
        }
        assert_eq!(receipts::checkpoints(&bundle, &[of_early.text_at("/note"), last.clone()], &second).len(), 2);
        // The replaced key tells of an entry after its replacement; a key that nobody announced tells of anything.
        let said = receipt::open(&last, &second).unwrap();
        let name = &turn.name;
        assert_eq!(told(&app.receipts.sign(&said), &second), [format!("the receipt of bid {}: it is signed with a key that was replaced before its entry", said.bid)]);
        let stranger = ReceiptKey::ephemeral(name).unwrap();
        assert_eq!(told(&stranger.sign(&said), &second), ["a receipt is not signed with the key of receipts"]);
        assert!(told(&stranger.sign(&said), &stranger.verifier())[0].contains("not among the receipts' keys"));
    }

    async fn a_receipt_outlives_the_journals_key_under_its_checkpoint(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let bidder = chain.bidders[0].client.clone();
        let bid = bidder.post(&format!("{lot}/bids")).json(plain(15_000_000)).await.is(201);
        sequence(app).await;
        let note = receipt_of(&bidder, &bid).await.text_at("/note");
        // Another key of the journal takes over, of which the bidder knows nothing.
        let next = JournalKey::ephemeral(ORIGIN).unwrap();
        let succession = Succession { of: KeyOf::Journal, old: app.journal.note_key(), new: next.note_key(), until: None };
        let event = keychain::rotation(app.tenant, 2, &succession);
        app.db.write(facts(app.clock.now()), move |tx| journal::record(tx, &event)).await.unwrap();
        let next = Arc::new(next);
        jobs::sequence(&app.db, &app.clock, &next).await.unwrap();
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        for known in [app.journal.verifier(), next.verifier()] {
            assert_eq!(receipts::faults(&bundle, &note, &app.receipts.verifier(), &known), [""; 0]);
        }
    }

    async fn a_server_without_the_new_key_of_receipts_takes_no_bids_until_it_is_there(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let bidder = chain.bidders[0].client.clone();
        app.clock.advance_to(app.clock.now().plus_seconds(1));
        let turn = of_the_server(app, KeyOf::Receipts, "receipts.pem");
        let (_, new) = rotate(&app.db, app.tenant, &turn, app.clock.now()).await.unwrap();
        // The announcement was made on another machine.
        let elsewhere = app.folder.path().join("elsewhere.pem");
        std::fs::rename(&turn.file, &elsewhere).unwrap();
        bidder.post(&format!("{lot}/bids")).json(plain(15_000_000)).await.refused(503, "unavailable");
        assert_eq!(app.public().get("/api/v1/journal/keys?of=receipts").send().await.is(200).value()["items"][1]["verifier_key"], json!(new));
        std::fs::rename(&elsewhere, &turn.file).unwrap();
        let bid = bidder.post(&format!("{lot}/bids")).json(plain(15_000_000)).await.is(201);
        assert_eq!(bid.text_at("/receipt/verifier_key"), new);
    }

    async fn tokens_of_a_replaced_key_live_out_their_time_and_those_of_a_leaked_one_end(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Auditor]).await;
        let sign_in = || async {
            let body = json!({"email": person.email, "password": PASSWORD});
            app.public().post("/api/v1/sessions").json(body).await.is(201)
        };
        let turn = of_the_server(app, KeyOf::Tokens, "tokens.pem");
        let early = sign_in().await.text_at("/access_token");
        rotate(&app.db, app.tenant, &turn, UtcInstant::machine_now()).await.unwrap();
        app.signers.follow(&app.db).await.unwrap();
        let opened = sign_in().await;
        let later = opened.text_at("/access_token");
        assert_ne!(key_id(&early), key_id(&later));
        assert_eq!(key_ids(app).await, [key_id(&early), key_id(&later)]);
        assert_eq!((with_token(app, &early).await, with_token(app, &later).await), (200, 200));

        // The second key has leaked: what it signed ends, the session goes on with a token of the third.
        rotate(&app.db, app.tenant, &Turn { leaked: true, ..turn }, UtcInstant::machine_now()).await.unwrap();
        app.signers.follow(&app.db).await.unwrap();
        assert_eq!((with_token(app, &early).await, with_token(app, &later).await), (200, 401));
        let body = json!({"refresh_token": opened.text_at("/refresh_token")});
        let fresh = app.public().post("/api/v1/sessions/refresh").json(body).await.is(201).text_at("/access_token");
        assert_eq!(with_token(app, &fresh).await, 200);
        assert_eq!(key_ids(app).await, [key_id(&early), key_id(&fresh)]);
    }
}
