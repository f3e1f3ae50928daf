//! What becomes of an award: declined, not signed, replaced by the next ranked, run again; publicity below the thresholds; cancelled before its notice.

use baiyi::kernel::UtcInstant;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

fn reason(text: &str) -> Value {
    json!({"reason": text})
}

/// Free, reserved and committed of the fund.
async fn balances(app: &TestApp, chain: &Chain) -> [i64; 3] {
    let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
    ["free", "reserved", "committed"].map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

/// The chain up to the ranking: the first bidder leads, the third follows, the second was too dear.
pub async fn ranked(app: &TestApp) -> Chain {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender(app).await;
    chain.bids().await;
    chain.opening(app).await;
    chain
}

/// The chain up to the confirmed award of the first bidder.
pub async fn awarded(app: &TestApp) -> Chain {
    let mut chain = ranked(app).await;
    chain.award().await;
    chain
}

/// Drafts the contract of an award.
pub async fn draft(chain: &Chain, award: &str, fen: i64) -> Answer {
    chain
        .purchaser
        .client
        .act(
            &format!("{award}/contract"),
            json!({"title": "月河街道居家养老上门服务合同", "starts_on": "2026-06-01", "ends_on": "2026-12-31",
                "milestones": [{"title": "全年服务", "due_on": "2026-12-31", "amount": money(fen)}]}),
        )
        .await
}

pub fn at(text: &str) -> UtcInstant {
    UtcInstant::parse(text).unwrap()
}

on_both! {
    async fn a_winner_declines_and_the_next_ranked_is_awarded_until_nobody_is_left(app: &TestApp) {
        let chain = awarded(app).await;
        let (lot, award) = (format!("/api/v1/lots/{}", chain.id("lot_id")), format!("/api/v1/awards/{}", chain.id("award_id")));
        let lin = &chain.purchaser.client;
        let notice = app.public().get(&format!("{lot}/result-notice")).send().await.is(200).value();
        assert_eq!((&notice["award"]["organisation_id"], notice["candidates"].as_array().unwrap().len()), (&json!(chain.bidders[0].id), 2));
        assert_eq!((notice["panel"].as_array().unwrap().len(), &notice["winner_scores"][0]["mean_bp"]), (2, &json!(8900)));
        assert_eq!((&notice["notice_ends"], &notice["challenge_by"]), (&json!("2026-03-16"), &json!("2026-03-25")));
        chain.bidders[2].client.act(&format!("{award}/decline"), reason("我们不要这个项目了吧。")).await.refused(403, "forbidden");
        chain.bidders[0].client.act(&format!("{award}/decline"), reason("短")).await.refused(422, "invalid");
        let declined = chain.bidders[0].client.act(&format!("{award}/decline"), reason("骨干人员离职，无法按期履约。")).await.is(200);
        assert_eq!(declined.text_at("/state"), "declined");
        assert_eq!(balances(app, &chain).await, [30_000_000, 20_000_000, 0], "the money stays with the lot");
        // The next needs a reason, and is the second.
        assert_eq!(lin.act(&format!("{lot}/award"), json!({})).await.refused(422, "invalid").bad_fields(), ["/reason"]);
        let next = lin.act(&format!("{lot}/award"), reason("第一候选人放弃成交，依次递补。")).await.is(201);
        assert_eq!((next.text_at("/place").as_str(), next.text_at("/organisation_id")), ("2", chain.bidders[2].id.clone()));
        let second = next.header("location");
        chain.lead.client.act(&format!("{second}/confirmation"), json!({})).await.is(200);
        let notice = app.public().get(&format!("{lot}/result-notice")).send().await.is(200).value();
        assert_eq!(notice["former_awards"][0]["end_reason"], "骨干人员离职，无法按期履约。");
        // The second signs nothing either, although finance committed the money already.
        let contract = draft(&chain, &second, 19_000_000).await.is(201).text_at("/id");
        chain.finance.client.act(&format!("/api/v1/contracts/{contract}/approval"), json!({})).await.is(200);
        assert_eq!(balances(app, &chain).await, [31_000_000, 0, 19_000_000]);
        chain.bidders[2].client.act(&format!("{second}/decline"), reason("本会决定不再承接该项目。")).await.is(200);
        assert_eq!(chain.purchaser.client.get(&format!("/api/v1/contracts/{contract}")).send().await.text_at("/state"), "terminated");
        assert_eq!(balances(app, &chain).await, [30_000_000, 20_000_000, 0]);
        lin.act(&format!("{lot}/award"), reason("第二候选人放弃成交，依次递补。")).await.refused(409, "no_candidate_left");
        // So it is run again: the money is free, the case goes on.
        let again = lin.act(&format!("{lot}/rerun"), reason("候选人均放弃成交，重新采购。")).await.is(201);
        assert_eq!((again.text_at("/state").as_str(), again.text_at("/case_id").as_str()), ("draft", chain.id("case_id")));
        assert_eq!((again.text_at("/lots/0/title").as_str(), again.value()["lots"][0]["criteria"].as_array().unwrap().len()), ("上门服务", 3));
        assert_eq!(balances(app, &chain).await, [50_000_000, 0, 0]);
        lin.act(&format!("{lot}/rerun"), reason("候选人均放弃成交，重新采购。")).await.refused(409, "not_to_be_rerun");
        let tender = again.header("location");
        lin.act(&format!("{tender}/submission"), json!({})).await.is(200);
        assert_eq!(balances(app, &chain).await, [30_000_000, 20_000_000, 0]);
    }

    async fn who_does_not_sign_loses_the_award_one_day_after_the_thirtieth(app: &TestApp) {
        let chain = awarded(app).await;
        let award = format!("/api/v1/awards/{}", chain.id("award_id"));
        let lapse = || chain.purchaser.client.act_owned(format!("{award}/lapse"), reason("成交供应商逾期未签订合同。"));
        // Thirty days from 13 March end on Sunday 12 April and roll to Monday (R053).
        app.clock.advance_to(at("2026-04-13T15:59:59Z"));
        lapse().await.refused(409, "signing_period_runs");
        let shown = app.public().get(&award).send().await.is(200);
        app.clock.advance_to(at("2026-04-13T16:00:00Z"));
        let late = app.public().get(&award).header("if-none-match", &shown.etag()).send().await.is(200).value();
        assert!(late["clocks"].as_array().unwrap().iter().any(|clock| clock["rule"] == "R053" && clock["overdue"] == true));
        assert_eq!(lapse().await.is(200).text_at("/state"), "declined");
        lapse().await.refused(409, "wrong_state");
    }

    async fn below_the_thresholds_the_contract_waits_for_the_publicity(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.text_at("/items/0/id");
        let lin = chain.purchaser.client.clone();
        let drafted = lin.post("/api/v1/tenders").json(json!({"catalogue_item_id": item, "fund_id": chain.id("fund_id"), "title": "社区食堂助餐",
            "description": "比选一家社会组织承接助餐服务。", "mode": "contracting_out", "procedure": "selection", "plain_offers": true,
            "lots": [{"title": "助餐", "ceiling": money(20_000_000), "criteria": [
                {"name": "服务方案", "kind": "quality", "weight_bp": 5000}, {"name": "团队", "kind": "quality", "weight_bp": 3000},
                {"name": "报价", "kind": "price", "weight_bp": 2000}]}]})).await.is(201);
        for (name, pointer) in [("tender_id", "/id"), ("case_id", "/case_id"), ("lot_id", "/lots/0/id")] {
            chain.ids.insert(name, drafted.text_at(pointer));
        }
        let tender = drafted.header("location");
        lin.post(&format!("{tender}/documents?filename=minutes.pdf&purpose=minutes")).body("application/pdf", b"%PDF-1.7\nminutes".to_vec()).send().await.is(201);
        lin.act(&format!("{tender}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        lin.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-13T01:00:00Z"})).await.is(200);
        chain.bids().await;
        chain.opening(app).await;
        chain.award().await;
        let award = format!("/api/v1/awards/{}", chain.id("award_id"));
        // Friday 13 March and three working days: public until Wednesday 18 March.
        assert_eq!(app.public().get(&award).send().await.is(200).text_at("/contract_from"), "2026-03-19");
        app.clock.advance_to(at("2026-03-18T15:59:59Z"));
        let early = draft(&chain, &award, 17_654_321).await.refused(409, "standstill_runs");
        assert!(early.text.contains("2026-03-19"), "{}", early.text);
        // While the result is public it may be objected to; afterwards not.
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        let objection = json!({"step": "result", "points": [{"fact": "评分与公示材料明显不符。", "request": "复核评分。"}]});
        let filed = chain.bidders[2].client.post(&format!("{lot}/challenges")).json(objection.clone()).await.is(201).header("location");
        chain.bidders[2].client.post(&format!("{filed}/complaint")).json(json!({"statement": "采购人一直没有答复。", "points": [1]})).await.refused(409, "complaint_not_foreseen");
        app.clock.advance_to(at("2026-03-18T16:00:00Z"));
        chain.bidders[1].client.post(&format!("{lot}/challenges")).json(objection).await.refused(409, "objection_too_late");
        draft(&chain, &award, 17_654_321).await.is(201);
    }

    async fn a_lot_ends_for_a_named_cause_up_to_its_notice_and_that_is_public(app: &TestApp) {
        let chain = ranked(app).await;
        chain.ranking(1500).await;
        let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
        app.public().get(&format!("{lot}/result-notice")).send().await.refused(404, "not_found");
        let award = chain.purchaser.client.act(&format!("{lot}/award"), json!({})).await.is(201).header("location");
        chain.purchaser.client.act(&format!("{lot}/rerun"), reason("候选人均放弃成交，重新采购。")).await.refused(409, "wrong_state");
        chain.lead.client.act(&format!("{lot}/failure"), json!({"cause": "bored", "reason": "因政策调整取消该采购任务。"})).await.refused(422, "invalid");
        chain.lead.client.act(&format!("{lot}/failure"), json!({"cause": "task_cancelled", "reason": "因政策调整取消该采购任务。"})).await.is(200);
        app.public().get(&award).send().await.refused(404, "not_found");
        assert_eq!(chain.lead.client.get(&award).send().await.is(200).text_at("/state"), "overturned");
        let notice = app.public().get(&format!("{lot}/result-notice")).send().await.is(200);
        assert_eq!((notice.text_at("/lot_state").as_str(), notice.text_at("/failed_because").as_str()), ("failed", "task_cancelled: 因政策调整取消该采购任务。"));
        assert_eq!(notice.value()["award"], Value::Null);
        assert_eq!(balances(app, &chain).await, [50_000_000, 0, 0]);
        chain.purchaser.client.act(&format!("{lot}/rerun"), reason("任务恢复，重新采购该服务。")).await.is(201);
    }
}
