//! Lots that are run again: out of the same plan and inside its budget, under a ceiling that was lowered, in another year; and awards that end after New Year.

use serde_json::{Value, json};

use crate::awards::{at, awarded, draft};
use crate::support::documents::published;
use crate::support::http::Answer;
use crate::support::plans::{approved, lot, money, plan_body, ready, tender};
use crate::support::story::{Chain, WINNING_PRICE};
use crate::support::{TestApp, on_both};

const DEADLINE: &str = "2026-03-24T01:00:00Z";

fn reason(text: &str) -> Value {
    json!({"reason": text})
}

/// Free, reserved and committed of the fund.
async fn balances(app: &TestApp, chain: &Chain) -> [i64; 3] {
    let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
    ["free", "reserved", "committed"].map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

/// Nobody bids until the deadline, so that the lot fails at the opening.
async fn nobody_bids(app: &TestApp, chain: &Chain, tender: &str) {
    app.clock.advance_to(at("2026-03-24T01:00:10Z"));
    let opened = chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200).value();
    assert_eq!(opened["lots"][0]["state"], "failed_unopened", "{opened}");
}

/// A draft of one lot of 200 000 yuan: three quarters out of the fund, the rest money of 2027 that has no fund yet.
async fn two_years(chain: &Chain) -> Answer {
    let line = |fund: Option<&str>, year: i32, fen: i64| json!({"fund_id": fund, "stream": "fiscal", "year": year, "amount": money(fen)});
    let mut only = lot(20_000_000);
    only["funding"] = json!([line(Some(chain.id("fund_id")), 2026, 15_000_000), line(None, 2027, 5_000_000)]);
    let body = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": null, "title": "月河街道居家养老服务", "description": "上门服务，为期一年。",
        "mode": "contracting_out", "procedure": "consultation", "plain_offers": true, "lots": [only]});
    chain.purchaser.client.post("/api/v1/tenders").json(body).await.is(201)
}

/// Year and amount of the lines that pay for the tender's first lot.
async fn funding(chain: &Chain, tender: &Answer) -> Vec<(i64, i64)> {
    let path = format!("/api/v1/lots/{}/funding", tender.text_at("/lots/0/id"));
    let seen = chain.purchaser.client.get(&path).send().await.is(200).value();
    let line = |line: &Value| (line["year"].as_i64().unwrap(), line["amount"]["amount_fen"].as_i64().unwrap());
    seen["items"].as_array().unwrap().iter().map(line).collect()
}

/// The contract of the award, approved by finance and signed by nobody; gives its path.
async fn countersigned(chain: &Chain) -> String {
    let award = format!("/api/v1/awards/{}", chain.id("award_id"));
    let contract = format!("/api/v1/contracts/{}", draft(chain, &award, WINNING_PRICE).await.is(201).text_at("/id"));
    chain.finance.client.act(&format!("{contract}/approval"), json!({})).await.is(200);
    contract
}

