//! Openers who stay away: reserves are called, and where too few are left the bidders open their bids themselves.

use age::secrecy::ExposeSecret;
use aws_lc_rs::hmac;
use baiyi::cli::seal;
use baiyi::db::schema::{journal_entries, outbox};
use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::trust::sealing::{SealingKey, file_key};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::bids_bind::{FILE, payload, plain, preparation, sealed_in};
use crate::openers::{DEADLINE, OPENS, Opener, close, contribute, contribution, make_the_key, open, stage, tender};
use crate::support::story::Chain;
use crate::support::{Client, TestApp, on_both};

/// The opening's first instant and some hours.
fn hours_after(hours: i64) -> UtcInstant {
    UtcInstant::parse(OPENS).unwrap().plus_seconds(hours * 3_600)
}

/// A published tender of three openers of whom two must come and the third is a reserve, called after six hours.
async fn published(app: &TestApp) -> (Chain, Vec<Opener>) {
    let (chain, mut openers) = stage(app).await;
    let accounts: Vec<_> = openers.iter().map(|opener| opener.person.account).collect();
    let path = format!("{}/opener-ceremonies", tender(&chain));
    let named = |reserves: Value, hours: i64| {
        let body = json!({"account_ids": accounts, "threshold": 2, "reserve_account_ids": reserves, "reserve_after_hours": hours});
        let call = chain.lead.client.post(&path);
        async move { call.json(body).await }
    };
    // Without the reserves enough must be left, and a reserve is one of the openers.
    let refused = named(json!([accounts[1], accounts[2]]), 0).await.refused(422, "invalid");
    assert_eq!(refused.bad_fields(), ["/reserve_account_ids", "/reserve_after_hours"]);
    assert_eq!(named(json!([chain.lead.account]), 6).await.refused(422, "invalid").bad_fields(), ["/reserve_account_ids/0"]);
    let ceremony = named(json!([accounts[2]]), 6).await.is(201);
    let reserves: Vec<Value> = ceremony.value()["openers"].as_array().unwrap().iter().map(|one| one["reserve"].clone()).collect();
    assert_eq!(json!(reserves), json!([false, false, true]));
    make_the_key(app, &mut openers, &ceremony.header("location")).await;
    chain.published(DEADLINE).await;
    for opener in &mut openers {
        opener.state().see_deadline(UtcInstant::parse(DEADLINE).unwrap());
    }
    (chain, openers)
}

/// To whom mail with this word in its subject goes.
async fn told(app: &TestApp, word: &'static str) -> Vec<String> {
    app.read(move |db| {
        let all: Vec<(String, String)> = outbox::table.select((outbox::subject, outbox::recipient)).load(db).unwrap();
        let mut to: Vec<String> = all.into_iter().filter(|(subject, _)| subject.contains(word)).map(|(_, recipient)| recipient).collect();
        to.sort_unstable();
        to
    })
    .await
}

/// A bidder with a recovery key of its own, kept with what it sent.
struct Keeper {
    folder: tempfile::TempDir,
    client: Client,
    bid: String,
}

impl Keeper {
    async fn bids(client: &Client, lot: &str, price: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = age::x25519::Identity::generate();
        let file = folder.path().join("recovery.age");
        std::fs::write(&file, own.to_string().expose_secret()).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let made = sealed_in(folder.path(), client, lot, price, None, Some(own.to_public().to_string())).await;
        Self { folder, client: client.clone(), bid: format!("/api/v1/bids/{}", made.text_at("/id")) }
    }

    /// What `baiyi seal reveal` prints.
    fn keys(&self) -> Value {
        let at = |name: &str| self.folder.path().join(name);
        let asked = seal::Revealing { key: at("recovery.age"), ciphertexts: vec![at("sealed/offer.age"), at("sealed/attachment-1.age")] };
        serde_json::from_str(&seal::reveal(&asked).unwrap()).unwrap()
    }
}

