//! Delivery as offices practise it: supplements up to a tenth, decreases, suspension, termination with settlement, and a payee who follows its claim
//! through every desk.

use baiyi::db::Facts;
use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::delivery::{accepted, approved, claimed, milestone, opinion};
use crate::support::chain::{
    ACCOUNT, APPROPRIATED, Awarded, PARTS, PRICE, act, awarded, check_invoice, payee_account, purchasing, supplier,
};
use crate::support::http::Answer;
use crate::support::story::{Chain, WINNING_PRICE};
use crate::support::{Client, Person, TestApp, on_both};

pub fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

/// The fund's balances: free, committed, payable, advanced, paid.
async fn balances(app: &TestApp, case: &Awarded) -> [i64; 5] {
    let fund = app.public().get(&format!("/api/v1/funds/{}", case.fund)).send().await.is(200);
    ["free", "committed", "payable", "advanced", "paid"].map(|account| fund.value()["balances"][account]["amount_fen"].as_i64().unwrap())
}

/// The rules and the calendar of the district.
pub async fn under_the_law(app: &TestApp) {
    let tenant = app.tenant;
    let facts = Facts::internal(app.clock.now()).unwrap();
    app.db.write(facts, move |tx| baiyi::app::reference::import_reference_data(tx, tenant)).await.unwrap();
}

pub fn more(case: &Awarded, fen: i64) -> Value {
    json!({"kind": "increase", "amount": money(fen), "fund_id": case.fund, "title": "增加助浴服务", "due_on": "2026-12-15", "reason": "新增服务对象三十位。"})
}

/// Proposes a change under the contract's version; whatever comes of it.
pub async fn proposed(client: &Client, contract: &str, body: Value) -> Answer {
    let etag = client.get(contract).send().await.is(200).etag();
    client.post(&format!("{contract}/changes")).if_match(&etag).json(body).await
}

/// The supplier consents to the change that waits, if it did not yet; then somebody decides it; whatever comes of it.
pub async fn decided(case: &Awarded, person: &Person, contract: &str, how: &str) -> Answer {
    let admin = &case.supplier.admin.client;
    let etag = admin.get(contract).send().await.is(200).etag();
    let consent = admin.post(&format!("{contract}/changes/consent")).if_match(&etag).send().await;
    assert!([200, 409].contains(&consent.status), "{}", consent.text);
    let etag = person.client.get(contract).send().await.is(200).etag();
    let call = person.client.post(&format!("{contract}/changes/{how}")).if_match(&etag);
    if how == "rejection" { call.json(json!({"reason": "预算不足。"})).await } else { call.send().await }
}

async fn price(app: &TestApp, contract: &str) -> i64 {
    app.public().get(contract).send().await.is(200).value()["price"]["amount_fen"].as_i64().unwrap()
}

