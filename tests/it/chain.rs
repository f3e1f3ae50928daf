//! The thin chain: from a catalogue item to a paid contract and a verified outcome, and what may not be seen or done on the way.

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::story::{Chain, SECRET_FILE, SECRET_FILENAME, SECRET_PRICE, SECRET_SEALED_TEXT, SECRET_TEXT, WINNING_PRICE};
use crate::support::{TestApp, on_both};

async fn balances(app: &TestApp, chain: &Chain) -> [i64; 6] {
    let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
    ["authority", "free", "reserved", "committed", "payable", "paid"]
        .map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

on_both! {
    async fn a_need_becomes_a_paid_contract_and_a_verified_outcome(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        assert_eq!(balances(app, &chain).await, [50_000_000, 50_000_000, 0, 0, 0, 0]);
        chain.tender(app).await;
        assert_eq!(balances(app, &chain).await, [50_000_000, 30_000_000, 20_000_000, 0, 0, 0]);
        let public = app.public().get("/api/v1/tenders").send().await.is(200).value();
        assert_eq!(public["items"][0]["id"], chain.id("tender_id"));
        assert_eq!(public["items"][0]["phase"], "open");
        chain.bids().await;
        chain.opening(app).await;
        let record = app.public().get(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id"))).send().await.is(200).value();
        let mut states: Vec<_> = record["lots"][0]["bids"].as_array().unwrap().iter()
            .map(|bid| (bid["price"]["amount_fen"].as_i64().unwrap(), bid["state"].as_str().unwrap().to_owned(), bid["sealed_by"].as_str().unwrap().to_owned())).collect();
        states.sort();
        assert_eq!(states, [
            (SECRET_PRICE, "valid".to_owned(), "server".to_owned()),
            (19_000_000, "valid".to_owned(), "bidder".to_owned()),
            (20_000_001, "invalid".to_owned(), "server".to_owned()),
        ]);
        chain.award().await;
        let ranking = app.public().get(&format!("/api/v1/lots/{}/ranking", chain.id("lot_id"))).send().await.is(200).value();
        // Quality: (50 % of 89 + 30 % of 87.5) + 20 % of 100; the second: 15 points less on quality, 92.92 on the price.
        assert_eq!(ranking["items"][0]["points_bp"], 9075);
        assert_eq!(ranking["items"][1]["points_bp"], 7733);
        chain.contract().await;
        assert_eq!(balances(app, &chain).await, [50_000_000, 50_000_000 - WINNING_PRICE, 0, WINNING_PRICE, 0, 0]);
        chain.payment().await;
        assert_eq!(balances(app, &chain).await, [50_000_000, 50_000_000 - WINNING_PRICE, 0, 0, 0, WINNING_PRICE]);
        chain.outcome().await;

        let case = chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value();
        assert_eq!(case["contracts"][0]["state"], "completed");
        assert_eq!(case["contracts"][0]["payments"][0]["state"], "paid");
        assert_eq!(case["projects"][0]["state"], "verified");
        for (field, value) in [("indicator_zh", json!("服务人次")), ("unit_label", json!("人次")), ("baseline", json!(0)), ("target", json!(3000)), ("actual", json!(3120))] {
            assert_eq!(case["projects"][0]["reports"][0]["values"][0][field], value, "{field}");
        }
        let mut papers: Vec<&str> = case["documents"].as_array().unwrap().iter().map(|one| one["purpose"].as_str().unwrap()).collect();
        papers.sort_unstable();
        assert_eq!(papers, ["evidence", "procurement_document", "stamped_contract"]);
        let total: i64 = case["postings"].as_array().unwrap().iter().flat_map(|p| p["legs"].as_array().unwrap()).map(|leg| leg["amount_fen"].as_i64().unwrap()).sum();
        assert_eq!(total, 0, "every posting balances");
        let steps: Vec<(String, String)> = case["history"].as_array().unwrap().iter()
            .map(|event| (event["action"].as_str().unwrap().to_owned(), event["actor_name"].as_str().unwrap_or("-").to_owned())).collect();
        for (action, actor) in [
            ("tender.drafted", "Lin Jingban"), ("tender.approved", "Qian Caizheng"), ("tender.published", "Lin Jingban"), ("bid.sealed", "组织管理员"),
            ("tender.opened", "Kai Biao"), ("lot.scored", "Ping Yi"), ("award.confirmed", "Shen Zhuren"),
        ] {
            assert!(steps.contains(&(action.to_owned(), actor.to_owned())), "{action} by {actor} in {steps:?}");
        }
        // Whoever has no business with it does not even learn that the case exists.
        chain.bidders[1].client.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.refused(404, "not_found");
        app.public().get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.refused(401, "unauthenticated");
    }

    async fn between_submission_and_opening_nothing_stored_shows_price_or_text(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        let file_hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(SECRET_FILE.as_bytes()));
        let needles = ["secret-cost-estimate-9917".to_owned(), SECRET_FILENAME.to_owned(), file_hash, SECRET_PRICE.to_string(), SECRET_TEXT.to_owned(), SECRET_SEALED_TEXT.to_owned(), "高于最高限价的方案".to_owned(), "20000001".to_owned()];
        let found = app.search_everything_stored(&needles).await;
        assert_eq!(found, Vec::<String>::new());
        // The same search finds what is public, so it does search.
        assert!(!app.search_everything_stored(&["月河街道居家养老上门服务".to_owned()]).await.is_empty());
        // Nor does anybody learn that the bids exist: not the purchaser, not a rival, not the auditor's file.
        let case = chain.purchaser.client.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value();
        assert_eq!(case["bids"], json!([]));
        assert!(case["history"].as_array().unwrap().iter().all(|event| event["resource_kind"] != "bid"));
        chain.bidders[1].client.get(&format!("/api/v1/bids/{}", chain.id("bid_id"))).send().await.refused(404, "not_found");
        chain.auditor.get(&format!("/api/v1/bids/{}", chain.id("bid_id"))).send().await.refused(404, "not_found");
        let files = format!("/api/v1/bids/{}/attachments", chain.id("bid_id"));
        let file = format!("{files}/{}", chain.id("attachment_id"));
        for curious in [&chain.purchaser.client, &chain.lead.client, &chain.opener, &chain.admin, &chain.auditor, &chain.bidders[1].client] {
            curious.get(&files).send().await.refused(404, "not_found");
            curious.get(&file).send().await.refused(404, "not_found");
        }
        chain.bidders[0].client.get(&file).send().await.refused(404, "not_found");
        assert_eq!(chain.bidders[0].client.get(&files).send().await.is(200).value()["items"][0]["opened"], Value::Null);
        let own = chain.bidders[0].client.get("/api/v1/bids").send().await.is(200).value();
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
        app.public().get(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id"))).send().await.refused(404, "not_found");
        let before = app.public().get(&format!("/api/v1/tenders/{}", chain.id("tender_id"))).send().await.is(200);
        chain.bidders[0].client.post(&format!("/api/v1/lots/{}/bids", chain.id("lot_id"))).json(json!({"offer": {"price": {"amount_fen": 1, "currency": "CNY"}, "text": "换一份"}})).await.is(201);
        let after = app.public().get(&format!("/api/v1/tenders/{}", chain.id("tender_id"))).send().await.is(200);
        assert_eq!(before.etag(), after.etag(), "a hidden child does not bump a visible version");
    }

    async fn a_bid_is_replaced_withdrawn_and_never_late(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender_by(app, "open_tender", "2026-03-24T01:00:00Z").await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let offer = |fen: i64| json!({"offer": {"price": {"amount_fen": fen, "currency": "CNY"}, "text": "方案"}});
        let bidder = &chain.bidders[0].client;
        let first = bidder.post(&format!("{lot}/bids")).key("b").json(offer(100)).await.is(201);
        // A repeat is recognised by key, lot and bidder alone: nothing of the price is kept to compare.
        let again = bidder.post(&format!("{lot}/bids")).key("b").json(offer(999)).await.is(201);
        assert_eq!(again.text_at("/id"), first.text_at("/id"));
        let second = bidder.post(&format!("{lot}/bids")).json(offer(90)).await.is(201);
        assert_eq!(second.text_at("/sequence"), "2");
        assert_eq!(bidder.get(&first.header("location")).send().await.text_at("/state"), "replaced");
        bidder.act(&format!("{}/withdrawal", second.header("location")), json!({})).await.is(200);
        bidder.act(&format!("{}/withdrawal", second.header("location")), json!({})).await.refused(409, "wrong_state");
        let third = bidder.post(&format!("{lot}/bids")).json(offer(80)).await.is(201);
        for bad in [json!({}), json!({"offer": {"price": {"amount_fen": 0, "currency": "CNY"}, "text": "方案"}}), json!({"offer": {"price": {"amount_fen": 1, "currency": "CNY"}, "text": " "}})] {
            bidder.post(&format!("{lot}/bids")).json(bad).await.refused(422, "invalid");
        }
        bidder.post(&format!("{lot}/bids")).json(json!({"ciphertext": "price: 80"})).await.refused(422, "not_an_age_file");
        chain.purchaser.client.post(&format!("{lot}/bids")).json(offer(1)).await.refused(403, "forbidden");
        // Half a minute before the deadline a cache may keep the page for no longer than that.
        let tender = format!("/api/v1/tenders/{}", chain.id("tender_id"));
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-24T00:59:30Z").unwrap());
        let open = app.public().get(&tender).send().await.is(200);
        assert_eq!(open.header("cache-control"), "public, max-age=30");
        app.public().get(&tender).header("if-none-match", &open.etag()).send().await.is(304);
        // The deadline is the first instant that is too late.
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-24T01:00:00Z").unwrap());
        bidder.post(&format!("{lot}/bids")).json(offer(70)).await.refused(409, "bidding_closed");
        bidder.act(&format!("{}/withdrawal", third.header("location")), json!({})).await.refused(409, "bidding_closed");
        // A 304 never hides a phase that the clock changed.
        let closed = app.public().get(&tender).header("if-none-match", &open.etag()).send().await.is(200);
        assert_eq!(closed.text_at("/phase"), "closed");
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.refused(409, "opening_too_early");
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-24T01:00:10Z").unwrap());
        // One bid is too few for an open tender (R045): nothing is opened and the money is free again.
        let opened = chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200).value();
        assert_eq!(opened["lots"][0], json!({"lot_id": chain.id("lot_id"), "state": "failed_unopened", "reason_for_few": null, "bids": []}));
        assert_eq!(bidder.get(&third.header("location")).send().await.text_at("/state"), "sealed");
        assert_eq!(balances(app, &chain).await, [50_000_000, 50_000_000, 0, 0, 0, 0]);
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.refused(409, "already_opened");
    }

    async fn a_payload_sealed_for_another_place_is_not_bound(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let stolen = chain.seal(0, 100, "抄来的方案").await;
        chain.bidders[0].client.post(&format!("{lot}/bids")).json(json!({"ciphertext": stolen})).await.is(201);
        chain.bidders[1].client.post(&format!("{lot}/bids")).json(json!({"ciphertext": stolen})).await.refused(409, "duplicate_ciphertext");
        // A copy of what its owner never sent is known for one at the opening only.
        let unsent = chain.seal(0, 100, "抄来的方案").await;
        chain.bidders[1].client.post(&format!("{lot}/bids")).json(json!({"ciphertext": unsent})).await.is(201);
        let good = chain.seal(2, 200, "自己的方案").await;
        chain.bidders[2].client.post(&format!("{lot}/bids")).json(json!({"ciphertext": good})).await.is(201);
        chain.opening(app).await;
        let record = app.public().get(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id"))).send().await.is(200).value();
        let thief = record["lots"][0]["bids"].as_array().unwrap().iter().find(|bid| bid["organisation_id"] == chain.bidders[1].id.as_str()).unwrap().clone();
        assert_eq!((&thief["state"], &thief["invalid_because"], &thief["price"]), (&json!("invalid"), &json!("not_bound"), &Value::Null));
    }

    async fn duties_are_separate_and_states_are_kept(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.text_at("/items/0/id");
        let draft = |ceiling: i64, procedure: &str, weights: [i64; 2]| json!({"catalogue_item_id": item, "fund_id": chain.id("fund_id"), "title": "项目", "description": "内容",
            "mode": "contracting_out", "procedure": procedure, "plain_offers": true, "lots": [{"title": "包", "ceiling": {"amount_fen": ceiling, "currency": "CNY"}, "criteria": [
                {"name": "方案", "kind": "quality", "weight_bp": weights[0]}, {"name": "报价", "kind": "price", "weight_bp": weights[1]}]}]});
        let purchaser = &chain.purchaser.client;
        let post = |body: Value| purchaser.post("/api/v1/tenders").json(body);
        post(draft(1, "consultation", [8000, 1999])).await.refused(422, "invalid");
        post(draft(0, "consultation", [8000, 2000])).await.refused(422, "invalid");
        post(draft(1, "quotes", [8000, 2000])).await.refused(422, "invalid");
        // One fen more than is free cannot be reserved.
        let dear = post(draft(50_000_001, "consultation", [8000, 2000])).await.is(201).header("location");
        purchaser.act(&format!("{dear}/submission"), json!({})).await.refused(409, "insufficient_funds");
        // An open tender: the price weighs at least 10 % (R039), bids have at least 20 days (R019).
        let light = post(draft(100, "open_tender", [9001, 999])).await.is(201).header("location");
        let refused = purchaser.act(&format!("{light}/submission"), json!({})).await.refused(422, "rule_broken");
        assert_eq!(refused.text_at("/rule"), "R039");
        let tender = post(draft(100, "open_tender", [9000, 1000])).await.is(201).header("location");
        purchaser.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-04-01T00:00:00Z"})).await.refused(409, "wrong_state");
        purchaser.act(&format!("{tender}/submission"), json!({})).await.is(200);
        purchaser.act(&format!("{tender}/approval"), json!({})).await.refused(403, "forbidden");
        chain.finance.client.act(&format!("{tender}/return"), json!({"reason": "科目需更正"})).await.is(200);
        assert_eq!(balances(app, &chain).await[1], 50_000_000, "a returned tender holds no money");
        purchaser.act(&format!("{tender}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let early = purchaser.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-22T12:00:00Z"})).await.refused(422, "rule_broken");
        assert_eq!((early.text_at("/rule").as_str(), early.text_at("/legal_basis").as_str()), ("R019", "政府采购法 第35条"));
        let missing = purchaser.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-23T01:00:00Z"})).await.is(200);
        assert_eq!(missing.value()["state"], "published");
        purchaser.act(&format!("{tender}/cancellation"), json!({"reason": "不办了"})).await.refused(409, "wrong_state");
        // Who holds both roles still does not approve what it drafted.
        let unit = chain.id("unit_id").parse().unwrap();
        let both = app.person_of(app.tenant, "Yi Ren", &[Role::Purchaser, Role::FinanceOfficer], Some(unit), None).await.client;
        let own = both.post("/api/v1/tenders").json(draft(100, "consultation", [8000, 2000])).await.is(201).header("location");
        both.act(&format!("{own}/submission"), json!({})).await.is(200);
        both.act(&format!("{own}/approval"), json!({})).await.refused(403, "duties_not_separate");
        both.act(&format!("{own}/return"), json!({"reason": "自己退回"})).await.refused(403, "duties_not_separate");
        both.act(&format!("{own}/cancellation"), json!({"reason": "不办了"})).await.is(200);
        // Money that is held for a cancelled draft is free again.
        let other = post(draft(200, "consultation", [8000, 2000])).await.is(201).header("location");
        purchaser.act(&format!("{other}/submission"), json!({})).await.is(200);
        purchaser.act(&format!("{other}/cancellation"), json!({"reason": "不办了"})).await.is(200);
        assert_eq!(balances(app, &chain).await[2], 100);
    }

    async fn a_tie_is_drawn_and_a_lot_may_end_for_a_grave_cause(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let offer = json!({"offer": {"price": {"amount_fen": 15_000_000, "currency": "CNY"}, "text": "同价方案"}});
        for bidder in &chain.bidders[..2] {
            bidder.client.post(&format!("{lot}/bids")).json(offer.clone()).await.is(201);
        }
        chain.opening(app).await;
        let lead = &chain.lead.client;
        lead.act(&format!("{lot}/failure"), json!({"cause": "task_cancelled", "reason": "短"})).await.refused(422, "invalid");
        chain.ranking(0).await;
        let unit = chain.id("unit_id").parse().unwrap();
        let both = app.person_of(app.tenant, "Yi Ren", &[Role::Purchaser, Role::PurchaserLead], Some(unit), None).await.client;
        let propose = |body: Value| both.act_owned(format!("{lot}/award"), body);
        propose(json!({})).await.refused(409, "first_place_tied");
        propose(json!({"drawing": "2026-03-13 10:00 抽签，抽中一号球。"})).await.refused(422, "invalid");
        propose(json!({"bid_id": chain.id("lot_id"), "drawing": "2026-03-13 10:00 抽签，抽中一号球。"})).await.refused(422, "invalid");
        let drawn = chain.bidders[1].client.get("/api/v1/bids").send().await.text_at("/items/0/id");
        let award = propose(json!({"bid_id": drawn, "drawing": "2026-03-13 10:00 抽签，抽中一号球。"})).await.is(201);
        assert_eq!(award.text_at("/organisation_id"), chain.bidders[1].id);
        // Nobody confirms what they proposed, and after the award notice the lot no longer ends that way.
        both.act(&format!("{}/confirmation", award.header("location")), json!({})).await.refused(403, "duties_not_separate");
        chain.purchaser.client.act(&format!("{}/confirmation", award.header("location")), json!({})).await.refused(403, "forbidden");
        lead.act(&format!("{}/confirmation", award.header("location")), json!({})).await.is(200);
        lead.act(&format!("{lot}/failure"), json!({"cause": "task_cancelled", "reason": "因政策调整取消该采购任务。"})).await.refused(409, "wrong_state");
    }

    async fn a_lot_that_ends_for_a_grave_cause_frees_its_money(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        chain.opening(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        chain.purchaser.client.act(&format!("{lot}/failure"), json!({"cause": "task_cancelled", "reason": "因政策调整取消该采购任务。"})).await.refused(403, "forbidden");
        let ended = chain.lead.client.act(&format!("{lot}/failure"), json!({"cause": "task_cancelled", "reason": "因政策调整取消该采购任务。"})).await.is(200);
        assert_eq!((ended.text_at("/state").as_str(), ended.text_at("/failed_because").as_str()), ("failed", "task_cancelled: 因政策调整取消该采购任务。"));
        assert_eq!(balances(app, &chain).await, [50_000_000, 50_000_000, 0, 0, 0, 0]);
    }

    async fn bids_sealed_to_another_key_are_not_opened_and_not_lost(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        let set = |recipient: String| {
            let facts = baiyi::db::Facts::internal(app.clock.now()).unwrap();
            app.db.write(facts, move |tx| {
                use diesel::prelude::*;
                diesel::update(baiyi::db::schema::bids::table).set(baiyi::db::schema::bids::recipient.eq(&recipient)).execute(&mut **tx)?;
                Ok(())
            })
        };
        set("age1another".to_owned()).await.unwrap();
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-13T01:00:10Z").unwrap());
        let opening = format!("/api/v1/tenders/{}/opening", chain.id("tender_id"));
        chain.opener.act(&opening, json!({})).await.refused(409, "sealing_key_changed");
        assert_eq!(chain.bidders[0].client.get(&format!("/api/v1/bids/{}", chain.id("bid_id"))).send().await.text_at("/state"), "sealed");
        set(app.sealing.recipient()).await.unwrap();
        chain.opener.act(&opening, json!({})).await.is(200);
    }

    async fn an_evaluator_of_a_bidder_neither_scores_nor_holds_the_ranking_up(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let employer = chain.bidders[0].id.parse().unwrap();
        let insider = app.person_of(app.tenant, "Nei Bu", &[Role::Evaluator], None, Some(employer)).await;
        // While bids are sealed the appointment does not betray who has bid.
        chain.bids().await;
        chain.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": insider.account})).await.is(201);
        chain.opening(app).await;
        insider.client.get(&format!("{lot}/offers")).send().await.refused(409, "conflict_of_interest");
        let scores = json!([{"bid_id": chain.id("bid_id"), "position": 1, "points_bp": 9000}]);
        insider.client.post(&format!("{lot}/score-sheets")).json(json!({"comment": "自己人", "scores": scores})).await.refused(409, "conflict_of_interest");
        let late = app.person_of(app.tenant, "Nei Er", &[Role::Evaluator], None, Some(employer)).await;
        chain.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": late.account})).await.refused(409, "conflict_of_interest");
        chain.award().await;
    }
}