on_both! {
    async fn the_reserves_are_called_when_too_few_contributed_in_time(app: &TestApp) {
        let (mut chain, mut openers) = published(app).await;
        chain.bids().await;
        close(app, &chain, &openers[0]).await.is(200);
        let mut asked = vec![openers[0].person.email.clone(), openers[1].person.email.clone()];
        asked.sort_unstable();
        assert_eq!(told(app, "请提交解密份额").await, asked, "the reserve stays at home");
        let sent = contribution(&chain, &mut openers[0]).await;
        contribute(&chain, &openers[0], &sent).await.is(200);
        app.clock.advance_to(hours_after(5));
        assert_eq!(jobs::call_reserves(&app.db, &app.clock).await.unwrap(), 0, "an hour too early");
        app.clock.advance_to(hours_after(6));
        assert_eq!(jobs::call_reserves(&app.db, &app.clock).await.unwrap(), 1);
        assert_eq!(jobs::call_reserves(&app.db, &app.clock).await.unwrap(), 0, "once");
        assert_eq!(told(app, "请后备开标员").await, [openers[2].person.email.clone()]);
        let sent = contribution(&chain, &mut openers[2]).await;
        contribute(&chain, &openers[2], &sent).await.is(200);
        chain.lead.client.post(&format!("{}/lost-quorum", tender(&chain))).json(json!({"reason": "开标员缺席"})).await.refused(409, "quorum_not_lost");
        open(&chain).await.is(200);
        let closing = app.public().get(&format!("{}/closing", tender(&chain))).send().await.is(200).value();
        assert!(closing["reserves_called_at"].is_string() && closing["lost_at"].is_null());
    }

    async fn where_nothing_is_opened_nobody_is_called_and_nobody_given_up(app: &TestApp) {
        let (chain, openers) = published(app).await;
        close(app, &chain, &openers[0]).await.is(200);
        app.clock.advance_to(hours_after(24));
        assert_eq!(jobs::call_reserves(&app.db, &app.clock).await.unwrap(), 0);
        let give_up = json!({"reason": "没有响应，亦无须开标员"});
        chain.lead.client.post(&format!("{}/lost-quorum", tender(&chain))).json(give_up).await.refused(409, "quorum_not_lost");
        let record = open(&chain).await.is(200).value();
        assert_eq!(record["lots"][0]["state"], "failed_unopened");
    }

    async fn bidders_open_their_bids_themselves_when_the_openers_are_lost(app: &TestApp) {
        let (chain, mut openers) = published(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let [first, second] = [(0, 15_000_000), (1, 16_000_000)].map(|(n, price)| {
            let (client, lot) = (chain.bidders[n].client.clone(), lot.clone());
            async move { Keeper::bids(&client, &lot, price).await }
        });
        let (first, second) = (first.await, second.await);
        // Sealed by the server to the openers: nobody else has a key to it.
        let plain = json!({"offer": {"price": {"amount_fen": 17_000_000, "currency": "CNY"}, "text": "方案"}});
        chain.bidders[2].client.post(&format!("{lot}/bids")).json(plain).await.is(201);
        close(app, &chain, &openers[0]).await.is(200);
        open(&chain).await.refused(409, "contributions_missing");
        let reveal = |by: &Client, at: &str, keys: Value| {
            let call = by.post(&format!("{at}/reveal"));
            async move { call.json(keys).await }
        };
        reveal(&first.client, &first.bid, first.keys()).await.refused(409, "nothing_to_reveal");
        let give_up = || {
            let call = chain.lead.client.post(&format!("{}/lost-quorum", tender(&chain)));
            async move { call.json(json!({"reason": "两名开标员的密钥已遗失，后备开标员无法到场。"})).await }
        };
        app.clock.advance_to(UtcInstant::parse("2026-03-13T13:00:09Z").unwrap());
        give_up().await.refused(409, "quorum_not_lost");
        app.clock.advance_to(hours_after(12));
        assert!(give_up().await.is(200).value()["lost_at"].is_string());
        give_up().await.refused(409, "quorum_not_lost");
        open(&chain).await.refused(409, "reveals_missing");

        // One's own bid, with all of its keys, each of its own ciphertext, once.
        reveal(&second.client, &first.bid, first.keys()).await.refused(404, "not_found");
        let mut swapped = first.keys();
        swapped["file_keys"][0]["file_key"] = first.keys()["file_keys"][1]["file_key"].clone();
        let mut partial = first.keys();
        partial["file_keys"].as_array_mut().unwrap().pop();
        for wrong in [swapped, partial, second.keys()] {
            reveal(&first.client, &first.bid, wrong).await.refused(422, "reveal_wrong");
        }
        reveal(&first.client, &first.bid, first.keys()).await.is(201);
        reveal(&first.client, &first.bid, first.keys()).await.refused(409, "nothing_to_reveal");
        reveal(&second.client, &second.bid, second.keys()).await.is(201);
        let waits = open(&chain).await.refused(409, "reveals_missing").text_at("/detail");
        assert!(waits.contains('1'), "{waits}");

        // Three days later what nobody could reveal is unreadable, and the others are opened.
        app.clock.advance_to(hours_after(12 + 72));
        let record = open(&chain).await.is(200).value();
        assert_eq!(states(&record), ["invalid \"unreadable\" null", "valid null 15000000", "valid null 16000000"]);
        assert_eq!((&record["opened_with"], record["openers_given_up_at"].is_string()), (&json!("reveals"), true));
        // Two openers come now: the record stands, and they are told so.
        for opener in &mut openers[..2] {
            let sent = contribution(&chain, opener).await;
            let told = contribute(&chain, opener, &sent).await.refused(409, "contribution_too_late").text_at("/detail");
            assert!(told.contains("揭示") || told.contains("revealed"), "{told}");
        }
        assert_eq!(app.public().get(&format!("{}/opening", tender(&chain))).send().await.is(200).value(), record);
        let files = format!("{}/attachments", first.bid);
        let listed = chain.purchaser.client.get(&files).send().await.is(200).value();
        let path = format!("{files}/{}", listed["items"][0]["id"].as_str().unwrap());
        assert_eq!(chain.purchaser.client.get(&path).send().await.is(200).bytes, FILE);
    }

    async fn openers_who_come_after_they_were_given_up_open_every_bid(app: &TestApp) {
        let (chain, mut openers) = published(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let first = Keeper::bids(&chain.bidders[0].client, &lot, 15_000_000).await;
        Keeper::bids(&chain.bidders[1].client, &lot, 16_000_000).await;
        chain.bidders[2].client.post(&format!("{lot}/bids")).json(plain(17_000_000)).await.is(201);
        close(app, &chain, &openers[0]).await.is(200);
        app.clock.advance_to(hours_after(12));
        given_up(&chain).await;
        first.client.post(&format!("{}/reveal", first.bid)).json(first.keys()).await.is(201);
        // One of them is not enough; with the second nobody waits for the bidders any more.
        let sent = contribution(&chain, &mut openers[0]).await;
        contribute(&chain, &openers[0], &sent).await.is(200);
        open(&chain).await.refused(409, "reveals_missing");
        assert_eq!(written(app, "tender.openers_returned").await.len(), 0);
        let sent = contribution(&chain, &mut openers[2]).await;
        contribute(&chain, &openers[2], &sent).await.is(200);
        assert_eq!(written(app, "tender.openers_returned").await.len(), 1);
        let record = open(&chain).await.is(200).value();
        assert_eq!(states(&record), ["valid null 15000000", "valid null 16000000", "valid null 17000000"]);
        assert_eq!((&record["opened_with"], record["openers_given_up_at"].is_string()), (&json!("openers"), true));
        let opened = written(app, "tender.opened").await;
        assert!(opened[0].contains(r#""opened_with":"openers""#), "{opened:?}");
        let sent = contribution(&chain, &mut openers[1]).await;
        contribute(&chain, &openers[1], &sent).await.refused(409, "contribution_too_late");
        // Files are opened with the same key, also of the bid that was revealed.
        let files = format!("{}/attachments", first.bid);
        let listed = chain.purchaser.client.get(&files).send().await.is(200).value();
        let path = format!("{files}/{}", listed["items"][0]["id"].as_str().unwrap());
        assert_eq!(chain.purchaser.client.get(&path).send().await.is(200).bytes, FILE);
    }

    async fn a_bid_that_shows_openers_and_its_bidder_two_things_is_invalid(app: &TestApp) {
        let (chain, mut openers) = published(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        for (n, price) in [(0, 15_000_000), (1, 16_000_000)] {
            chain.bidders[n].client.post(&format!("{lot}/bids")).json(plain(price)).await.is(201);
        }
        let client = &chain.bidders[2].client;
        let prepared = preparation(client, &lot).await;
        let own = age::x25519::Identity::generate();
        let (file, key) = two_faced(&prepared, &own, &payload(&prepared, 14_000_000));
        let body = json!({"ciphertext": STANDARD.encode(&file), "recovery_recipient": true});
        let bid = client.post(&format!("{lot}/bids")).json(body).await.is(201);
        close(app, &chain, &openers[0]).await.is(200);
        app.clock.advance_to(hours_after(12));
        given_up(&chain).await;
        let keys = json!({"file_keys": [{"ciphertext_sha256": bid.text_at("/ciphertext_sha256"), "file_key": STANDARD.encode(key)}]});
        client.post(&format!("{}/reveal", bid.header("location"))).json(keys).await.is(201);
        for opener in &mut openers[..2] {
            let sent = contribution(&chain, opener).await;
            contribute(&chain, opener, &sent).await.is(200);
        }
        let record = open(&chain).await.is(200).value();
        assert_eq!(states(&record), ["invalid \"reveal_differs\" null", "valid null 15000000", "valid null 16000000"]);
    }
}

/// The lead gives the openers up.
async fn given_up(chain: &Chain) {
    let body = json!({"reason": "两名开标员的密钥已遗失，后备开标员无法到场。"});
    chain.lead.client.post(&format!("{}/lost-quorum", tender(chain))).json(body).await.is(200);
}

/// State, reason and price of every bid of a record's first lot.
fn states(record: &Value) -> Vec<String> {
    let bids = record["lots"][0]["bids"].as_array().unwrap();
    let told = |bid: &Value| format!("{} {} {}", bid["state"].as_str().unwrap(), bid["invalid_because"], bid["price"]["amount_fen"]);
    let mut states: Vec<String> = bids.iter().map(told).collect();
    states.sort();
    states
}

/// The texts of the journal's entries of an action.
async fn written(app: &TestApp, action: &'static str) -> Vec<String> {
    let texts: Vec<Option<String>> = app
        .read(move |db| {
            journal_entries::table.filter(journal_entries::action.eq(action)).select(journal_entries::content).load(db).unwrap()
        })
        .await;
    texts.into_iter().flatten().collect()
}

/// An age file whose stanza for the openers wraps another file key than the one for its bidder, which opens it; and that key.
fn two_faced(prepared: &Value, own: &age::x25519::Identity, payload: &Value) -> (Vec<u8>, [u8; 16]) {
    let openers: age::x25519::Recipient = prepared["recipient"].as_str().unwrap().parse().unwrap();
    let text = payload.to_string();
    let (theirs, mine) = (age::encrypt(&openers, text.as_bytes()).unwrap(), age::encrypt(&own.to_public(), text.as_bytes()).unwrap());
    let key = file_key(&SealingKey::parse(own.to_string().expose_secret()).unwrap(), &mine).unwrap();
    let end = mine.windows(5).position(|bytes| bytes == b"\n--- ").unwrap();
    let line = mine[end + 1..].iter().position(|byte| *byte == b'\n').unwrap();
    let stanza = |file: &[u8]| {
        let header = String::from_utf8_lossy(file).into_owned();
        let at = header.find("-> X25519").unwrap();
        header[at..].lines().take(2).map(|line| format!("{line}\n")).collect::<String>()
    };
    let header = format!("age-encryption.org/v1\n{}{}---", stanza(&theirs), stanza(&mine));
    let sign = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
    // HKDF with an empty salt, of one block.
    let extracted = sign(&[0; 32], &key);
    let mac = sign(sign(extracted.as_ref(), b"header\x01").as_ref(), header.as_bytes());
    (
        format!("{header} {}\n", STANDARD_NO_PAD.encode(mac))
            .into_bytes()
            .into_iter()
            .chain(mine[end + 2 + line..].iter().copied())
            .collect(),
        key,
    )
}
