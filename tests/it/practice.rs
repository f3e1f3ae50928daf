//! Whole purchases as a district makes them, from the first paper to the signed contract: a selection by minutes, and an open tender of three lots that
//! end in three ways.

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::awards::{at, draft};
use crate::evaluation::sheet;
use crate::support::http::Answer;
use crate::support::story::Chain;
use crate::support::{Person, TestApp, on_both};

fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

fn reason(text: &str) -> Value {
    json!({"reason": text})
}

async fn ready(app: &TestApp) -> Chain {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain
}

/// Free, reserved and committed of the fund.
async fn balances(app: &TestApp, chain: &Chain) -> [i64; 3] {
    let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
    ["free", "reserved", "committed"].map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

fn lot(title: &str, ceiling: i64) -> Value {
    json!({"title": title, "ceiling": money(ceiling), "criteria": [
        {"name": "服务方案", "kind": "quality", "weight_bp": 5000}, {"name": "团队", "kind": "quality", "weight_bp": 3000},
        {"name": "报价", "kind": "price", "weight_bp": 2000}]})
}

async fn drafted(app: &TestApp, chain: &Chain, procedure: &str, lots: Value) -> Answer {
    let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.text_at("/items/0/id");
    let body = json!({"catalogue_item_id": item, "fund_id": chain.id("fund_id"), "title": "月河街道居家养老服务", "description": "为期一年。",
        "mode": "contracting_out", "procedure": procedure, "plain_offers": true, "lots": lots});
    chain.purchaser.client.post("/api/v1/tenders").json(body).await.is(201)
}

/// The way of a draft to its publication.
async fn published(chain: &Chain, tender: &str, deadline: &str) {
    chain.purchaser.client.act(&format!("{tender}/submission"), json!({})).await.is(200);
    chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
    chain.purchaser.client.act(&format!("{tender}/publication"), json!({"bid_deadline": deadline})).await.is(200);
}

async fn bid(chain: &Chain, lot: &str, who: usize, fen: i64) {
    chain.bidders[who].client.post(&format!("{lot}/bids")).json(json!({"offer": {"price": money(fen), "text": "方案"}})).await.is(201);
}

/// The contract of a confirmed award, approved by finance and signed by both.
async fn signed(chain: &Chain, award: &str, supplier: usize, fen: i64) -> String {
    let contract = format!("/api/v1/contracts/{}", draft(chain, award, fen).await.is(201).text_at("/id"));
    chain.finance.client.act(&format!("{contract}/approval"), json!({})).await.is(200);
    crate::support::chain::scanned(&chain.purchaser.client, &contract).await;
    chain.bidders[supplier].client.act(&format!("{contract}/signatures"), json!({"party": "organisation"})).await.is(200);
    let active = chain.lead.client.act(&format!("{contract}/signatures"), json!({"party": "purchaser"})).await.is(200);
    assert_eq!(active.text_at("/state"), "active");
    contract
}

/// Five experts of the pool who can sign in, with their ids there, and a representative of the purchaser.
async fn pool(app: &TestApp, chain: &Chain) -> (Vec<(Person, String)>, Person) {
    let mut pool = Vec::new();
    for name in ["Zhuan Jia Yi", "Zhuan Jia Er", "Zhuan Jia San", "Zhuan Jia Si", "Zhuan Jia Wu"] {
        let person = app.person(name, &[Role::Evaluator]).await;
        let body = json!({"name": name, "account_id": person.account, "fields": ["A"], "ties": []});
        let id = chain.admin.post("/api/v1/experts").json(body).await.is(201).text_at("/id");
        pool.push((person, id));
    }
    let unit = chain.id("unit_id").parse().unwrap();
    (pool, app.person_of(app.tenant, "Wang Daibiao", &[Role::Purchaser], Some(unit), None).await)
}

/// Draws a panel with the purchaser's representative in it; the first is the chair, the last the representative.
async fn panel<'p>(
    app: &TestApp,
    chain: &Chain,
    lot: &str,
    experts: usize,
    pool: &'p [(Person, String)],
    representative: &'p Person,
) -> Vec<&'p Person> {
    let buyer = &chain.purchaser.client;
    let form = json!({"experts": experts, "field": "A", "representatives": [representative.account]});
    crate::support::draw::experts(app, chain, lot, form.clone()).await;
    let panel = buyer.act(&format!("{lot}/panel"), form).await.is(201).value();
    let drawn = panel["draw"]["order"].as_array().unwrap().iter().take(experts);
    let drawn: Vec<&Person> = drawn.map(|one| &pool.iter().find(|(_, id)| one["expert_id"] == id.as_str()).unwrap().0).collect();
    drawn[0].client.post(&format!("{lot}/panel/chair")).json(json!({"account_id": drawn[0].account})).await.is(200);
    drawn.into_iter().chain([representative]).collect()
}

