//! Separation of duties in small offices: delegation, co-approval by the unit above, marked exceptions, mandates; and the one-person organisation.

use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::{AccountId, AnyId, UnitId};
use baiyi::parties::mandates;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{Person, TestApp, on_both};

/// A chain up to a tender that waits for its approval.
async fn in_review(app: &TestApp) -> (Chain, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.is(200);
    let money = |fen: i64| json!({"amount_fen": fen, "currency": "CNY"});
    let drafted = chain
        .purchaser
        .client
        .post("/api/v1/tenders")
        .json(json!({"catalogue_item_id": item.text_at("/items/0/id"), "fund_id": chain.id("fund_id"), "title": "月河街道助餐服务",
            "description": "为辖区独居老人每日助餐一次，为期一年。", "mode": "contracting_out", "procedure": "consultation", "plain_offers": true,
            "lots": [{"title": "助餐", "ceiling": money(20_000_000), "criteria": [
                {"name": "服务方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]}]}))
        .await
        .is(201);
    let path = format!("/api/v1/tenders/{}", drafted.text_at("/id"));
    chain.purchaser.client.act(&format!("{path}/submission"), json!({})).await.is(200);
    (chain, path)
}

async fn of_unit(app: &TestApp, name: &str, role: Role, unit: &str) -> Person {
    let unit: UnitId = unit.parse().unwrap();
    app.person_of(app.tenant, name, &[role], Some(unit), None).await
}

/// What the journal says of how the last entry of an action was made.
async fn acting(app: &TestApp, of: &'static str) -> Value {
    use baiyi::db::schema::journal_entries::dsl::{action, content, journal_entries};
    use diesel::prelude::*;
    let texts: Vec<Option<String>> = app.read(move |db| journal_entries.filter(action.eq(of)).select(content).load(db).unwrap()).await;
    let entry: Value = serde_json::from_str(texts.last().unwrap().as_ref().unwrap()).unwrap();
    entry["content"]["acting"].clone()
}

fn lent(to: &Person, roles: Value, from: &str, until: &str) -> Value {
    json!({"to_account_id": to.account, "roles": roles, "valid_from": from, "valid_to": until, "reason": "外出培训"})
}

on_both! {
    async fn a_delegate_approves_for_the_officer_and_never_what_it_drafted_itself(app: &TestApp) {
        let (chain, path) = in_review(app).await;
        let officer = of_unit(app, "Wu Caiwu", Role::FinanceOfficer, chain.id("unit_id")).await;
        let colleague = of_unit(app, "Zheng Ke", Role::Purchaser, chain.id("unit_id")).await;
        let approval = format!("{path}/approval");
        colleague.client.act(&approval, json!({})).await.refused(403, "forbidden");
        // The officer lends its role to the drafter: the drafter stays barred.
        let to_drafter = officer.client.post("/api/v1/delegations").json(lent(&chain.purchaser, json!(["finance_officer"]), "2026-03-02", "2026-03-06")).await.is(201);
        chain.purchaser.client.act(&approval, json!({})).await.refused(403, "duties_not_separate");
        let end = format!("/api/v1/delegations/{}/end", to_drafter.text_at("/id"));
        colleague.client.post(&end).if_match("\"1\"").json(json!({"reason": "提前返岗"})).await.refused(403, "forbidden");
        officer.client.post(&end).if_match("\"1\"").json(json!({"reason": "提前返岗"})).await.is(200);
        chain.purchaser.client.act(&approval, json!({})).await.refused(403, "forbidden");
        officer.client.post(&end).if_match("\"2\"").json(json!({"reason": "提前返岗"})).await.refused(409, "wrong_state");
        // Roles that one does not hold, of another unit, or of others are not lent.
        let mine = lent(&officer, json!(["finance_officer"]), "2026-03-03", "2026-03-03");
        assert_eq!(colleague.client.post("/api/v1/delegations").json(mine).await.refused(422, "invalid").bad_fields(), ["/roles"]);
        let mut others = lent(&chain.purchaser, json!(["finance_officer"]), "2026-03-03", "2026-03-03");
        others["from_account_id"] = json!(officer.account);
        colleague.client.post("/api/v1/delegations").json(others).await.refused(403, "not_yours_to_delegate");
        let outside = lent(&chain.finance, json!(["finance_officer"]), "2026-03-03", "2026-03-03");
        assert_eq!(officer.client.post("/api/v1/delegations").json(outside).await.refused(422, "invalid").bad_fields(), ["/to_account_id"]);
        // The lead lends the officer's role to the colleague, from tomorrow.
        let mut tomorrow = lent(&colleague, json!(["finance_officer"]), "2026-03-03", "2026-03-03");
        tomorrow["from_account_id"] = json!(officer.account);
        let made = chain.lead.client.post("/api/v1/delegations").json(tomorrow).await.is(201);
        colleague.client.act(&approval, json!({})).await.refused(403, "forbidden");
        app.clock.advance_to(UtcInstant::parse("2026-03-02T16:00:00Z").unwrap());
        colleague.client.act(&approval, json!({})).await.is(200);
        let noted = acting(app, "tender.approved").await;
        assert_eq!((&noted["as"], &noted["on_behalf_of"], &noted["delegation_id"]), (&json!("delegate"), &json!(officer.account), &made.value()["id"]));
        let seen = chain.auditor.get("/api/v1/delegations?limit=1").send().await.is(200);
        assert!(!seen.text_at("/next").is_empty());
        chain.bidders[0].client.get(&format!("/api/v1/delegations/{}", made.text_at("/id"))).send().await.refused(404, "not_found");
    }

    async fn a_delegation_is_over_on_the_day_after_its_last(app: &TestApp) {
        let (chain, path) = in_review(app).await;
        let officer = of_unit(app, "Wu Caiwu", Role::FinanceOfficer, chain.id("unit_id")).await;
        let colleague = of_unit(app, "Zheng Ke", Role::Purchaser, chain.id("unit_id")).await;
        officer.client.post("/api/v1/delegations").json(lent(&colleague, json!(["finance_officer"]), "2026-03-02", "2026-03-02")).await.is(201);
        app.clock.advance_to(UtcInstant::parse("2026-03-02T16:00:00Z").unwrap());
        colleague.client.act(&format!("{path}/approval"), json!({})).await.refused(403, "forbidden");
    }

    async fn the_unit_above_approves_when_the_unit_has_nobody_else(app: &TestApp) {
        let (chain, path) = in_review(app).await;
        let admin = &chain.admin;
        let above = admin.post("/api/v1/units").json(json!({"name_zh": "示例上级局", "kind": "department"})).await.is(201).text_at("/id");
        let above_officer = of_unit(app, "Shang Ji", Role::FinanceOfficer, &above).await;
        let approval = format!("{path}/approval");
        above_officer.client.post(&approval).if_match("\"2\"").json(json!({})).await.refused(404, "not_found");
        let unit = format!("/api/v1/units/{}", chain.id("unit_id"));
        chain.lead.client.call("PUT", &format!("{unit}/parent")).if_match("\"1\"").json(json!({"parent_id": above})).await.refused(403, "forbidden");
        let set = admin.call("PUT", &format!("{unit}/parent")).if_match("\"1\"").json(json!({"parent_id": above})).await.is(200);
        assert_eq!((set.text_at("/parent_id"), set.etag()), (above.clone(), "\"2\"".to_owned()));
        assert_eq!(app.public().get(&unit).send().await.is(200).text_at("/parent_id"), above);
        let circle = admin.call("PUT", &format!("/api/v1/units/{above}/parent")).if_match("\"1\"").json(json!({"parent_id": chain.id("unit_id")})).await;
        assert_eq!(circle.refused(422, "invalid").bad_fields(), ["/parent_id"]);
        // A unit that has an officer of its own decides itself.
        let own = of_unit(app, "Wu Caiwu", Role::FinanceOfficer, chain.id("unit_id")).await;
        above_officer.client.act(&approval, json!({})).await.refused(403, "forbidden");
        let account = format!("/api/v1/accounts/{}", own.account);
        admin.patch(&account).if_match("\"1\"").json(json!({"state": "suspended"})).await.is(200);
        above_officer.client.act(&approval, json!({})).await.is(200);
        let noted = acting(app, "tender.approved").await;
        assert_eq!((&noted["as"], &noted["for_unit_id"]), (&json!("co_approver"), &json!(chain.id("unit_id"))));
    }

    async fn a_marked_exception_lets_the_checker_approve_and_is_reviewed_by_somebody_else(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        chain.opening(app).await;
        chain.award().await;
        chain.contract().await;
        let milestone = format!("/api/v1/milestones/{}", chain.id("milestone_id"));
        let payee = chain.bidders[0].client.clone();
        payee.act(&format!("{milestone}/delivery"), json!({"note": "上门 1 560 人次。"})).await.is(200);
        crate::support::chain::seconded(&chain.lead.client, &milestone).await;
        chain.purchaser.client.act(&format!("{milestone}/acceptance"), json!({"beneficiaries_opinion": "老人普遍满意，建议增加助浴。"})).await.is(200);
        let claim = payee.post(&format!("{milestone}/payments")).json(json!({"invoice_number": "25337000000012345678"})).await.is(201);
        let payment = format!("/api/v1/payments/{}", claim.text_at("/id"));
        crate::support::chain::check_invoice(&chain.finance, &payment).await;
        chain.lead.client.act(&format!("{payment}/acceptance"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{payment}/approval"), json!({})).await.refused(403, "duties_not_separate");
        let except = |account: AccountId, action: &str| json!({"action": action, "resource_kind": "payment", "resource_id": claim.value()["id"],
            "account_id": account, "reason": "另一位财务人员住院，月底前须付款"});
        let path = "/api/v1/duty-exceptions";
        chain.purchaser.client.post(path).json(except(chain.finance.account, "payments.approve")).await.refused(403, "forbidden");
        let mut of_nothing = except(chain.finance.account, "payments.approve");
        of_nothing["resource_id"] = json!(uuid::Uuid::now_v7());
        assert_eq!(chain.lead.client.post(path).json(of_nothing).await.refused(422, "invalid").bad_fields(), ["/resource_id"]);
        assert_eq!(chain.lead.client.post(path).json(except(chain.finance.account, "tenders.approve")).await.refused(422, "invalid").bad_fields(), ["/action"]);
        assert_eq!(chain.lead.client.post(path).json(except(chain.lead.account, "payments.approve")).await.refused(422, "invalid").bad_fields(), ["/account_id"]);
        let made = chain.lead.client.post(path).json(except(chain.finance.account, "payments.approve")).await.is(201);
        // Friday 13 March: five working days later is the next Friday.
        assert_eq!(made.text_at("/review_due"), "2026-03-20");
        chain.finance.client.act(&format!("{payment}/approval"), json!({})).await.is(200);
        let noted = acting(app, "payment.approved").await;
        assert_eq!((&noted["as"], &noted["duty_exception_id"]), (&json!("exception"), &made.value()["id"]));
        let review = format!("{path}/{}/review", made.text_at("/id"));
        let verdict = json!({"outcome": "upheld", "note": "情况属实，手续齐全"});
        chain.lead.client.post(&review).if_match("\"1\"").json(verdict.clone()).await.refused(403, "duties_not_separate");
        let other_lead = of_unit(app, "Ling Wai", Role::PurchaserLead, chain.id("unit_id")).await;
        other_lead.client.post(&review).if_match("\"1\"").json(verdict.clone()).await.refused(403, "forbidden");
        app.clock.advance_to(UtcInstant::parse("2026-03-20T15:59:59Z").unwrap());
        let overdue = async || chain.auditor.get(&format!("{path}?overdue=true")).send().await.is(200).value()["items"].as_array().unwrap().len();
        assert_eq!(overdue().await, 0, "on its last day");
        app.clock.advance_to(UtcInstant::parse("2026-03-20T16:00:00Z").unwrap());
        assert_eq!(overdue().await, 1);
        let reviewed = chain.auditor.post(&review).if_match("\"1\"").json(verdict).await.is(200);
        assert_eq!((reviewed.text_at("/state").as_str(), overdue().await), ("upheld", 0));
        chain.bidders[1].client.get(&format!("{path}/{}", made.text_at("/id"))).send().await.refused(404, "not_found");
    }

    async fn an_exception_ends_with_its_review(app: &TestApp) {
        let (chain, _) = in_review(app).await;
        let made = chain
            .lead
            .client
            .post("/api/v1/duty-exceptions")
            .json(json!({"action": "payments.approve", "resource_kind": "payment", "resource_id": chain.id("fund_id"),
                "account_id": chain.finance.account, "reason": "另一位财务人员住院，月底前须付款"}))
            .await
            .is(201);
        let (tenant, account, today) = (app.tenant, chain.finance.account, "2026-03-02".parse().unwrap());
        let unit: UnitId = chain.id("bureau_id").parse().unwrap();
        let held = async || {
            let load = move |db: &mut baiyi::db::Db| baiyi::people::powers::load(db, tenant, account, Some(unit), &[Role::FinanceOfficer], today).unwrap();
            app.read(load).await.excepted.len()
        };
        assert_eq!(held().await, 1);
        let review = format!("/api/v1/duty-exceptions/{}/review", made.text_at("/id"));
        chain.auditor.post(&review).if_match("\"1\"").json(json!({"outcome": "objected", "note": "可由上级代审"})).await.is(200);
        assert_eq!(held().await, 0);
    }

    async fn an_agent_is_mandated_for_a_case_and_acts_no_more_when_it_is_revoked(app: &TestApp) {
        let (chain, path) = in_review(app).await;
        let agency = chain.admin.post("/api/v1/units").json(json!({"name_zh": "示例招标代理", "kind": "agency"})).await.is(201).text_at("/id");
        let agent = of_unit(app, "Dai Li", Role::Agent, &agency).await;
        let case = chain.purchaser.client.get(&path).send().await.is(200).text_at("/case_id");
        let mandate = json!({"agent_unit_id": agency, "account_id": agent.account, "case_kind": "case", "case_id": case, "scope": ["tenders"], "reason": "委托代理"});
        chain.purchaser.client.post("/api/v1/mandates").json(mandate.clone()).await.refused(403, "forbidden");
        let open = json!({"agent_unit_id": agency, "reason": "委托代理"});
        assert_eq!(chain.lead.client.post("/api/v1/mandates").json(open).await.refused(422, "invalid").bad_fields(), ["/valid_to"]);
        let stranger = json!({"agent_unit_id": chain.id("bureau_id"), "valid_to": "2026-12-31", "reason": "委托代理"});
        assert_eq!(chain.lead.client.post("/api/v1/mandates").json(stranger).await.refused(422, "invalid").bad_fields(), ["/agent_unit_id"]);
        let half = json!({"agent_unit_id": agency, "case_kind": "case", "reason": "委托代理"});
        assert_eq!(chain.lead.client.post("/api/v1/mandates").json(half).await.refused(422, "invalid").bad_fields(), ["/case_kind"]);
        let made = chain.lead.client.post("/api/v1/mandates").json(mandate).await.is(201);
        let (tenant, account) = (app.tenant, agent.account);
        let unit: UnitId = chain.id("unit_id").parse().unwrap();
        let (case, other): (AnyId, AnyId) = (case.parse().unwrap(), chain.id("fund_id").parse().unwrap());
        let acts = async |unit: UnitId, case: Option<AnyId>, on: &str| {
            let day = on.parse().unwrap();
            app.read(move |db| mandates::acts_for(db, tenant, account, unit, case, day).unwrap()).await
        };
        assert!(acts(unit, Some(case), "2026-03-02").await);
        assert!(!acts(unit, Some(case), "2026-03-01").await, "the day before");
        assert!(!acts(unit, Some(other), "2026-03-02").await && !acts(unit, None, "2026-03-02").await);
        assert!(!acts(agency.parse().unwrap(), Some(case), "2026-03-02").await);
        agent.client.get(&format!("/api/v1/mandates/{}", made.text_at("/id"))).send().await.is(200);
        let revocation = format!("/api/v1/mandates/{}/revocation", made.text_at("/id"));
        agent.client.post(&revocation).if_match("\"1\"").json(json!({"reason": "项目已完成"})).await.refused(403, "forbidden");
        chain.lead.client.post(&revocation).if_match("\"1\"").json(json!({"reason": "项目已完成"})).await.is(200);
        assert!(!acts(unit, Some(case), "2026-03-02").await);
        assert_eq!(agent.client.get("/api/v1/mandates").send().await.is(200).value()["items"].as_array().unwrap().len(), 1);
    }

    async fn in_a_one_person_organisation_the_legal_representative_signs_alone(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        chain.opening(app).await;
        chain.award().await;
        chain.contract().await;
        let own: baiyi::kernel::id::OrganisationId = chain.bidders[0].id.parse().unwrap();
        let people = {
            use baiyi::db::schema::accounts::dsl::{accounts, organisation_id};
            use diesel::prelude::*;
            app.read(move |db| accounts.filter(organisation_id.eq(Some(own))).count().get_result::<i64>(db).unwrap()).await
        };
        assert_eq!(people, 1, "who bid also signed");
        let contract = chain.auditor.get(&format!("/api/v1/contracts/{}", chain.id("contract_id"))).send().await.is(200);
        assert_eq!(contract.text_at("/state"), "active");
    }
}
