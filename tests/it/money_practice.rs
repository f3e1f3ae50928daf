//! Money as a finance office practises it: co-funded contracts over several years, reductions, advances, bounces, refunds, another fund for a
//! commitment, custody, ceilings, the year end, the month's reconciliation, matching money.

use baiyi::db::{Facts, Tx};
use baiyi::kernel::id::{FundId, UnitId};
use baiyi::kernel::{Fen, UtcInstant};
use baiyi::money::funding::{self, NewLine, Owner};
use baiyi::money::funds::{Purpose, Stream};
use baiyi::money::ledger;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::delivery::{accepted, approved, claimed, milestone, opinion, paid};
use crate::money::{case, cause, step};
use crate::support::chain::{Awarded, PARTS, PRICE, act, awarded, check_invoice, funded, purchasing, seconded, supplier};
use crate::support::{Client, Person, TestApp, on_both};

fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

fn class(stream: &str) -> &'static str {
    if stream == "lottery" { "2296002" } else { "2081006" }
}

/// A document of a fund of that stream.
fn document(stream: &str, kind: &str, number: &str, fen: i64) -> Value {
    json!({"kind": kind, "document_number": number, "amount": money(fen), "functional_class": class(stream), "economic_class": "30227"})
}

/// A fund of the unit with that much in it.
async fn fund(client: &Client, unit: UnitId, (stream, year): (&str, i32), fen: i64) -> FundId {
    let body = json!({"unit_id": unit, "stream": stream, "year": year, "name_zh": "为老服务", "custodian": "treasury"});
    let path = client.post("/api/v1/funds").json(body).await.is(201).header("location");
    if fen > 0 {
        client.post(&format!("{path}/appropriations")).json(document(stream, "initial", "年初1号", fen)).await.is(201);
    }
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn enter(client: &Client, fund: FundId, stream: &str, kind: &str, number: &str, fen: i64) -> Value {
    client.post(&format!("/api/v1/funds/{fund}/appropriations")).json(document(stream, kind, number, fen)).await.is(201).value()
}

async fn balance(app: &TestApp, fund: FundId, account: &str) -> i64 {
    let seen = app.public().get(&format!("/api/v1/funds/{fund}")).send().await.is(200).value();
    seen["balances"][account]["amount_fen"].as_i64().unwrap()
}

async fn balances<const N: usize>(app: &TestApp, fund: FundId, accounts: [&str; N]) -> [i64; N] {
    let mut found = [0; N];
    for (place, account) in accounts.into_iter().enumerate() {
        found[place] = balance(app, fund, account).await;
    }
    found
}

fn line(fund: Option<FundId>, stream: Stream, year: i32, fen: i64) -> NewLine {
    NewLine { fund, stream, year, amount: Fen::new(fen) }
}

/// The contract's funding: stream, year, amount, state.
async fn funding_of(client: &Client, contract: &str) -> Vec<(String, i64, i64, String)> {
    let seen = client.get(contract).send().await.is(200).value();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |line: &Value| {
        (text(&line["stream"]), line["year"].as_i64().unwrap(), line["amount"]["amount_fen"].as_i64().unwrap(), text(&line["state"]))
    };
    seen["funding"].as_array().unwrap().iter().map(read).collect()
}

async fn line_id(client: &Client, contract: &str, place: usize) -> String {
    client.get(contract).send().await.is(200).text_at(&format!("/funding/{place}/id"))
}

/// Legs of a payment, in fen.
async fn legs_of(client: &Client, payment: &str) -> Vec<i64> {
    let seen = client.get(payment).send().await.is(200).value();
    seen["legs"].as_array().unwrap().iter().map(|leg| leg["amount"]["amount_fen"].as_i64().unwrap()).collect()
}

fn at(app: &TestApp, instant: &str) {
    app.clock.advance_to(UtcInstant::parse(instant).unwrap());
}

/// A contract over three years: fiscal and lottery money of 2026, fiscal money of 2027 and 2028 that is not there yet.
async fn three_years(app: &TestApp) -> (Awarded, [FundId; 2]) {
    let (buyer, supplier) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
    let fiscal = fund(&buyer.finance.client, buyer.unit, ("fiscal", 2026), 2_000_000).await;
    let lottery = fund(&buyer.finance.client, buyer.unit, ("lottery", 2026), 500_000).await;
    let lines = vec![
        line(Some(fiscal), Stream::Fiscal, 2026, 400_000),
        line(Some(lottery), Stream::Lottery, 2026, 200_000),
        line(None, Stream::Fiscal, 2027, 200_000),
        line(None, Stream::Fiscal, 2028, 200_000),
    ];
    (funded(app, buyer, supplier, lines).await, [fiscal, lottery])
}

on_both! {
    async fn a_co_funded_contract_of_three_years_is_committed_year_by_year_and_paid_to_the_last_fen(app: &TestApp) {
        let (case, [fiscal, lottery]) = three_years(app).await;
        let finance = &case.buyer.finance.client;
        assert_eq!(balances(app, fiscal, ["free", "reserved"]).await, [1_600_000, 400_000]);
        assert_eq!(balances(app, lottery, ["free", "reserved"]).await, [300_000, 200_000]);
        let contract = case.active(app).await;
        let told = |parts: [(i64, &str); 4]| {
            let of = [("fiscal", 2026), ("lottery", 2026), ("fiscal", 2027), ("fiscal", 2028)];
            of.into_iter().zip(parts).map(|((stream, year), (fen, state))| (stream.to_owned(), year, fen, state.to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(funding_of(finance, &contract).await, told([(360_000, "committed"), (180_000, "committed"), (180_000, "future"), (180_000, "future")]));
        assert_eq!(balances(app, fiscal, ["free", "reserved", "committed"]).await, [1_640_000, 0, 360_000], "the remainder is free again");
        // The first milestone is within what this year has; the second is not.
        let first = accepted(app, &case, &contract, 1).await;
        assert_eq!((balance(app, fiscal, "payable").await, balance(app, lottery, "payable").await), (266_667, 133_333));
        let payment = claimed(&case, &first, "26332000000000000001").await;
        paid(&case, &payment, "20260701-000001").await;
        assert_eq!(legs_of(finance, &payment).await, [266_667, 133_333]);
        let second = milestone(app, &contract, 2).await;
        act(&case.supplier.member, &second, "delivery", Some(json!({"note": "已服务 800 人次。"}))).await;
        seconded(&case.buyer.lead.client, &second).await;
        let etag = case.buyer.purchaser.client.get(&second).send().await.etag();
        case.buyer.purchaser.client.post(&format!("{second}/acceptance")).if_match(&etag).json(opinion()).await.refused(409, "funding_exceeded");
        // The next years' appropriations arrive; a fund of another year or an empty one does not serve.
        for (year, place, now) in [(2027, 2, "2027-02-01T01:00:00Z"), (2028, 3, "2028-02-01T01:00:00Z")] {
            at(app, now);
            let of_year = fund(finance, case.buyer.unit, ("fiscal", year), 0).await;
            let path = format!("/api/v1/funding-lines/{}", line_id(finance, &contract, place).await);
            let etag = finance.get(&path).send().await.is(200).etag();
            let fulfil = |fund: FundId| finance.post(&format!("{path}/fulfilment")).if_match(&etag).json(json!({"fund_id": fund}));
            fulfil(of_year).await.refused(409, "insufficient_funds");
            assert_eq!(fulfil(fiscal).await.refused(422, "invalid").bad_fields(), ["/fund_id"]);
            enter(finance, of_year, "fiscal", "initial", "年初1号", 200_000).await;
            let line = fulfil(of_year).await.is(200);
            assert_eq!(line.text_at("/state"), "committed");
            finance.post(&format!("{path}/fulfilment")).if_match(&line.etag()).json(json!({"fund_id": of_year})).await.refused(409, "wrong_state");
            assert_eq!(balances(app, of_year, ["free", "committed"]).await, [20_000, 180_000]);
        }
        act(&case.buyer.purchaser, &second, "acceptance", Some(opinion())).await;
        let payment = claimed(&case, &second, "26332000000000000002").await;
        paid(&case, &payment, "20280301-000001").await;
        assert_eq!(legs_of(finance, &payment).await, [93_333, 46_667, 180_000, 180_000]);
        assert_eq!((balance(app, fiscal, "paid").await, balance(app, lottery, "paid").await), (360_000, 180_000));
        assert_eq!(app.public().get(&contract).send().await.text_at("/state"), "completed");
        // What was free on the day before the first payment can still be told.
        let then = app.public().get(&format!("/api/v1/funds/{fiscal}/balances?at=2026-01-01T00:00:00Z")).send().await.is(200).value();
        assert_eq!(then["balances"]["authority"]["amount_fen"], 0);
        let now = app.public().get(&format!("/api/v1/funds/{fiscal}/balances")).send().await.is(200).value();
        assert_eq!(now["balances"]["paid"]["amount_fen"], 360_000);
    }

    async fn the_lines_are_named_at_the_acceptance_and_at_the_approval_or_refused(app: &TestApp) {
        let (case, [fiscal, lottery]) = three_years(app).await;
        let contract = case.active(app).await;
        let (first, finance) = (milestone(app, &contract, 1).await, &case.buyer.finance.client);
        let (fiscal_line, lottery_line) = (line_id(finance, &contract, 0).await, line_id(finance, &contract, 1).await);
        act(&case.supplier.member, &first, "delivery", Some(json!({"note": "已服务 412 人次。"}))).await;
        seconded(&case.buyer.lead.client, &first).await;
        let etag = case.buyer.purchaser.client.get(&first).send().await.etag();
        let accept = |legs: Value| {
            let mut body = opinion();
            body["legs"] = legs;
            case.buyer.purchaser.client.post(&format!("{first}/acceptance")).if_match(&etag).json(body)
        };
        let leg = |line: &str, fen: i64| json!({"line_id": line, "amount": money(fen)});
        for bad in [
            json!([leg(&lottery_line, 180_001), leg(&fiscal_line, 219_999)]), json!([leg(&lottery_line, 180_000)]),
            json!([leg(&lottery_line, 100_000), leg(&lottery_line, 80_000), leg(&fiscal_line, 220_000)]), json!([]),
        ] {
            accept(bad).await.refused(422, "legs_do_not_fit");
        }
        assert_eq!(balance(app, lottery, "payable").await, 0, "nothing is half-done");
        accept(json!([leg(&lottery_line, 180_000), leg(&fiscal_line, 220_000)])).await.is(200);
        assert_eq!((balance(app, lottery, "payable").await, balance(app, fiscal, "payable").await), (180_000, 220_000));
        let payment = claimed(&case, &first, "26332000000000000001").await;
        check_invoice(&case.buyer.finance, &payment).await;
        act(&case.buyer.lead, &payment, "acceptance", None).await;
        let officer = &case.buyer.second_finance.client;
        let etag = officer.get(&payment).send().await.etag();
        let by_lines = |legs: Value| officer.post(&format!("{payment}/approval-by-lines")).if_match(&etag).json(json!({"legs": legs}));
        by_lines(json!([leg(&lottery_line, 180_001), leg(&fiscal_line, 219_999)])).await.refused(422, "legs_do_not_fit");
        by_lines(json!([leg(&lottery_line, 180_000), leg(&fiscal_line, 220_000)])).await.is(200);
        act(&case.buyer.finance, &payment, "instruction", None).await;
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20260701-000001"}))).await;
        assert_eq!(legs_of(officer, &payment).await, [220_000, 180_000]);
    }

    async fn a_reduction_below_what_is_committed_waits_blocks_names_the_contract_and_takes_what_comes(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (finance, fund, tenant, by) = (&case.buyer.finance.client, case.fund, app.tenant, case.buyer.finance.account);
        assert_eq!(balances(app, fund, ["free", "committed"]).await, [1_100_000, PRICE]);
        let path = format!("/api/v1/funds/{fund}");
        let too_much = finance.post(&format!("{path}/appropriations")).json(document("fiscal", "reduction", "调减0号", 2_000_001)).await;
        too_much.refused(422, "reduction_too_large");
        let entered = enter(finance, fund, "fiscal", "reduction", "吴财预〔2026〕45号", 1_300_000).await;
        assert_eq!(entered["settled"]["amount_fen"], 1_100_000);
        assert_eq!(balances(app, fund, ["authority", "free", "committed"]).await, [900_000, 0, PRICE], "the contract stays whole");
        let told = finance.get(&format!("{path}/reductions")).send().await.is(200).value();
        assert_eq!((&told["pending"][0]["document_number"], &told["pending"][0]["settled"]["amount_fen"]), (&json!("吴财预〔2026〕45号"), &json!(1_100_000)));
        assert_eq!((&told["touched"][0]["cause_kind"], told["touched"][0]["cause_id"].as_str()), (&json!("contract"), contract.rsplit('/').next()));
        let reserve = move |tx: &mut Tx<'_>| ledger::reserve(tx, by, tenant, fund, self::case(9), Fen::new(1), cause("tender", 9));
        assert_eq!(step(app, by, reserve).await, Err("reduction_pending"));
        // What comes goes to the reduction first.
        enter(finance, fund, "fiscal", "supplementary", "追加1号", 150_000).await;
        assert_eq!(balances(app, fund, ["authority", "free"]).await, [900_000, 0]);
        assert_eq!(step(app, by, reserve).await, Err("reduction_pending"));
        enter(finance, fund, "fiscal", "supplementary", "追加2号", 50_001).await;
        assert_eq!(balances(app, fund, ["authority", "free"]).await, [900_001, 1]);
        assert_eq!(finance.get(&format!("{path}/reductions")).send().await.value(), json!({"pending": [], "touched": []}));
        step(app, by, reserve).await.unwrap();
        let documents = finance.get(&format!("{path}/appropriations")).send().await.is(200).value();
        let reduction = documents["items"].as_array().unwrap().iter().find(|row| row["kind"] == "reduction").unwrap().clone();
        assert_eq!(reduction["settled"]["amount_fen"], 1_300_000);
    }

    async fn money_moves_between_funds_of_one_stream_in_two_linked_entries(app: &TestApp) {
        let buyer = purchasing(app, "Yuehe").await;
        let client = &buyer.finance.client;
        let (from, lottery) = (fund(client, buyer.unit, ("fiscal", 2026), 1_000).await, fund(client, buyer.unit, ("lottery", 2026), 0).await);
        let body = json!({"unit_id": buyer.unit, "stream": "fiscal", "year": 2026, "name_zh": "社工专项", "custodian": "treasury"});
        let to: FundId = client.post("/api/v1/funds").json(body).await.is(201).text_at("/id").parse().unwrap();
        let transfer = |to: Option<FundId>, number: &str, fen: i64| {
            let mut body = document("fiscal", "transfer", number, fen);
            body["to_fund_id"] = json!(to);
            client.post(&format!("/api/v1/funds/{from}/appropriations")).json(body)
        };
        for bad in [None, Some(lottery), Some(from)] {
            assert_eq!(transfer(bad, "调剂1号", 5).await.refused(422, "invalid").bad_fields(), ["/to_fund_id"]);
        }
        transfer(Some(to), "调剂1号", 1_001).await.refused(409, "insufficient_funds");
        assert_eq!((balance(app, from, "authority").await, balance(app, to, "authority").await), (1_000, 0), "nothing is half-done");
        let out = transfer(Some(to), "调剂1号", 400).await.is(201).value();
        assert_eq!((balance(app, from, "authority").await, balance(app, to, "authority").await), (600, 400));
        let entries = client.get(&format!("/api/v1/funds/{to}/appropriations")).send().await.is(200).value();
        assert_eq!((&entries["items"][0]["linked_id"], &entries["items"][0]["id"]), (&out["id"], &out["linked_id"]));
        client.post(&format!("/api/v1/funds/{from}/appropriations")).json(document("fiscal", "carry_over", "结1号", 5)).await.refused(422, "invalid");
    }

    async fn an_advance_is_cleared_by_the_next_acceptance(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (first, payee) = (milestone(app, &contract, 1).await, &case.supplier.admin.client);
        let ask = |fen: i64, invoice: &str| payee.post(&format!("{first}/advances")).json(json!({"amount": money(fen), "invoice_number": invoice}));
        for bad in [0, PARTS[0] + 1] {
            assert_eq!(ask(bad, "26332000000000000001").await.refused(422, "invalid").bad_fields(), ["/amount"]);
        }
        let advance = ask(150_000, "26332000000000000001").await.is(201).header("location");
        ask(10, "26332000000000000009").await.refused(409, "already_claimed");
        paid(&case, &advance, "20260405-000001").await;
        let accounts = ["committed", "payable", "advanced", "paid"];
        assert_eq!(balances(app, case.fund, accounts).await, [PRICE - 150_000, 0, 150_000, 0]);
        // It comes back from the bank, twice, is corrected and paid again.
        for (bounced, again) in [("TP-0001", "20260408-000001"), ("TP-0002", "20260409-000001")] {
            act(&case.buyer.finance, &advance, "bounce", Some(json!({"reason": "户名不符", "bank_reference": bounced}))).await;
            assert_eq!(balances(app, case.fund, accounts).await, [PRICE, 0, 0, 0]);
            act(&case.buyer.finance, &advance, "correction", Some(json!({"reason": "账户核对无误，请银行重新支付。", "account_checked": true}))).await;
            act(&case.buyer.finance, &advance, "receipt", Some(json!({"bank_reference": again}))).await;
        }
        accepted(app, &case, &contract, 1).await;
        assert_eq!(balances(app, case.fund, accounts).await, [PARTS[1], PARTS[0] - 150_000, 0, 150_000]);
        assert_eq!(payee.get(&first).send().await.text_at("/cleared/amount_fen"), "150000");
        let rest = claimed(&case, &first, "26332000000000000002").await;
        assert_eq!(payee.get(&rest).send().await.text_at("/amount/amount_fen"), "250000");
        paid(&case, &rest, "20260701-000001").await;
        // An advance of the whole second milestone leaves nothing to claim, and its acceptance ends the contract.
        let second = milestone(app, &contract, 2).await;
        let body = json!({"amount": money(PARTS[1]), "invoice_number": "26332000000000000003"});
        let advance = payee.post(&format!("{second}/advances")).json(body).await.is(201).header("location");
        paid(&case, &advance, "20260801-000001").await;
        accepted(app, &case, &contract, 2).await;
        assert_eq!(balances(app, case.fund, accounts).await, [0, 0, 0, PRICE]);
        payee.post(&format!("{second}/payments")).json(json!({"invoice_number": "26332000000000000004"})).await.refused(409, "nothing_to_claim");
        assert_eq!(app.public().get(&contract).send().await.text_at("/state"), "completed");
        let refund = json!({"amount": money(1), "reason": "退回", "bank_reference": "TK-0001"});
        let etag = case.buyer.finance.client.get(&advance).send().await.etag();
        case.buyer.finance.client.post(&format!("{advance}/refunds")).if_match(&etag).json(refund).await.refused(409, "advance_not_refunded");
    }

    async fn a_bounced_payment_is_payable_again_and_a_refund_returns_on_the_legs_that_paid(app: &TestApp) {
        let (case, [fiscal, lottery]) = three_years(app).await;
        let contract = case.active(app).await;
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        paid(&case, &payment, "20260701-000001").await;
        let finance = &case.buyer.finance;
        act(finance, &payment, "bounce", Some(json!({"reason": "账号有误", "bank_reference": "TP-0001"}))).await;
        assert_eq!(balances(app, fiscal, ["payable", "paid"]).await, [266_667, 0]);
        assert_eq!(finance.client.get(&payment).send().await.text_at("/state"), "bounced");
        act(finance, &payment, "correction", Some(json!({"reason": "账户核对无误，请银行重新支付。", "account_checked": true}))).await;
        act(finance, &payment, "receipt", Some(json!({"bank_reference": "20260705-000002"}))).await;
        assert_eq!(balances(app, fiscal, ["payable", "paid"]).await, [0, 266_667]);
        let refund = |fen: i64, reference: &str| json!({"amount": money(fen), "reason": "核减服务人次", "bank_reference": reference});
        let etag = finance.client.get(&payment).send().await.etag();
        finance.client.post(&format!("{payment}/refunds")).if_match(&etag).json(refund(PARTS[0] + 1, "TK-0001")).await.refused(409, "funding_exceeded");
        act(finance, &payment, "refunds", Some(refund(30_000, "TK-0001"))).await;
        // Within the year it is free again, on the legs that paid: two thirds and one third.
        assert_eq!(balances(app, fiscal, ["free", "paid", "returned"]).await, [1_660_000, 246_667, 0]);
        assert_eq!(balances(app, lottery, ["free", "paid", "returned"]).await, [330_000, 123_333, 0]);
        let etag = finance.client.get(&payment).send().await.etag();
        finance.client.post(&format!("{payment}/bounce")).if_match(&etag).json(json!({"reason": "退", "bank_reference": "TP-0002"})).await.refused(409, "refunded_already");
        // A year later it is nobody's to spend.
        at(app, "2027-01-05T01:00:00Z");
        act(finance, &payment, "refunds", Some(refund(3_000, "TK-0002"))).await;
        assert_eq!(balances(app, fiscal, ["free", "paid", "returned"]).await, [1_660_000, 244_667, 2_000]);
        assert_eq!(balances(app, lottery, ["free", "paid", "returned"]).await, [330_000, 122_333, 1_000]);
        let events = finance.client.get(&format!("{payment}/events")).send().await.is(200).value();
        let mut kinds: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["bounce", "correction", "refund", "refund"]);
    }

    async fn a_commitment_is_paid_by_another_fund_once_a_second_person_approves(app: &TestApp) {
        let (case, [fiscal, lottery]) = three_years(app).await;
        let contract = case.active(app).await;
        accepted(app, &case, &contract, 1).await;
        let (finance, second) = (&case.buyer.finance, &case.buyer.second_finance);
        let path = format!("/api/v1/funding-lines/{}", line_id(&finance.client, &contract, 1).await);
        let propose = |to: FundId| finance.client.post(&format!("{path}/resourcings")).json(json!({"to_fund_id": to, "reason": "彩票公益金指标收紧"}));
        assert_eq!(propose(lottery).await.refused(422, "invalid").bad_fields(), ["/to_fund_id"]);
        let proposal = propose(fiscal).await.is(201);
        assert_eq!(proposal.text_at("/amount/amount_fen"), "46667");
        let proposal = proposal.header("location");
        finance.client.post(&format!("{proposal}/approval")).if_match("\"1\"").send().await.refused(403, "duties_not_separate");
        let before = balances(app, fiscal, ["free", "committed"]).await;
        act(second, &proposal, "approval", None).await;
        assert_eq!(balances(app, fiscal, ["free", "committed"]).await, [before[0] - 46_667, before[1] + 46_667]);
        assert_eq!(balances(app, lottery, ["free", "committed", "payable"]).await, [366_667, 0, 133_333], "what was accepted stays");
        let states: Vec<_> = funding_of(&finance.client, &contract).await.into_iter().map(|line| (line.2, line.3)).collect();
        let told = |fen: i64, state: &str| (fen, state.to_owned());
        assert_eq!(states, [told(360_000, "committed"), told(133_333, "committed"), told(180_000, "future"), told(180_000, "future"), told(46_667, "committed")]);
        let etag = second.client.get(&proposal).send().await.etag();
        second.client.post(&format!("{proposal}/approval")).if_match(&etag).send().await.refused(409, "wrong_state");
        let proposal = propose_for(&finance.client, &line_id(&finance.client, &contract, 0).await, lottery).await;
        act(second, &proposal, "rejection", None).await;
        assert_eq!(second.client.get(&proposal).send().await.text_at("/state"), "rejected");
    }

    async fn a_year_ends_in_a_run_that_is_previewed_reversed_and_at_last_confirmed(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let payment = { let first = accepted(app, &case, &contract, 1).await; claimed(&case, &first, "26332000000000000001").await };
        let (finance, second, old) = (&case.buyer.finance, &case.buyer.second_finance, case.fund);
        let preview = async |number: &str| {
            let body = json!({"unit_id": case.buyer.unit, "year": 2026, "document_number": number});
            finance.client.post("/api/v1/year-ends").json(body).await.is(201)
        };
        let execute = async |run: &str, etag: &str| finance.client.post(&format!("{run}/execution")).if_match(etag).send().await;
        let early = json!({"unit_id": case.buyer.unit, "year": 2027, "document_number": "结0号"});
        assert_eq!(finance.client.post("/api/v1/year-ends").json(early).await.refused(422, "invalid").bad_fields(), ["/year"]);
        at(app, "2026-12-31T01:00:00Z");
        let run = preview("结1号").await;
        assert_eq!((run.text_at("/items/0/kind").as_str(), run.text_at("/items/0/amount/amount_fen").as_str()), ("carry", "500000"));
        assert_eq!((run.text_at("/items/1/kind").as_str(), run.text_at("/items/1/amount/amount_fen").as_str()), ("return", "1100000"));
        execute(&run.header("location"), "\"1\"").await.refused(409, "next_fund_missing");
        let body = json!({"unit_id": case.buyer.unit, "stream": "fiscal", "year": 2027, "name_zh": "社会工作服务专项", "custodian": "treasury"});
        let next: FundId = finance.client.post("/api/v1/funds").json(body).await.is(201).text_at("/id").parse().unwrap();
        execute(&run.header("location"), "\"1\"").await.refused(409, "year_end_changed");
        let path = preview("结2号").await.header("location");
        let accounts = ["authority", "free", "committed", "payable", "returned"];
        let open = balances(app, old, accounts).await;
        execute(&path, "\"1\"").await.is(200);
        assert_eq!(balances(app, old, accounts).await, [1_500_000, 0, 0, PARTS[0], 1_100_000]);
        assert_eq!(balances(app, next, accounts).await, [PARTS[1], 0, PARTS[1], 0, 0]);
        let lines: Vec<_> = funding_of(&finance.client, &contract).await.into_iter().map(|line| (line.1, line.2, line.3)).collect();
        assert_eq!(lines, [(2026, PARTS[0], "committed".to_owned()), (2027, PARTS[1], "committed".to_owned())]);
        let body = json!({"unit_id": case.buyer.unit, "year": 2026, "document_number": "结9号"});
        finance.client.post("/api/v1/year-ends").json(body).await.refused(409, "year_end_open");
        act(finance, &path, "reversal", None).await;
        assert_eq!(balances(app, old, accounts).await, open);
        assert_eq!(balances(app, next, accounts).await, [0; 5]);
        let path = preview("结3号").await.header("location");
        let executed = execute(&path, "\"1\"").await.is(200);
        finance.client.post(&format!("{path}/confirmation")).if_match(&executed.etag()).send().await.refused(403, "duties_not_separate");
        // What was accepted in the old year is paid from the old year, what was carried in the new one.
        at(app, "2027-01-10T01:00:00Z");
        paid(&case, &payment, "20270110-000001").await;
        assert_eq!(balance(app, old, "paid").await, PARTS[0]);
        accepted(app, &case, &contract, 2).await;
        second.client.post(&format!("{path}/reversal")).if_match(&executed.etag()).send().await.refused(409, "year_end_in_use");
        act(second, &path, "confirmation", None).await;
        let etag = finance.client.get(&path).send().await.etag();
        finance.client.post(&format!("{path}/reversal")).if_match(&etag).send().await.refused(409, "wrong_state");
        assert_eq!(balances(app, next, ["committed", "payable"]).await, [0, PARTS[1]]);
    }

    async fn a_month_is_reconciled_with_the_treasurys_book_and_every_difference_explained(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        at(app, "2026-07-10T01:00:00Z");
        let first = accepted(app, &case, &contract, 1).await;
        paid(&case, &claimed(&case, &first, "26332000000000000001").await, "HZ-0001").await;
        let second = accepted(app, &case, &contract, 2).await;
        paid(&case, &claimed(&case, &second, "26332000000000000002").await, "HZ-0002").await;
        let finance = &case.buyer.finance.client;
        let send = |month: &str, file: &'static str| {
            let path = format!("/api/v1/reconciliations?unit_id={}&month={month}", case.buyer.unit);
            finance.post(&path).body("text/csv", file).send()
        };
        let file = "date,reference,direction,amount_fen\n2026-07-10,HZ-0001,out,400000\n2026-07-10,HZ-0002,out,499999\n2026-07-11,HZ-0003,in,77\n";
        let found = send("2026-07", file).await.is(201);
        let (path, found) = (found.header("location"), found.value());
        assert_eq!((&found["matched"], &found["unexplained"]), (&json!(1), &json!(2)));
        let told: Vec<_> = found["differences"].as_array().unwrap().iter().map(|one| (one["reference"].clone(), one["kind"].clone(), one["treasury_fen"].clone(), one["ledger_fen"].clone())).collect();
        assert_eq!(told, [
            (json!("HZ-0002"), json!("amount_differs"), json!(499_999), json!(500_000)), (json!("HZ-0003"), json!("missing_here"), json!(-77), Value::Null),
        ]);
        act(&case.buyer.finance, &path, "explanations", Some(json!({"reference": "HZ-0002", "explanation": "银行手续费一分，次月补记"}))).await;
        let etag = finance.get(&path).send().await.etag();
        let unknown = json!({"reference": "HZ-0001", "explanation": "无"});
        finance.post(&format!("{path}/explanations")).if_match(&etag).json(unknown).await.refused(422, "no_such_difference");
        assert_eq!(finance.get(&path).send().await.value()["unexplained"], 1);
        let none = send("2026-08", "date,reference,direction,amount_fen\n").await.is(201).value();
        assert_eq!((&none["matched"], &none["differences"]), (&json!(0), &json!([])));
        let missing = send("2026-07", "date,reference,direction,amount_fen\n").await.is(201).value();
        assert_eq!(missing["differences"][0]["kind"], "missing_there");
        assert_eq!(send("2026-07", "date,reference,direction,amount_fen\n2026-08-01,HZ-0001,out,5\n").await.refused(422, "invalid").bad_fields(), ["/line/2"]);
        assert_eq!(finance.get("/api/v1/reconciliations").send().await.is(200).value()["items"].as_array().unwrap().len(), 3);
    }

    async fn matching_money_is_pledged_evidenced_and_verified_and_never_spent(app: &TestApp) {
        let buyer = purchasing(app, "Yuehe").await;
        let fund = fund(&buyer.finance.client, buyer.unit, ("social", 2026), 10).await;
        let body = json!({"unit_id": buyer.unit, "donor_zh": "湖州市示例公益基金会", "purpose": "为老服务配套", "amount": money(5_000)});
        let path = buyer.purchaser.client.post("/api/v1/pledges").json(body.clone()).await.is(201).header("location");
        let mut bad = body;
        (bad["donor_zh"], bad["amount"]) = (json!(" "), money(0));
        assert_eq!(buyer.purchaser.client.post("/api/v1/pledges").json(bad.clone()).await.refused(422, "invalid").bad_fields(), ["/donor_zh", "/amount"]);
        bad["case_id"] = json!(uuid::Uuid::now_v7());
        assert_eq!(buyer.purchaser.client.post("/api/v1/pledges").json(bad).await.refused(422, "invalid").bad_fields(), ["/donor_zh", "/amount", "/case_id"]);
        buyer.finance.client.post(&format!("{path}/verification")).if_match("\"1\"").send().await.refused(409, "wrong_state");
        act(&buyer.finance, &path, "evidence", Some(json!({"evidence": "捐赠票据 33020260001234"}))).await;
        buyer.finance.client.post(&format!("{path}/verification")).if_match("\"2\"").send().await.refused(403, "duties_not_separate");
        assert_eq!(act(&buyer.second_finance, &path, "verification", None).await.text_at("/state"), "verified");
        assert_eq!(balances(app, fund, ["authority", "free"]).await, [10, 10], "a memo is no authority");
        let page = buyer.purchaser.client.get("/api/v1/pledges").send().await.is(200).value();
        assert_eq!(page["items"][0]["evidence"], "捐赠票据 33020260001234");
    }

    async fn of_two_owners_who_want_the_last_fen_one_gets_it_and_nothing_is_half_done(app: &TestApp) {
        let buyer = purchasing(app, "Yuehe").await;
        let fiscal = fund(&buyer.finance.client, buyer.unit, ("fiscal", 2026), 1_000).await;
        let lottery = fund(&buyer.finance.client, buyer.unit, ("lottery", 2026), 1_001).await;
        let (tenant, by, unit) = (app.tenant, buyer.finance.account, buyer.unit);
        // Together the two need a fen more than the fiscal fund has; each also takes lottery money, which the loser must not keep.
        let reserve = |number: u128| step(app, by, move |tx| {
            let owner = Owner { tenant, unit, case: self::case(number), cause: cause("lot", number) };
            let fen = if number == 1 { 501 } else { 500 };
            funding::plan(tx, &owner, &[line(Some(lottery), Stream::Lottery, 2026, 500), line(Some(fiscal), Stream::Fiscal, 2026, fen)])?;
            funding::reserve(tx, by, &owner, &Purpose { catalogue_code: "A0402".into(), area: None, on: tx.now().date_in_shanghai() })
        });
        let outcomes = futures_util::future::join_all([reserve(1), reserve(2)]).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert!(outcomes.contains(&Err("insufficient_funds")));
        assert_eq!(balance(app, lottery, "reserved").await, 500);
    }

    async fn lottery_money_is_refused_for_what_the_stream_forbids_under_its_rule(app: &TestApp) {
        let tenant = app.tenant;
        app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| baiyi::app::reference::import_reference_data(tx, tenant)).await.unwrap();
        let subjects = format!(
            "INSERT INTO budget_subjects (tenant_id, code, name_zh, kind, confidence, note) VALUES ('{tenant}', '30101', '基本工资', 'econ', 'confirmed', ''), ('{tenant}', '30217', '公务接待费', 'econ', 'confirmed', '')"
        );
        crate::support::chain::run_sql_noted(app, subjects, "budget_subjects", tenant.uuid()).await;
        let buyer = purchasing(app, "Yuehe").await;
        let client = &buyer.finance.client;
        let (lottery, fiscal) = (fund(client, buyer.unit, ("lottery", 2026), 1_000).await, fund(client, buyer.unit, ("fiscal", 2026), 1_000).await);
        let enter = |fund: FundId, stream: &str, economic: &str, number: &str| {
            let mut body = document(stream, "supplementary", number, 5);
            body["economic_class"] = json!(economic);
            client.post(&format!("/api/v1/funds/{fund}/appropriations")).json(body)
        };
        // Salaries: read in the text of the statute, so it blocks. Receptions: quoted second-hand, so it warns until it is confirmed.
        let refused = enter(lottery, "lottery", "30101", "文1").await.refused(422, "stream_rule_broken");
        assert_eq!((refused.text_at("/rule").as_str(), refused.text_at("/legal_basis").as_str()), ("R082", "彩票管理条例 第33条"), "{}", refused.text);
        assert_eq!(balance(app, lottery, "authority").await, 1_000, "nothing is half-done");
        assert_eq!(enter(lottery, "lottery", "30217", "文2").await.is(201).value()["warnings"], json!(["R086"]));
        assert_eq!(enter(fiscal, "fiscal", "30101", "文3").await.is(201).value()["warnings"], json!([]));
        // The purpose is asked when money is reserved, and again when it is committed.
        let (by, unit) = (buyer.finance.account, buyer.unit);
        let reserve = |number: u128, code: &'static str| step(app, by, move |tx| {
            let owner = Owner { tenant, unit, case: self::case(number), cause: cause("lot", number) };
            let lines = [line(Some(fiscal), Stream::Fiscal, 2026, 100), line(Some(lottery), Stream::Lottery, 2026, 100)];
            funding::plan(tx, &owner, &lines)?;
            funding::reserve(tx, by, &owner, &Purpose { catalogue_code: code.into(), area: None, on: tx.now().date_in_shanghai() })
        });
        assert_eq!(reserve(1, "B0101").await, Err("stream_rule_broken"));
        assert_eq!(balance(app, fiscal, "reserved").await, 0, "nothing is half-done");
        reserve(2, "A0402").await.unwrap();
        client.post(&format!("/api/v1/funds/{lottery}/terms")).json(json!({"catalogue_prefixes": ["A0401"]})).await.is(200);
        let commit = step(app, by, move |tx| {
            let owner = |kind| Owner { tenant, unit, case: self::case(2), cause: cause(kind, 2) };
            let purpose = Purpose { catalogue_code: "A0402".into(), area: None, on: tx.now().date_in_shanghai() };
            funding::commit(tx, by, &owner("lot"), &owner("contract"), Fen::new(200), Some(&purpose), None)
        }).await;
        assert_eq!(commit.unwrap_err(), "fund_restricted");
        assert_eq!(balances(app, lottery, ["reserved", "committed"]).await, [100, 0]);
        // The fund's terms are as it was made again, for the invariants at the end.
        client.post(&format!("/api/v1/funds/{lottery}/terms")).json(json!({})).await.is(200);
    }

    async fn a_fund_pays_within_its_monthly_ceiling_and_by_its_custodians_officer(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (finance, terms) = (&case.buyer.finance.client, format!("/api/v1/funds/{}/terms", case.fund));
        finance.post(&terms).json(json!({"monthly_ceiling": money(PARTS[0] - 1)})).await.is(200);
        let first = accepted(app, &case, &contract, 1).await;
        let payment = claimed(&case, &first, "26332000000000000001").await;
        approved(&case, &payment).await;
        act(&case.buyer.finance, &payment, "instruction", None).await;
        let receipt = async |person: &Person, body: Value| {
            let etag = person.client.get(&payment).send().await.etag();
            person.client.post(&format!("{payment}/receipt")).if_match(&etag).json(body).await
        };
        let slip = json!({"bank_reference": "20260701-000001"});
        let refused = receipt(&case.buyer.finance, slip.clone()).await.refused(409, "monthly_ceiling");
        assert!(refused.text.contains("3999.99") && refused.text.contains("4000.00"), "{}", refused.text);
        assert_eq!(balances(app, case.fund, ["payable", "paid"]).await, [PARTS[0], 0]);
        // The foundation keeps the money: its officer pays, with the donation receipt.
        let keeper = crate::money::unit(app, app.tenant, "湖州市示例公益基金会").await;
        crate::support::chain::run_sql(app, vec![
            format!("UPDATE funds SET custodian = 'charity_or_foundation' WHERE id = '{}'", case.fund),
            format!("UPDATE units SET kind = 'finance_bureau' WHERE id = '{keeper}'"),
        ]).await;
        let officer = app.person_of(app.tenant, "Ji Jin", &[Role::FinanceOfficer], Some(keeper), None).await;
        finance.post(&terms).json(json!({"monthly_ceiling": money(PARTS[0]), "payer_unit_id": keeper, "purpose": "限用于困难老人"})).await.is(200);
        receipt(&officer, slip.clone()).await.refused(422, "donation_receipt_missing");
        let whole = json!({"bank_reference": "20260701-000001", "donation_receipt": "33020260001234"});
        receipt(&case.buyer.finance, whole.clone()).await.refused(403, "other_payer");
        receipt(&officer, whole).await.is(200);
        assert_eq!(balances(app, case.fund, ["payable", "paid"]).await, [0, PARTS[0]]);
        let bad = json!({"payer_unit_id": "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f"});
        assert_eq!(finance.post(&terms).json(bad).await.refused(422, "invalid").bad_fields(), ["/payer_unit_id"]);
    }
}

async fn propose_for(client: &Client, line: &str, to: FundId) -> String {
    let body = json!({"to_fund_id": to, "reason": "改由彩票公益金列支"});
    client.post(&format!("/api/v1/funding-lines/{line}/resourcings")).json(body).await.is(201).header("location")
}
