//! Openers who stay away: reserves are called, and where too few are left the bidders open their bids themselves.

use age::secrecy::ExposeSecret;
use baiyi::cli::seal;
use baiyi::db::schema::outbox;
use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::bids_bind::{FILE, sealed_in};
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
        let (chain, openers) = published(app).await;
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
        let mut states: Vec<String> = record["lots"][0]["bids"].as_array().unwrap().iter()
            .map(|bid| format!("{} {} {}", bid["state"].as_str().unwrap(), bid["invalid_because"], bid["price"]["amount_fen"])).collect();
        states.sort();
        assert_eq!(states, ["invalid \"unreadable\" null", "valid null 15000000", "valid null 16000000"]);
        let files = format!("{}/attachments", first.bid);
        let listed = chain.purchaser.client.get(&files).send().await.is(200).value();
        let path = format!("{files}/{}", listed["items"][0]["id"].as_str().unwrap());
        assert_eq!(chain.purchaser.client.get(&path).send().await.is(200).bytes, FILE);
    }
}
