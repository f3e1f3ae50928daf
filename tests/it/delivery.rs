//! From the award to the paid contract: drafted, committed, signed, delivered, accepted, claimed, paid; the ledger is looked at after each step.

use baiyi::db::{Facts, schema};
use baiyi::delivery::agreements;
use baiyi::kernel::Fen;
use baiyi::kernel::id::CaseId;
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::chain::{
    APPROPRIATED, Awarded, PARTS, PRICE, RESERVED, act, award, awarded, check_invoice, invoice_of, purchasing, seconded, supplier,
};
use crate::support::{Client, Person, TestApp, on_both};

/// The fund's balances: free, reserved, committed, payable, paid.
async fn balances(app: &TestApp, case: &Awarded) -> [i64; 5] {
    let fund = app.public().get(&format!("/api/v1/funds/{}", case.fund)).send().await.is(200).value();
    ["free", "reserved", "committed", "payable", "paid"].map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

const FREE: i64 = APPROPRIATED - PRICE;

async fn state(client: &Client, path: &str) -> String {
    client.get(path).send().await.is(200).text_at("/state")
}

pub async fn milestone(app: &TestApp, contract: &str, number: usize) -> String {
    format!("/api/v1/milestones/{}", app.public().get(contract).send().await.is(200).text_at(&format!("/milestones/{}/id", number - 1)))
}

pub fn opinion() -> Value {
    json!({"beneficiaries_opinion": "访谈老人二十位，十九位对上门服务表示满意。"})
}

/// Delivers and accepts a milestone; gives its path.
pub async fn accepted(app: &TestApp, case: &Awarded, contract: &str, number: usize) -> String {
    let path = milestone(app, contract, number).await;
    act(&case.supplier.member, &path, "delivery", Some(json!({"note": "已服务 412 人次，附签到表。"}))).await;
    seconded(&case.buyer.lead.client, &path).await;
    act(&case.buyer.purchaser, &path, "acceptance", Some(opinion())).await;
    path
}

pub async fn claimed(case: &Awarded, milestone: &str, invoice: &str) -> String {
    let body = json!({"invoice_number": invoice});
    case.supplier.admin.client.post(&format!("{milestone}/payments")).json(body).await.is(201).header("location")
}

/// Takes the payment from the claim to the approval by officers who may.
pub async fn approved(case: &Awarded, payment: &str) {
    check_invoice(&case.buyer.finance, payment).await;
    act(&case.buyer.lead, payment, "acceptance", None).await;
    act(&case.buyer.second_finance, payment, "approval", None).await;
}

pub async fn paid(case: &Awarded, payment: &str, reference: &str) {
    approved(case, payment).await;
    act(&case.buyer.finance, payment, "instruction", None).await;
    act(&case.buyer.finance, payment, "receipt", Some(json!({"bank_reference": reference}))).await;
}

on_both! {
    async fn a_contract_is_approved_signed_delivered_and_paid_to_the_last_fen(app: &TestApp) {
        let case = awarded(app).await;
        assert_eq!(balances(app, &case).await, [APPROPRIATED - RESERVED, RESERVED, 0, 0, 0]);
        let contract = case.drafted(app).await;
        case.account().await;
        act(&case.buyer.second_finance, &contract, "approval", None).await;
        assert_eq!(balances(app, &case).await, [FREE, 0, PRICE, 0, 0], "the reservation's remainder is free again");
        act(&case.buyer.lead, &contract, "signatures", Some(json!({"party": "purchaser"}))).await;
        assert_eq!(state(&case.buyer.lead.client, &contract).await, "finance_approved");
        let signed = act(&case.supplier.admin, &contract, "signatures", Some(json!({"party": "organisation"}))).await;
        assert_eq!(signed.text_at("/state"), "active", "in either order the second signature makes it active");
        let first = milestone(app, &contract, 1).await;
        let before = app.public().get(&contract).send().await.etag();
        act(&case.supplier.member, &first, "delivery", Some(json!({"note": "已服务 412 人次。"}))).await;
        app.public().get(&contract).header("if-none-match", &before).send().await.is(200);
        assert_eq!(balances(app, &case).await, [FREE, 0, PRICE, 0, 0]);
        // One person alone does not accept, unless the terms say so.
        let etag = case.buyer.purchaser.client.get(&first).send().await.etag();
        case.buyer.purchaser.client.post(&format!("{first}/acceptance")).if_match(&etag).json(opinion()).await.refused(409, "acceptance_not_signed");
        seconded(&case.buyer.lead.client, &first).await;
        act(&case.buyer.purchaser, &first, "acceptance", Some(opinion())).await;
        assert_eq!(balances(app, &case).await, [FREE, 0, PARTS[1], PARTS[0], 0]);
        // The contract's approver was the second officer, so the first approves the payment and the second checks the invoice.
        let payment = claimed(&case, &first, "26332000000000000001").await;
        check_invoice(&case.buyer.second_finance, &payment).await;
        act(&case.buyer.lead, &payment, "acceptance", None).await;
        act(&case.buyer.finance, &payment, "approval", None).await;
        act(&case.buyer.second_finance, &payment, "instruction", None).await;
        assert_eq!(balances(app, &case).await, [FREE, 0, PARTS[1], PARTS[0], 0], "nothing leaves the books before the receipt");
        let receipt = act(&case.buyer.second_finance, &payment, "receipt", Some(json!({"bank_reference": "20260701-000123"}))).await;
        assert_eq!((receipt.text_at("/state").as_str(), receipt.text_at("/bank_reference").as_str()), ("paid", "20260701-000123"));
        assert_eq!(balances(app, &case).await, [FREE, 0, PARTS[1], 0, PARTS[0]]);
        assert_eq!(state(&app.public(), &contract).await, "active", "a milestone is open still");
        let second = accepted(app, &case, &contract, 2).await;
        let payment = claimed(&case, &second, "26332000000000000002").await;
        check_invoice(&case.buyer.second_finance, &payment).await;
        act(&case.buyer.lead, &payment, "acceptance", None).await;
        act(&case.buyer.finance, &payment, "approval", None).await;
        act(&case.buyer.finance, &payment, "instruction", None).await;
        act(&case.buyer.finance, &payment, "receipt", Some(json!({"bank_reference": "20261231-000456"}))).await;
        assert_eq!(balances(app, &case).await, [FREE, 0, 0, 0, PRICE]);
        assert_eq!(state(&app.public(), &contract).await, "completed");
        let case_id = case.case;
        let steps: Vec<String> = app.read(move |db| {
            schema::journal_entries::table.filter(schema::journal_entries::case_id.eq(Some(case_id))).order((schema::journal_entries::at, schema::journal_entries::id))
                .select(schema::journal_entries::action).load(db).unwrap()
        }).await;
        for step in ["contract.drafted", "contract.finance_approved", "contract.signed", "milestone.delivered", "milestone.accepted", "payment.claimed",
            "payment.invoice_checked", "payment.accepted", "payment.approved", "payment.instructed", "payment.paid", "contract.completed"] {
            assert!(steps.iter().any(|taken| taken == step), "{step} in {steps:?}");
        }
    }

    async fn the_drafter_does_not_approve_and_an_approval_commits_once(app: &TestApp) {
        let case = awarded(app).await;
        // A lead of finance who drafts: the same account may not approve.
        let drafter = app.person_of(app.tenant, "Liang Zhi", &[Role::Purchaser, Role::FinanceOfficer], Some(case.buyer.unit), None).await;
        let (by, new) = (drafter.account, case.draft(app));
        let facts = Facts::on_behalf_of(app.clock.now(), by).unwrap();
        let id = app.db.write(facts, move |tx| agreements::draft(tx, by, &new).map(|(row, _)| row.id)).await.unwrap();
        let contract = format!("/api/v1/contracts/{id}");
        let approval = format!("{contract}/approval");
        let other = purchasing(app, "Feiying").await;
        app.public().post(&approval).send().await.refused(401, "unauthenticated");
        other.finance.client.post(&approval).if_match("\"1\"").send().await.refused(404, "not_found");
        case.buyer.lead.client.post(&approval).if_match("\"1\"").send().await.refused(403, "forbidden");
        case.supplier.admin.client.post(&approval).if_match("\"1\"").send().await.refused(403, "forbidden");
        drafter.client.post(&approval).if_match("\"1\"").send().await.refused(403, "duties_not_separate");
        case.buyer.finance.client.post(&approval).send().await.refused(428, "precondition_required");
        case.buyer.finance.client.post(&approval).if_match("\"2\"").send().await.refused(412, "stale");
        let sign = format!("{contract}/signatures");
        case.supplier.admin.client.post(&sign).if_match("\"1\"").json(json!({"party": "organisation"})).await.refused(409, "wrong_state");
        let first = case.buyer.finance.client.post(&approval).if_match("\"1\"").key("a1").send().await.is(200);
        let again = case.buyer.finance.client.post(&approval).if_match("\"1\"").key("a1").send().await.is(200);
        assert_eq!(again.text, first.text);
        case.buyer.finance.client.post(&approval).if_match(&first.etag()).send().await.refused(409, "wrong_state");
        assert_eq!(balances(app, &case).await, [FREE, 0, PRICE, 0, 0]);
    }

    async fn a_contract_dearer_than_its_reservation_is_not_approved(app: &TestApp) {
        let case = awarded(app).await;
        let (by, mut new) = (case.buyer.purchaser.account, case.draft(app));
        new.price = Fen::new(RESERVED + 1);
        new.milestones[0].amount = Fen::new(RESERVED + 1 - PARTS[1]);
        let facts = Facts::on_behalf_of(app.clock.now(), by).unwrap();
        let id = app.db.write(facts, move |tx| agreements::draft(tx, by, &new).map(|(row, _)| row.id)).await.unwrap();
        case.buyer.finance.client.post(&format!("/api/v1/contracts/{id}/approval")).if_match("\"1\"").send().await.refused(409, "funding_exceeded");
        assert_eq!(balances(app, &case).await, [APPROPRIATED - RESERVED, RESERVED, 0, 0, 0]);
        let bad = { let mut bad = case.draft(app); bad.milestones[0].amount = Fen::new(1); bad };
        let facts = Facts::on_behalf_of(app.clock.now(), by).unwrap();
        let refused = app.db.write(facts, move |tx| agreements::draft(tx, by, &bad).map(drop)).await.unwrap_err();
        assert_eq!(refused.code(), "invalid", "milestones that do not add up");
    }

    async fn each_party_signs_once_and_only_for_itself(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.drafted(app).await;
        // An officer who also leads the unit approves for finance, and may not sign any more.
        let both = app.person_of(app.tenant, "Jian Ren", &[Role::FinanceOfficer, Role::PurchaserLead], Some(case.buyer.unit), None).await;
        act(&both, &contract, "approval", None).await;
        let rival = supplier(app, "Qingmiao").await;
        let sign = format!("{contract}/signatures");
        let party = |name: &str| json!({"party": name});
        let etag = case.buyer.lead.client.get(&contract).send().await.etag();
        let try_signing = |person: &Person, name: &str| person.client.post(&sign).if_match(&etag).json(party(name));
        app.public().post(&sign).json(party("purchaser")).await.refused(401, "unauthenticated");
        try_signing(&rival.admin, "organisation").await.refused(404, "not_found");
        try_signing(&both, "purchaser").await.refused(403, "duties_not_separate");
        try_signing(&case.buyer.lead, "organisation").await.refused(403, "forbidden");
        try_signing(&case.supplier.admin, "purchaser").await.refused(403, "forbidden");
        try_signing(&case.supplier.member, "organisation").await.refused(403, "forbidden");
        try_signing(&case.buyer.purchaser, "purchaser").await.refused(403, "forbidden");
        try_signing(&case.supplier.admin, "witness").await.refused(422, "invalid");
        case.supplier.admin.client.post(&sign).json(party("organisation")).await.refused(428, "precondition_required");
        let signed = try_signing(&case.supplier.admin, "organisation").await.is(200);
        try_signing(&case.buyer.lead, "purchaser").await.refused(412, "stale");
        case.supplier.admin.client.post(&sign).if_match(&signed.etag()).json(party("organisation")).await.refused(409, "already_signed");
        app.public().get(&contract).send().await.refused(404, "not_found");
        case.buyer.lead.client.post(&sign).if_match(&signed.etag()).json(party("purchaser")).await.is(200);
        assert_eq!(state(&app.public(), &contract).await, "active");
    }

    async fn a_signature_stands_for_the_stamped_scan(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.bare(app).await;
        act(&case.buyer.finance, &contract, "approval", None).await;
        let (supplier, lead) = (&case.supplier.admin, &case.buyer.lead);
        let sign = async |person: &Person, party: &str| {
            let etag = person.client.get(&contract).send().await.is(200).etag();
            person.client.post(&format!("{contract}/signatures")).if_match(&etag).json(json!({"party": party})).await
        };
        let upload = async |person: &Person, purpose: &str, words: &str| {
            let path = format!("{contract}/documents?filename=scan.pdf&purpose={purpose}");
            person.client.post(&path).body("application/pdf", format!("%PDF-1.7\n{words}").into_bytes()).send().await.is(201).text_at("/sha256")
        };
        sign(supplier, "organisation").await.refused(409, "stamped_contract_missing");
        upload(supplier, "annex", "annex").await;
        sign(supplier, "organisation").await.refused(409, "stamped_contract_missing");
        let one = upload(supplier, "stamped_contract", "stamped by the supplier").await;
        let signed = sign(supplier, "organisation").await.is(200).value();
        assert_eq!((&signed["org_signed_sha256"], &signed["purchaser_signed_sha256"]), (&json!(one), &Value::Null));
        app.clock.advance_to(app.clock.now().plus_seconds(60));
        let both = upload(lead, "stamped_contract", "stamped by both").await;
        let active = sign(lead, "purchaser").await.is(200).value();
        assert_eq!((&active["org_signed_sha256"], &active["purchaser_signed_sha256"]), (&json!(one), &json!(both)));
        assert_eq!(active["state"], "active");
    }

    async fn an_invoice_of_another_case_and_payee_is_found(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (first, second) = (accepted(app, &case, &contract, 1).await, accepted(app, &case, &contract, 2).await);
        // Another unit buys from another supplier.
        let (buyer, payee) = (purchasing(app, "Feiying").await, supplier(app, "Qingmiao").await);
        let fund = crate::money::filled_fund(&buyer.finance.client, buyer.unit, APPROPRIATED).await;
        let id = CaseId::new(Uuid::now_v7());
        let (reservation, award) = award(app, &buyer, &payee, fund, id).await;
        let auditor = app.person("Shen Ji Er", &[Role::Auditor]).await;
        let source = agreements::Source::Reservation(reservation);
        let other = Awarded { buyer, supplier: payee, auditor, case: id, fund, reservation, source, award };
        let theirs = other.active(app).await;
        let theirs = accepted(app, &other, &theirs, 1).await;
        let claim = |case: &Awarded, path: &str, code: Option<&str>, number: &str| {
            let body = json!({"invoice_code": code, "invoice_number": number});
            case.supplier.admin.client.post(&format!("{path}/payments")).json(body)
        };
        // A fully digital invoice is one by its number alone.
        let paid_for = claim(&case, &first, None, "26332000000012345678").await.is(201).header("location");
        claim(&other, &theirs, None, "26332000000012345678").await.refused(409, "invoice_used");
        assert_eq!(claim(&other, &theirs, Some("033002100111"), "26332000000012345678").await.refused(422, "invalid").bad_fields(), ["/invoice_code"]);
        // A paper invoice is one by code and number; without its code it could be any of that number.
        let paper = claim(&case, &second, Some("033002100111"), "12345678").await.is(201);
        assert_eq!(paper.text_at("/invoice_code"), "033002100111");
        claim(&other, &theirs, Some("033002100111"), "12345678").await.refused(409, "invoice_used");
        claim(&other, &theirs, None, "12345678").await.refused(409, "invoice_used");
        let made = claim(&other, &theirs, Some("033002100222"), "12345678").await.is(201).header("location");
        let mut seen = invoice_of(&other.buyer.finance.client, &made).await;
        seen["invoice_code"] = json!("033002100111");
        let check = other.buyer.finance.client.post(&format!("{made}/invoice-check")).if_match("\"1\"").json(seen).await;
        assert_eq!(check.refused(422, "invalid").bad_fields(), ["/invoice_code"]);
        check_invoice(&other.buyer.finance, &made).await;
        // What was returned frees its invoice, for whoever holds it.
        act(&case.buyer.lead, &paid_for, "return", Some(json!({"reason": "发票是另一单位的。"}))).await;
        act(&other.buyer.lead, &made, "return", Some(json!({"reason": "换票。"}))).await;
        claim(&other, &theirs, None, "26332000000012345678").await.is(201);
    }

    async fn a_contract_is_public_from_the_day_it_is_active(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.drafted(app).await;
        let (other, rival) = (purchasing(app, "Feiying").await, supplier(app, "Qingmiao").await);
        let listed = async |client: &Client| client.get("/api/v1/contracts").send().await.is(200).value()["items"].as_array().unwrap().len();
        let public = app.public();
        for blind in [&public, &other.lead.client, &other.finance.client, &rival.admin.client] {
            blind.get(&contract).send().await.refused(404, "not_found");
            assert_eq!(listed(blind).await, 0);
        }
        for sighted in [&case.buyer.purchaser, &case.buyer.finance, &case.supplier.member, &case.auditor] {
            let read = sighted.client.get(&contract).send().await.is(200);
            assert_eq!((read.text_at("/price/amount_fen").as_str(), read.text_at("/milestones/1/number").as_str()), ("900000", "2"));
            assert_eq!(listed(&sighted.client).await, 1);
        }
        let hidden = format!("/api/v1/milestones/{}", case.auditor.client.get(&contract).send().await.text_at("/milestones/0/id"));
        public.get(&hidden).send().await.refused(404, "not_found");
        case.supplier.member.client.post(&format!("{hidden}/delivery")).if_match("\"1\"").json(json!({"note": "早了"})).await.refused(409, "wrong_state");
        act(&case.buyer.finance, &contract, "approval", None).await;
        act(&case.supplier.admin, &contract, "signatures", Some(json!({"party": "organisation"}))).await;
        act(&case.buyer.lead, &contract, "signatures", Some(json!({"party": "purchaser"}))).await;
        assert_eq!(listed(&public).await, 1);
        assert_eq!(public.get(&hidden).send().await.is(200).etag(), "\"1\"");
        for (filter, found) in [
            ("state=active".to_owned(), 1), ("state=drafted".to_owned(), 0),
            (format!("unit_id={}", case.buyer.unit), 1), (format!("unit_id={}", other.unit), 0),
            (format!("organisation_id={}", case.supplier.organisation), 1), (format!("organisation_id={}", rival.organisation), 0),
        ] {
            let page = public.get(&format!("/api/v1/contracts?{filter}")).send().await.is(200);
            assert_eq!(page.value()["items"].as_array().unwrap().len(), found, "{filter}");
        }
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::Auditor], None, None).await;
        foreign.client.get(&contract).send().await.refused(404, "not_found");
    }

    async fn an_acceptance_needs_the_opinion_of_those_who_are_served(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let path = milestone(app, &contract, 1).await;
        let (deliver, accept, reject) = (format!("{path}/delivery"), format!("{path}/acceptance"), format!("{path}/rejection"));
        let (member, purchaser) = (&case.supplier.member.client, &case.buyer.purchaser.client);
        let rival = supplier(app, "Qingmiao").await;
        let note = json!({"note": "已服务 412 人次。"});
        app.public().post(&deliver).json(note.clone()).await.refused(401, "unauthenticated");
        rival.member.client.post(&deliver).if_match("\"1\"").json(note.clone()).await.refused(403, "forbidden");
        purchaser.post(&deliver).if_match("\"1\"").json(note.clone()).await.refused(403, "forbidden");
        purchaser.post(&accept).if_match("\"1\"").json(opinion()).await.refused(409, "wrong_state");
        member.post(&deliver).json(note.clone()).await.refused(428, "precondition_required");
        member.post(&deliver).if_match("\"1\"").json(json!({"note": ""})).await.refused(422, "invalid");
        member.post(&deliver).if_match("\"1\"").json(note.clone()).await.is(200);
        member.post(&deliver).if_match("\"2\"").json(note.clone()).await.refused(409, "wrong_state");
        member.post(&accept).if_match("\"2\"").json(opinion()).await.refused(403, "forbidden");
        case.buyer.lead.client.post(&accept).if_match("\"2\"").json(opinion()).await.refused(403, "forbidden");
        for silent in [json!({}), json!({"beneficiaries_opinion": ""}), json!({"beneficiaries_opinion": "满意"})] {
            let refused = purchaser.post(&accept).if_match("\"2\"").json(silent).await.refused(422, "invalid");
            assert_eq!(refused.bad_fields(), ["/beneficiaries_opinion"]);
            assert_eq!(refused.text_at("/rule"), "R015");
            assert!(refused.text_at("/legal_basis").contains("第45条"));
        }
        purchaser.post(&reject).if_match("\"1\"").json(json!({"reason": "不符"})).await.refused(412, "stale");
        purchaser.post(&reject).if_match("\"2\"").json(json!({"reason": ""})).await.refused(422, "invalid");
        let rejected = purchaser.post(&reject).if_match("\"2\"").json(json!({"reason": "签到表与台账不符。"})).await.is(200);
        assert_eq!((rejected.text_at("/state").as_str(), rejected.text_at("/reason").as_str()), ("rejected", "签到表与台账不符。"));
        assert_eq!(balances(app, &case).await, [FREE, 0, PRICE, 0, 0]);
        case.supplier.admin.client.post(&format!("{path}/payments")).json(json!({"invoice_number": "12345678"})).await.refused(409, "wrong_state");
        act(&case.supplier.admin, &path, "delivery", Some(note)).await;
        seconded(&case.buyer.lead.client, &path).await;
        let accepted = act(&case.buyer.purchaser, &path, "acceptance", Some(opinion())).await;
        assert_eq!(accepted.value()["reason"], Value::Null);
        purchaser.post(&reject).if_match(&accepted.etag()).json(json!({"reason": "晚了"})).await.refused(409, "wrong_state");
        assert_eq!(balances(app, &case).await, [FREE, 0, PARTS[1], PARTS[0], 0]);
    }

    async fn a_payment_passes_through_different_hands(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let path = accepted(app, &case, &contract, 1).await;
        let (rival, other) = (supplier(app, "Qingmiao").await, purchasing(app, "Feiying").await);
        let claim = format!("{path}/payments");
        let body = json!({"invoice_number": "26332000000012345678"});
        app.public().post(&claim).json(body.clone()).await.refused(401, "unauthenticated");
        case.supplier.member.client.post(&claim).json(body.clone()).await.refused(403, "forbidden");
        rival.admin.client.post(&claim).json(body.clone()).await.refused(403, "forbidden");
        case.supplier.admin.client.post(&claim).json(json!({"invoice_number": "发票"})).await.refused(422, "invalid");
        let made = case.supplier.admin.client.post(&claim).key("c1").json(body.clone()).await.is(201);
        assert_eq!((made.text_at("/amount/amount_fen").as_str(), made.text_at("/state").as_str()), ("400000", "claimed"));
        let again = case.supplier.admin.client.post(&claim).key("c1").json(body.clone()).await.is(201);
        assert_eq!(again.text, made.text);
        let payment = made.header("location");
        app.public().get(&payment).send().await.refused(401, "unauthenticated");
        app.public().get("/api/v1/payments").send().await.refused(401, "unauthenticated");
        for blind in [&rival.admin, &other.lead, &other.finance] {
            blind.client.get(&payment).send().await.refused(404, "not_found");
            assert_eq!(blind.client.get("/api/v1/payments").send().await.value()["items"], json!([]));
            blind.client.post(&format!("{payment}/invoice-check")).if_match("\"1\"").json(json!({})).await.refused(404, "not_found");
        }
        for sighted in [&case.supplier.member, &case.buyer.lead, &case.buyer.finance, &case.auditor] {
            assert_eq!(sighted.client.get("/api/v1/payments?state=claimed").send().await.value()["items"], json!([made.value()]));
        }
        let step = |person: &Person, verb: &str, version: i64| person.client.post(&format!("{payment}/{verb}")).if_match(&format!("\"{version}\""));
        let (checker, second, lead) = (&case.buyer.finance, &case.buyer.second_finance, &case.buyer.lead);
        step(lead, "invoice-check", 1).json(json!({})).await.refused(403, "forbidden");
        step(lead, "acceptance", 1).send().await.refused(409, "wrong_state");
        checker.client.post(&format!("{payment}/invoice-check")).json(invoice_of(&checker.client, &payment).await).await.refused(428, "precondition_required");
        let invoice = invoice_of(&checker.client, &payment).await;
        step(checker, "invoice-check", 2).json(invoice.clone()).await.refused(412, "stale");
        // The invoice is another's, or for another amount, or has another number: each difference is named.
        let other = json!({"invoice_number": "26332000000099999999", "seller_uscc": "51330502MJ9000014P", "amount": {"amount_fen": 400_001, "currency": "CNY"}});
        let named = step(second, "invoice-check", 1).json(other).await.refused(422, "invalid");
        assert_eq!(named.bad_fields(), ["/invoice_number", "/seller_uscc", "/amount"]);
        step(second, "invoice-check", 1).json(invoice).await.is(200);
        step(second, "acceptance", 2).send().await.refused(403, "forbidden");
        step(lead, "acceptance", 2).send().await.is(200);
        step(second, "approval", 3).send().await.refused(403, "duties_not_separate");
        step(checker, "approval", 3).send().await.refused(403, "duties_not_separate");
        let third = app.person_of(app.tenant, "Sun Kuaiji", &[Role::FinanceOfficer], Some(case.buyer.unit), None).await;
        step(&third, "instruction", 3).send().await.refused(409, "wrong_state");
        step(lead, "approval", 3).send().await.refused(403, "forbidden");
        step(&third, "approval", 3).send().await.is(200);
        step(checker, "receipt", 4).json(json!({"bank_reference": "20260701-000123"})).await.refused(409, "wrong_state");
        step(checker, "instruction", 4).send().await.is(200);
        step(checker, "return", 5).json(json!({"reason": "晚了"})).await.refused(409, "wrong_state");
        step(checker, "receipt", 5).json(json!({"bank_reference": "a b"})).await.refused(422, "invalid");
        assert_eq!(balances(app, &case).await, [FREE, 0, PARTS[1], PARTS[0], 0]);
        step(checker, "receipt", 5).key("r1").json(json!({"bank_reference": "20260701-000123"})).await.is(200);
        step(checker, "receipt", 5).key("r1").json(json!({"bank_reference": "20260701-000123"})).await.is(200);
        assert_eq!(balances(app, &case).await, [FREE, 0, PARTS[1], 0, PARTS[0]], "a repeated receipt pays once");
        step(checker, "receipt", 6).json(json!({"bank_reference": "20260701-000123"})).await.refused(409, "wrong_state");
        case.supplier.admin.client.post(&claim).json(json!({"invoice_number": "26332000000099999999"})).await.refused(409, "already_claimed");
    }

    async fn an_invoice_serves_one_live_payment_and_a_returned_claim_may_be_made_again(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let (first, second) = (accepted(app, &case, &contract, 1).await, accepted(app, &case, &contract, 2).await);
        let client = &case.supplier.admin.client;
        let claim = |path: &str, number: &str| client.post(&format!("{path}/payments")).json(json!({"invoice_number": number}));
        let payment = claimed(&case, &first, "A2026-0001").await;
        claim(&first, "A2026-0002").await.refused(409, "already_claimed");
        claim(&second, " a2026-0001 ").await.refused(409, "invoice_used");
        let back = |person: &Person| person.client.post(&format!("{payment}/return")).if_match("\"1\"").json(json!({"reason": "发票抬头有误。"}));
        back(&case.supplier.admin).await.refused(403, "forbidden");
        back(&case.buyer.purchaser).await.refused(403, "forbidden");
        assert_eq!(back(&case.buyer.lead).await.is(200).text_at("/return_reason"), "发票抬头有误。");
        let corrected = claimed(&case, &first, "A2026-0001").await;
        // The finance officer approved the contract, so a second pair of eyes approves what the first has checked.
        paid(&case, &corrected, "20260701-000123").await;
        claim(&second, "A2026-0001").await.refused(409, "invoice_used");
        let letters: Vec<(String, String)> = app.read(|db| {
            schema::outbox::table.order(schema::outbox::due_at).select((schema::outbox::recipient, schema::outbox::subject)).load(db).unwrap()
        }).await;
        let told: Vec<&str> = letters.iter().filter_map(|(_, subject)| subject.split(" / ").nth(1)).collect();
        assert_eq!(told, ["Claim returned", "Payment approved", "Payment made"]);
        assert!(letters.iter().all(|(recipient, _)| recipient == "yinling@orgs.example"), "{letters:?}");
    }

    async fn two_claims_at_once_make_one_payment(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let path = accepted(app, &case, &contract, 1).await;
        let claims = (0..8).map(|n| case.supplier.admin.client.post(&format!("{path}/payments")).json(json!({"invoice_number": format!("INV-00{n}")})));
        let answers = futures_util::future::join_all(claims).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        let codes: Vec<String> = answers.iter().filter(|answer| answer.status != 201).map(|answer| answer.text_at("/code")).collect();
        assert_eq!(made, 1, "{codes:?}");
        assert!(codes.iter().all(|code| code == "already_claimed"), "{codes:?}");
    }

    async fn an_active_contract_feeds_one_project_of_its_unit(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let other = purchasing(app, "Feiying").await;
        let propose = async |buyer: &crate::support::chain::Purchasing, number: i64| {
            let body = json!({"unit_id": buyer.unit.to_string(), "cohort": 2026, "name_zh": format!("银龄陪伴{number}"), "story": "陪伴独居老人。",
                "indicators": [{"name_zh": "服务", "unit_label": "人次", "kind": "count", "direction": "up", "baseline": 0, "target": 800}]});
            let path = buyer.purchaser.client.post("/api/v1/projects").json(body).await.is(201).header("location");
            act(&buyer.lead, &path, "selection", Some(json!({"number": number}))).await;
            path.rsplit('/').next().unwrap().to_owned()
        };
        let (ours, ours_too, theirs) = (propose(&case.buyer, 1).await, propose(&case.buyer, 2).await, propose(&other, 3).await);
        let etag = app.public().get(&contract).send().await.etag();
        let link = |person: &Person, project: &str| person.client.post(&format!("{contract}/project")).if_match(&etag).json(json!({"project_id": project}));
        link(&other.purchaser, &ours).await.refused(403, "forbidden");
        link(&case.supplier.admin, &ours).await.refused(403, "forbidden");
        case.buyer.purchaser.client.post(&format!("{contract}/project")).json(json!({"project_id": ours})).await.refused(428, "precondition_required");
        for wrong in [theirs, Uuid::now_v7().to_string()] {
            assert_eq!(link(&case.buyer.purchaser, &wrong).await.refused(422, "invalid").bad_fields(), ["/project_id"]);
        }
        let linked = link(&case.buyer.purchaser, &ours).await.is(200);
        assert_eq!(linked.text_at("/project_id"), ours);
        let project = app.public().get(&format!("/api/v1/projects/{ours}")).send().await.is(200);
        assert_eq!((project.text_at("/state"), project.text_at("/payee_id"), project.text_at("/case_id")),
            ("delivering".to_owned(), case.supplier.organisation.to_string(), case.case.to_string()));
        let again = case.buyer.purchaser.client.post(&format!("{contract}/project")).if_match(&linked.etag());
        again.json(json!({"project_id": ours_too})).await.refused(409, "project_linked");
    }

    async fn a_project_is_fed_by_a_further_contract_while_it_is_delivered(app: &TestApp) {
        let mut case = awarded(app).await;
        let contract = case.active(app).await;
        let body = json!({"unit_id": case.buyer.unit.to_string(), "cohort": 2026, "name_zh": "银龄陪伴", "brand": "湖小伴", "story": "陪伴独居老人。",
            "indicators": [{"name_zh": "服务", "unit_label": "人次", "kind": "count", "direction": "up", "baseline": 0, "target": 800}]});
        let path = case.buyer.purchaser.client.post("/api/v1/projects").json(body).await.is(201).header("location");
        let project = json!({"project_id": path.rsplit('/').next().unwrap()});
        let etag = app.public().get(&contract).send().await.etag();
        case.buyer.purchaser.client.post(&format!("{contract}/project")).if_match(&etag).json(project.clone()).await.refused(409, "wrong_state");
        act(&case.buyer.lead, &path, "selection", Some(json!({"number": 1}))).await;
        act(&case.buyer.purchaser, &contract, "project", Some(project.clone())).await;
        case.case = CaseId::new(Uuid::now_v7());
        (case.reservation, case.award) = award(app, &case.buyer, &case.supplier, case.fund, case.case).await;
        case.source = agreements::Source::Reservation(case.reservation);
        let second = case.active(app).await;
        act(&case.buyer.purchaser, &second, "project", Some(project)).await;
        let fed = app.public().get(&path).send().await.is(200).value();
        let contracts: Vec<&str> = fed["agreements"].as_array().unwrap().iter().map(|one| one["agreement_id"].as_str().unwrap()).collect();
        assert_eq!(contracts, [contract.rsplit('/').next().unwrap(), second.rsplit('/').next().unwrap()]);
        assert_eq!((&fed["brand"], &fed["state"]), (&json!("湖小伴"), &json!("delivering")));
        assert_ne!(fed["case_id"], json!(case.case));
        assert_eq!(app.public().get("/api/v1/contracts?limit=1").send().await.value()["items"].as_array().unwrap().len(), 1);
        let next = app.public().get("/api/v1/contracts?limit=1").send().await.text_at("/next");
        let page = app.public().get(&format!("/api/v1/contracts?limit=1&after={next}")).send().await.is(200).value();
        assert_eq!((page["items"].as_array().unwrap().len(), page["next"].clone()), (1, Value::Null));
    }

    async fn the_stamped_scan_is_given_to_the_parties_only(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let rival = supplier(app, "Qingmiao").await;
        let path = format!("{contract}/documents?filename=scan.pdf&purpose=stamped_contract");
        let pdf = b"%PDF-1.7 stamped".to_vec();
        let upload = |client: &Client, path: &str| client.post(path).body("application/pdf", pdf.clone()).send();
        upload(&app.public(), &path).await.refused(401, "unauthenticated");
        upload(&rival.admin.client, &path).await.refused(403, "forbidden");
        upload(&case.supplier.member.client, &path).await.refused(403, "forbidden");
        upload(&case.supplier.admin.client, &format!("{contract}/documents?filename=scan.pdf&purpose=love_letter")).await.refused(422, "invalid");
        let stored = upload(&case.supplier.admin.client, &path).await.is(201);
        assert_eq!(stored.text_at("/purpose"), "stamped_contract");
        let file = stored.header("location");
        for sighted in [&case.supplier.member, &case.buyer.purchaser, &case.buyer.finance, &case.auditor] {
            let listed = sighted.client.get(&format!("{contract}/documents")).send().await.is(200).value();
            assert!(listed["items"].as_array().unwrap().contains(&stored.value()), "{listed}");
            let download = sighted.client.get(&file).send().await.is(200);
            assert_eq!((download.text.as_bytes(), download.header("x-content-type-options").as_str()), (pdf.as_slice(), "nosniff"));
            assert!(download.header("content-disposition").starts_with("attachment"));
        }
        app.public().get(&format!("{contract}/documents")).send().await.refused(401, "unauthenticated");
        rival.admin.client.get(&format!("{contract}/documents")).send().await.refused(404, "not_found");
        rival.admin.client.get(&file).send().await.refused(404, "not_found");
        let elsewhere = format!("/api/v1/contracts/{}/documents/{}", Uuid::now_v7(), stored.text_at("/id"));
        case.auditor.client.get(&elsewhere).send().await.refused(404, "not_found");
    }
}
