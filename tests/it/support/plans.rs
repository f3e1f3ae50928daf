//! Plans, frameworks and imports for the stories and the denial cases.

use serde_json::{Value, json};

use super::TestApp;
use super::http::Answer;
use super::story::Chain;

pub fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

/// A plan of 300 000 yuan for the chain's item, by consultation.
pub fn plan_body(chain: &Chain) -> Value {
    json!({"year": 2026, "title": "月河街道居家养老上门服务", "need": "辖区 80 岁以上独居老人 312 人，需要每周上门照料。",
        "catalogue_item_id": chain.id("item_id"), "mode": "contracting_out", "procedure": "consultation", "public_service": true,
        "term_months": 12, "expected_on": "2026-04-15",
        "details": {
            "objectives": [{"indicator": "上门服务人次", "target": 3000, "unit": "人次"}],
            "prior_evaluation": "2026-01-20 街道绩效评审会评估，结论：予以支持。",
            "market_study": {"sources": ["2025 年爱山街道同类项目成交公告"], "lowest": money(25_000_000), "highest": money(32_000_000)},
            "prohibited": [],
            "consultation": {"from": "2026-01-05", "to": "2026-01-16", "channel": "社区公告栏与街道公众号", "opinions": 42, "outcome": "采纳 31 条：增加助浴与陪诊。"}
        },
        "budgets": [{"stream": "fiscal", "year": 2026, "fund_id": chain.id("fund_id"), "amount": money(30_000_000)}]})
}

/// The catalogue item that the chain buys.
pub async fn item(app: &TestApp, chain: &mut Chain) {
    let item = app.public().get("/api/v1/catalogue-items?level=4&limit=2").send().await.is(200);
    chain.ids.insert("item_id", item.text_at("/items/0/id"));
    chain.ids.insert("other_item_id", item.text_at("/items/1/id"));
}

/// People, money and an item, with nothing bought yet.
pub async fn ready(app: &TestApp) -> Chain {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    item(app, &mut chain).await;
    chain
}

/// Drafts a plan; gives its path.
pub async fn drafted(chain: &Chain, body: Value) -> String {
    chain.purchaser.client.post("/api/v1/plans").json(body).await.is(201).header("location")
}

/// Drafts a plan and has it approved; gives its path.
pub async fn approved(chain: &Chain, body: Value) -> String {
    let path = drafted(chain, body).await;
    chain.purchaser.client.act(&format!("{path}/submission"), json!({})).await.is(200);
    chain.lead.client.act(&format!("{path}/approval"), json!({})).await.is(200);
    path
}

/// A lot with its ceiling, as a consultation needs it.
pub fn lot(ceiling: i64) -> Value {
    json!({"title": "上门服务", "ceiling": money(ceiling), "criteria": [
        {"name": "服务方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]})
}

/// Drafts a tender of one lot from a plan.
pub async fn tender(chain: &Chain, plan: &str, ceiling: i64) -> Answer {
    let body = json!({"fund_id": chain.id("fund_id"), "plain_offers": true, "lots": [lot(ceiling)]});
    chain.purchaser.client.act(&format!("{plan}/tenders"), body).await
}

/// The rules that an answer warns of.
pub fn warned(answer: &Answer) -> Vec<String> {
    answer.value()["warnings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

/// An active framework for the chain's item: the first two organisations, direct orders up to 50 000 yuan, until the end of June.
pub async fn framework(chain: &Chain) -> String {
    let body = framework_body(chain);
    let path = chain.purchaser.client.post("/api/v1/frameworks").json(body).await.is(201).header("location");
    chain.lead.client.act(&format!("{path}/activation"), json!({})).await.is(200);
    path
}

pub fn framework_body(chain: &Chain) -> Value {
    json!({"title": "助浴服务框架协议", "catalogue_item_id": chain.id("item_id"), "district_wide": false, "unit_label": "人次",
        "reference": "湖财采框〔2026〕1号", "reference_url": "https://zfcg.example.gov.cn/notice/1", "valid_from": "2026-03-03", "valid_to": "2026-06-30",
        "competition_above": money(5_000_000), "suppliers": [
            {"organisation_id": chain.bidders[0].id, "unit_price": money(10_000), "limit": money(6_000_000)},
            {"organisation_id": chain.bidders[1].id, "unit_price": money(12_000)}]})
}

/// A purchase of 180 000 yuan run on the platform, which the first organisation won.
pub fn external_body(chain: &Chain, number: &str) -> Value {
    json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "月河街道居家养老服务采购", "description": "上门服务，为期一年。",
        "mode": "contracting_out", "plan_number": "吴采计2026-0031", "platform": "浙江政府采购网", "announcement_url": "https://zfcg.example.gov.cn/announcement/31",
        "procedure_used": "open_tender", "announced_on": "2026-01-26", "deadline_on": "2026-02-24", "bidders": 3,
        "panel": [{"name": "甲", "role": "expert", "chair": true}, {"name": "乙", "role": "expert", "chair": false}, {"name": "丙", "role": "expert", "chair": false},
            {"name": "丁", "role": "expert", "chair": false}, {"name": "戊", "role": "purchaser_representative", "chair": false}],
        "notice_number": number, "notice_url": "https://zfcg.example.gov.cn/award/31", "awarded_on": "2026-02-26",
        "lots": [{"title": "上门服务", "ceiling": money(20_000_000), "uscc": "52330502MJ9000022F", "price": money(18_000_000)}]})
}

/// One of each for the denial cases.
pub async fn extend(chain: &mut Chain) {
    // The story went on past the plan's dates: what is made here begins later.
    let year = |body: Value| merged(body, json!({"expected_on": "2030-01-01"}));
    let plan = drafted(chain, year(plan_body(chain))).await;
    let framework = chain.purchaser.client.post("/api/v1/frameworks").json(framework_body(chain)).await.is(201);
    let external = chain.purchaser.client.post("/api/v1/external-tenders").json(external_body(chain, "吴采成2026-0099")).await.is(201);
    let last = |path: String| path.rsplit('/').next().unwrap().to_owned();
    chain.ids.insert("plan_id", last(plan));
    chain.ids.insert("framework_id", framework.text_at("/id"));
    chain.ids.insert("external_tender_id", external.text_at("/id"));
}

/// A body with some of its fields, also nested ones, changed.
pub fn merged(mut body: Value, change: Value) -> Value {
    for (key, value) in change.as_object().unwrap() {
        match (&body[key], value) {
            (Value::Object(_), Value::Object(_)) => body[key] = merged(body[key].clone(), value.clone()),
            _ => body[key] = value.clone(),
        }
    }
    body
}
