//! While the bank may pay an advance that the books do not show yet, its contract's money stays where it is: no acceptance, no decrease, no other fund, no
//! year end. An advance that came back is not paid again once its milestone is accepted.

use baiyi::db::Facts;
use baiyi::delivery::agreements;
use baiyi::kernel::id::FundId;
use baiyi::kernel::{Fen, UtcInstant};
use serde_json::json;

use crate::delivery::{approved, claimed, milestone, opinion, paid};
use crate::delivery_practice::{decided, money, proposed};
use crate::support::chain::{APPROPRIATED, Awarded, PRICE, act, awarded, scanned, seconded};
use crate::support::http::Answer;
use crate::support::{TestApp, on_both};

/// The fund's balances: free, committed, payable, advanced, paid.
async fn balances(app: &TestApp, fund: FundId) -> [i64; 5] {
    let fund = app.public().get(&format!("/api/v1/funds/{fund}")).send().await.is(200).value();
    ["free", "committed", "payable", "advanced", "paid"].map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

/// A contract in force with one milestone of the whole price.
async fn one_milestone(app: &TestApp, case: &Awarded) -> String {
    let mut new = case.draft(app);
    new.milestones.truncate(1);
    new.milestones[0].amount = Fen::new(PRICE);
    let by = case.buyer.purchaser.account;
    let facts = Facts::on_behalf_of(app.clock.now(), by).unwrap();
    let id = app.db.write(facts, move |tx| agreements::draft(tx, by, &new).map(|(row, _)| row.id)).await.unwrap();
    let contract = format!("/api/v1/contracts/{id}");
    scanned(&case.supplier.admin.client, &contract).await;
    case.signs(&contract).await;
    case.account().await;
    contract
}

/// An advance that a second finance officer approved.
async fn advanced(case: &Awarded, milestone: &str, fen: i64, invoice: &str) -> String {
    let body = json!({"amount": money(fen), "invoice_number": invoice});
    let payment = case.supplier.admin.client.post(&format!("{milestone}/advances")).json(body).await.is(201).header("location");
    approved(case, &payment).await;
    payment
}

/// The same, and the bank is told.
async fn instructed(case: &Awarded, milestone: &str, fen: i64, invoice: &str) -> String {
    let payment = advanced(case, milestone, fen, invoice).await;
    act(&case.buyer.finance, &payment, "instruction", None).await;
    payment
}

async fn receipt(case: &Awarded, payment: &str, reference: &str) {
    act(&case.buyer.finance, payment, "receipt", Some(json!({"bank_reference": reference}))).await;
}

async fn delivered(case: &Awarded, milestone: &str) {
    act(&case.supplier.member, milestone, "delivery", Some(json!({"note": "已服务 412 人次，附签到表。"}))).await;
    seconded(&case.buyer.lead.client, milestone).await;
}

/// The purchaser concludes the acceptance; whatever comes of it.
async fn conclude(case: &Awarded, milestone: &str) -> Answer {
    let client = &case.buyer.purchaser.client;
    let etag = client.get(milestone).send().await.is(200).etag();
    client.post(&format!("{milestone}/acceptance")).if_match(&etag).json(opinion()).await
}

on_both! {
    async fn an_acceptance_waits_for_an_advance_that_the_bank_may_pay_and_clears_it(app: &TestApp) {
        let case = awarded(app).await;
        let contract = one_milestone(app, &case).await;
        let only = milestone(app, &contract, 1).await;
        let payment = advanced(&case, &only, PRICE, "26332000000000000001").await;
        delivered(&case, &only).await;
        let refused = conclude(&case, &only).await.refused(409, "advance_under_way");
        assert!(refused.text.contains(contract.rsplit('/').next().unwrap()), "{}", refused.text);
        act(&case.buyer.finance, &payment, "instruction", None).await;
        let batch = json!({"unit_id": case.buyer.unit, "format": "xlsx"});
        case.buyer.finance.client.post("/api/v1/payment-batches").json(batch).await.is(201);
        conclude(&case, &only).await.refused(409, "advance_under_way");
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, PRICE, 0, 0, 0], "nothing is half-done");
        receipt(&case, &payment, "20260405-000001").await;
        assert_eq!(conclude(&case, &only).await.is(200).value()["cleared"], money(PRICE));
        let twice = json!({"invoice_number": "26332000000000000002"});
        case.supplier.admin.client.post(&format!("{only}/payments")).json(twice).await.refused(409, "nothing_to_claim");
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, 0, 0, 0, PRICE], "paid once");
        assert_eq!(app.public().get(&contract).send().await.text_at("/state"), "completed");
    }

    async fn an_advance_that_came_back_is_not_paid_again_after_its_milestone_was_accepted(app: &TestApp) {
        let case = awarded(app).await;
        let contract = one_milestone(app, &case).await;
        let (only, finance) = (milestone(app, &contract, 1).await, &case.buyer.finance);
        let payment = instructed(&case, &only, PRICE, "26332000000000000001").await;
        delivered(&case, &only).await;
        act(finance, &payment, "bounce", Some(json!({"reason": "账户已销户", "bank_reference": "TP20260403-0001"}))).await;
        conclude(&case, &only).await.is(200);
        let etag = finance.client.get(&payment).send().await.is(200).etag();
        let again = json!({"reason": "账户核对无误，请银行重新支付。", "account_checked": true});
        finance.client.post(&format!("{payment}/correction")).if_match(&etag).json(again).await.refused(409, "advance_overtaken");
        let claim = claimed(&case, &only, "26332000000000000002").await;
        paid(&case, &claim, "20260701-000001").await;
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, 0, 0, 0, PRICE], "paid once");
    }

    async fn a_decrease_waits_for_the_receipt_of_an_advance(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (first, second) = (milestone(app, &contract, 1).await, milestone(app, &contract, 2).await);
        let payment = instructed(&case, &first, 150_000, "26332000000000000001").await;
        let less = json!({"kind": "decrease", "amount": money(100_000), "milestone_id": second.rsplit('/').next(), "reason": "服务人次减少。"});
        proposed(&case.buyer.purchaser.client, &contract, less).await.is(201);
        decided(&case, &case.buyer.finance, &contract, "approval").await.refused(409, "advance_under_way");
        receipt(&case, &payment, "20260405-000001").await;
        decided(&case, &case.buyer.finance, &contract, "approval").await.is(200);
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE + 100_000, PRICE - 250_000, 0, 150_000, 0]);
    }

    async fn another_fund_pays_for_a_commitment_once_its_advance_is_in_the_books(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (first, finance) = (milestone(app, &contract, 1).await, &case.buyer.finance.client);
        let body = json!({"unit_id": case.buyer.unit, "stream": "fiscal", "year": 2026, "name_zh": "应急专项", "custodian": "treasury"});
        let other = finance.post("/api/v1/funds").json(body).await.is(201).header("location");
        let document = json!({"kind": "initial", "document_number": "吴财预〔2026〕2号", "amount": money(PRICE), "functional_class": "2081006", "economic_class": "30227"});
        finance.post(&format!("{other}/appropriations")).json(document).await.is(201);
        let other: FundId = other.rsplit('/').next().unwrap().parse().unwrap();
        let payment = instructed(&case, &first, 150_000, "26332000000000000001").await;
        let line = finance.get(&contract).send().await.is(200).text_at("/funding/0/id");
        let body = json!({"to_fund_id": other, "reason": "原资金账户指标收紧"});
        let proposal = finance.post(&format!("/api/v1/funding-lines/{line}/resourcings")).json(body).await.is(201).header("location");
        let second = &case.buyer.second_finance.client;
        let approve = async || {
            let etag = second.get(&proposal).send().await.is(200).etag();
            second.post(&format!("{proposal}/approval")).if_match(&etag).send().await
        };
        approve().await.refused(409, "advance_under_way");
        receipt(&case, &payment, "20260405-000001").await;
        approve().await.is(200);
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - 150_000, 0, 0, 150_000, 0], "what was advanced stays");
        assert_eq!(balances(app, other).await, [150_000, PRICE - 150_000, 0, 0, 0]);
    }

    async fn a_year_ends_after_the_receipts_of_the_advances_that_the_bank_was_told_of(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (first, second) = (milestone(app, &contract, 1).await, milestone(app, &contract, 2).await);
        let finance = &case.buyer.finance.client;
        app.clock.advance_to(UtcInstant::parse("2026-12-30T01:00:00Z").unwrap());
        let payment = instructed(&case, &first, 150_000, "26332000000000000001").await;
        let body = json!({"unit_id": case.buyer.unit, "stream": "fiscal", "year": 2027, "name_zh": "社会工作服务专项", "custodian": "treasury"});
        let next: FundId = finance.post("/api/v1/funds").json(body).await.is(201).text_at("/id").parse().unwrap();
        let preview = async |number: &str| {
            let body = json!({"unit_id": case.buyer.unit, "year": 2026, "document_number": number});
            finance.post("/api/v1/year-ends").json(body).await.is(201).header("location")
        };
        let step = async |run: &str, verb: &str| {
            let etag = finance.get(run).send().await.is(200).etag();
            finance.post(&format!("{run}/{verb}")).if_match(&etag).send().await
        };
        let run = preview("结1号").await;
        step(&run, "execution").await.refused(409, "advance_under_way");
        assert_eq!(balances(app, next).await, [0; 5]);
        app.clock.advance_to(UtcInstant::parse("2027-01-04T01:00:00Z").unwrap());
        receipt(&case, &payment, "20270104-000001").await;
        step(&run, "execution").await.refused(409, "year_end_changed");
        let run = preview("结2号").await;
        step(&run, "execution").await.is(200);
        assert_eq!(balances(app, case.fund).await, [0, 0, 0, 150_000, 0]);
        assert_eq!(balances(app, next).await, [0, PRICE - 150_000, 0, 0, 0]);
        // Nor is the run taken back under an advance out of what it carried.
        let another = advanced(&case, &second, 100_000, "26332000000000000002").await;
        step(&run, "reversal").await.refused(409, "advance_under_way");
        act(&case.buyer.lead, &another, "return", Some(json!({"reason": "年终结转须先冲回。"}))).await;
        step(&run, "reversal").await.is(200);
        assert_eq!(balances(app, case.fund).await, [APPROPRIATED - PRICE, PRICE - 150_000, 0, 150_000, 0]);
        assert_eq!(balances(app, next).await, [0; 5]);
    }
}