on_both! {
    async fn a_lot_that_is_run_again_stays_in_its_plan_and_inside_its_budget(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let plan = approved(&chain, plan_body(&chain)).await;
        chain.lead.client.act(&format!("{plan}/publication"), json!({})).await.is(200);
        let left = async || lin.get(&plan).send().await.is(200).value()["inside"]["left"]["amount_fen"].as_i64().unwrap();
        let first = tender(&chain, &plan, 20_000_000).await.is(201);
        published(&chain, &first.header("location"), DEADLINE).await;
        nobody_bids(app, &chain, &first.header("location")).await;
        assert_eq!(left().await, 30_000_000);
        // What another tender takes of the budget meanwhile is not there for the rerun.
        let other = tender(&chain, &plan, 10_000_001).await.is(201).header("location");
        let failed = format!("/api/v1/lots/{}", first.text_at("/lots/0/id"));
        let rerun = || lin.act_owned(format!("{failed}/rerun"), reason("无供应商响应，重新采购该服务。"));
        rerun().await.refused(422, "plan_budget_exceeded");
        lin.act(&format!("{other}/cancellation"), reason("需求取消")).await.is(200);
        let again = rerun().await.is(201);
        assert_eq!(again.text_at("/case_id"), first.text_at("/case_id"));
        assert_eq!(left().await, 10_000_000);
        let seen = lin.get(&plan).send().await.is(200).value();
        let ids: Vec<String> = seen["tenders"].as_array().unwrap().iter().map(|one| one["tender_id"].as_str().unwrap().to_owned()).collect();
        assert!(ids.contains(&again.text_at("/id")), "{seen}");
        // And what the rerun takes of it is not there for another tender.
        tender(&chain, &plan, 10_000_001).await.refused(422, "plan_budget_exceeded");
        lin.act(&format!("{}/submission", again.header("location")), json!({})).await.is(200);
        tender(&chain, &plan, 10_000_000).await.is(201);
    }

    async fn a_lot_whose_ceiling_was_lowered_is_run_again_under_it(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let made = two_years(&chain).await;
        let (path, failed) = (made.header("location"), format!("/api/v1/lots/{}", made.text_at("/lots/0/id")));
        published(&chain, &path, DEADLINE).await;
        let lower = json!({"kind": "amendment", "body": "最高限价由二十万元调整为十六万元。", "material": false,
            "lots": [{"lot_id": made.text_at("/lots/0/id"), "ceiling": money(16_000_000)}]});
        let proposed = lin.act(&format!("{path}/amendments"), lower).await.is(201).header("location");
        chain.finance.client.act(&format!("{proposed}/approval"), json!({})).await.is(200);
        nobody_bids(app, &chain, &path).await;
        let again = lin.act(&format!("{failed}/rerun"), reason("无供应商响应，重新采购该服务。")).await.is(201);
        assert_eq!(again.value()["lots"][0]["ceiling"], money(16_000_000));
        assert_eq!(funding(&chain, &again).await, [(2026, 12_000_000), (2027, 4_000_000)], "cut in proportion");
        lin.act(&format!("{}/submission", again.header("location")), json!({})).await.is(200);
        assert_eq!(balances(app, &chain).await, [38_000_000, 12_000_000, 0]);
    }

    async fn a_lot_is_run_again_in_the_year_whose_money_had_no_fund_yet(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let made = two_years(&chain).await;
        let (path, failed) = (made.header("location"), format!("/api/v1/lots/{}", made.text_at("/lots/0/id")));
        published(&chain, &path, DEADLINE).await;
        nobody_bids(app, &chain, &path).await;
        app.clock.advance_to(at("2027-01-05T01:00:00Z"));
        let again = lin.act(&format!("{failed}/rerun"), reason("无供应商响应，重新采购该服务。")).await.is(201);
        assert_eq!(funding(&chain, &again).await, [(2026, 20_000_000)], "nothing of the ceiling is lost");
        // The purchaser puts this year's fund in its place.
        let body = json!({"unit_id": chain.id("unit_id"), "stream": "fiscal", "year": 2027, "name_zh": "购买服务专项", "custodian": "treasury"});
        let fund = chain.finance.client.post("/api/v1/funds").json(body).await.is(201).text_at("/id");
        let body = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": fund, "title": "月河街道居家养老服务", "description": "上门服务，为期一年。",
            "mode": "contracting_out", "procedure": "consultation", "plain_offers": true, "lots": [lot(20_000_000)]});
        lin.call("PUT", &again.header("location")).if_match(&again.etag()).json(body).await.is(200);
        assert_eq!(funding(&chain, &again).await, [(2027, 20_000_000)]);
    }

    async fn who_did_not_sign_loses_the_award_after_new_year_too(app: &TestApp) {
        let chain = awarded(app).await;
        let contract = countersigned(&chain).await;
        app.clock.advance_to(at("2027-01-05T01:00:00Z"));
        let lin = &chain.purchaser.client;
        let award = format!("/api/v1/awards/{}", chain.id("award_id"));
        let lapsed = lin.act(&format!("{award}/lapse"), reason("成交供应商逾期未签订合同。")).await.is(200);
        assert_eq!(lapsed.text_at("/state"), "declined");
        assert_eq!(chain.finance.client.get(&contract).send().await.is(200).text_at("/state"), "terminated");
        assert_eq!(balances(app, &chain).await, [50_000_000, 0, 0], "money of 2026 is not set aside in 2027");
        let again = lin.act(&format!("/api/v1/lots/{}/rerun", chain.id("lot_id")), reason("成交供应商未签约，重新采购。")).await.is(201);
        assert_eq!(funding(&chain, &again).await, [(2026, 20_000_000)]);
    }

    async fn an_upheld_challenge_overturns_an_award_after_new_year_too(app: &TestApp) {
        let chain = awarded(app).await;
        let contract = countersigned(&chain).await;
        let body = json!({"step": "result", "points": [{"fact": "第一候选人的业绩材料与公示不符。", "request": "撤销成交结果。"}]});
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let challenge = chain.bidders[2].client.post(&format!("{lot}/challenges")).json(body).await.is(201).header("location");
        app.clock.advance_to(at("2027-01-05T01:00:00Z"));
        let upheld = json!({"accepted": true, "answer": "经核查，业绩材料与事实不符，质疑成立。", "consequence": "overturn"});
        assert_eq!(chain.lead.client.act(&format!("{challenge}/answer"), upheld).await.is(200).text_at("/state"), "accepted");
        assert_eq!(app.public().get(&format!("/api/v1/awards/{}", chain.id("award_id"))).send().await.text_at("/state"), "overturned");
        assert_eq!(chain.finance.client.get(&contract).send().await.is(200).text_at("/state"), "terminated");
        assert_eq!(balances(app, &chain).await, [50_000_000, 0, 0]);
    }
}