/// Everybody signs the report; before that nothing is awarded.
async fn signed_report(chain: &Chain, lot: &str, members: &[&Person]) {
    chain.purchaser.client.act(&format!("{lot}/award"), json!({})).await.refused(409, "evaluation_report_unfinished");
    for member in members {
        member.client.post(&format!("{lot}/evaluation-report/signatures")).json(json!({"agrees": true})).await.is(201);
    }
}

/// A panel of five scores `best` above the others, ranks and signs the report.
async fn evaluated(app: &TestApp, chain: &Chain, lot: &str, pool: &[(Person, String)], representative: &Person, best: usize) {
    let members = panel(app, chain, lot, 4, pool, representative).await;
    let refused = chain.purchaser.client.post(&format!("{lot}/panel/chair")).json(json!({"account_id": representative.account})).await;
    assert_eq!(refused.refused(422, "rule_broken").text_at("/rule"), "R037", "the purchaser's representative never leads");
    chain.review_at(lot, &members[0].client).await;
    for member in &members {
        let body = sheet(member, lot, 7_000, Some((&chain.bidders[best].id, 9_000))).await;
        member.client.post(&format!("{lot}/score-sheets")).json(body).await.is(201);
    }
    chain.purchaser.client.act(&format!("{lot}/ranking"), json!({})).await.is(200);
    signed_report(chain, lot, &members).await;
}

/// Proposed by the purchaser, confirmed by the lead; gives the award's path.
async fn awarded(chain: &Chain, lot: &str, body: Value, to: usize) -> String {
    let award = chain.purchaser.client.act(&format!("{lot}/award"), body).await.is(201);
    assert_eq!(award.text_at("/organisation_id"), chain.bidders[to].id);
    let path = award.header("location");
    chain.lead.client.act(&format!("{path}/confirmation"), json!({})).await.is(200);
    path
}

async fn state_of(app: &TestApp, lot: &str) -> String {
    app.public().get(lot).send().await.is(200).text_at("/state")
}

