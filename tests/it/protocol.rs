//! What an auditor finds of a server that changes rows and entries together: where bidders and openers signed, it cannot.

use baiyi::disclosure::bundle::{Bundle, Resource, check, export, protocol};
use baiyi::jobs;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::openers::{DEADLINE, close, contribute, contribution, make_the_key, name, open, stage};
use crate::support::{TestApp, on_both};

fn of<'b>(bundle: &'b mut Bundle, kind: &str, wanted: impl Fn(&Resource) -> bool) -> &'b mut Resource {
    bundle.resources.iter_mut().find(|one| one.kind == kind && wanted(one)).unwrap()
}

/// Another letter where one stands.
fn bent(value: &mut Value) {
    let mut bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    bytes[1] ^= 1;
    *value = json!(STANDARD.encode(bytes));
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
        let rooted = told(&|bundle| {
            closing(bundle, &|content| drop(content["lots"][0]["bids"].as_array_mut().unwrap().pop()));
            let row = &mut of(bundle, "tender", |one| one.id == tender).rows.parts.get_mut("closings").unwrap()[0];
            let root = baiyi::trust::quorum::opening::root_of(&serde_json_canonicalizer::to_string(&row["content"]).unwrap());
            let before = std::mem::replace(&mut row["root"], json!(root));
            let entry = bundle.journal.iter_mut().find(|entry| entry.action == "tender.closed").unwrap();
            entry.text = entry.text.as_ref().map(|text| text.replace(before.as_str().unwrap(), &root));
        });
        assert!(rooted.contains("and not in it") && rooted.contains("opener 1 contributed something else"), "{rooted}");
        // Signatures: of a bid, of an opener under the transcript, of a contribution.
        let forged = told(&|bundle| bent(&mut of(bundle, "bid", signed).rows.parts.get_mut("bid_signatures").unwrap()[0]["signature"]));
        assert!(forged.contains(&format!("bid {id}: the signature of its submission is not one of its organisation's key")), "{forged}");
        let unsigned = told(&|bundle| bent(&mut of(bundle, "opener_ceremony", |_| true).rows.parts.get_mut("ceremony_members").unwrap()[1]["transcript_signature"]));
        assert!(unsigned.ends_with("opener 2 did not sign its transcript"), "{unsigned}");
        // What the journal no longer says is not believed.
        let unnamed = told(&|bundle| bundle.journal.retain(|entry| entry.action != "ceremony.named"));
        assert!(unnamed.ends_with("the journal does not name its openers"), "{unnamed}");
        let erased = told(&|bundle| bundle.journal.iter_mut().filter(|entry| entry.action == "tender.closed").for_each(|entry| entry.text = None));
        assert!(erased.ends_with("its root is not the one that the journal names"), "{erased}");
        let swapped = told(&|bundle| {
            let own = app.sealing.recipient();
            of(bundle, "opener_ceremony", |_| true).rows.columns["recipient"] = json!(own);
        });
        assert!(swapped.ends_with("its recipient is not the transcript's"), "{swapped}");
        let bent_share = told(&|bundle| bent(&mut of(bundle, "tender", |one| one.id == tender).rows.parts.get_mut("opening_contributions").unwrap()[1]["partials"]));
        assert!(bent_share.ends_with("opener 3 contributed something else, or not to it"), "{bent_share}");
    }
}
