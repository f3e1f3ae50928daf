//! Framework agreements: who is admitted, direct orders inside the limits, competition among the admitted above them.

use baiyi::kernel::UtcInstant;
use serde_json::{Value, json};

use crate::support::plans::{framework, framework_body, lot, merged, money, ready};
use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

fn order(chain: &Chain, bidder: usize, quantity: i64) -> Value {
    json!({"organisation_id": chain.bidders[bidder].id, "quantity": quantity, "reason": "该机构在本街道设有助浴点，响应最快。", "title": "二季度助浴服务",
        "description": "为失能老人每月助浴一次。", "mode": "contracting_out", "fund_id": chain.id("fund_id")})
}

fn tomorrow(app: &TestApp) {
    app.clock.advance_to(UtcInstant::parse("2026-03-03T01:00:00Z").unwrap());
}

on_both! {
    async fn a_direct_order_goes_to_the_contract(app: &TestApp) {
        let chain = ready(app).await;
        let path = framework(&chain).await;
        let lin = &chain.purchaser.client;
        // Activated on 2 March, in force from the 3rd.
        lin.post(&format!("{path}/orders")).json(order(&chain, 0, 100)).await.refused(409, "framework_not_in_force");
        tomorrow(app);
        assert_eq!(app.public().get(&path).send().await.is(200).text_at("/phase"), "in_force");
        let placed = lin.post(&format!("{path}/orders")).json(order(&chain, 0, 100)).await.is(201);
        assert_eq!(placed.value()["amount"]["amount_fen"], 1_000_000);
        let tender = placed.header("location");
        // What the framework fixed stays fixed.
        let etag = lin.get(&tender).send().await.is(200).etag();
        let raised = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "二季度", "description": "同上", "mode": "contracting_out",
            "procedure": "framework", "solicitation": "single", "named_organisation_id": chain.bidders[2].id, "procedure_reason": "换一家没有入围的组织来做。", "plain_offers": true,
            "lots": [{"title": "助浴", "ceiling": money(9_000_000)}]});
        let fields = lin.call("PUT", &tender).if_match(&etag).json(raised).await.refused(422, "invalid").bad_fields();
        assert!(fields.contains(&"/named_organisation_id".to_owned()) && fields.contains(&"/lots".to_owned()), "{fields:?}");
        lin.act(&format!("{tender}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let published = lin.act(&format!("{tender}/publication"), json!({})).await.is(200);
        let lot = format!("/api/v1/lots/{}", published.text_at("/lots/0/id"));
        let award = lin.act(&format!("{lot}/direct-award"), json!({"price": money(1_000_000), "reason": "按框架协议单价一百元执行。"})).await.is(201);
        assert_eq!(award.text_at("/organisation_id"), chain.bidders[0].id);
        let award = format!("/api/v1/awards/{}", award.text_at("/id"));
        chain.lead.client.act(&format!("{award}/confirmation"), json!({})).await.is(200);
        let terms = json!({"title": "助浴服务合同", "starts_on": "2026-04-01", "ends_on": "2026-06-30", "milestones": [{"title": "二季度", "due_on": "2026-06-30", "amount": money(1_000_000)}]});
        lin.act(&format!("{award}/contract"), terms).await.is(201);
        let listed = app.public().get(&format!("{path}/orders")).send().await.is(200).value();
        assert_eq!(listed["items"][0]["quantity"], 100);
        assert_eq!(app.public().get(&path).send().await.is(200).value()["suppliers"][0]["ordered"]["amount_fen"], 1_000_000);
    }

    async fn limits_dates_and_suppliers_are_kept(app: &TestApp) {
        let chain = ready(app).await;
        let path = framework(&chain).await;
        tomorrow(app);
        let orders = format!("{path}/orders");
        let lin = &chain.purchaser.client;
        lin.post(&orders).json(order(&chain, 2, 1)).await.refused(422, "supplier_not_in_framework");
        lin.post(&orders).json(order(&chain, 0, 0)).await.refused(422, "invalid");
        // 500 units are 50 000 yuan, the most of a direct order; one more needs a competition.
        lin.post(&orders).json(order(&chain, 0, 501)).await.refused(422, "competition_needed");
        let placed = lin.post(&orders).json(order(&chain, 0, 500)).await.is(201).header("location");
        // The supplier's limit is 60 000 yuan.
        lin.post(&orders).json(order(&chain, 0, 101)).await.refused(422, "framework_limit_exceeded");
        lin.act(&format!("{placed}/cancellation"), json!({"reason": "需求取消"})).await.is(200);
        lin.post(&orders).json(order(&chain, 0, 101)).await.is(201);
        // The last day is a day of the framework, the next is none.
        app.clock.advance_to(UtcInstant::parse("2026-06-30T15:00:00Z").unwrap());
        lin.post(&orders).json(order(&chain, 1, 1)).await.is(201);
        app.clock.advance_to(UtcInstant::parse("2026-06-30T16:00:00Z").unwrap());
        lin.post(&orders).json(order(&chain, 1, 1)).await.refused(409, "framework_not_in_force");
    }

    async fn the_admitted_compete_and_nobody_else(app: &TestApp) {
        let chain = ready(app).await;
        let path = framework(&chain).await;
        tomorrow(app);
        let lin = &chain.purchaser.client;
        let body = json!({"title": "全年助浴", "description": "为期一年。", "mode": "contracting_out", "ceiling": money(9_000_000), "fund_id": chain.id("fund_id")});
        let tender = lin.post(&format!("{path}/tenders")).json(body.clone()).await.is(201).header("location");
        assert_eq!(lin.get(&tender).send().await.is(200).text_at("/procedure"), "framework");
        let etag = lin.get(&tender).send().await.is(200).etag();
        let strangers = json!({"organisation_ids": [chain.bidders[2].id]});
        assert_eq!(lin.call("PUT", &format!("{tender}/invitations")).if_match(&etag).json(strangers).await.refused(422, "invalid").bad_fields(), ["/organisation_ids"]);
        lin.act(&format!("{tender}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        let published = lin.act(&format!("{tender}/publication"), json!({"bid_deadline": "2026-03-24T01:00:00Z"})).await.is(200);
        let bids = format!("/api/v1/lots/{}/bids", published.text_at("/lots/0/id"));
        let offer = json!({"offer": {"price": money(8_000_000), "text": "全年方案"}});
        chain.bidders[0].client.post(&bids).json(offer.clone()).await.is(201);
        let stranger = chain.bidders[2].client.post(&bids).json(offer).await;
        assert!((400..500).contains(&stranger.status), "{}", stranger.text);
        // Without a framework nothing is called off.
        let loose = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "无框架", "description": "同上", "mode": "contracting_out",
            "procedure": "framework", "plain_offers": true, "lots": [lot(1)]});
        assert_eq!(lin.post("/api/v1/tenders").json(loose).await.refused(422, "invalid").bad_fields(), ["/procedure"]);
        chain.lead.client.act(&format!("{path}/end"), json!({"reason": "供应商退出"})).await.is(200);
        lin.post(&format!("{path}/tenders")).json(body).await.refused(409, "wrong_state");
    }

    async fn a_framework_is_refused_with_every_bad_field(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let bad = merged(framework_body(&chain), json!({"title": "", "valid_to": "2026-03-02", "reference_url": "http://zfcg.example.gov.cn/", "suppliers": [
            {"organisation_id": chain.bidders[0].id, "unit_price": money(0)}, {"organisation_id": chain.bidders[0].id, "unit_price": money(2), "limit": money(1)}]}));
        let fields = lin.post("/api/v1/frameworks").json(bad).await.refused(422, "invalid").bad_fields();
        for pointer in ["/title", "/valid_to", "/reference_url", "/suppliers/0/unit_price", "/suppliers/1/organisation_id", "/suppliers/1/limit"] {
            assert!(fields.iter().any(|one| one == pointer), "{pointer} in {fields:?}");
        }
        let both = merged(framework_body(&chain), json!({"source_tender_id": chain.bidders[0].id}));
        assert_eq!(lin.post("/api/v1/frameworks").json(both).await.refused(422, "invalid").bad_fields(), ["/reference"]);
        let drafted = lin.post("/api/v1/frameworks").json(framework_body(&chain)).await.is(201).header("location");
        app.public().get(&drafted).send().await.refused(404, "not_found");
        lin.act(&format!("{drafted}/activation"), json!({})).await.refused(403, "forbidden");
        lin.post(&format!("{drafted}/orders")).json(order(&chain, 0, 1)).await.refused(409, "wrong_state");
    }
}