on_both! {
    async fn supplements_of_a_statutory_purchase_are_held_against_its_rule(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        chain.opening(app).await;
        chain.award().await;
        chain.contract().await;
        let contract = format!("/api/v1/contracts/{}", chain.id("contract_id"));
        let more = |fen: i64| json!({"kind": "increase", "amount": money(fen), "fund_id": chain.id("fund_id"), "title": "增加助浴服务",
            "due_on": "2026-12-15", "reason": "新增服务对象三十位。"});
        let refused = proposed(&chain.purchaser.client, &contract, more(WINNING_PRICE / 10 + 1)).await.refused(422, "rule_broken");
        assert_eq!(refused.text_at("/rule"), "R056");
        assert!(refused.text.contains("第49条"), "{}", refused.text);
        proposed(&chain.purchaser.client, &contract, more(WINNING_PRICE / 10)).await.is(201);
    }

    async fn supplements_of_exactly_a_tenth_pass_and_one_fen_above_is_refused(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (purchaser, finance) = (&case.buyer.purchaser, &case.buyer.finance);
        let tenth = PRICE / 10;
        // No rule set limits this purchase, the tenth does.
        let refused = proposed(&purchaser.client, &contract, more(&case, tenth + 1)).await.refused(422, "supplements_too_large");
        assert!(refused.text.contains("900.01") && refused.text.contains("9000.00"), "{}", refused.text);
        proposed(&purchaser.client, &contract, more(&case, 60_000)).await.is(201);
        assert_eq!(balances(app, &case).await, [APPROPRIATED - PRICE, PRICE, 0, 0, 0], "a proposal moves nothing");
        proposed(&purchaser.client, &contract, more(&case, 1)).await.refused(409, "change_open");
        decided(&case, &case.buyer.lead, &contract, "approval").await.refused(403, "forbidden");
        decided(&case, finance, &contract, "approval").await.is(200);
        assert_eq!((price(app, &contract).await, balances(app, &case).await), (PRICE + 60_000, [APPROPRIATED - PRICE - 60_000, PRICE + 60_000, 0, 0, 0]));
        decided(&case, finance, &contract, "approval").await.refused(409, "no_open_change");
        // A decrease gives money back, but makes no room for supplements.
        let second = milestone(app, &contract, 2).await;
        let less = json!({"kind": "decrease", "amount": money(100_000), "milestone_id": second.rsplit('/').next(), "reason": "服务人次减少。"});
        proposed(&purchaser.client, &contract, less).await.is(201);
        assert_eq!(decided(&case, finance, &contract, "approval").await.is(200).value()["released"], money(100_000));
        assert_eq!((price(app, &contract).await, balances(app, &case).await[1]), (PRICE - 40_000, PRICE - 40_000));
        // The cumulative sum counts: 60 000 and 30 000 are the tenth, a fen more is not.
        proposed(&purchaser.client, &contract, more(&case, tenth - 60_000 + 1)).await.refused(422, "supplements_too_large");
        proposed(&purchaser.client, &contract, more(&case, tenth - 60_000)).await.is(201);
        decided(&case, finance, &contract, "rejection").await.is(200);
        assert_eq!(price(app, &contract).await, PRICE - 40_000, "a refusal moves nothing");
        proposed(&purchaser.client, &contract, more(&case, tenth - 60_000)).await.is(201);
        decided(&case, finance, &contract, "approval").await.is(200);
        let shown = app.public().get(&contract).send().await.is(200).value();
        assert_eq!(shown["milestones"].as_array().unwrap().len(), 4);
        assert_eq!(balances(app, &case).await[1], PRICE + tenth - 100_000);
        let listed = case.auditor.client.get(&format!("{contract}/changes")).send().await.is(200).value();
        let states: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|change| change["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["approved", "approved", "rejected", "approved"]);
        let rival = supplier(app, "Qingmiao").await;
        rival.admin.client.get(&format!("{contract}/changes")).send().await.refused(404, "not_found");
    }

    async fn whoever_proposes_a_change_does_not_decide_it(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let both = app.person_of(app.tenant, "Jian Ren", &[Role::FinanceOfficer, Role::Purchaser], Some(case.buyer.unit), None).await;
        proposed(&both.client, &contract, more(&case, 10_000)).await.is(201);
        decided(&case, &both, &contract, "approval").await.refused(403, "duties_not_separate");
        decided(&case, &both, &contract, "rejection").await.refused(403, "duties_not_separate");
        decided(&case, &case.buyer.second_finance, &contract, "approval").await.is(200);
        // The fund must be the unit's, and have the money.
        let other = purchasing(app, "Feiying").await;
        let foreign = crate::money::filled_fund(&other.finance.client, other.unit, 50_000).await;
        let mut theirs = more(&case, 10_000);
        theirs["fund_id"] = json!(foreign);
        proposed(&case.buyer.purchaser.client, &contract, theirs).await.is(201);
        decided(&case, &case.buyer.finance, &contract, "approval").await.refused(422, "invalid");
        decided(&case, &case.buyer.finance, &contract, "rejection").await.is(200);
        let body = json!({"unit_id": case.buyer.unit, "stream": "fiscal", "year": 2026, "name_zh": "应急专项", "custodian": "treasury"});
        let empty = case.buyer.finance.client.post("/api/v1/funds").json(body).await.is(201).text_at("/id");
        let mut unpaid = more(&case, 10_000);
        unpaid["fund_id"] = json!(empty);
        proposed(&case.buyer.purchaser.client, &contract, unpaid).await.is(201);
        decided(&case, &case.buyer.finance, &contract, "approval").await.refused(409, "insufficient_funds");
    }

    async fn a_contract_is_suspended_and_ends_with_what_was_done_settled(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let first = accepted(app, &case, &contract, 1).await;
        let second = milestone(app, &contract, 2).await;
        let halted = act(&case.buyer.lead, &contract, "suspension", Some(json!({"reason": "服务场所维修。"}))).await;
        assert_eq!((halted.text_at("/state"), halted.text_at("/halt_reason")), ("suspended".to_owned(), "服务场所维修。".to_owned()));
        let etag = app.public().get(&second).send().await.is(200).etag();
        let delivery = || case.supplier.member.client.post(&format!("{second}/delivery")).if_match(&etag).json(json!({"note": "照常服务。"}));
        delivery().await.refused(409, "wrong_state");
        let payment = claimed(&case, &first, "26332000000000000001").await;
        assert_eq!(act(&case.buyer.lead, &contract, "resumption", None).await.text_at("/state"), "active");
        delivery().await.is(200);
        let id = second.rsplit('/').next().unwrap();
        let end = |fen: i64, words: Value| json!({"kind": "termination", "amount": money(fen), "milestone_id": id, "reason": "机构注销。",
            "beneficiaries_opinion": words});
        let purchaser = &case.buyer.purchaser.client;
        let refused = proposed(purchaser, &contract, end(120_000, Value::Null)).await.refused(422, "invalid");
        assert_eq!(refused.text_at("/rule"), "R015");
        proposed(purchaser, &contract, end(PARTS[1] + 1, opinion()["beneficiaries_opinion"].clone())).await.refused(422, "invalid");
        proposed(purchaser, &contract, end(120_000, opinion()["beneficiaries_opinion"].clone())).await.is(201);
        let approved = decided(&case, &case.buyer.finance, &contract, "approval").await.is(200);
        assert_eq!(approved.value()["released"], money(PARTS[1] - 120_000));
        let ended = app.public().get(&contract).send().await.is(200);
        assert_eq!((ended.text_at("/state"), ended.value()["released"].clone()), ("terminated".to_owned(), money(PARTS[1] - 120_000)));
        let free = APPROPRIATED - PRICE + PARTS[1] - 120_000;
        assert_eq!(balances(app, &case).await, [free, 0, PARTS[0] + 120_000, 0, 0]);
        // What was accepted is paid as ever.
        check_invoice(&case.buyer.second_finance, &payment).await;
        act(&case.buyer.lead, &payment, "return", Some(json!({"reason": "发票抬头有误。"}))).await;
        for (path, invoice) in [(&first, "26332000000000000002"), (&second, "26332000000000000003")] {
            let payment = claimed(&case, path, invoice).await;
            check_invoice(&case.buyer.finance, &payment).await;
            act(&case.buyer.lead, &payment, "acceptance", None).await;
            act(&case.buyer.second_finance, &payment, "approval", None).await;
            act(&case.buyer.finance, &payment, "instruction", None).await;
            act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": invoice}))).await;
        }
        assert_eq!(balances(app, &case).await, [free, 0, 0, 0, PARTS[0] + 120_000]);
        assert_eq!(app.public().get(&contract).send().await.text_at("/state"), "terminated");
    }

    async fn an_advance_is_worked_off_before_a_contract_ends(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let first = milestone(app, &contract, 1).await;
        let asked = json!({"amount": money(150_000), "invoice_number": "26332000000000000009"});
        let payment = case.supplier.admin.client.post(&format!("{first}/advances")).json(asked).await.is(201).header("location");
        let nothing = json!({"kind": "termination", "amount": money(0), "reason": "双方协商一致。"});
        let purchaser = &case.buyer.purchaser.client;
        proposed(purchaser, &contract, nothing.clone()).await.refused(409, "advance_outstanding");
        check_invoice(&case.buyer.finance, &payment).await;
        act(&case.buyer.lead, &payment, "acceptance", None).await;
        act(&case.buyer.second_finance, &payment, "approval", None).await;
        act(&case.buyer.finance, &payment, "instruction", None).await;
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20260405-000001"}))).await;
        proposed(purchaser, &contract, nothing).await.refused(409, "advance_outstanding");
        let id = first.rsplit('/').next().unwrap();
        let end = json!({"kind": "termination", "amount": money(150_000), "milestone_id": id, "reason": "双方协商一致。",
            "beneficiaries_opinion": opinion()["beneficiaries_opinion"]});
        proposed(purchaser, &contract, end).await.is(201);
        decided(&case, &case.buyer.finance, &contract, "approval").await.is(200);
        assert_eq!(balances(app, &case).await, [APPROPRIATED - 150_000, 0, 0, 0, 150_000], "the advance is cleared, the rest is free");
    }

    async fn the_payment_term_of_the_contract_counts_down_in_working_days(app: &TestApp) {
        let case = awarded(app).await;
        under_the_law(app).await;
        let contract = case.drafted(app).await;
        let etag = case.buyer.purchaser.client.get(&contract).send().await.is(200).etag();
        for bad in [0, 91] {
            let term = case.buyer.purchaser.client.post(&format!("{contract}/payment-term")).if_match(&etag).json(json!({"working_days": bad})).await;
            assert_eq!(term.refused(422, "invalid").bad_fields(), ["/working_days"]);
        }
        let agreed = act(&case.buyer.purchaser, &contract, "payment-term", Some(json!({"working_days": 5}))).await;
        assert_eq!(agreed.value()["payment_term_days"], 5);
        case.signs(&contract).await;
        case.account().await;
        let etag = case.buyer.purchaser.client.get(&contract).send().await.is(200).etag();
        let late = case.buyer.purchaser.client.post(&format!("{contract}/payment-term")).if_match(&etag).json(json!({"working_days": 50})).await;
        late.refused(409, "wrong_state");
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        let left = async |day: &str| {
            app.clock.advance_to(UtcInstant::parse(&format!("{day}T01:00:00Z")).unwrap());
            let seen = case.supplier.member.client.get(&format!("{payment}/desks")).send().await.is(200).value();
            (seen["payment_term_days"].clone(), seen["working_days_left"].clone())
        };
        // Claimed on Monday the second of March; a weekend does not count.
        for (day, days) in [("2026-03-02", 5), ("2026-03-05", 2), ("2026-03-08", 1), ("2026-03-09", 0), ("2026-03-10", -1)] {
            assert_eq!(left(day).await, (json!(5), json!(days)), "{day}");
        }
        approved(&case, &payment).await;
        act(&case.buyer.finance, &payment, "instruction", None).await;
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20260310-000001"}))).await;
        assert_eq!(left("2026-03-20").await.1, json!(-1), "as it was on the day of the receipt");
        act(&case.buyer.finance, &payment, "bounce", Some(json!({"reason": "户名不符", "bank_reference": "TP20260320-0001"}))).await;
        assert_eq!(left("2026-03-20").await.1, json!(-9), "a payment that came back is not paid");
    }

    async fn the_bank_rejects_an_instruction_and_the_money_stays_payable(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        approved(&case, &payment).await;
        let finance = &case.buyer.finance;
        let told = act(finance, &payment, "instruction", None).await.value();
        assert_eq!((&told["paid_to"]["number"], &told["instructions"]), (&json!("***************0123"), &json!(1)));
        let payable = [APPROPRIATED - PRICE, PARTS[1], PARTS[0], 0, 0];
        assert_eq!(balances(app, &case).await, payable);
        // The bank rejects it: nothing was paid, so nothing is entered as paid, and nothing moves.
        let bounce = |reference: &str| Some(json!({"reason": "户名不符", "bank_reference": reference}));
        let back = act(finance, &payment, "bounce", bounce("TP20260703-0001")).await.value();
        assert_eq!((&back["state"], &back["desk"], &back["paid_at"], &back["bank_reference"]), (&json!("bounced"), &json!("payee"), &Value::Null, &Value::Null));
        assert_eq!(balances(app, &case).await, payable);
        // The same account again is refused, unless somebody says that it was right.
        let correct = async |body: Value| {
            let etag = finance.client.get(&payment).send().await.is(200).etag();
            finance.client.post(&format!("{payment}/correction")).if_match(&etag).json(body).await
        };
        correct(json!({"reason": "请再试一次。"})).await.refused(409, "payee_account_unchanged");
        assert_eq!(correct(json!({"reason": " ", "account_checked": true})).await.refused(422, "invalid").bad_fields(), ["/reason"]);
        let organisation = case.supplier.organisation.to_string();
        payee_account(&case.supplier.admin.client, &case.buyer.second_finance.client, &organisation, "7100001234567890456").await;
        let again = correct(json!({"reason": "收款人已更换账户。"})).await.is(200).value();
        assert_eq!((&again["paid_to"]["number"], &again["instructions"]), (&json!("***************0456"), &json!(2)));
        act(finance, &payment, "bounce", bounce("TP20260705-0001")).await;
        correct(json!({"reason": "银行系统故障，账户无误。", "account_checked": true})).await.is(200);
        act(finance, &payment, "receipt", Some(json!({"bank_reference": "20260706-000001"}))).await;
        let paid = [APPROPRIATED - PRICE, PARTS[1], 0, 0, PARTS[0]];
        assert_eq!(balances(app, &case).await, paid);
        // It comes back after its receipt as well, and is rejected once more on the way.
        act(finance, &payment, "bounce", bounce("TP20260707-0001")).await;
        assert_eq!(balances(app, &case).await, payable);
        correct(json!({"reason": "账户无误。", "account_checked": true})).await.is(200);
        act(finance, &payment, "bounce", bounce("TP20260708-0001")).await;
        correct(json!({"reason": "账户无误。", "account_checked": true})).await.is(200);
        act(finance, &payment, "receipt", Some(json!({"bank_reference": "20260709-000001"}))).await;
        assert_eq!(balances(app, &case).await, paid);
        let events = finance.client.get(&format!("{payment}/events")).send().await.is(200).value();
        let count = |kind: &str| events["items"].as_array().unwrap().iter().filter(|event| event["kind"] == kind).count();
        assert_eq!((count("bounce"), count("correction")), (4, 4));
    }

    async fn an_advance_that_the_bank_rejects_stays_committed(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let first = milestone(app, &contract, 1).await;
        let asked = json!({"amount": money(150_000), "invoice_number": "26332000000000000009"});
        let advance = case.supplier.admin.client.post(&format!("{first}/advances")).json(asked).await.is(201).header("location");
        approved(&case, &advance).await;
        act(&case.buyer.finance, &advance, "instruction", None).await;
        act(&case.buyer.finance, &advance, "bounce", Some(json!({"reason": "账户已销户", "bank_reference": "TP20260403-0001"}))).await;
        assert_eq!(balances(app, &case).await, [APPROPRIATED - PRICE, PRICE, 0, 0, 0]);
        act(&case.buyer.finance, &advance, "correction", Some(json!({"reason": "银行误退。", "account_checked": true}))).await;
        act(&case.buyer.finance, &advance, "receipt", Some(json!({"bank_reference": "20260405-000001"}))).await;
        assert_eq!(balances(app, &case).await, [APPROPRIATED - PRICE, PRICE - 150_000, 0, 150_000, 0]);
    }

    async fn a_payee_without_a_confirmed_account_is_not_paid(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.drafted(app).await;
        case.signs(&contract).await;
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        approved(&case, &payment).await;
        let finance = &case.buyer.finance.client;
        let instruct = async || {
            let etag = finance.get(&payment).send().await.is(200).etag();
            finance.post(&format!("{payment}/instruction")).if_match(&etag).send().await
        };
        instruct().await.refused(409, "payee_account_missing");
        // One that waits for its second person does not count.
        let path = format!("/api/v1/organisations/{}", case.supplier.organisation);
        let holder = app.public().get(&path).send().await.is(200).text_at("/name_zh");
        let body = json!({"holder": holder, "bank": "湖州银行月河支行", "number": ACCOUNT});
        let made = case.supplier.admin.client.post(&format!("{path}/bank-accounts")).json(body).await.is(201);
        instruct().await.refused(409, "payee_account_missing");
        assert_eq!(finance.get(&payment).send().await.is(200).value()["paid_to"], Value::Null);
        let confirmation = format!("{}/confirmation", made.header("location"));
        case.buyer.second_finance.client.post(&confirmation).if_match(&made.etag()).send().await.is(200);
        let told = instruct().await.is(200).value();
        let account = made.header("location").rsplit('/').next().unwrap().to_owned();
        assert_eq!((&told["paid_to"]["bank_account_id"], &told["paid_to"]["version"], &told["paid_to"]["holder"]), (&json!(account), &json!(2), &json!(holder)));
    }

    async fn a_payee_follows_its_claim_through_every_desk(app: &TestApp) {
        let case = awarded(app).await;
        under_the_law(app).await;
        let contract = case.active(app).await;
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        let payee = &case.supplier.member.client;
        app.clock.advance_to(UtcInstant::parse("2026-03-05T01:00:00Z").unwrap());
        let seen = payee.get(&format!("{payment}/desks")).send().await.is(200).value();
        assert_eq!((seen["desk"].clone(), seen["stays"][0]["working_days"].clone()), (json!("finance"), json!(3)), "{seen}");
        assert_eq!((&seen["payment_term_days"], &seen["working_days_left"]), (&Value::Null, &Value::Null), "no term was agreed");
        act(&case.buyer.finance, &payment, "return", Some(json!({"reason": "发票抬头有误。"}))).await;
        let seen = payee.get(&format!("{payment}/desks")).send().await.is(200).value();
        assert_eq!((seen["desk"].clone(), seen["stays"][1]["reason"].clone()), (json!("payee"), json!("发票抬头有误。")));
        // The invoice is free again after the return.
        let again = claimed(&case, &first, "26332000000000000001").await;
        check_invoice(&case.buyer.second_finance, &again).await;
        let listed = payee.get("/api/v1/payments?state=invoice_checked").send().await.is(200);
        assert_eq!((listed.text_at("/items/0/desk"), listed.text_at("/items/0/desk_since")), ("unit_lead".to_owned(), app.clock.now().to_string()));
        act(&case.buyer.lead, &again, "acceptance", None).await;
        act(&case.buyer.second_finance, &again, "return", Some(json!({"reason": "金额待核。"}))).await;
        let third = claimed(&case, &first, "26332000000000000001").await;
        check_invoice(&case.buyer.finance, &third).await;
        act(&case.buyer.lead, &third, "acceptance", None).await;
        act(&case.buyer.second_finance, &third, "approval", None).await;
        act(&case.buyer.finance, &third, "instruction", None).await;
        act(&case.buyer.finance, &third, "receipt", Some(json!({"bank_reference": "20260701-000123"}))).await;
        act(&case.buyer.finance, &third, "bounce", Some(json!({"reason": "户名不符", "bank_reference": "TP20260703-0007"}))).await;
        act(&case.buyer.finance, &third, "correction", Some(json!({"reason": "账户核对无误，请银行重新支付。", "account_checked": true}))).await;
        act(&case.buyer.finance, &third, "receipt", Some(json!({"bank_reference": "20260704-000001"}))).await;
        let seen = payee.get(&format!("{third}/desks")).send().await.is(200).value();
        let desks: Vec<&str> = seen["stays"].as_array().unwrap().iter().map(|stay| stay["desk"].as_str().unwrap()).collect();
        assert_eq!(desks, ["finance", "unit_lead", "finance", "finance", "bank", "payee", "bank"]);
        assert_eq!((seen["desk"].clone(), seen["stays"][5]["reason"].clone()), (Value::Null, json!("户名不符")));
        assert!(seen["paid_at"].is_string());
        for reader in [&case.buyer.purchaser, &case.auditor] {
            reader.client.get(&format!("{third}/desks")).send().await.is(200);
        }
        let rival = supplier(app, "Qingmiao").await;
        rival.member.client.get(&format!("{third}/desks")).send().await.refused(404, "not_found");
        app.public().get(&format!("{third}/desks")).send().await.refused(401, "unauthenticated");
    }
}
