//! From the signature to the supplier's record: publication and filing, several signers and their scores, deductions, quantities, subcontracts, reviews; and
//! two contracts that meet everything at once.

use baiyi::db::Facts;
use baiyi::delivery::agreements;
use baiyi::kernel::id::{FundId, UnitId};
use baiyi::kernel::{Fen, UtcInstant};
use baiyi::money::funding::NewLine;
use baiyi::money::funds::Stream;
use baiyi::people::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::delivery::{accepted, approved, claimed, milestone, opinion, paid};
use crate::delivery_practice::{decided, money, more, proposed, under_the_law};
use crate::support::chain::{APPROPRIATED, Awarded, PARTS, PRICE, act, awarded, funded, purchasing, run_sql, scanned, supplier};
use crate::support::{Client, Person, TestApp, on_both};

/// What 300 000, 350 000 and 250 000 fen make.
const THREE: [i64; 3] = [300_000, 350_000, 250_000];

/// The fund's balances: free, committed, payable, advanced, paid.
async fn balances(app: &TestApp, fund: FundId) -> [i64; 5] {
    let fund = app.public().get(&format!("/api/v1/funds/{fund}")).send().await.is(200);
    ["free", "committed", "payable", "advanced", "paid"].map(|account| fund.value()["balances"][account]["amount_fen"].as_i64().unwrap())
}

/// A drafted contract with milestones of these amounts; its price is their sum.
async fn drafted(app: &TestApp, case: &Awarded, amounts: &[i64]) -> String {
    let mut new = case.draft(app);
    let model = new.milestones[0].clone();
    new.milestones = amounts.iter().map(|fen| agreements::NewMilestone { amount: Fen::new(*fen), ..model.clone() }).collect();
    new.price = Fen::new(amounts.iter().sum());
    let by = case.buyer.purchaser.account;
    let facts = Facts::on_behalf_of(app.clock.now(), by).unwrap();
    let id = app.db.write(facts, move |tx| agreements::draft(tx, by, &new).map(|(row, _)| row.id)).await.unwrap();
    format!("/api/v1/contracts/{id}")
}

async fn signed(case: &Awarded, contract: &str) {
    scanned(&case.supplier.admin.client, contract).await;
    case.signs(contract).await;
    case.account().await;
}

/// The rules of the district, and the purchase under those that say when a contract is published and filed.
async fn purchased_under_the_law(app: &TestApp, case: &Awarded) {
    under_the_law(app).await;
    let rules = "SELECT rule_set_id FROM rules WHERE rule_id = 'R054'";
    run_sql(app, vec![format!("UPDATE tenders SET rule_set_id = ({rules}) WHERE case_id = '{}'", case.case)]).await;
}

/// A signature under the acceptance of what was delivered.
async fn sign(person: &Person, milestone: &str, score: Value) -> crate::support::http::Answer {
    let etag = person.client.get(milestone).send().await.is(200).etag();
    let body = json!({"score": score, "opinion": "抽查二十户，记录与台账一致。"});
    person.client.post(&format!("{milestone}/acceptance-signatures")).if_match(&etag).json(body).await
}

async fn conclude(person: &Person, milestone: &str, more: Value) -> crate::support::http::Answer {
    let etag = person.client.get(milestone).send().await.is(200).etag();
    let mut body = opinion();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person.client.post(&format!("{milestone}/acceptance")).if_match(&etag).json(body).await
}

/// A third-party evaluator whose account belongs to the supplier.
async fn evaluator_of(app: &TestApp, case: &Awarded) -> Person {
    app.person_of(app.tenant, "Di Jia", &[Role::ThirdPartyEvaluator], None, Some(case.supplier.organisation)).await
}

async fn deliver(case: &Awarded, milestone: &str) {
    act(&case.supplier.member, milestone, "delivery", Some(json!({"note": "已服务 412 人次。"}))).await;
}

fn scored(signers: i32) -> Value {
    json!({"signers": signers, "bands": [{"below": 90, "deduct_bp": 500}, {"below": 80, "deduct_bp": 1500}]})
}

