//! Purchase plans: judged, approved, public as an intention, and tendered inside their budget; splitting is counted across the unit.

use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::plans::{approved, drafted, lot, merged, money, plan_body, ready, tender, warned};
use crate::support::{TestApp, on_both};

async fn history(app: &TestApp, case: String) -> Vec<String> {
    use diesel::prelude::*;
    app.read(move |db| {
        use baiyi::db::schema::journal_entries::dsl;
        let case = baiyi::kernel::id::CaseId::new(case.parse().unwrap());
        dsl::journal_entries.filter(dsl::case_id.eq(case)).order(dsl::id).select(dsl::action).load::<String>(db).unwrap()
    })
    .await
}

on_both! {
    async fn a_plan_is_approved_made_public_and_tendered_in_its_case(app: &TestApp) {
        let chain = ready(app).await;
        let (lin, shen) = (&chain.purchaser.client, &chain.lead.client);
        let path = drafted(&chain, plan_body(&chain)).await;
        app.public().get(&path).send().await.refused(404, "not_found");
        chain.bidders[0].client.get(&path).send().await.refused(404, "not_found");
        // The purchaser submits; nothing of it warns. The lead returns it once, the purchaser mends it.
        assert_eq!(warned(&lin.act(&format!("{path}/submission"), json!({})).await.is(200)), [""; 0]);
        shen.act(&format!("{path}/return"), json!({"reason": "请补充上年度执行情况。"})).await.is(200);
        let etag = lin.get(&path).send().await.is(200).etag();
        let mended = lin.call("PUT", &path).if_match(&etag).json(plan_body(&chain)).await.is(200);
        assert_eq!(mended.text_at("/state"), "returned");
        lin.call("PUT", &path).if_match(&etag).json(plan_body(&chain)).await.refused(412, "stale");
        lin.act(&format!("{path}/submission"), json!({})).await.is(200);
        lin.act(&format!("{path}/approval"), json!({})).await.refused(403, "forbidden");
        shen.act(&format!("{path}/approval"), json!({})).await.is(200);
        // Finance sees the budget; the public sees the plan only as an intention, without its lines and study.
        let seen = chain.finance.client.get(&path).send().await.is(200).value();
        assert_eq!(seen["inside"]["budgets"][0]["amount"]["amount_fen"], 30_000_000);
        assert_eq!(seen["inside"]["left"]["amount_fen"], 30_000_000);
        app.public().get(&path).send().await.refused(404, "not_found");
        assert_eq!(app.public().get("/api/v1/plans").send().await.is(200).value()["items"], json!([]));
        shen.act(&format!("{path}/publication"), json!({})).await.is(200);
        let public = app.public().get("/api/v1/plans?year=2026&state=published").send().await.is(200).value();
        assert_eq!((public["items"][0]["title"].as_str(), public["items"][0]["budget"]["amount_fen"].as_i64()), (Some("月河街道居家养老上门服务"), Some(30_000_000)));
        assert_eq!(public["items"][0].get("inside"), None);
        assert_eq!(app.public().get("/api/v1/plans?year=2025").send().await.is(200).value()["items"], json!([]));
        // A tender drafted on the day of the intention is warned: 30 days are the district's setting.
        let early = tender(&chain, &path, 20_000_000).await.is(201);
        assert_eq!(warned(&early), ["intention"]);
        let plan = lin.get(&path).send().await.is(200).value();
        assert_eq!(early.text_at("/case_id"), plan["case_id"].as_str().unwrap());
        assert_eq!(plan["state"], "used");
        assert_eq!(plan["inside"]["left"]["amount_fen"], 10_000_000);
        assert_eq!(app.public().get(&path).send().await.is(200).value()["tenders"], json!([]), "a draft is nobody's business");
        assert_eq!(plan["tenders"][0]["tender_id"], early.text_at("/id"));
        let actions = history(app, early.text_at("/case_id")).await;
        for action in ["plan.drafted", "plan.submitted", "plan.returned", "plan.rewritten", "plan.approved", "plan.published", "tender.drafted", "plan.tendered"] {
            assert!(actions.iter().any(|one| one == action), "{action} in {actions:?}");
        }
    }

    async fn an_intention_warns_until_its_days_are_over(app: &TestApp) {
        let chain = ready(app).await;
        let settings = app.public().get("/api/v1/plan-settings").send().await.is(200);
        assert_eq!(settings.text_at("/intention_days"), "30");
        let path = approved(&chain, plan_body(&chain)).await;
        chain.lead.client.act(&format!("{path}/publication"), json!({})).await.is(200);
        // Public on 2 March: 31 March is a day too soon, 1 April is in time.
        app.clock.advance_to(UtcInstant::parse("2026-03-31T01:00:00Z").unwrap());
        let one = tender(&chain, &path, 1_000_000).await.is(201);
        assert_eq!(warned(&one), ["intention"]);
        let first = one.header("location");
        chain.purchaser.client.act(&format!("{first}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{first}/approval"), json!({})).await.is(200);
        let published = chain.purchaser.client.act(&format!("{first}/publication"), json!({"bid_deadline": "2026-04-13T01:00:00Z"})).await.is(200);
        assert!(warned(&published).contains(&"intention".to_owned()), "{:?}", warned(&published));
        app.clock.advance_to(UtcInstant::parse("2026-04-01T01:00:00Z").unwrap());
        assert_eq!(warned(&tender(&chain, &path, 1_000_000).await.is(201)), [""; 0]);
        // The administrator shortens the days, and nobody else may.
        let body = json!({"intention_days": 10, "source": "浙财采监〔2020〕10号"});
        chain.purchaser.client.call("PUT", "/api/v1/plan-settings").if_match(&settings.etag()).json(body.clone()).await.refused(403, "forbidden");
        chain.admin.call("PUT", "/api/v1/plan-settings").json(body.clone()).await.refused(428, "precondition_required");
        chain.admin.call("PUT", "/api/v1/plan-settings").if_match(&settings.etag()).json(json!({"intention_days": 366, "source": null})).await.refused(422, "invalid");
        chain.admin.call("PUT", "/api/v1/plan-settings").if_match(&settings.etag()).json(body).await.is(200);
        // A purchase below the thresholds needs no intention.
        let small = json!({"procedure": "quotes", "title": "重阳节活动"});
        let path = approved(&chain, merged(plan_body(&chain), small)).await;
        let body = json!({"fund_id": chain.id("fund_id"), "plain_offers": true, "lots": [{"title": "活动", "ceiling": money(1_000_000)}]});
        assert_eq!(warned(&chain.purchaser.client.act(&format!("{path}/tenders"), body).await.is(201)), [""; 0]);
    }

    async fn tenders_stay_inside_the_budget_to_the_fen(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let path = approved(&chain, plan_body(&chain)).await;
        let first = tender(&chain, &path, 20_000_000).await.is(201);
        tender(&chain, &path, 10_000_001).await.refused(422, "plan_budget_exceeded");
        let second = tender(&chain, &path, 10_000_000).await.is(201).header("location");
        assert_eq!(lin.get(&path).send().await.is(200).value()["tenders"].as_array().unwrap().len(), 2, "the refused one left nothing");
        tender(&chain, &path, 1).await.refused(422, "plan_budget_exceeded");
        // Nor is a tender rewritten above the budget.
        let raised = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "第二批", "description": "同上",
            "mode": "contracting_out", "procedure": "consultation", "plain_offers": true, "lots": [lot(10_000_001)]});
        let etag = lin.get(&second).send().await.is(200).etag();
        lin.call("PUT", &second).if_match(&etag).json(raised).await.refused(422, "plan_budget_exceeded");
        // A plan with a living tender is not cancelled; what a cancelled tender took is free again.
        lin.act(&format!("{path}/cancellation"), json!({"reason": "需求取消"})).await.refused(409, "wrong_state");
        lin.act(&format!("{}/cancellation", first.header("location")), json!({"reason": "拆分方案调整"})).await.is(200);
        assert_eq!(lin.get(&path).send().await.is(200).value()["inside"]["left"]["amount_fen"], 20_000_000);
        let whole = json!({"fund_id": chain.id("fund_id"), "plain_offers": true, "criteria": [
            {"name": "服务方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]});
        let rest = lin.act(&format!("{path}/tenders"), whole).await.is(201);
        assert_eq!(rest.value()["lots"][0]["ceiling"]["amount_fen"], 20_000_000, "one lot over all that is left");
        // Call-offs and imports have entries of their own.
        for procedure in ["framework", "external"] {
            let body = json!({"fund_id": chain.id("fund_id"), "plain_offers": true, "procedure": procedure, "lots": [lot(1)]});
            assert_eq!(lin.act(&format!("{path}/tenders"), body).await.refused(422, "invalid").bad_fields(), ["/procedure"]);
        }
    }

    async fn rules_that_block_refuse_a_plan_and_the_others_warn(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let refused = async |change: Value, rule: &str| {
            let path = drafted(&chain, merged(plan_body(&chain), change)).await;
            let answer = lin.act(&format!("{path}/submission"), json!({})).await.refused(422, "rule_broken");
            assert_eq!(answer.text_at("/rule"), rule, "{}", answer.text);
        };
        refused(json!({"off_catalogue": {"name": "认知症友好社区营造"}}), "R006").await;
        refused(json!({"details": {"prohibited": ["goods"]}}), "R004").await;
        refused(json!({"details": {"consultation": null}}), "R014").await;
        let warns = async |change: Value, rules: &[&str]| {
            let path = drafted(&chain, merged(plan_body(&chain), change)).await;
            let answer = lin.act(&format!("{path}/submission"), json!({})).await.is(200);
            assert_eq!(warned(&answer), rules, "{}", answer.text);
            chain.lead.client.act(&format!("{path}/return"), json!({"reason": "下一例"})).await.is(200);
        };
        warns(json!({"off_catalogue": {"name": "认知症友好社区营造", "approval_number": "吴财备〔2026〕3号"}}), &[]).await;
        warns(json!({"public_service": false, "details": {"consultation": null}}), &[]).await;
        warns(json!({"details": {"prohibited": ["staffing"]}}), &["R003"]).await;
        warns(json!({"details": {"prior_evaluation": null}}), &["R012"]).await;
        let recurring = json!({"fixed_content": true, "continuous": true, "steady_funds": true, "steady_price": true});
        warns(json!({"term_months": 12}), &[]).await;
        warns(json!({"term_months": 13}), &["R008"]).await;
        warns(json!({"term_months": 36, "details": {"recurring": recurring}}), &[]).await;
        warns(json!({"term_months": 37, "details": {"recurring": recurring}}), &["R009"]).await;
        let three = json!({"fixed_content": true, "continuous": true, "steady_funds": true, "steady_price": false});
        warns(json!({"term_months": 13, "details": {"recurring": three}}), &["R008"]).await;
    }

    async fn splitting_is_counted_across_the_unit(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let amount = |fen: i64| json!({"budgets": [{"stream": "fiscal", "year": 2026, "amount": money(fen)}]});
        // 1.2 million and 0.8 million make the threshold of R036 full: nothing is passed yet.
        approved(&chain, merged(plan_body(&chain), amount(120_000_000))).await;
        let colleague = app.person_of(app.tenant, "Wu Tongshi", &[Role::Purchaser], Some(chain.id("unit_id").parse().unwrap()), None).await.client;
        let submit = async |who: &crate::support::Client, change: Value| {
            let path = who.post("/api/v1/plans").json(merged(plan_body(&chain), change)).await.is(201).header("location");
            (who.act(&format!("{path}/submission"), json!({})).await.is(200), path)
        };
        let (full, _) = submit(&colleague, amount(80_000_000)).await;
        assert_eq!(warned(&full), [""; 0]);
        // One fen more by another purchaser of the unit, and R035 names the sum and the threshold.
        let (over, path) = submit(lin, amount(1)).await;
        assert_eq!(warned(&over), ["R035"]);
        let finding = &over.value()["warnings"][0];
        assert!(finding["found"].as_str().unwrap().contains("2000000.01") && finding["required"].as_str().unwrap().contains("2000000.00"), "{finding}");
        // Not of another item, not of another year, not by open tender, and not with an approval of the procedure.
        let (other, _) = submit(lin, merged(amount(1), json!({"catalogue_item_id": chain.id("other_item_id")}))).await;
        let (later, _) = submit(lin, json!({"year": 2027, "budgets": [{"stream": "fiscal", "year": 2027, "amount": money(1)}]})).await;
        let (open, _) = submit(lin, merged(amount(1), json!({"procedure": "open_tender"}))).await;
        let (granted, _) = submit(lin, merged(amount(1), json!({"procedure_approval": "吴财采〔2026〕9号"}))).await;
        for answer in [other, later, open, granted] {
            assert_eq!(warned(&answer), [""; 0], "{}", answer.text);
        }
        // The sums are public as far as plans and tenders are.
        let sums = format!("/api/v1/units/{}/purchases?year=2026&item={}", chain.id("unit_id"), chain.id("item_id"));
        assert_eq!(app.public().get(&sums).send().await.is(200).value()["items"], json!([]));
        let inside = lin.get(&sums).send().await.is(200).value();
        assert_eq!(inside["items"][0]["counted"]["amount_fen"], 200_000_002);
        assert_eq!(inside["items"][0]["splitting"]["standing"], "warned");
        let consultation = &inside["items"][0]["procedures"].as_array().unwrap().iter().find(|sum| sum["procedure"] == "consultation").unwrap();
        assert_eq!((consultation["purchases"].as_i64(), consultation["amount"]["amount_fen"].as_i64()), (Some(4), Some(200_000_002)));
        chain.lead.client.act(&format!("{path}/approval"), json!({})).await.is(200);
        chain.lead.client.act(&format!("{path}/publication"), json!({})).await.is(200);
        let public = app.public().get(&sums).send().await.is(200).value();
        assert_eq!(public["items"][0]["counted"]["amount_fen"], 1);
        // A tender without any plan counts as well, and is warned when it goes to review.
        let body = json!({"catalogue_item_id": chain.id("item_id"), "fund_id": chain.id("fund_id"), "title": "零星采购", "description": "同类服务",
            "mode": "contracting_out", "procedure": "consultation", "plain_offers": true, "lots": [lot(1)]});
        let loose = lin.post("/api/v1/tenders").json(body).await.is(201).header("location");
        assert!(warned(&lin.act(&format!("{loose}/submission"), json!({})).await.is(200)).contains(&"R035".to_owned()));
        assert_eq!(lin.get(&sums).send().await.is(200).value()["items"][0]["counted"]["amount_fen"], 200_000_003);
        app.public().get(&format!("/api/v1/units/{}/purchases", chain.id("unit_id"))).send().await.refused(422, "invalid");
    }

    async fn a_plan_is_refused_with_every_bad_field(app: &TestApp) {
        let chain = ready(app).await;
        let lin = &chain.purchaser.client;
        let bad = merged(plan_body(&chain), json!({"title": " ", "term_months": 0, "expected_on": "2026-03-01", "year": 1999,
            "off_catalogue": {"name": ""}, "details": {"objectives": [], "market_study": {"highest": money(1)}},
            "budgets": [{"stream": "fiscal", "year": 2026, "amount": money(0)}]}));
        let fields = lin.post("/api/v1/plans").json(bad).await.refused(422, "invalid").bad_fields();
        for pointer in ["/title", "/term_months", "/expected_on", "/year", "/off_catalogue/name", "/details/objectives", "/details/market_study/highest", "/budgets/0/amount", "/budgets"] {
            assert!(fields.iter().any(|one| one == pointer), "{pointer} in {fields:?}");
        }
        let lottery = json!({"budgets": [{"stream": "lottery", "year": 2026, "fund_id": chain.id("fund_id"), "amount": money(1)}]});
        assert_eq!(lin.post("/api/v1/plans").json(merged(plan_body(&chain), lottery)).await.refused(422, "invalid").bad_fields(), ["/budgets/0/fund_id"]);
        let nowhere = json!({"catalogue_item_id": "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f"});
        assert_eq!(lin.post("/api/v1/plans").json(merged(plan_body(&chain), nowhere)).await.refused(422, "invalid").bad_fields(), ["/catalogue_item_id"]);
        chain.lead.client.post("/api/v1/plans").json(plan_body(&chain)).await.refused(403, "forbidden");
        // Steps out of order.
        let path = drafted(&chain, plan_body(&chain)).await;
        chain.lead.client.act(&format!("{path}/approval"), json!({})).await.refused(409, "wrong_state");
        chain.lead.client.act(&format!("{path}/publication"), json!({})).await.refused(409, "wrong_state");
        tender(&chain, &path, 1).await.refused(409, "wrong_state");
        lin.act(&format!("{path}/cancellation"), json!({"reason": "不再需要"})).await.is(200);
        lin.act(&format!("{path}/submission"), json!({})).await.refused(409, "wrong_state");
        // Whoever holds both roles does not approve what it drafted.
        let unit = Some(chain.id("unit_id").parse().unwrap());
        let both = app.person_of(app.tenant, "Zhou Shuang", &[Role::Purchaser, Role::PurchaserLead], unit, None).await.client;
        let path = both.post("/api/v1/plans").json(plan_body(&chain)).await.is(201).header("location");
        both.act(&format!("{path}/submission"), json!({})).await.is(200);
        both.act(&format!("{path}/approval"), json!({})).await.refused(403, "duties_not_separate");
    }
}
