//! Purchases run on the statutory platform: imported with their award, approved by finance, and going on to the contract.

use serde_json::{Value, json};

use crate::support::plans::{external_body, merged, money, ready};
use crate::support::{TestApp, on_both};

const HEADER: &str = "catalogue_item_id,fund_id,title,description,mode,plan_number,platform,announcement_url,procedure_used,announced_on,deadline_on,bidders,notice_number,notice_url,awarded_on,uscc,ceiling_fen,price_fen";

async fn balances(app: &TestApp, fund: &str) -> [i64; 2] {
    let fund = app.public().get(&format!("/api/v1/funds/{fund}")).send().await.is(200).value();
    ["free", "reserved"].map(|account| fund["balances"][account]["amount_fen"].as_i64().unwrap())
}

fn rules(found: &Value) -> Vec<&str> {
    found["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect()
}

on_both! {
    async fn an_imported_award_goes_on_to_the_contract(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let made = lin.post("/api/v1/external-tenders").json(external_body(&chain, "吴采成2026-0031")).await.is(201);
        assert_eq!(rules(&made.value()), [""; 0], "{}", made.text);
        let path = made.header("location");
        app.public().get(&path).send().await.refused(404, "not_found");
        assert_eq!(balances(app, chain.id("fund_id")).await, [50_000_000, 0]);
        lin.post("/api/v1/external-tenders").json(external_body(&chain, "吴采成2026-0031")).await.refused(409, "already_imported");
        // The tender that carries it is moved by the import alone.
        let carried = format!("/api/v1/tenders/{}", made.text_at("/tender_id"));
        lin.act(&format!("{carried}/submission"), json!({})).await.refused(409, "wrong_state");
        lin.act(&format!("{path}/approval"), json!({})).await.refused(403, "forbidden");
        let approved = chain.finance.client.act(&format!("{path}/approval"), json!({})).await.is(200);
        assert_eq!(balances(app, chain.id("fund_id")).await, [30_000_000, 20_000_000]);
        chain.finance.client.act(&format!("{path}/approval"), json!({})).await.refused(409, "wrong_state");
        let public = app.public().get(&carried).send().await.is(200).value();
        assert_eq!((public["procedure"].as_str(), public["phase"].as_str(), public["lots"][0]["state"].as_str()), (Some("external"), Some("closed"), Some("awarded")));
        let award = app
            .read(move |db| {
                use baiyi::db::schema::awards::dsl;
                use diesel::prelude::*;
                dsl::awards.select((dsl::id, dsl::state)).first::<(baiyi::kernel::id::AwardId, String)>(db).unwrap()
            })
            .await;
        assert_eq!(award.1, "confirmed");
        assert_eq!(approved.value()["lots"][0]["price"]["amount_fen"], 18_000_000);
        let terms = json!({"title": "居家养老服务合同", "starts_on": "2026-04-01", "ends_on": "2026-12-31", "milestones": [{"title": "全年", "due_on": "2026-12-31", "amount": money(18_000_000)}]});
        let contract = lin.act(&format!("/api/v1/awards/{}/contract", award.0), terms).await.is(201);
        assert_eq!(contract.text_at("/case_id"), made.text_at("/case_id"));
        let listed = app.public().get("/api/v1/external-tenders?state=approved").send().await.is(200).value();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        // It counts under the procedure that it was run by.
        let sums = format!("/api/v1/units/{}/purchases?year=2026", chain.id("unit_id"));
        assert_eq!(app.public().get(&sums).send().await.is(200).value()["items"][0]["procedures"][0]["procedure"], "open_tender");
    }

    async fn dates_and_panel_are_judged_without_stopping_the_import(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let import = async |number: &str, change: Value| {
            let body = merged(external_body(&chain, number), change);
            lin.post("/api/v1/external-tenders").json(body).await.is(201).value()
        };
        // A day short of the twenty days of R019; the calendar's holidays roll the last day on.
        let short = import("甲", json!({"announced_on": "2026-02-02", "deadline_on": "2026-02-13", "awarded_on": "2026-02-26"})).await;
        assert_eq!(rules(&short), ["R019"]);
        assert_eq!(short["findings"][0]["standing"], "broken");
        let four = json!({"panel": external_body(&chain, "")["panel"].as_array().unwrap()[..4]});
        assert_eq!(rules(&import("乙", four).await), ["R037"]);
        assert_eq!(rules(&import("丙", json!({"bidders": 2})).await), ["R045"]);
        // A consultation knows other periods and panels.
        assert_eq!(rules(&import("丁", json!({"procedure_used": "consultation", "announced_on": "2026-02-02", "deadline_on": "2026-02-13", "bidders": 2})).await), [""; 0]);
    }

    async fn what_does_not_fit_is_refused(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let refused = async |change: Value| {
            let body = merged(external_body(&chain, "x"), change);
            lin.post("/api/v1/external-tenders").json(body).await.refused(422, "invalid").bad_fields()
        };
        let lot = |uscc: &str, price: i64| json!({"lots": [{"title": "包", "ceiling": money(20_000_000), "uscc": uscc, "price": money(price)}]});
        assert_eq!(refused(lot("91330502MA9000001X", 1)).await, ["/lots/0/uscc"]);
        assert_eq!(refused(lot("52330502MJ9000022F", 20_000_001)).await, ["/lots/0/price"]);
        assert_eq!(refused(json!({"announcement_url": "http://zfcg.example.gov.cn/"})).await, ["/announcement_url"]);
        assert_eq!(refused(json!({"procedure_used": "external"})).await, ["/procedure_used"]);
        assert_eq!(refused(json!({"awarded_on": "2026-03-03"})).await, ["/awarded_on"]);
        chain.lead.client.post("/api/v1/external-tenders").json(external_body(&chain, "x")).await.refused(403, "forbidden");
        // More than the fund has: nothing is half-done.
        let dear = json!({"lots": [{"title": "包", "ceiling": money(50_000_001), "uscc": "52330502MJ9000022F", "price": money(1)}]});
        let made = lin.post("/api/v1/external-tenders").json(merged(external_body(&chain, "贵"), dear)).await.is(201);
        let path = made.header("location");
        chain.finance.client.act(&format!("{path}/approval"), json!({})).await.refused(409, "insufficient_funds");
        assert_eq!(balances(app, chain.id("fund_id")).await, [50_000_000, 0]);
        assert_eq!(lin.get(&path).send().await.is(200).text_at("/state"), "imported");
        chain.finance.client.act(&format!("{path}/refusal"), json!({"reason": "超出预算"})).await.is(200);
        let carried = format!("/api/v1/tenders/{}", made.text_at("/tender_id"));
        assert_eq!(lin.get(&carried).send().await.is(200).text_at("/state"), "cancelled");
    }

    async fn a_table_comes_in_whole_or_not_at_all(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let row = |number: &str, uscc: &str| {
            format!("{},{},居家养老,上门服务,contracting_out,吴采计1,浙江政府采购网,https://zfcg.example.gov.cn/a,open_tender,2026-01-26,2026-02-24,3,{number},https://zfcg.example.gov.cn/b,2026-02-26,{uscc},20000000,18000000",
                chain.id("item_id"), chain.id("fund_id"))
        };
        let send = async |rows: &[String]| {
            let table = format!("{HEADER}\n{}\n", rows.join("\n"));
            lin.post("/api/v1/external-tenders/import").body("text/csv", table).send().await
        };
        let bad = send(&[row("一", "52330502MJ9000022F"), row("二", "91330502MA9000001X"), row("一", "52330502MJ9000022F")]).await.refused(422, "invalid");
        assert_eq!(bad.bad_fields(), ["line 3, lots/0/uscc", "line 4"]);
        assert_eq!(lin.get("/api/v1/external-tenders").send().await.is(200).value()["items"], json!([]));
        assert_eq!(send(&[row("一", "52330502MJ9000022F"), row("二", "51330502MJ9000014P")]).await.is(200).text_at("/rows"), "2");
    }
}