on_both! {
    async fn a_selection_of_eighty_thousand_is_decided_by_minutes_and_two_responses(app: &TestApp) {
        let chain = ready(app).await;
        let buyer = &chain.purchaser.client;
        let made = drafted(app, &chain, "selection", json!([lot("助餐服务", 8_000_000)])).await;
        let (tender, lot) = (made.header("location"), format!("/api/v1/lots/{}", made.text_at("/lots/0/id")));
        buyer.act(&format!("{tender}/submission"), json!({})).await.is(200);
        assert_eq!(balances(app, &chain).await, [42_000_000, 8_000_000, 0]);
        // No minutes, no approval (三重一大).
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.refused(409, "minutes_missing");
        let minutes = format!("{tender}/documents?filename=minutes.pdf&purpose=minutes");
        buyer.post(&minutes).body("application/pdf", b"%PDF-1.7\nminutes".to_vec()).send().await.is(201);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        buyer.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-06T09:00:00Z"})).await.is(200);
        bid(&chain, &lot, 0, 7_800_000).await;
        bid(&chain, &lot, 1, 7_500_000).await;
        let opening = format!("{tender}/opening");
        app.clock.advance_to(at("2026-03-06T09:00:10Z"));
        // The unit opens by itself, and two responses need no reason.
        buyer.act(&opening, json!({})).await.is(200);
        let accounts: Vec<_> = chain.evaluators.iter().map(|one| one.account).collect();
        buyer.act(&format!("{lot}/reviewers"), json!({"account_ids": accounts})).await.is(201);
        for member in &chain.evaluators {
            let body = sheet(member, &lot, 7_000, Some((&chain.bidders[0].id, 9_000))).await;
            member.client.post(&format!("{lot}/score-sheets")).json(body).await.is(201);
        }
        buyer.act(&format!("{lot}/ranking"), json!({})).await.is(200);
        let award = awarded(&chain, &lot, json!({}), 0).await;
        // The result is public for three working days from Friday 6 March before anything is signed.
        assert_eq!(app.public().get(&award).send().await.is(200).text_at("/contract_from"), "2026-03-12");
        draft(&chain, &award, 7_800_000).await.refused(409, "standstill_runs");
        app.clock.advance_to(at("2026-03-11T16:00:00Z"));
        signed(&chain, &award, 0, 7_800_000).await;
        assert_eq!(balances(app, &chain).await, [42_200_000, 0, 7_800_000], "what the price left of the ceiling is free again");
        let sheet = app.public().get(&format!("{tender}/legality")).send().await.is(200).value();
        let broken = sheet["lots"][0]["entries"].as_array().unwrap().iter().filter(|entry| entry["standing"] == "broken").count();
        assert_eq!(broken, 0, "{sheet}");
    }

    async fn an_open_tender_of_three_lots_fails_unopened_is_run_again_and_goes_to_the_second(app: &TestApp) {
        let chain = ready(app).await;
        let buyer = &chain.purchaser.client;
        let (pool, representative) = pool(app, &chain).await;
        let titles = ["北片上门服务", "中片上门服务", "南片上门服务"];
        let made = drafted(app, &chain, "open_tender", titles.map(|title| lot(title, 10_000_000)).into()).await;
        let tender = made.header("location");
        let lots: Vec<String> = (0..3).map(|place| format!("/api/v1/lots/{}", made.text_at(&format!("/lots/{place}/id")))).collect();
        // Twenty days from Monday 2 March end on Sunday 22 March and roll to the 23rd (R019).
        buyer.act(&format!("{tender}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let early = buyer.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-22T01:00:00Z"})).await.refused(422, "rule_broken");
        assert_eq!(early.text_at("/rule"), "R019");
        buyer.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-24T01:00:00Z"})).await.is(200);
        for (lot, prices) in lots.iter().zip([vec![9_000_000, 9_500_000], vec![9_000_000, 9_500_000, 9_200_000], vec![9_000_000, 9_500_000, 9_200_000]]) {
            for (who, fen) in prices.into_iter().enumerate() {
                bid(&chain, lot, who, fen).await;
            }
        }
        assert_eq!(balances(app, &chain).await, [20_000_000, 30_000_000, 0]);
        app.clock.advance_to(at("2026-03-24T01:00:10Z"));
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200);

        // Two bids are too few for an open tender (R045): nothing of the first lot is opened, and its money is free.
        assert_eq!(state_of(app, &lots[0]).await, "failed_unopened");
        assert_eq!(balances(app, &chain).await, [30_000_000, 20_000_000, 0]);
        chain.auditor.get(&format!("{}/offers", lots[0])).send().await.is(200).value()["items"].as_array().map(|list| assert!(list.is_empty())).unwrap();
        evaluated(app, &chain, &lots[1], &pool, &representative, 0).await;
        evaluated(app, &chain, &lots[2], &pool, &representative, 0).await;

        // The second lot's award is challenged, the challenge upheld, the award overturned, the lot run again and awarded to another.
        let first = awarded(&chain, &lots[1], json!({}), 0).await;
        let body = json!({"step": "result", "points": [{"fact": "第一候选人提供虚假业绩材料。", "request": "撤销成交结果。"}]});
        let challenge = chain.bidders[2].client.post(&format!("{}/challenges", lots[1])).json(body).await.is(201).header("location");
        let upheld = json!({"accepted": true, "answer": "经核查，业绩材料与事实不符，质疑成立。", "consequence": "overturn"});
        chain.lead.client.act(&format!("{challenge}/answer"), upheld).await.is(200);
        assert_eq!(app.public().get(&first).send().await.is(200).text_at("/state"), "overturned");
        draft(&chain, &first, 9_000_000).await.refused(409, "wrong_state");

        // The third lot's first ranked declines; the next ranked is awarded and signs.
        let declined = awarded(&chain, &lots[2], json!({}), 0).await;
        chain.bidders[0].client.act(&format!("{declined}/decline"), reason("骨干人员离职，无法按期履约。")).await.is(200);
        let second = awarded(&chain, &lots[2], reason("第一候选人放弃中标，依次递补。"), 2).await;
        signed(&chain, &second, 2, 9_200_000).await;
        assert_eq!(balances(app, &chain).await, [30_800_000, 10_000_000, 9_200_000]);

        let again = buyer.act(&format!("{}/rerun", lots[1]), reason("成交结果被撤销，重新采购。")).await.is(201);
        assert_eq!(again.text_at("/case_id"), made.text_at("/case_id"), "the case goes on");
        let (rerun, lot) = (again.header("location"), format!("/api/v1/lots/{}", again.text_at("/lots/0/id")));
        published(&chain, &rerun, "2026-04-15T01:00:00Z").await;
        for (who, fen) in [9_900_000, 9_100_000, 9_300_000].into_iter().enumerate() {
            bid(&chain, &lot, who, fen).await;
        }
        app.clock.advance_to(at("2026-04-15T01:00:10Z"));
        chain.opener.act(&format!("{rerun}/opening"), json!({})).await.is(200);
        evaluated(app, &chain, &lot, &pool, &representative, 1).await;
        let last = awarded(&chain, &lot, json!({}), 1).await;
        signed(&chain, &last, 1, 9_100_000).await;
        assert_eq!(balances(app, &chain).await, [31_700_000, 0, 18_300_000]);
        // The three ends are one case, and the auditor reads all of them.
        let case = chain.auditor.get(&format!("/api/v1/cases/{}", made.text_at("/case_id"))).send().await.is(200).text;
        for step in ["lot.failed_unopened", "award.overturned", "award.declined", "tender.rerun"] {
            assert!(case.contains(step), "{step} is not in the case file");
        }
        let tender = app.public().get(&tender).send().await.is(200).value();
        let states: Vec<&str> = tender["lots"].as_array().unwrap().iter().map(|lot| lot["state"].as_str().unwrap()).collect();
        assert_eq!((states[0], states[2]), ("failed_unopened", "awarded"));
    }
}

