//! A contract that names what each milestone brings, and whose parties sign with electronic seals.

use baiyi::trust::signing;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::story::{Chain, WINNING_PRICE};
use crate::support::{SEAL_SERVICE, TestApp, on_both};

const SCAN: &[u8] = b"%PDF-1.7\nsealed by both";

/// What the sealing service answers to a party: its word that the seal is on the file.
fn sealed(app: &TestApp, contract: &str, party: &str, holder: &str, file: &[u8]) -> Value {
    let sha256 = hex::encode(Sha256::digest(file));
    let statement = json!({"format": "baiyi-electronic-seal-1", "contract_id": contract.rsplit('/').next().unwrap(), "party": party, "holder": holder,
        "document_sha256": sha256, "sealed_at": "2026-03-20T01:00:00Z"});
    let signature = app.seal_key.sign(&signing::canonical(&statement).unwrap());
    json!({"service": SEAL_SERVICE, "document_sha256": sha256, "sealed_at": "2026-03-20T01:00:00Z", "signature": signature})
}

on_both! {
    async fn both_parties_seal_the_same_file_and_each_milestone_says_what_it_brings(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        chain.opening(app).await;
        chain.award().await;
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-20T00:00:00Z").unwrap());
        let drafting = format!("/api/v1/awards/{}/contract", chain.id("award_id"));
        let with = |deliverables: Value| json!({"title": "月河街道居家养老上门服务合同", "starts_on": "2026-04-01", "ends_on": "2026-12-31", "milestones": [
            {"title": "上半年服务", "due_on": "2026-07-31", "amount": {"amount_fen": WINNING_PRICE, "currency": "CNY"}, "deliverables": deliverables}]});
        let buyer = &chain.purchaser.client;
        let two_lines = buyer.act(&drafting, with(json!(["台账\n另一项"]))).await.refused(422, "invalid");
        assert_eq!(two_lines.bad_fields(), ["/milestones/0/deliverables/0"]);
        let contract = buyer.act(&drafting, with(json!(["服务台账", "满意度调查报告"]))).await.is(201);
        assert_eq!(contract.value()["milestones"][0]["deliverables"], json!(["服务台账", "满意度调查报告"]));
        let contract = format!("/api/v1/contracts/{}", contract.text_at("/id"));
        chain.finance.client.act(&format!("{contract}/approval"), json!({})).await.is(200);
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-20T01:00:30Z").unwrap());

        let unit = "月河街道办事处";
        let uscc = app.public().get(&format!("/api/v1/organisations/{}", chain.bidders[0].id)).send().await.is(200).text_at("/uscc");
        let sign = format!("{contract}/signatures");
        let supplier = &chain.bidders[0].client;
        let with_seal = |party: &str, seal: Value| json!({"party": party, "seal": seal});
        // The file must be the contract's own, the seal its party's, the service one that counts, its word unchanged and not of tomorrow.
        let early = sealed(app, &contract, "organisation", &uscc, SCAN);
        supplier.act(&sign, with_seal("organisation", early.clone())).await.refused(422, "electronic_seal_wrong");
        buyer.post(&format!("{contract}/documents?filename=sealed.pdf&purpose=stamped_contract")).body("application/pdf", SCAN.to_vec()).send().await.is(201);
        for (field, value) in [("service", json!("别处的印章")), ("sealed_at", json!("2026-03-20T01:00:01Z")), ("document_sha256", json!("0".repeat(64)))] {
            let mut forged = early.clone();
            forged[field] = value;
            supplier.act(&sign, with_seal("organisation", forged)).await.refused(422, "electronic_seal_wrong");
        }
        let units = sealed(app, &contract, "organisation", unit, SCAN);
        supplier.act(&sign, with_seal("organisation", units)).await.refused(422, "electronic_seal_wrong");
        supplier.act(&sign, with_seal("organisation", early)).await.is(200);
        let own = sealed(app, &contract, "purchaser", unit, SCAN);
        let active = chain.lead.client.act(&sign, with_seal("purchaser", own.clone())).await.is(200).value();
        assert_eq!(active["state"], "active");
        let seals: Vec<Value> = active["seals"].as_array().unwrap().iter().map(|seal| json!([seal["party"], seal["service"], seal["document_sha256"]])).collect();
        assert_eq!(json!(seals), json!([["organisation", SEAL_SERVICE, own["document_sha256"]], ["purchaser", SEAL_SERVICE, own["document_sha256"]]]));
        // The printed contract names what is to be brought.
        let case = chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value();
        assert_eq!(case["contracts"][0]["milestones"][0]["deliverables"], json!(["服务台账", "满意度调查报告"]));
    }
}
