//! What an auditor finds of a server that changes rows and entries together: where bidders and openers signed, it cannot.

use baiyi::disclosure::bundle::{Bundle, Resource, check, ciphertexts, export, protocol};
use baiyi::jobs;
use baiyi::trust::signing::{self, LocalKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::openers::{DEADLINE, OPENS, at, close, contribute, contribution, make_the_key, name, open, stage};
use crate::support::chain::run_sql;
use crate::support::{TestApp, on_both};

fn of<'b>(bundle: &'b mut Bundle, kind: &str, wanted: impl Fn(&Resource) -> bool) -> &'b mut Resource {
    bundle.resources.iter_mut().find(|one| one.kind == kind && wanted(one)).unwrap()
}

/// A change of a closing.
type Bend<'a> = &'a dyn Fn(&mut Value);

/// Another letter where one stands.
fn bent(value: &mut Value) {
    let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    bytes[1] ^= 1;
    *value = json!(STANDARD.encode(bytes));
}

/// The row of a signature under a bid.
fn signature_row<'b>(bundle: &'b mut Bundle, bid: &str, step: &str) -> &'b mut Map<String, Value> {
    let rows = of(bundle, "bid", |one| one.id == bid).rows.parts.get_mut("bid_signatures").unwrap();
    rows.iter_mut().find(|row| row["step"] == step).unwrap()
}

/// Changes what the entry of an action tells of a resource.
fn retell(bundle: &mut Bundle, action: &str, resource: &str, change: &dyn Fn(&mut Value)) {
    let entry = bundle.journal.iter_mut().find(|entry| entry.action == action && entry.resource_id == resource).unwrap();
    let mut text: Value = serde_json::from_str(entry.text.as_ref().unwrap()).unwrap();
    change(&mut text["content"]);
    entry.text = Some(signing::canonical(&text).unwrap());
}

/// Puts this statement and signature under a bid, in row and entry alike.
fn put_under(bundle: &mut Bundle, bid: &str, statement: &Value, signature: &str) {
    let row = signature_row(bundle, bid, "submission");
    row["statement"] = statement.clone();
    row["signature"] = json!(signature);
    let statement = signing::canonical(statement).unwrap();
    retell(bundle, "bid.sealed", bid, &|content| {
        content["signature"]["statement"] = json!(statement);
        content["signature"]["signature"] = json!(signature);
    });
}

/// An entry like that of an action, of another one at another instant.
fn entry_like(bundle: &mut Bundle, like: &str, action: &str, at: &str, content: Option<Value>) {
    let mut entry = bundle.journal.iter().find(|entry| entry.action == like).unwrap().clone();
    entry.action = action.to_owned();
    entry.at = at.to_owned();
    if let Some(content) = content {
        entry.text = Some(json!({"content": content}).to_string());
    }
    bundle.journal.push(entry);
}

/// The verifier in Python, which shares no code with this program, finds the tender in order, and names what was bent in it.
fn second_verifier(app: &TestApp, bundle: &Bundle, tender: &str, holds: &str) {
    let Some(python) = crate::audit::python() else { return };
    let said = |bundle: &Bundle| crate::audit::by_python(&python, "verify_case.py", bundle, &app.journal.verifier(), &[tender]);
    let (fine, words) = said(bundle);
    assert!(fine && words.contains(holds), "{words}");
    let mut forged = bundle.clone();
    if let Some(signed) = forged.resources.iter_mut().find(|one| one.rows.parts.get("bid_signatures").is_some_and(|rows| !rows.is_empty()))
    {
        bent(&mut signed.rows.parts.get_mut("bid_signatures").unwrap()[0]["signature"]);
        let (fine, words) = said(&forged);
        assert!(!fine && words.contains("the signature of its submission is not one of its organisation's key"), "{words}");
    }
    let mut shorter = bundle.clone();
    let closing = &mut of(&mut shorter, "tender", |one| one.id == tender).rows.parts.get_mut("closings").unwrap()[0];
    closing["content"]["lots"][0]["bids"].as_array_mut().unwrap().pop();
    let (fine, words) = said(&shorter);
    assert!(!fine && words.contains("closing"), "{words}");
    let mut shares = bundle.clone();
    if let Some(rows) =
        of(&mut shares, "tender", |one| one.id == tender).rows.parts.get_mut("opening_contributions").filter(|rows| !rows.is_empty())
    {
        bent(&mut rows[1]["partials"]);
        let (fine, words) = said(&shares);
        assert!(!fine && words.contains("opener 3 contributed something else, or not to this closing"), "{words}");
    }
}