/// Sheets of a procedure that ranks by the price alone: every member has something to say, and gives no points.
async fn looked_at(members: &[&Person], lot: &str) {
    for member in members {
        let sheet = json!({"comment": "均满足要求，同意按最低报价确定。", "scores": []});
        member.client.post(&format!("{lot}/score-sheets")).json(sheet).await.is(201);
    }
}

on_both! {
    async fn three_quotes_are_compared_and_the_lowest_is_taken(app: &TestApp) {
        let chain = ready(app).await;
        let buyer = &chain.purchaser.client;
        let priced = json!([{"title": "重阳节活动", "ceiling": money(3_000_000), "criteria": []}]);
        let made = drafted(app, &chain, "quotes", priced).await;
        let (tender, lot) = (made.header("location"), format!("/api/v1/lots/{}", made.text_at("/lots/0/id")));
        buyer.act(&format!("{tender}/submission"), json!({})).await.is(200);
        // Below the amount that needs minutes finance approves without them.
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let etag = buyer.get(&tender).send().await.is(200).etag();
        let invited: Vec<&str> = chain.bidders.iter().map(|one| one.id.as_str()).collect();
        buyer.call("PUT", &format!("{tender}/invitations")).if_match(&etag).json(json!({"organisation_ids": invited})).await.is(200);
        buyer.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-04T09:00:00Z"})).await.is(200);
        for (who, fen) in [2_900_000, 2_700_000, 2_800_000].into_iter().enumerate() {
            bid(&chain, &lot, who, fen).await;
        }
        app.clock.advance_to(at("2026-03-04T09:00:10Z"));
        buyer.act(&format!("{tender}/opening"), json!({})).await.is(200);
        let reviewers: Vec<_> = chain.evaluators.iter().map(|one| one.account).collect();
        buyer.act(&format!("{lot}/reviewers"), json!({"account_ids": reviewers})).await.is(201);
        looked_at(&[&chain.evaluators[0], &chain.evaluators[1]], &lot).await;
        ranked_by_price(&chain, &lot, &[1, 2, 0]).await;
        awarded(&chain, &lot, json!({}), 1).await;
    }

    async fn a_negotiation_goes_to_the_lowest_price_that_meets_the_requirements(app: &TestApp) {
        let mut chain = ready(app).await;
        let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.text_at("/items/0/id");
        chain.ids.insert("item_id", item);
        let buyer = &chain.purchaser.client;
        let priced = json!([{"title": "应急助浴", "ceiling": money(20_000_000), "criteria": []}]);
        let body = |why: Option<&str>| json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "应急助浴服务", "description": "汛期后急需。",
            "mode": "contracting_out", "procedure": "negotiation", "procedure_reason": why, "plain_offers": true, "lots": priced});
        assert_eq!(buyer.post("/api/v1/tenders").json(body(None)).await.refused(422, "invalid").bad_fields(), ["/procedure_reason"]);
        let made = buyer.post("/api/v1/tenders").json(body(Some("不能事先计算出价格总额，且时间紧迫。"))).await.is(201);
        let (tender, lot) = (made.header("location"), format!("/api/v1/lots/{}", made.text_at("/lots/0/id")));
        published(&chain, &tender, "2026-03-13T01:00:00Z").await;
        for (who, fen) in [19_000_000, 15_000_000, 17_000_000].into_iter().enumerate() {
            bid(&chain, &lot, who, fen).await;
        }
        app.clock.advance_to(at("2026-03-13T01:00:10Z"));
        // A statutory procedure is opened by the opener only.
        buyer.act(&format!("{tender}/opening"), json!({})).await.refused(403, "forbidden");
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200);
        // Two members are too few (R032): three, two thirds of them experts.
        let (pool, representative) = pool(app, &chain).await;
        let two = json!({"experts": 1, "field": "A", "representatives": [representative.account]});
        assert_eq!(buyer.act(&format!("{lot}/panel"), two).await.refused(422, "rule_broken").text_at("/rule"), "R032");
        let members = panel(app, &chain, &lot, 2, &pool, &representative).await;
        // The cheapest does not meet what is required, so the next cheapest leads.
        let review = format!("{lot}/review");
        let begun = buyer.post(&review).json(json!({})).await.is(201).value();
        let finding = |bid: &Value, passed: bool| match passed {
            true => json!({"bid_id": bid, "criterion": "具备助浴资质", "passed": true}),
            false => json!({"bid_id": bid, "criterion": "具备助浴资质", "passed": false, "ground": "unqualified", "reason": "未附资质证明"}),
        };
        let cheapest = own_bid(&chain, 1).await;
        let all: Vec<Value> = begun["bids"].as_array().unwrap().iter().map(|bid| finding(&bid["bid_id"], bid["bid_id"] != cheapest.as_str())).collect();
        buyer.post(&format!("{review}/qualification")).json(json!({"findings": all})).await.is(200);
        let left: Vec<Value> = begun["bids"].as_array().unwrap().iter().filter(|bid| bid["bid_id"] != cheapest.as_str()).map(|bid| finding(&bid["bid_id"], true)).collect();
        members[0].client.post(&format!("{review}/responsiveness")).json(json!({"findings": left})).await.is(200);
        buyer.act(&format!("{review}/conclusion"), json!({})).await.is(200);
        looked_at(&members, &lot).await;
        ranked_by_price(&chain, &lot, &[2, 0]).await;
        signed_report(&chain, &lot, &members).await;
        awarded(&chain, &lot, json!({}), 2).await;
    }
}

/// The bid that an organisation made.
async fn own_bid(chain: &Chain, who: usize) -> String {
    chain.bidders[who].client.get("/api/v1/bids").send().await.is(200).text_at("/items/0/id")
}

/// Ranks the bids of a lot; these organisations follow one another.
async fn ranked_by_price(chain: &Chain, lot: &str, order: &[usize]) {
    let ranking = chain.purchaser.client.act(&format!("{lot}/ranking"), json!({})).await.is(200).value();
    let found: Vec<&str> = ranking["items"].as_array().unwrap().iter().map(|one| one["bid_id"].as_str().unwrap()).collect();
    let mut wanted = Vec::new();
    for who in order {
        wanted.push(own_bid(chain, *who).await);
    }
    assert_eq!(found, wanted);
}
