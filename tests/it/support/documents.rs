//! Documents, questions, visits, amendments and bonds of a published tender, and an expert of the pool.

use serde_json::{Value, json};

use super::TestApp;
use super::http::Answer;
use super::story::Chain;

pub fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

/// Terms of a lot with one statutory qualification and the bonds given.
pub fn lot_terms(bonds: Value) -> Value {
    json!({"requirements": "为 80 岁以上独居老人每周两次上门，每次不少于两小时。", "service_standards": ["投诉率不高于百分之一"],
        "qualifications": [{"kind": "legal_capacity", "basis": "statutory", "text": "具有独立承担民事责任的能力", "evidence": "登记证书复印件"}],
        "price": {"rule": "scored"}, "bonds": bonds})
}

/// Bonds as high as R048 and R050 let them be for a ceiling of 200 000 yuan.
pub fn bonds() -> Value {
    json!({"bid_bond": money(400_000), "performance_bond_bp": 1000, "forms": ["guarantee_letter"]})
}

/// Terms that all lots share; questions end a day before the deadline.
pub fn tender_terms() -> Value {
    json!({"question_lead_days": 1, "contract": {"term_months": 12, "payment_schedule": "期满验收后支付。", "liability": "未达服务标准的，按次扣减。"}})
}

/// Writes a resource with the version of the tender.
pub async fn put(chain: &Chain, tender: &str, path: &str, body: Value) -> Answer {
    let client = &chain.purchaser.client;
    let etag = client.get(tender).send().await.is(200).etag();
    client.call("PUT", path).if_match(&etag).json(body).await
}

/// A drafted tender of one lot of 200 000 yuan by `procedure`; gives its path and the lot's.
pub async fn drafted(app: &TestApp, chain: &Chain, procedure: &str) -> (String, String) {
    let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.is(200).text_at("/items/0/id");
    let body = json!({"catalogue_item_id": item, "fund_id": chain.id("fund_id"), "title": "月河街道居家养老服务", "description": "上门服务，为期一年。",
        "mode": "contracting_out", "procedure": procedure, "plain_offers": true, "lots": [{"title": "上门服务", "ceiling": money(20_000_000), "criteria": [
            {"name": "方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]}]});
    let made = chain.purchaser.client.post("/api/v1/tenders").json(body).await.is(201);
    (made.header("location"), format!("/api/v1/lots/{}", made.text_at("/lots/0/id")))
}

/// The way of a draft to its publication.
pub async fn published(chain: &Chain, tender: &str, deadline: &str) {
    let buyer = &chain.purchaser.client;
    buyer.act(&format!("{tender}/submission"), json!({})).await.is(200);
    chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
    buyer.act(&format!("{tender}/publication"), json!({"bid_deadline": deadline})).await.is(200);
}

/// One of each for the denial cases, on a tender of its own.
pub async fn extend(app: &TestApp, chain: &mut Chain) {
    let (tender, lot) = drafted(app, chain, "consultation").await;
    put(chain, &tender, &format!("{lot}/terms"), lot_terms(bonds())).await.is(200);
    published(chain, &tender, "2026-04-15T01:00:00Z").await;
    let (buyer, bidder) = (chain.purchaser.client.clone(), chain.bidders[0].client.clone());
    let asked = bidder.post(&format!("{tender}/questions")).json(json!({"question": "服务对象是否包括失能老人？"})).await.is(201);
    let visit = json!({"held_at": "2026-04-10T01:00:00Z", "register_until": "2026-04-09T01:00:00Z", "place": "月河街道居家养老服务中心"});
    let visit = buyer.post(&format!("{tender}/site-visits")).json(visit).await.is(201);
    let clarified = json!({"kind": "clarification", "body": "服务对象以社区名单为准。", "material": false, "rebids": false, "lots": []});
    let clarified = buyer.act(&format!("{tender}/amendments"), clarified).await.is(201);
    let bond = json!({"form": "guarantee_letter", "reference": "保函 2026-0317", "amount": money(400_000)});
    let bond = bidder.post(&format!("{lot}/bonds")).json(bond).await.is(201);
    let account = chain.evaluators[0].account;
    let tie = json!([{"kind": "employment", "name": "某社会工作服务中心", "until_on": "2024-01-01"}]);
    let expert = chain
        .admin
        .post("/api/v1/experts")
        .json(json!({"name": "陆评审", "account_id": account, "fields": ["A"], "ties": tie}))
        .await
        .is(201);
    for (name, id) in [
        ("question_id", asked.text_at("/id")),
        ("site_visit_id", visit.text_at("/id")),
        ("tender_amendment_id", clarified.text_at("/id")),
        ("bond_id", bond.text_at("/id")),
        ("expert_id", expert.text_at("/id")),
        ("tie_id", expert.text_at("/ties/0/id")),
    ] {
        chain.ids.insert(name, id);
    }
}