on_both! {
    async fn what_openers_and_bidders_signed_no_server_changes_unseen(app: &TestApp) {
        let (chain, mut openers) = stage(app).await;
        let ceremony = name(&chain, &openers, 2).await.is(201).header("location");
        make_the_key(app, &mut openers, &ceremony).await;
        chain.published(DEADLINE).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let folder = tempfile::tempdir().unwrap();
        let first = chain.bidders[0].clone();
        let key = crate::bids_bind::key_in(app, folder.path(), &first.client, &first.id).await;
        crate::bids_bind::by_baiyi_seal(&first.client, &lot, 15_000_000, Some(key), None).await;
        for (n, price) in [(1, 15_200_000), (2, 15_300_000)] {
            chain.bidders[n].client.post(&format!("{lot}/bids")).json(crate::bids_bind::plain(price)).await.is(201);
        }
        close(app, &chain, &openers[0]).await.is(200);
        for n in [0, 2] {
            let sent = contribution(&chain, &mut openers[n]).await;
            contribute(&chain, &openers[n], &sent).await.is(200);
        }
        open(&chain).await.is(200);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
        second_verifier(app, &bundle, chain.id("tender_id"), "the tender holds: 3 bids, 2 contributions");

        // The operator has the journal's key and the database: rows and entries agree whatever it does, and this alone is asked.
        let told = |change: &dyn Fn(&mut Bundle)| {
            let mut changed = bundle.clone();
            change(&mut changed);
            protocol::faults(&changed).join("; ")
        };
        let tender = chain.id("tender_id");
        let signed = |one: &Resource| one.rows.parts.contains_key("bid_signatures") && !one.rows.parts["bid_signatures"].is_empty();
        let id = of(&mut bundle.clone(), "bid", signed).id.clone();
        // A bid is inserted after the closing, or one is taken out.
        let inserted = told(&|bundle| {
            let mut copy = of(bundle, "bid", signed).clone();
            copy.id = uuid::Uuid::now_v7().to_string();
            copy.rows.parts.clear();
            bundle.resources.push(copy);
        });
        assert!(inserted.contains(&format!("the closing of tender {tender}: bid ")) && inserted.ends_with("is valid and not in it"), "{inserted}");
        assert!(told(&|bundle| bundle.resources.retain(|one| one.id != id)).contains(&format!("bid {id} is in it and is gone")));
        let other = told(&|bundle| of(bundle, "bid", signed).rows.columns["ciphertext_sha256"] = json!("0".repeat(64)));
        assert!(other.contains("another ciphertext") && other.contains("signed another ciphertext_sha256"), "{other}");
        // A bid was sealed after the closing, by the times of the entries.
        let late = told(&|bundle| bundle.journal.iter_mut().filter(|entry| entry.action == "bid.sealed" && entry.resource_id == id).for_each(|entry| entry.at = "2026-03-13T01:00:11Z".to_owned()));
        assert!(late.contains(&format!("bid {id} was sealed after it")), "{late}");
        // Two closings; a closing without a bid under a root of its own.
        let twice = told(&|bundle| {
            let again = bundle.journal.iter().find(|entry| entry.action == "tender.closed").unwrap().clone();
            bundle.journal.push(again);
        });
        assert!(twice.contains("the journal names 2 and the rows hold 1"), "{twice}");
        let closing = |bundle: &mut Bundle, change: &dyn Fn(&mut Value)| {
            let row = &mut of(bundle, "tender", |one| one.id == tender).rows.parts.get_mut("closings").unwrap()[0];
            change(&mut row["content"]);
        };
        let shorter = told(&|bundle| closing(bundle, &|content| drop(content["lots"][0]["bids"].as_array_mut().unwrap().pop())));
        assert!(shorter.contains("its root is not the one that the journal names"), "{shorter}");
        // A closing of the operator's own, under a root and an entry that agree with it.
        let rerooted = |change: &dyn Fn(&mut Value)| {
            told(&|bundle| {
                closing(bundle, change);
                let row = &mut of(bundle, "tender", |one| one.id == tender).rows.parts.get_mut("closings").unwrap()[0];
                let root = baiyi::trust::quorum::opening::root_of(&serde_json_canonicalizer::to_string(&row["content"]).unwrap());
                let before = std::mem::replace(&mut row["root"], json!(root));
                let entry = bundle.journal.iter_mut().find(|entry| entry.action == "tender.closed").unwrap();
                entry.text = entry.text.as_ref().map(|text| text.replace(before.as_str().unwrap(), &root));
            })
        };
        let rooted = rerooted(&|content| drop(content["lots"][0]["bids"].as_array_mut().unwrap().pop()));
        assert!(rooted.contains("and not in it") && rooted.contains("opener 1 contributed something else"), "{rooted}");
        let own = app.sealing.recipient();
        let named: [(&str, Bend<'_>); 6] = [
            ("is valid and not in it", &|content| content["lots"] = json!([])),
            ("is in it twice", &|content| { let bids = content["lots"][0]["bids"].as_array_mut().unwrap(); bids.push(bids[0].clone()) }),
            ("it names another deadline than its tender", &|content| content["deadline"] = json!("2026-03-13T00:00:00Z")),
            ("a lot is opened that has too few bids, or shut that has enough", &|content| content["lots"][0]["opens"] = json!(false)),
            ("it names another key than its ceremony made", &|content| content["recipient"] = json!(own)),
            ("it names another ceremony than its row", &|content| content["ceremony_id"] = Value::Null),
        ];
        for (fault, change) in named {
            let said = rerooted(change);
            assert!(said.contains(fault), "{fault}: {said}");
        }
        let taken_back = told(&|bundle| of(bundle, "bid", signed).rows.columns["state"] = json!("withdrawn"));
        assert!(taken_back.contains(&format!("bid {id} is in it and was taken back")), "{taken_back}");
        let alone = told(&|bundle| of(bundle, "tender", |one| one.id == tender).rows.parts.get_mut("opening_contributions").unwrap().truncate(1));
        assert!(alone.ends_with("it was opened with 1 contributions that hold, and 2 are needed"), "{alone}");
        // Signatures: of a bid, of an opener under the transcript, of a contribution.
        let forged = told(&|bundle| bent(&mut of(bundle, "bid", signed).rows.parts.get_mut("bid_signatures").unwrap()[0]["signature"]));
        assert!(forged.contains(&format!("bid {id}: the signature of its submission is not one of its organisation's key")), "{forged}");
        let unsigned = told(&|bundle| bent(&mut of(bundle, "opener_ceremony", |_| true).rows.parts.get_mut("ceremony_members").unwrap()[1]["transcript_signature"]));
        assert!(unsigned.ends_with("opener 2 did not sign its transcript"), "{unsigned}");
        // A key that somebody else put in the place of another's.
        let stranger = baiyi::trust::signing::LocalKey::ephemeral().unwrap().public();
        let lent = told(&|bundle| of(bundle, "signing_key", |_| true).rows.columns["public_key"] = json!(stranger));
        assert!(lent.starts_with("signing_key ") && lent.contains("nobody proved to hold it"), "{lent}");
        let unproved = told(&|bundle| bundle.journal.retain(|entry| entry.action != "opener_key.registered"));
        assert_eq!(unproved.matches("nobody proved to hold it").count(), 3, "{unproved}");
        // What the journal no longer says is not believed.
        let unnamed = told(&|bundle| bundle.journal.retain(|entry| entry.action != "ceremony.named"));
        assert!(unnamed.ends_with("the journal does not name its openers"), "{unnamed}");
        let erased = told(&|bundle| bundle.journal.iter_mut().filter(|entry| entry.action == "tender.closed").for_each(|entry| entry.text = None));
        assert!(erased.ends_with("its root is not the one that the journal names"), "{erased}");
        let swapped = told(&|bundle| of(bundle, "opener_ceremony", |_| true).rows.columns["recipient"] = json!(own));
        assert!(swapped.ends_with("its recipient is not the transcript's"), "{swapped}");
        let bent_share = told(&|bundle| bent(&mut of(bundle, "tender", |one| one.id == tender).rows.parts.get_mut("opening_contributions").unwrap()[1]["partials"]));
        assert!(bent_share.contains("opener 3 contributed something else, or not to it"), "{bent_share}");
    }
    async fn what_an_organisation_signed_is_held_to_its_last_field(app: &TestApp) {
        const EARLY: &str = "2026-01-01T00:00:00Z";
        const LATE: &str = "2099-01-01T00:00:00Z";
        let (chain, lot) = crate::bids_bind::published(app).await;
        let bidder = chain.bidders[0].clone();
        let folder = tempfile::tempdir().unwrap();
        let file = crate::bids_bind::key_in(app, folder.path(), &bidder.client, &bidder.id).await;
        let mut bids = Vec::new();
        for price in [15_000_000, 14_000_000] {
            bids.push(crate::bids_bind::by_baiyi_seal(&bidder.client, &lot, price, Some(file.clone()), None).await);
        }
        let [first, second] = [0, 1].map(|n: usize| bids[n].text_at("/id"));
        let hash = |n: usize| bids[n].text_at("/ciphertext_sha256");
        let key = LocalKey::read(&file).unwrap();
        let sign = |statement: &Value| key.sign(&signing::canonical(statement).unwrap());
        let withdrawal = json!({"format": "baiyi-withdrawal-signature-1", "tender_id": chain.id("tender_id"), "lot_id": chain.id("lot_id"), "amendment": 0,
            "organisation_id": bidder.id, "ciphertext_sha256": hash(1), "sequence": 2, "previous_sha256": hash(0)});
        bidder.client.act(&format!("{}/withdrawal", bids[1].header("location")), json!({"signature": sign(&withdrawal)})).await.is(200);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
        let told = |change: &dyn Fn(&mut Bundle)| {
            let mut changed = bundle.clone();
            change(&mut changed);
            protocol::faults(&changed).join("; ")
        };
        // Whatever the bidder signed for another place, step, amendment or row of bids is not a signature under this one.
        let other = json!("0192f0c1-7a10-7000-8000-000000000001");
        let submission = signature_row(&mut bundle.clone(), &second, "submission")["statement"].clone();
        let under = |statement: &Value| told(&|bundle| put_under(bundle, &second, statement, &sign(statement)));
        assert_eq!(under(&submission), "");
        for (field, value) in [
            ("format", json!("baiyi-withdrawal-signature-1")), ("tender_id", other.clone()), ("lot_id", other.clone()), ("amendment", json!(1)),
            ("organisation_id", other), ("ciphertext_sha256", json!("0".repeat(64))), ("sequence", json!(3)), ("previous_sha256", Value::Null),
        ] {
            let mut statement = submission.clone();
            statement[field] = value;
            assert_eq!(under(&statement), format!("bid {second}: its organisation signed another {field} for its submission"));
        }
        let mut more = submission.clone();
        more["price_fen"] = json!(1);
        assert_eq!(under(&more), format!("bid {second}: its organisation signed something else for its submission"));
        assert_eq!(under(&withdrawal), format!("bid {second}: its organisation signed another format for its submission"));
        let gone = told(&|bundle| bundle.resources.retain(|one| one.id != first));
        assert_eq!(gone.matches("signed another previous_sha256").count(), 2, "{gone}");
        // Row and entry have the same signature, or neither has one.
        let differs = |bid: &str, action: &str| format!("bid {bid}: its entry {action} tells of another signature than its row");
        assert_eq!(told(&|bundle| drop(of(bundle, "bid", |one| one.id == first).rows.parts.remove("bid_signatures"))), differs(&first, "bid.sealed"));
        assert_eq!(told(&|bundle| retell(bundle, "bid.sealed", &first, &|content| content["signature"] = Value::Null)), differs(&first, "bid.sealed"));
        let silent = |bundle: &mut Bundle| retell(bundle, "bid.withdrawn", &second, &|content| content["signature"] = Value::Null);
        assert_eq!(told(&silent), differs(&second, "bid.withdrawn"));
        let print = told(&|bundle| retell(bundle, "bid.sealed", &first, &|content| content["signature"]["key_fingerprint"] = json!("0".repeat(64))));
        assert_eq!(print, differs(&first, "bid.sealed"));
        let moved = told(&|bundle| signature_row(bundle, &first, "submission")["signed_at"] = json!(LATE));
        assert_eq!(moved, format!("bid {first}: its submission was signed at another instant by its row than by its entry bid.sealed"));
        // An amendment that was in force by then is the one to sign; one that came later is not.
        let amended = |bundle: &mut Bundle, at: &str| entry_like(bundle, "tender.published", "tender.amended", at, Some(json!({"number": 1})));
        assert_eq!(told(&|bundle| amended(bundle, EARLY)).matches("signed another amendment").count(), 3);
        assert_eq!(told(&|bundle| amended(bundle, LATE)), "");
        // The key was confirmed by then, as this key, and not revoked.
        let uncounted = |said: &str| said.matches("was not confirmed by then, or was revoked").count();
        let late = |bundle: &mut Bundle| bundle.journal.iter_mut().filter(|entry| entry.action == "signing_key.confirmed").for_each(|entry| entry.at = LATE.to_owned());
        assert_eq!(uncounted(&told(&late)), 3);
        assert_eq!(uncounted(&told(&|bundle| entry_like(bundle, "signing_key.confirmed", "signing_key.revoked", EARLY, None))), 3);
        assert_eq!(uncounted(&told(&|bundle| entry_like(bundle, "signing_key.confirmed", "signing_key.revoked", LATE, None))), 0);
        assert_eq!(uncounted(&told(&|bundle| of(bundle, "signing_key", |_| true).rows.columns["revoked_at"] = json!(EARLY))), 3);
        let id = of(&mut bundle.clone(), "signing_key", |_| true).id.clone();
        assert_eq!(uncounted(&told(&|bundle| retell(bundle, "signing_key.confirmed", &id, &|content| content["public_key"] = json!("AAAA")))), 3);
        if let Some(python) = crate::audit::python() {
            let said = |change: &dyn Fn(&mut Bundle)| {
                let mut changed = bundle.clone();
                change(&mut changed);
                crate::audit::by_python(&python, "verify_case.py", &changed, &app.journal.verifier(), &[chain.id("tender_id")])
            };
            let (fine, words) = said(&|_| ());
            assert!(fine && words.contains("2 came, 2 of them signed by their organisations"), "{words}");
            let (fine, words) = said(&|bundle| amended(bundle, EARLY));
            assert!(!fine && words.contains("the signature of its withdrawal is over another amendment"), "{words}");
            let (fine, words) = said(&silent);
            assert!(!fine && words.contains(&differs(&second, "bid.withdrawn")), "{words}");
        }
    }

    async fn a_tender_whose_key_the_server_holds_is_closed_before_it_is_opened(app: &TestApp) {
        let (mut chain, _) = crate::bids_bind::published(app).await;
        chain.bids().await;
        let (tender, bid) = (chain.id("tender_id").to_owned(), chain.id("bid_id").to_owned());
        let path = format!("/api/v1/tenders/{tender}/closing");
        let close = async || jobs::close_tenders(&app.db, &app.clock, &app.closing()).await.unwrap();
        assert_eq!(close().await, 0);
        app.public().get(&path).send().await.is(404);
        app.clock.advance_to(at(OPENS));
        assert_eq!((close().await, close().await), (1, 0));
        let shown = app.public().get(&path).send().await.is(200).value();
        let named: Value = serde_json::from_str(shown["text"].as_str().unwrap()).unwrap();
        assert_eq!((&named["ceremony_id"], &named["transcript_sha256"], &shown["threshold"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((named["recipient"].as_str().unwrap(), named["lots"][0]["bids"].as_array().unwrap().len()), (app.sealing.recipient().as_str(), 3));
        assert!(named["lots"][0]["bids"].as_array().unwrap().iter().any(|one| one["bid_id"] == bid.as_str() && one["files"][0]["points"] == json!([])));
        // Somebody with the database puts a copy of a bid in: it is not opened, and nothing else is.
        let copy = uuid::Uuid::now_v7();
        let columns = "tenant_id, tender_id, lot_id, case_id, organisation_id, state, invalid_because, sealed_by, recipient, ciphertext, ciphertext_sha256, submitted_by, received_at, version";
        run_sql(app, vec![format!("INSERT INTO bids (id, sequence, {columns}) SELECT '{copy}', 9, {columns} FROM bids WHERE id = '{bid}'")]).await;
        assert!(open(&chain).await.refused(409, "closing_differs").text_at("/detail").contains(&copy.to_string()));
        run_sql(app, vec![format!("DELETE FROM bids WHERE id = '{copy}'")]).await;
        open(&chain).await.is(200);
        assert_eq!(app.public().get(&path).send().await.is(200).value()["root"], shown["root"]);
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
        second_verifier(app, &bundle, &tender, "the tender holds: 3 bids, 0 contributions");
        let mut without = bundle.clone();
        without.journal.retain(|entry| entry.action != "tender.closed");
        of(&mut without, "tender", |one| one.id == tender).rows.parts.remove("closings");
        assert_eq!(protocol::faults(&without), [format!("the closing of tender {tender}: it was opened without one")]);
        let mut lent = bundle;
        of(&mut lent, "tender", |one| one.id == tender).rows.parts.get_mut("closings").unwrap()[0]["ceremony_id"] = json!(copy.to_string());
        assert!(protocol::faults(&lent).join("; ").contains("it names another ceremony than its row"));
    }

    async fn a_tender_is_closed_by_whoever_opens_it_before_the_runner(app: &TestApp) {
        let (mut chain, lot) = crate::bids_bind::published(app).await;
        chain.bids().await;
        chain.bidders[2].client.post(&format!("{lot}/bids")).json(crate::bids_bind::plain(15_000_000)).await.is(201);
        let shown_away = async || app.read(|snapshot| ciphertexts::bids_after(snapshot, None).unwrap().len()).await;
        app.clock.advance_to(at(OPENS));
        assert_eq!(shown_away().await, 0, "nothing is opened yet");
        open(&chain).await.is(200);
        assert_eq!(shown_away().await, 3, "and not the one that was replaced");
        let shown = app.public().get(&format!("/api/v1/tenders/{}/closing", chain.id("tender_id"))).send().await.is(200).value();
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
        let index = |action: &str| bundle.journal.iter().find(|entry| entry.action == action).unwrap().index;
        assert!(index("tender.closed") < index("bid.opened"), "{shown}");
        chain.bidders[0].client.post(&format!("{lot}/bids")).json(crate::bids_bind::plain(15_000_000)).await.refused(409, "bidding_closed");
    }
}