on_both! {
    async fn one_contract_meets_an_advance_a_deduction_a_bounce_and_a_supplement_of_exactly_a_tenth(app: &TestApp) {
        let case = awarded(app).await;
        let contract = drafted(app, &case, &THREE).await;
        act(&case.buyer.purchaser, &contract, "acceptance-terms", Some(scored(2))).await;
        signed(&case, &contract).await;
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, PRICE, 0, 0, 0]);
        // A third of the first milestone is paid in advance.
        let first = milestone(app, &contract, 1).await;
        let asked = json!({"amount": money(100_000), "invoice_number": "26332000000000000001"});
        let advance = case.supplier.admin.client.post(&format!("{first}/advances")).json(asked).await.is(201).header("location");
        paid(&case, &advance, "20260402-000001").await;
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, PRICE - 100_000, 0, 100_000, 0]);
        // 94 and 96 points: the whole first milestone, of which the advance had paid a third.
        deliver(&case, &first).await;
        sign(&case.buyer.lead, &first, json!(94)).await.is(201);
        let whole = conclude(&case.buyer.purchaser, &first, json!({"score": 96})).await.is(200).value();
        assert_eq!((whole["deducted"].clone(), whole["cleared"].clone()), (money(0), money(100_000)));
        let payment = claimed(&case, &first, "26332000000000000002").await;
        paid(&case, &payment, "20260501-000001").await;
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, PRICE - 300_000, 0, 0, 300_000]);
        // A supplement of a fen above a tenth is refused, of exactly a tenth it passes, after the supplier consented.
        let purchaser = &case.buyer.purchaser.client;
        proposed(purchaser, &contract, more(&case, PRICE / 10 + 1)).await.refused(422, "supplements_too_large");
        proposed(purchaser, &contract, more(&case, PRICE / 10)).await.is(201);
        decided(&case, &case.buyer.finance, &contract, "approval").await.is(200);
        assert_eq!(app.public().get(&contract).send().await.value()["price"], money(PRICE + 90_000));
        // 85 and 88 points: a twentieth of the second milestone is not accepted and goes free.
        let second = milestone(app, &contract, 2).await;
        deliver(&case, &second).await;
        sign(&case.buyer.lead, &second, json!(85)).await.is(201);
        let less = conclude(&case.buyer.purchaser, &second, json!({"score": 88})).await.is(200).value();
        assert_eq!(less["deducted"], money(17_500));
        let left = PRICE + 90_000 - 300_000 - 350_000;
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE - 90_000 + 17_500, left, 332_500, 0, 300_000]);
        let payment = claimed(&case, &second, "26332000000000000003").await;
        assert_eq!(case.supplier.admin.client.get(&payment).send().await.value()["amount"], money(332_500));
        paid(&case, &payment, "20260701-000001").await;
        // The third payment bounces, is corrected and arrives.
        let third = milestone(app, &contract, 3).await;
        deliver(&case, &third).await;
        sign(&case.buyer.lead, &third, json!(90)).await.is(201);
        conclude(&case.buyer.purchaser, &third, json!({"score": 90})).await.is(200);
        let payment = claimed(&case, &third, "26332000000000000004").await;
        paid(&case, &payment, "20260901-000001").await;
        act(&case.buyer.finance, &payment, "bounce", Some(json!({"reason": "户名不符", "bank_reference": "TP20260903-0007"}))).await;
        assert_eq!(balances(app, case.fund).await[2], 250_000, "payable again");
        act(&case.buyer.finance, &payment, "correction", Some(json!({"reason": "账户核对无误，请银行重新支付。", "account_checked": true}))).await;
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20260905-000001"}))).await;
        // The supplement's milestone ends the contract.
        let fourth = milestone(app, &contract, 4).await;
        deliver(&case, &fourth).await;
        sign(&case.buyer.lead, &fourth, json!(100)).await.is(201);
        conclude(&case.buyer.purchaser, &fourth, json!({"score": 100})).await.is(200);
        let payment = claimed(&case, &fourth, "26332000000000000005").await;
        paid(&case, &payment, "20261201-000001").await;
        let ended = app.public().get(&contract).send().await.is(200).value();
        assert_eq!((ended["state"].clone(), ended["released"].clone()), (json!("completed"), money(17_500)));
        let spent = PRICE + 90_000 - 17_500;
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - spent, 0, 0, 0, spent]);
    }

    async fn lottery_and_donated_money_pay_a_contract_in_tranches_and_never_mix(app: &TestApp) {
        let (buyer, payee) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let lottery = fund(&buyer.finance.client, buyer.unit, "lottery", "treasury", 600_000).await;
        let social = fund(&buyer.finance.client, buyer.unit, "social", "charity_or_foundation", 500_000).await;
        let line = |fund, stream, fen| NewLine { fund: Some(fund), stream, year: 2026, amount: Fen::new(fen) };
        let case = funded(app, buyer, payee, vec![line(lottery, Stream::Lottery, 500_000), line(social, Stream::Social, 400_000)]).await;
        let contract = drafted(app, &case, &THREE).await;
        signed(&case, &contract).await;
        assert_eq!([balances(app, lottery).await, balances(app, social).await], [[100_000, 500_000, 0, 0, 0], [100_000, 400_000, 0, 0, 0]]);
        let funding = app.public().get(&contract).send().await.is(200).value()["funding"].clone();
        let line = |stream: &str| funding.as_array().unwrap().iter().find(|line| line["stream"] == stream).unwrap()["id"].clone();
        // The first tranche out of lottery money alone, the others spread over what both have left.
        let first = milestone(app, &contract, 1).await;
        deliver(&case, &first).await;
        sign(&case.buyer.lead, &first, Value::Null).await.is(201);
        conclude(&case.buyer.purchaser, &first, json!({"legs": [{"line_id": line("lottery"), "amount": money(300_000)}]})).await.is(200);
        assert_eq!([balances(app, lottery).await[2], balances(app, social).await[2]], [300_000, 0]);
        let payment = claimed(&case, &first, "26332000000000000001").await;
        paid(&case, &payment, "20260501-000001").await;
        let second = accepted(app, &case, &contract, 2).await;
        // 350 000 over the 200 000 and 400 000 that are left: the sixth that does not divide goes to the line with the larger remainder.
        assert_eq!([balances(app, lottery).await[2], balances(app, social).await[2]], [116_667, 233_333]);
        let payment = claimed(&case, &second, "26332000000000000002").await;
        approved(&case, &payment).await;
        act(&case.buyer.finance, &payment, "instruction", None).await;
        // Money that a foundation keeps is paid with its donation receipt.
        let etag = case.buyer.finance.client.get(&payment).send().await.etag();
        let receipt = case.buyer.finance.client.post(&format!("{payment}/receipt")).if_match(&etag);
        receipt.json(json!({"bank_reference": "20260801-000001"})).await.refused(422, "donation_receipt_missing");
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20260801-000001", "donation_receipt": "JZ2026-00018"}))).await;
        let third = accepted(app, &case, &contract, 3).await;
        let payment = claimed(&case, &third, "26332000000000000003").await;
        approved(&case, &payment).await;
        act(&case.buyer.finance, &payment, "instruction", None).await;
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20261101-000001", "donation_receipt": "JZ2026-00029"}))).await;
        assert_eq!([balances(app, lottery).await, balances(app, social).await], [[100_000, 0, 0, 0, 500_000], [100_000, 0, 0, 0, 400_000]], "every stream to the last fen");
        assert_eq!(app.public().get(&contract).send().await.text_at("/state"), "completed");
    }

    async fn an_acceptance_waits_for_its_signers_and_its_report_is_public(app: &TestApp) {
        let case = awarded(app).await;
        let contract = drafted(app, &case, &PARTS).await;
        for wrong in [json!({"signers": 0}), json!({"signers": 2, "bands": [{"below": 80, "deduct_bp": 500}, {"below": 90, "deduct_bp": 1500}]})] {
            let etag = case.buyer.purchaser.client.get(&contract).send().await.etag();
            case.buyer.purchaser.client.post(&format!("{contract}/acceptance-terms")).if_match(&etag).json(wrong).await.refused(422, "invalid");
        }
        act(&case.buyer.purchaser, &contract, "acceptance-terms", Some(scored(3))).await;
        app.public().get(&format!("{contract}/acceptance-terms")).send().await.refused(404, "not_found");
        signed(&case, &contract).await;
        let etag = app.public().get(&contract).send().await.etag();
        let late = case.buyer.purchaser.client.post(&format!("{contract}/acceptance-terms")).if_match(&etag).json(scored(1)).await;
        late.refused(409, "wrong_state");
        let terms = app.public().get(&format!("{contract}/acceptance-terms")).send().await.is(200).value();
        assert_eq!((terms["signers"].clone(), terms["bands"][1]["deduct_bp"].clone()), (json!(3), json!(1500)));
        let third_party = app.person("Di San", &[Role::ThirdPartyEvaluator]).await;
        let own_evaluator = evaluator_of(app, &case).await;
        let first = milestone(app, &contract, 1).await;
        deliver(&case, &first).await;
        let report = format!("{first}/acceptance-report");
        app.public().get(&report).send().await.refused(404, "not_found");
        sign(&case.supplier.admin, &first, json!(100)).await.refused(403, "forbidden");
        sign(&own_evaluator, &first, json!(100)).await.refused(403, "duties_not_separate");
        sign(&case.buyer.lead, &first, Value::Null).await.refused(422, "invalid");
        sign(&case.buyer.lead, &first, json!(101)).await.refused(422, "invalid");
        sign(&case.buyer.lead, &first, json!(92)).await.is(201);
        sign(&case.buyer.lead, &first, json!(99)).await.refused(409, "acceptance_signed");
        conclude(&case.buyer.purchaser, &first, json!({"score": 90})).await.refused(409, "acceptance_not_signed");
        // Sent back: what was signed before counts no more.
        act(&case.buyer.purchaser, &first, "rejection", Some(json!({"reason": "签到表与台账不符。"}))).await;
        deliver(&case, &first).await;
        assert_eq!(case.supplier.member.client.get(&report).send().await.is(200).value()["signatures"], json!([]));
        sign(&case.buyer.lead, &first, json!(92)).await.is(201);
        conclude(&case.buyer.purchaser, &first, json!({"score": 90})).await.refused(409, "acceptance_not_signed");
        sign(&third_party, &first, json!(84)).await.is(201);
        assert_eq!(case.auditor.client.get(&report).send().await.is(200).value()["concluded_at"], Value::Null);
        let mut without = opinion();
        without["beneficiaries_opinion"] = json!("满意");
        without["score"] = json!(90);
        assert_eq!(conclude(&case.buyer.purchaser, &first, without).await.refused(422, "invalid").text_at("/rule"), "R015");
        conclude(&case.buyer.purchaser, &first, json!({"score": 90})).await.is(200);
        // (92 + 84 + 90) / 3 = 88.67: a twentieth less.
        let told = app.public().get(&report).send().await.is(200).value();
        assert_eq!((told["score"].clone(), told["accepted"].clone(), told["measured"].clone()), (json!("88.67"), money(380_000), money(400_000)));
        let roles: Vec<&str> = told["signatures"].as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
        assert_eq!({ let mut roles = roles; roles.sort_unstable(); roles }, ["purchaser_lead", "third_party_evaluator"]);
        assert_eq!(told["milestone"]["beneficiaries_opinion"], opinion()["beneficiaries_opinion"]);
        assert_eq!(app.public().get(&contract).send().await.value()["released"], money(20_000));
    }

    async fn a_milestone_by_unit_price_pays_what_was_counted_under_its_ceiling(app: &TestApp) {
        let case = awarded(app).await;
        let contract = drafted(app, &case, &PARTS).await;
        let (first, second) = (milestone_of(&case, &contract, 0).await, milestone_of(&case, &contract, 1).await);
        let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let prices = json!({"signers": 1, "prices": [{"milestone_id": id(&first), "unit_label": "人次", "unit_price": money(1_000)},
            {"milestone_id": id(&second), "unit_label": "人次", "unit_price": money(1_000)}]});
        act(&case.buyer.purchaser, &contract, "acceptance-terms", Some(prices)).await;
        signed(&case, &contract).await;
        deliver(&case, &first).await;
        conclude(&case.buyer.purchaser, &first, json!({})).await.refused(422, "invalid");
        conclude(&case.buyer.purchaser, &first, json!({"score": 90, "quantity": 388})).await.refused(422, "invalid");
        conclude(&case.buyer.purchaser, &first, json!({"quantity": 388})).await.is(200);
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE + 12_000, PARTS[1], 388_000, 0, 0]);
        deliver(&case, &second).await;
        conclude(&case.buyer.purchaser, &second, json!({"quantity": 640})).await.is(200);
        assert_eq!(balances(app, case.fund).await[2], 388_000 + PARTS[1], "more than the ceiling is not paid");
    }

    async fn what_an_advance_paid_cannot_be_deducted_until_it_comes_back(app: &TestApp) {
        let case = awarded(app).await;
        let contract = drafted(app, &case, &[PRICE]).await;
        act(&case.buyer.purchaser, &contract, "acceptance-terms", Some(scored(1))).await;
        signed(&case, &contract).await;
        let only = milestone(app, &contract, 1).await;
        let asked = json!({"amount": money(PRICE), "invoice_number": "26332000000000000009"});
        let advance = case.supplier.admin.client.post(&format!("{only}/advances")).json(asked).await.is(201).header("location");
        paid(&case, &advance, "20260405-000001").await;
        deliver(&case, &only).await;
        conclude(&case.buyer.purchaser, &only, json!({"score": 70})).await.refused(409, "advance_exceeds_acceptance");
        act(&case.buyer.finance, &advance, "bounce", Some(json!({"reason": "退回预付款", "bank_reference": "TP20260903-0007"}))).await;
        conclude(&case.buyer.purchaser, &only, json!({"score": 70})).await.is(200);
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE + 135_000, 0, 765_000, 0, 0]);
    }

    async fn a_signed_contract_is_published_and_filed_in_time_or_says_why_not(app: &TestApp) {
        let case = awarded(app).await;
        purchased_under_the_law(app, &case).await;
        // A procedure that the rules bind, in a year whose calendar is there.
        let contract = case.active(app).await;
        let read = async || app.public().get(&format!("{contract}/filings")).send().await.is(200).value();
        let seen = read().await;
        let signed_on = seen["signed_on"].as_str().unwrap().to_owned();
        let due: Vec<(&str, &str)> =
            seen["items"].as_array().unwrap().iter().map(|one| (one["clock"]["rule"].as_str().unwrap(), one["clock"]["due_by"].as_str().unwrap())).collect();
        // Signed on Monday 2 March 2026.
        assert_eq!((signed_on.as_str(), due), ("2026-03-02", vec![("R054", "2026-03-04"), ("R055", "2026-03-11")]));
        let file = async |person: &Person, body: Value| {
            let etag = app.public().get(&contract).send().await.etag();
            person.client.post(&format!("{contract}/filings")).if_match(&etag).json(body).await
        };
        let publication = |day: &str| json!({"kind": "publication", "done_on": day, "reference": "https://zfcg.example.org/gg/2026-118"});
        file(&case.supplier.admin, publication("2026-03-02")).await.refused(403, "forbidden");
        file(&case.buyer.purchaser, publication("2026-03-03")).await.refused(422, "invalid");
        file(&case.buyer.purchaser, publication("2026-03-01")).await.refused(422, "invalid");
        app.clock.advance_to(UtcInstant::parse("2026-03-13T01:00:00Z").unwrap());
        assert_eq!(read().await["items"][0]["clock"]["overdue"], true);
        file(&case.buyer.purchaser, publication("2026-03-04")).await.is(201);
        file(&case.buyer.purchaser, publication("2026-03-04")).await.refused(409, "filed_already");
        let mut filing = json!({"kind": "filing", "done_on": "2026-03-12", "reference": "吴财采合〔2026〕118号"});
        let refused = file(&case.buyer.lead, filing.clone()).await.refused(422, "invalid");
        assert_eq!((refused.bad_fields(), refused.text_at("/rule")), (vec!["/late_reason".to_owned()], "R055".to_owned()));
        filing["late_reason"] = json!("备案系统升级。");
        file(&case.buyer.lead, filing).await.is(201);
        let seen = read().await;
        let overdue: Vec<bool> = seen["items"].as_array().unwrap().iter().map(|one| one["clock"]["overdue"].as_bool().unwrap()).collect();
        assert_eq!((overdue, seen["items"][1]["late_reason"].clone()), (vec![false, true], json!("备案系统升级。")));
    }

    async fn a_change_needs_the_suppliers_consent_and_a_termination_without_it_a_ground(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let purchaser = &case.buyer.purchaser.client;
        proposed(purchaser, &contract, more(&case, 10_000)).await.is(201);
        let step = async |person: &Person, verb: &str| {
            let etag = person.client.get(&contract).send().await.is(200).etag();
            person.client.post(&format!("{contract}/changes/{verb}")).if_match(&etag).send().await
        };
        step(&case.buyer.finance, "approval").await.refused(409, "consent_missing");
        step(&case.buyer.lead, "consent").await.refused(403, "forbidden");
        let rival = supplier(app, "Qingmiao").await;
        step(&rival.admin, "consent").await.refused(403, "forbidden");
        step(&case.supplier.admin, "consent").await.is(200);
        step(&case.supplier.admin, "consent").await.refused(409, "consented_already");
        step(&case.buyer.finance, "approval").await.is(200);
        let end = |ground: Value| json!({"kind": "termination", "amount": money(0), "reason": "机构停止运营。", "unilateral_ground": ground});
        proposed(purchaser, &contract, end(json!("停运"))).await.refused(422, "invalid");
        let mut increase = more(&case, 10_000);
        increase["unilateral_ground"] = json!("继续履行将损害服务对象利益。");
        proposed(purchaser, &contract, increase).await.refused(422, "invalid");
        proposed(purchaser, &contract, end(json!("继续履行将损害服务对象利益：机构已停止运营。"))).await.is(201);
        step(&case.buyer.finance, "approval").await.is(200);
        assert_eq!(app.public().get(&contract).send().await.text_at("/state"), "terminated");
    }

    async fn a_part_goes_to_a_subcontractor_as_agreed_and_never_the_whole(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let helper = supplier(app, "Qingmiao").await;
        let propose = async |organisation: Value, fen: i64| {
            let body = json!({"subcontractor_id": organisation, "scope": "助浴设备的运输", "amount": money(fen)});
            case.supplier.admin.client.post(&format!("{contract}/subcontracts")).json(body).await
        };
        let (theirs, ours) = (json!(helper.organisation), json!(case.supplier.organisation));
        propose(ours, 1_000).await.refused(409, "subcontractor_not_eligible");
        propose(json!(Uuid::now_v7()), 1_000).await.refused(409, "subcontractor_not_eligible");
        propose(theirs.clone(), PRICE).await.refused(409, "subcontracted_too_much");
        // The published terms of the purchase: at most a fifth.
        let (tenant, by) = (app.tenant, case.buyer.purchaser.account);
        run_sql(app, vec![format!(
            "INSERT INTO tender_terms (tender_id, amendment, tenant_id, terms, written_by, written_at) SELECT id, 0, '{tenant}', \
             '{{\"subcontracting\": {{\"allowed\": true, \"max_share_bp\": 2000}}}}', '{by}', created_at FROM tenders WHERE case_id = '{}'", case.case)]).await;
        propose(theirs.clone(), PRICE / 5 + 1).await.refused(409, "subcontracted_too_much");
        let first = propose(theirs.clone(), PRICE / 5).await.is(201).header("location");
        propose(theirs.clone(), 1).await.refused(409, "subcontracted_too_much");
        let public = async || app.public().get(&format!("{contract}/subcontracts")).send().await.is(200).value()["items"].clone();
        assert_eq!(public().await, json!([]));
        act(&case.buyer.lead, &first, "refusal", Some(json!({"reason": "该部分为服务主体内容。"}))).await;
        let second = propose(theirs.clone(), PRICE / 10).await.is(201).header("location");
        act(&case.buyer.lead, &second, "consent", None).await;
        assert_eq!(public().await[0]["subcontractor_id"], theirs);
        helper.admin.client.get(&second).send().await.refused(404, "not_found");
        run_sql(app, vec!["UPDATE tender_terms SET terms = '{\"subcontracting\": {\"allowed\": false}}'".to_owned()]).await;
        propose(theirs.clone(), 1).await.refused(409, "subcontracting_not_allowed");
        run_sql(app, vec![format!("UPDATE organisations SET state = 'registered' WHERE id = '{}'", helper.organisation)]).await;
        run_sql(app, vec!["DELETE FROM tender_terms".to_owned()]).await;
        propose(theirs, 1).await.refused(409, "subcontractor_not_eligible");
    }

    async fn a_review_at_the_end_feeds_the_suppliers_record(app: &TestApp) {
        let case = awarded(app).await;
        let contract = drafted(app, &case, &PARTS).await;
        act(&case.buyer.purchaser, &contract, "acceptance-terms", Some(scored(1))).await;
        signed(&case, &contract).await;
        let record = format!("/api/v1/organisations/{}/performance", case.supplier.organisation);
        let before = app.public().get(&record).send().await.is(200).value();
        assert_eq!((before["contracts"].clone(), before["completed"].clone(), before["mean_score"].clone()), (json!(1), json!(0), Value::Null));
        let body = json!({"quality": 92, "timeliness": 85, "satisfaction": 95, "comment": "按期完成，台账完整。"});
        let review = async |person: &Person| {
            let etag = person.client.get(&contract).send().await.is(200).etag();
            person.client.post(&format!("{contract}/performance-review")).if_match(&etag).json(body.clone()).await
        };
        review(&case.buyer.lead).await.refused(409, "wrong_state");
        for (number, on, score) in [(1, "2026-07-01T01:00:00Z", 95), (2, "2026-07-02T01:00:00Z", 89)] {
            // The first is due on 30 June.
            app.clock.advance_to(UtcInstant::parse(on).unwrap());
            let path = milestone(app, &contract, number).await;
            deliver(&case, &path).await;
            conclude(&case.buyer.purchaser, &path, json!({"score": score})).await.is(200);
            let payment = claimed(&case, &path, &format!("2633200000000000000{number}")).await;
            paid(&case, &payment, &format!("20260703-00000{number}")).await;
        }
        app.public().get(&format!("{contract}/performance-review")).send().await.refused(404, "not_found");
        review(&case.supplier.admin).await.refused(403, "forbidden");
        review(&evaluator_of(app, &case).await).await.refused(403, "duties_not_separate");
        let made = review(&case.buyer.lead).await.is(201).value();
        review(&case.buyer.lead).await.refused(409, "reviewed_already");
        let path = format!("/api/v1/performance-reviews/{}", made["id"].as_str().unwrap());
        let reply = async |client: &Client, etag: &str| {
            client.post(&format!("{path}/reply")).if_match(etag).json(json!({"reply": "感谢，下年度将增加周末服务。"})).await
        };
        reply(&case.buyer.lead.client, "\"1\"").await.refused(403, "forbidden");
        reply(&case.supplier.admin.client, "\"1\"").await.is(200);
        reply(&case.supplier.admin.client, "\"2\"").await.refused(409, "replied_already");
        let told = app.public().get(&record).send().await.is(200).value();
        for (key, value) in [("contracts", json!(1)), ("completed", json!(1)), ("milestones_accepted", json!(2)), ("milestones_late", json!(2)),
            ("deducted", money(25_000)), ("agreed", money(PRICE)), ("mean_score", json!("90.66"))] {
            assert_eq!(told[key], value, "{key}");
        }
        assert_eq!(told["reviews"][0]["reply"], "感谢，下年度将增加周末服务。");
    }
}

async fn milestone_of(case: &Awarded, contract: &str, place: usize) -> String {
    let drafted = case.buyer.purchaser.client.get(contract).send().await.is(200);
    format!("/api/v1/milestones/{}", drafted.text_at(&format!("/milestones/{place}/id")))
}

/// A fund of the unit with that much in it.
async fn fund(client: &Client, unit: UnitId, stream: &str, custodian: &str, fen: i64) -> FundId {
    let body = json!({"unit_id": unit, "stream": stream, "year": 2026, "name_zh": "为老服务", "custodian": custodian});
    let path = client.post("/api/v1/funds").json(body).await.is(201).header("location");
    let class = if stream == "lottery" { "2296002" } else { "2081006" };
    let document = json!({"kind": "initial", "document_number": "年初1号", "amount": money(fen), "functional_class": class, "economic_class": "30227"});
    client.post(&format!("{path}/appropriations")).json(document).await.is(201);
    path.rsplit('/').next().unwrap().parse().unwrap()
}
