//! Purchases as a subdistrict makes them: by minutes and a small comparison, by three quotes, directly, from a single source, in several lots.

use baiyi::kernel::UtcInstant;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::story::Chain;
use crate::support::{Client, TestApp, on_both};

fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

async fn ready(app: &TestApp) -> Chain {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.is(200);
    chain.ids.insert("item_id", item.text_at("/items/0/id"));
    chain
}

/// A draft by a procedure with one lot of a ceiling; `more` is put over it.
fn draft(chain: &Chain, procedure: &str, ceiling: i64, more: Value) -> Value {
    let mut body = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "社区为老服务",
        "description": "为辖区独居老人提供上门探访。", "mode": "contracting_out", "procedure": procedure, "plain_offers": true,
        "lots": [{"title": "探访服务", "ceiling": money(ceiling)}]});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn scored(ceiling: i64) -> Value {
    json!([{"title": "探访服务", "ceiling": money(ceiling), "criteria": [
        {"name": "方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]}])
}

/// Drafts and submits; gives the tender's path.
async fn submitted(chain: &Chain, body: Value) -> String {
    let path = chain.purchaser.client.post("/api/v1/tenders").json(body).await.is(201).header("location");
    chain.purchaser.client.act(&format!("{path}/submission"), json!({})).await.is(200);
    path
}

async fn attach(client: &Client, tender: &str, purpose: &str) -> Answer {
    let path = format!("{tender}/documents?filename=paper.pdf&purpose={purpose}");
    client.post(&path).body("application/pdf", format!("%PDF-1.7\n{purpose} of {tender}").into_bytes()).send().await.is(201)
}

async fn invite(client: &Client, tender: &str, organisations: &[&str]) -> Answer {
    let etag = client.get(tender).send().await.is(200).etag();
    client.call("PUT", &format!("{tender}/invitations")).if_match(&etag).json(json!({"organisation_ids": organisations})).await
}

async fn lot_of(client: &Client, tender: &str, place: usize) -> String {
    format!("/api/v1/lots/{}", client.get(tender).send().await.is(200).text_at(&format!("/lots/{place}/id")))
}

on_both! {
    async fn a_single_source_is_public_five_working_days_before_it_is_awarded(app: &TestApp) {
        let chain = ready(app).await;
        // Above the threshold of open tenders, for which the publicity is the law (R033).
        let more = json!({"kind": "supplementary", "document_number": "吴财预〔2026〕9号", "amount": money(200_000_000), "functional_class": "2081006", "economic_class": "30227"});
        chain.finance.client.post(&format!("/api/v1/funds/{}/appropriations", chain.id("fund_id"))).json(more).await.is(201);
        let named = chain.bidders[0].id.clone();
        let reason = "专利技术只有该组织掌握，三名专家论证一致同意。";
        let purchaser = &chain.purchaser.client;
        let post = |more: Value| purchaser.post("/api/v1/tenders").json(draft(&chain, "single_source", 200_000_000, more));
        assert_eq!(post(json!({})).await.refused(422, "invalid").bad_fields(), ["/procedure_reason", "/named_organisation_id"]);
        post(json!({"procedure_reason": reason, "named_organisation_id": chain.id("unit_id")})).await.refused(422, "invalid");
        let tender = submitted(&chain, draft(&chain, "single_source", 200_000_000, json!({"procedure_reason": reason, "named_organisation_id": named}))).await;
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        // The clock stands on Monday 2 March: five working days end on Monday 9 March (R033).
        purchaser.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-04-01T00:00:00Z"})).await.refused(422, "invalid");
        let early = purchaser.act(&format!("{tender}/publication"), json!({"publicity_until": "2026-03-08T15:59:59Z"})).await.refused(422, "rule_broken");
        assert_eq!(early.text_at("/rule"), "R033");
        purchaser.act(&format!("{tender}/publication"), json!({"publicity_until": "2026-03-09T10:00:00Z"})).await.is(200);
        assert_eq!(app.public().get(&tender).send().await.text_at("/phase"), "publicity");
        let lot = lot_of(purchaser, &tender, 0).await;
        let award = json!({"price": money(190_000_000), "reason": "经协商按上年单价执行，价格合理。"});
        purchaser.act(&format!("{lot}/direct-award"), award.clone()).await.refused(409, "publicity_runs");
        app.clock.advance_to(UtcInstant::parse("2026-03-09T10:00:00Z").unwrap());
        purchaser.act(&format!("{lot}/direct-award"), json!({"price": money(200_000_001), "reason": "高于最高限价一分钱。"})).await.refused(422, "invalid");
        let award = purchaser.act(&format!("{lot}/direct-award"), award).await.is(201);
        assert_eq!(award.text_at("/organisation_id"), named);
        purchaser.act(&format!("{}/confirmation", award.header("location")), json!({})).await.refused(403, "forbidden");
        chain.lead.client.act(&format!("{}/confirmation", award.header("location")), json!({})).await.is(200);
    }

    async fn a_direct_commission_needs_its_reason_and_a_competing_lot_is_not_awarded_so(app: &TestApp) {
        let chain = ready(app).await;
        let purchaser = &chain.purchaser.client;
        let more = json!({"procedure_reason": "金额较小，经集体研究直接委托。", "named_organisation_id": chain.bidders[1].id});
        let tender = submitted(&chain, draft(&chain, "direct", 800_000, more)).await;
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let lot = lot_of(purchaser, &tender, 0).await;
        let award = json!({"price": money(780_000), "reason": "参照周边街道同类服务单价。"});
        purchaser.act(&format!("{lot}/direct-award"), award.clone()).await.refused(409, "wrong_state");
        purchaser.act(&format!("{tender}/publication"), json!({})).await.is(200);
        purchaser.act(&format!("{lot}/direct-award"), award.clone()).await.is(201);
        // A lot that asks for bids goes another way.
        let tender = submitted(&chain, draft(&chain, "consultation", 800_000, json!({"lots": scored(800_000)}))).await;
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let lot = lot_of(purchaser, &tender, 0).await;
        purchaser.act(&format!("{lot}/direct-award"), award).await.refused(409, "lot_asks_for_bids");
    }

    async fn an_invited_tender_asks_three_and_strangers_stay_out(app: &TestApp) {
        let chain = ready(app).await;
        let purchaser = &chain.purchaser.client;
        let more = json!({"lots": scored(20_000_000), "procedure_reason": "服务具有特殊性，只能从有限范围的供应商处采购。"});
        let tender = submitted(&chain, draft(&chain, "invited_tender", 20_000_000, more)).await;
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let deadline = json!({"bid_deadline": "2026-04-01T01:00:00Z"});
        purchaser.act(&format!("{tender}/publication"), deadline.clone()).await.refused(409, "nobody_invited");
        let [one, two, three] = [0, 1, 2].map(|place: usize| chain.bidders[place].id.as_str());
        invite(purchaser, &tender, &[one, one]).await.refused(422, "invalid");
        invite(purchaser, &tender, &[one, two]).await.is(200);
        let few = purchaser.act(&format!("{tender}/publication"), deadline.clone()).await.refused(422, "rule_broken");
        assert_eq!(few.text_at("/rule"), "R024");
        invite(purchaser, &tender, &[one, two, three]).await.is(200);
        purchaser.act(&format!("{tender}/publication"), deadline).await.is(200);
        app.public().get(&format!("{tender}/invitations")).send().await.refused(401, "unauthenticated");
        chain.bidders[0].client.get(&format!("{tender}/invitations")).send().await.refused(403, "forbidden");
    }

    async fn a_returned_tender_is_rewritten_and_keeps_its_lots(app: &TestApp) {
        let chain = ready(app).await;
        let purchaser = &chain.purchaser.client;
        let two = json!({"lots": [scored(1_000)[0], scored(2_000)[0]]});
        let tender = submitted(&chain, draft(&chain, "consultation", 0, two)).await;
        chain.finance.client.act(&format!("{tender}/return"), json!({"reason": "金额需更正"})).await.is(200);
        let before = purchaser.get(&tender).send().await.is(200);
        let put = async |body: Value| {
            let etag = purchaser.get(&tender).send().await.is(200).etag();
            purchaser.call("PUT", &tender).if_match(&etag).json(body).await
        };
        put(draft(&chain, "consultation", 0, json!({"lots": scored(1_500)}))).await.refused(422, "invalid");
        let three = json!({"title": "社区为老服务（更正）", "lots": [scored(1_500)[0], scored(2_000)[0], scored(3_000)[0]]});
        let after = put(draft(&chain, "consultation", 0, three)).await.is(200);
        assert_eq!(after.text_at("/lots/0/id"), before.text_at("/lots/0/id"));
        assert_eq!(after.value()["lots"][0]["ceiling"], money(1_500));
        purchaser.act(&format!("{tender}/submission"), json!({})).await.is(200);
        let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
        assert_eq!(fund["balances"]["reserved"], money(6_500), "{fund}");
        put(draft(&chain, "consultation", 0, json!({"lots": scored(1_500)}))).await.refused(409, "wrong_state");
    }

    async fn a_selection_needs_its_minutes_before_it_is_approved(app: &TestApp) {
        let chain = ready(app).await;
        let purchaser = &chain.purchaser.client;
        let tender = submitted(&chain, draft(&chain, "selection", 8_000_000, json!({"lots": scored(8_000_000)}))).await;
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.refused(409, "minutes_missing");
        attach(purchaser, &tender, "market_study").await;
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.refused(409, "minutes_missing");
        let minutes = attach(purchaser, &tender, "minutes").await.text_at("/id");
        let notice = attach(purchaser, &tender, "procurement_document").await.text_at("/id");
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        purchaser.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-06T09:00:00Z"})).await.is(200);
        // The public reads what bidders need, not the minutes.
        let public = app.public().get(&format!("{tender}/documents")).send().await.is(200).value();
        assert_eq!(public["items"].as_array().unwrap().len(), 1);
        app.public().get(&format!("{tender}/documents/{notice}")).send().await.is(200);
        app.public().get(&format!("{tender}/documents/{minutes}")).send().await.refused(404, "not_found");
        chain.auditor.get(&format!("{tender}/documents/{minutes}")).send().await.is(200);
    }

    async fn lots_may_be_funded_by_several_streams_and_years(app: &TestApp) {
        let chain = ready(app).await;
        let purchaser = &chain.purchaser.client;
        let line = |fund: Option<&str>, year: i32, fen: i64| json!({"fund_id": fund, "stream": "fiscal", "year": year, "amount": money(fen)});
        let lots = |first: i64| json!([{"title": "三年服务", "ceiling": money(9_000_000), "criteria": scored(1)[0]["criteria"],
            "funding": [line(Some(chain.id("fund_id")), 2026, first), line(None, 2027, 3_000_000), line(None, 2028, 3_000_000)]}]);
        let body = |first: i64| draft(&chain, "consultation", 0, json!({"fund_id": null, "lots": lots(first)}));
        assert_eq!(purchaser.post("/api/v1/tenders").json(body(2_999_999)).await.refused(422, "invalid").bad_fields(), ["/lots/0/funding"]);
        let tender = submitted(&chain, body(3_000_000)).await;
        let lot = lot_of(purchaser, &tender, 0).await;
        let funding = purchaser.get(&format!("{lot}/funding")).send().await.is(200).value();
        let states: Vec<&str> = funding["items"].as_array().unwrap().iter().map(|line| line["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["reserved", "planned", "planned"]);
        let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
        assert_eq!(fund["balances"]["reserved"], money(3_000_000), "{fund}");
        app.public().get(&format!("{lot}/funding")).send().await.refused(404, "not_found");
    }
}

/// How a rule stands on the first lot's legality sheet.
async fn stands(client: &Client, tender: &str, rule: &str) -> (String, Option<String>) {
    let sheet = client.get(&format!("{tender}/legality")).send().await.is(200).value();
    let entries = sheet["lots"][0]["entries"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["rule"] == rule).unwrap_or_else(|| panic!("{rule} is not on the sheet"));
    (entry["standing"].as_str().unwrap().to_owned(), entry["by"].as_str().map(str::to_owned))
}

on_both! {
    async fn the_legality_sheet_follows_a_tender(app: &TestApp) {
        let chain = ready(app).await;
        let purchaser = &chain.purchaser.client;
        let tender = submitted(&chain, draft(&chain, "open_tender", 20_000_000, json!({"lots": scored(20_000_000)}))).await;
        // Before the publication the sheet is for insiders only, and time has not begun to run.
        app.public().get(&format!("{tender}/legality")).send().await.refused(404, "not_found");
        assert_eq!(stands(purchaser, &tender, "R039").await.0, "met");
        assert_eq!(stands(purchaser, &tender, "R019").await.0, "not_yet");
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        purchaser.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-23T01:00:00Z"})).await.is(200);
        let public = app.public();
        assert_eq!(stands(&public, &tender, "R019").await.0, "met");
        assert_eq!(stands(&public, &tender, "R045").await.0, "not_yet");
        let lot = lot_of(purchaser, &tender, 0).await;
        for bidder in &chain.bidders[..2] {
            bidder.client.post(&format!("{lot}/bids")).json(json!({"offer": {"price": money(15_000_000), "text": "方案"}})).await.is(201);
        }
        // Two bids are there, and nobody may learn it.
        assert_eq!(stands(purchaser, &tender, "R045").await.0, "not_yet");
        app.clock.advance_to(UtcInstant::parse("2026-03-23T01:00:10Z").unwrap());
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200);
        assert_eq!(stands(&public, &tender, "R045").await.0, "broken");
    }
}
