//! Challenge and complaint: in time and once, anonymous until answered, with suspension, consequences and a supervisor who took no step before.

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::awards::{at, awarded, draft, ranked};
use crate::support::story::{Chain, WINNING_PRICE};
use crate::support::{Client, TestApp, on_both};

fn challenge(step: &str) -> Value {
    json!({"step": step, "points": [
        {"fact": "第一候选人的业绩材料与公示不符。", "request": "重新评审该项得分。"}, {"fact": "评审专家与第一候选人有关系。", "request": "撤销成交。"}]})
}

fn answer(accepted: bool, consequence: &str) -> Value {
    json!({"accepted": accepted, "answer": "经复核评审记录，答复如上，请予知悉。", "consequence": consequence})
}

fn lot(chain: &Chain) -> String {
    format!("/api/v1/lots/{}", chain.id("lot_id"))
}

async fn file(by: &Client, chain: &Chain, step: &str) -> String {
    by.post(&format!("{}/challenges", lot(chain))).json(challenge(step)).await.is(201).header("location")
}

on_both! {
    async fn an_upheld_challenge_overturns_the_award_and_the_lot_is_run_again(app: &TestApp) {
        let chain = awarded(app).await;
        let (lot, award) = (lot(&chain), format!("/api/v1/awards/{}", chain.id("award_id")));
        let (winner, rival) = (&chain.bidders[0].client, &chain.bidders[2].client);
        let path = file(rival, &chain, "result").await;
        rival.post(&format!("{lot}/challenges")).json(challenge("result")).await.refused(409, "challenge_exists");
        let proof = rival.post(&format!("{path}/documents?filename=proof.pdf")).body("application/pdf", b"%PDF-1.7\nproof".to_vec());
        let proof = proof.send().await.is(201).header("location");
        // Rivals and the public see that there is one, and nothing of whose it is.
        winner.get(&path).send().await.refused(404, "not_found");
        winner.get(&format!("{path}/documents")).send().await.refused(404, "not_found");
        winner.get(&proof).send().await.refused(404, "not_found");
        rival.get(&proof).send().await.is(200);
        assert_eq!(crate::outcomes::logged(app, &proof).await, 1, "the download is logged, the refusal is not");
        for reader in [winner, &app.public()] {
            let seen = reader.get(&format!("{lot}/challenges")).send().await.is(200).value();
            assert_eq!((&seen["items"][0]["organisation_id"], &seen["items"][0]["points"]), (&Value::Null, &json!([])));
        }
        // The lead marks it: no contract meanwhile, and everybody sees the mark.
        let mark = json!({"reason": "质疑涉及第一候选人资格，可能影响结果。"});
        chain.purchaser.client.act(&format!("{path}/suspension"), mark.clone()).await.refused(403, "forbidden");
        chain.lead.client.act(&format!("{path}/suspension"), mark.clone()).await.is(200);
        chain.lead.client.act(&format!("{path}/suspension"), mark).await.refused(409, "conflict");
        draft(&chain, &award, WINNING_PRICE).await.refused(409, "contract_suspended");
        assert_eq!(app.public().get(&award).send().await.is(200).text_at("/suspensions/0/cause"), "challenge");
        // What touches the result is the lead's, and follows only from what is right.
        chain.purchaser.client.act(&format!("{path}/answer"), answer(true, "overturn")).await.refused(403, "forbidden");
        chain.lead.client.act(&format!("{path}/answer"), answer(false, "overturn")).await.refused(422, "invalid");
        let answered = chain.lead.client.act(&format!("{path}/answer"), answer(true, "overturn")).await.is(200);
        assert_eq!((answered.text_at("/state").as_str(), answered.text_at("/suspends").as_str()), ("accepted", "false"));
        assert_eq!(app.public().get(&award).send().await.is(200).text_at("/state"), "overturned");
        assert_eq!(winner.get(&path).send().await.is(200).text_at("/organisation_id"), chain.bidders[2].id);
        let again = chain.purchaser.client.act(&format!("{lot}/rerun"), json!({"reason": "成交结果被撤销，重新采购。"})).await.is(201);
        assert_eq!(again.text_at("/case_id"), chain.id("case_id"));
        let steps = chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).text;
        for step in ["challenge.filed", "challenge.suspends", "challenge.answered", "award.overturned", "tender.rerun"] {
            assert!(steps.contains(step), "{step}");
        }
    }

    async fn a_rejected_challenge_becomes_a_complaint_that_suspends_and_is_dismissed(app: &TestApp) {
        let chain = ranked(app).await;
        chain.ranking(1500).await;
        let award = chain.purchaser.client.act(&format!("{}/award", lot(&chain)), json!({})).await.is(201).header("location");
        let unit = chain.id("unit_id").parse().unwrap();
        let both = app.person_of(app.tenant, "Shuang Zhi", &[Role::PurchaserLead, Role::Supervisor], Some(unit), None).await.client;
        both.act(&format!("{award}/confirmation"), json!({})).await.is(200);
        let supervisor = app.person("Jian Du", &[Role::Supervisor]).await.client;
        let rival = &chain.bidders[2].client;
        let path = file(rival, &chain, "result").await;
        let complain = |points: Value| {
            let call = rival.post(&format!("{path}/complaint"));
            async move { call.json(json!({"statement": "答复未回应第一项事实，请依法处理。", "points": points})).await }
        };
        complain(json!([1])).await.refused(409, "answer_pending");
        chain.purchaser.client.act(&format!("{path}/answer"), answer(false, "none")).await.is(200);
        complain(json!([3])).await.refused(422, "invalid");
        let complaint = complain(json!([1])).await.is(201).header("location");
        complain(json!([2])).await.refused(409, "complaint_exists");
        // Who confirmed the award does not deal with the complaint about it.
        both.act(&format!("{complaint}/review"), json!({"admit": true})).await.refused(403, "duties_not_separate");
        supervisor.act(&format!("{complaint}/decision"), json!({"upheld": false, "decision": "投诉事项缺乏事实依据，予以驳回。", "consequence": "none"})).await.refused(409, "wrong_state");
        supervisor.act(&format!("{complaint}/review"), json!({"admit": false})).await.refused(422, "invalid");
        supervisor.act(&format!("{complaint}/review"), json!({"admit": true})).await.is(200);
        // Thirty days from 13 March end on Sunday 12 April and roll to Monday (R063): one more is refused.
        let stop = |until: &str| json!({"until": until, "reason": "投诉事项可能影响成交结果，暂停采购。"});
        let long = supervisor.act(&format!("{complaint}/suspension"), stop("2026-04-14")).await.refused(422, "rule_broken");
        assert_eq!(long.text_at("/rule"), "R063");
        supervisor.act(&format!("{complaint}/suspension"), stop("2026-04-13")).await.is(200);
        supervisor.act(&format!("{complaint}/suspension"), stop("2026-03-20")).await.refused(409, "suspended_before");
        let refused = draft(&chain, &award, WINNING_PRICE).await.refused(409, "contract_suspended");
        assert!(refused.text.contains("2026-04-13"), "{}", refused.text);
        let decided = supervisor.act(&format!("{complaint}/decision"), json!({"upheld": false, "decision": "投诉事项缺乏事实依据，予以驳回。", "consequence": "none"})).await.is(200);
        assert_eq!(decided.text_at("/state"), "dismissed");
        draft(&chain, &award, WINNING_PRICE).await.is(201);
    }

    async fn a_contract_is_not_signed_while_suspended_and_an_upheld_complaint_ends_it(app: &TestApp) {
        let chain = awarded(app).await;
        let award = format!("/api/v1/awards/{}", chain.id("award_id"));
        let contract = format!("/api/v1/contracts/{}", draft(&chain, &award, WINNING_PRICE).await.is(201).text_at("/id"));
        chain.finance.client.act(&format!("{contract}/approval"), json!({})).await.is(200);
        let rival = &chain.bidders[2].client;
        let path = file(rival, &chain, "result").await;
        chain.lead.client.act(&format!("{path}/suspension"), json!({"reason": "质疑涉及第一候选人资格，可能影响结果。"})).await.is(200);
        chain.lead.client.act(&format!("{contract}/signatures"), json!({"party": "purchaser"})).await.refused(409, "contract_suspended");
        // No answer in the seven working days from 13 March: overdue on the 25th, and then a complaint may follow.
        app.clock.advance_to(at("2026-03-24T15:59:59Z"));
        let body = json!({"statement": "采购人逾期未作答复，请依法处理。", "points": [1, 2]});
        rival.post(&format!("{path}/complaint")).json(body.clone()).await.refused(409, "answer_pending");
        app.clock.advance_to(at("2026-03-24T16:00:00Z"));
        assert_eq!(rival.get(&path).send().await.is(200).value()["clocks"][0]["overdue"], true);
        let complaint = rival.post(&format!("{path}/complaint")).json(body).await.is(201).header("location");
        let supervisor = app.person("Jian Du", &[Role::Supervisor]).await.client;
        supervisor.act(&format!("{complaint}/review"), json!({"admit": true})).await.is(200);
        supervisor.act(&format!("{complaint}/decision"), json!({"upheld": true, "decision": "投诉事项成立，撤销成交结果。", "consequence": "overturn"})).await.is(200);
        assert_eq!(chain.purchaser.client.get(&contract).send().await.text_at("/state"), "terminated");
        let next = chain.purchaser.client.act(&format!("{}/award", lot(&chain)), json!({"reason": "成交结果被撤销，依次确定下一名。"})).await.is(201);
        assert_eq!(next.text_at("/organisation_id"), chain.bidders[2].id);
    }

    async fn a_challenge_one_day_late_is_refused_over_a_holiday(app: &TestApp) {
        let mut chain = ranked(app).await;
        // Awarded on Tuesday 28 April: the notice ends on the 29th. Seven working days: 30 April, 6 to 9 May (the 9th is a worked Saturday), 11 and 12 May.
        app.clock.advance_to(at("2026-04-28T01:00:00Z"));
        chain.award().await;
        let file = |by: usize| {
            let call = chain.bidders[by].client.post(&format!("{}/challenges", lot(&chain)));
            async move { call.json(challenge("result")).await }
        };
        app.clock.advance_to(at("2026-05-12T15:59:59Z"));
        file(2).await.is(201);
        app.clock.advance_to(at("2026-05-12T16:00:00Z"));
        let late = file(1).await.refused(422, "rule_broken");
        assert_eq!(late.text_at("/rule"), "R059");
        // Who has no bid does not challenge the result; nor is a step challenged that has not come.
        let stranger = app.person_of(app.tenant, "Lu Ren", &[Role::OrgAdmin], None, Some(chain.id("organisation_id").parse().unwrap())).await.client;
        stranger.post(&format!("{}/challenges", lot(&chain))).json(json!({"step": "result", "points": []})).await.refused(422, "invalid");
    }

    async fn only_who_takes_part_challenges_and_a_lot_is_evaluated_anew(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let lot = lot(&chain);
        let early = chain.bidders[0].client.post(&format!("{lot}/challenges")).json(challenge("result")).await;
        early.refused(409, "step_not_reached");
        let documents = file(&chain.bidders[1].client, &chain, "documents").await;
        chain.bidders[1].client.act(&format!("{documents}/withdrawal"), json!({})).await.is(200);
        chain.bidders[1].client.post(&format!("{lot}/challenges")).json(challenge("documents")).await.refused(409, "challenge_exists");
        let offer = json!({"offer": {"price": {"amount_fen": 15_000_000, "currency": "CNY"}, "text": "方案"}});
        for bidder in &chain.bidders[..2] {
            bidder.client.post(&format!("{lot}/bids")).json(offer.clone()).await.is(201);
        }
        chain.opening(app).await;
        chain.bidders[2].client.post(&format!("{lot}/challenges")).json(challenge("opening")).await.refused(403, "not_taking_part");
        chain.award().await;
        let path = file(&chain.bidders[1].client, &chain, "result").await;
        chain.lead.client.act(&format!("{path}/answer"), answer(true, "re_evaluate")).await.is(200);
        let seen = app.public().get(&format!("/api/v1/tenders/{}", chain.id("tender_id"))).send().await.is(200);
        assert_eq!(seen.text_at("/lots/0/state"), "opened");
        let award = format!("/api/v1/awards/{}", chain.id("award_id"));
        assert_eq!(app.public().get(&award).send().await.is(200).text_at("/state"), "overturned");
    }
}
