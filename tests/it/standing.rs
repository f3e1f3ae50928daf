//! Standings of organisations: recorded, dated, lifted, settled by the calendar, and what they do to supplying.

use baiyi::db::Facts;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::OrganisationId;
use baiyi::parties::organisations::{self, Supply, standings};
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

async fn cast(app: &TestApp) -> (Chain, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    let path = format!("/api/v1/organisations/{}", chain.bidders[1].id);
    (chain, path)
}

async fn supply(app: &TestApp, chain: &Chain, on: &str) -> Supply {
    let (tenant, day) = (app.tenant, on.parse().unwrap());
    let id: OrganisationId = chain.bidders[1].id.parse().unwrap();
    app.read(move |db| organisations::may_supply(db, tenant, id, day).unwrap()).await
}

async fn actions_of(app: &TestApp, id: &str) -> Vec<String> {
    use baiyi::db::schema::journal_entries::dsl::{action, journal_entries, resource_id};
    use diesel::prelude::*;
    let id: OrganisationId = id.parse().unwrap();
    app.read(move |db| journal_entries.filter(resource_id.eq(id.any())).select(action).load(db).unwrap()).await
}

async fn settle(app: &TestApp) -> usize {
    app.db.write(Facts::internal(app.clock.now()).unwrap(), |tx| standings::settle(tx, 100)).await.unwrap()
}

on_both! {
    async fn the_supervisor_lists_an_organisation_and_lifts_it_and_the_history_keeps_both(app: &TestApp) {
        let (chain, path) = cast(app).await;
        let supervisor = app.person("Cai Jian", &[Role::Supervisor]).await.client;
        let standings = format!("{path}/standings");
        let entry = json!({"kind": "abnormal", "reason": "连续两年未报送年报", "source": "区民政局公告〔2026〕3号", "valid_from": "2026-03-01"});
        chain.lead.client.post(&standings).json(entry.clone()).await.refused(403, "forbidden");
        let made = supervisor.post(&standings).json(entry.clone()).await.is(201);
        assert_eq!((made.value()["in_force"].clone(), made.text_at("/serious_list_due_on")), (json!(true), "2028-03-01".to_owned()));
        supervisor.post(&standings).json(entry).await.refused(409, "standing_in_force");
        // The list is a public record; the organisation may go on, marked.
        assert_eq!(app.public().get(&path).send().await.is(200).text_at("/state"), "abnormal");
        assert_eq!(app.public().get(&standings).send().await.is(200).text_at("/items/0/reason"), "连续两年未报送年报");
        let Supply::Marked(note) = supply(app, &chain, "2026-03-02").await else { panic!("not marked") };
        assert!(note.rule.as_ref().is_some_and(|rule| rule.rule == "R093") && !note.due_for_serious_list);
        assert!(note.explanation.zh.contains("活动异常名录") && note.remedy.en.contains("registration authority"));
        let lifting = format!("/api/v1/standings/{}/lifting", made.text_at("/id"));
        let reason = json!({"reason": "已补报，登记管理机关移出"});
        supervisor.post(&lifting).json(reason.clone()).await.refused(428, "precondition_required");
        supervisor.post(&lifting).if_match("\"1\"").json(json!({"reason": " "})).await.refused(422, "invalid");
        let lifted = supervisor.post(&lifting).if_match("\"1\"").json(reason.clone()).await.is(200);
        assert_eq!((lifted.text_at("/lifted_on").as_str(), &lifted.value()["in_force"]), ("2026-03-02", &json!(false)));
        supervisor.post(&lifting).if_match("\"2\"").json(reason).await.refused(409, "wrong_state");
        assert_eq!(app.public().get(&path).send().await.is(200).text_at("/state"), "verified");
        assert_eq!(supply(app, &chain, "2026-03-02").await, Supply::Clear);
        assert!(matches!(supply(app, &chain, "2026-03-01").await, Supply::Marked(_)), "what was on the day before stays true");
        let history = app.public().get(&standings).send().await.is(200).value();
        assert_eq!(history["items"].as_array().unwrap().len(), 1);
        let actions = actions_of(app, &chain.bidders[1].id).await;
        for action in ["organisation.listed_abnormal", "organisation.standing_lifted"] {
            assert_eq!(actions.iter().filter(|one| *one == action).count(), 1, "{action} in {actions:?}");
        }
    }

    async fn a_suspension_and_the_blacklist_stop_and_the_gravest_decides(app: &TestApp) {
        let (chain, path) = cast(app).await;
        let keeper = &chain.admin;
        let standings = format!("{path}/standings");
        let version = keeper.get(&path).send().await.is(200).etag();
        keeper.post(&format!("{path}/suspension")).if_match(&version).json(json!({"reason": "登记证书已过有效期"})).await.is(200);
        assert!(matches!(supply(app, &chain, "2026-03-02").await, Supply::Stopped(note) if note.rule.is_none()));
        app.public().get(&standings).send().await.refused(404, "not_found");
        assert_eq!(chain.bidders[1].client.get(&standings).send().await.is(200).text_at("/items/0/kind"), "suspended");
        keeper.post(&standings).json(json!({"kind": "blacklisted", "reason": "严重违法", "source": "信用中国", "valid_to": "2026-06-30"})).await.is(201);
        assert_eq!(keeper.get(&path).send().await.is(200).text_at("/state"), "blacklisted");
        let Supply::Stopped(note) = supply(app, &chain, "2026-06-30").await else { panic!("not stopped") };
        assert!(note.explanation.en.contains("serious dishonesty"), "{note:?}");
        let Supply::Stopped(note) = supply(app, &chain, "2026-07-01").await else { panic!("not stopped") };
        assert!(note.explanation.en.contains("suspended since"), "{note:?}");
        // The public reads the entry of the list and not the suspension.
        let seen = app.public().get(&standings).send().await.is(200).value();
        let kinds: Vec<_> = seen["items"].as_array().unwrap().iter().map(|row| row["kind"].clone()).collect();
        assert_eq!(kinds, [json!("blacklisted")]);
        // The calendar ends the entry; the stored state follows.
        assert_eq!(settle(app).await, 0, "nothing changes before its day");
        app.clock.advance_to(UtcInstant::parse("2026-06-30T15:59:59Z").unwrap());
        assert_eq!(settle(app).await, 0);
        app.clock.advance_to(UtcInstant::parse("2026-06-30T16:00:00Z").unwrap());
        assert_eq!((settle(app).await, settle(app).await), (1, 0));
        assert_eq!(keeper.get(&path).send().await.is(200).text_at("/state"), "suspended");
    }

    async fn a_standing_with_a_later_first_day_begins_then(app: &TestApp) {
        let (chain, path) = cast(app).await;
        let standings = format!("{path}/standings");
        let later = json!({"kind": "suspended", "reason": "年检停业整顿", "source": "区民政局", "valid_from": "2026-03-10", "valid_to": "2026-03-12"});
        chain.admin.post(&standings).json(later).await.is(201);
        let backwards = json!({"kind": "abnormal", "reason": "年检停业整顿", "source": "区民政局", "valid_from": "2026-03-10", "valid_to": "2026-03-09"});
        assert_eq!(chain.admin.post(&standings).json(backwards).await.refused(422, "invalid").bad_fields(), ["/valid_to"]);
        assert_eq!(chain.admin.get(&path).send().await.text_at("/state"), "verified");
        for (on, stopped) in [("2026-03-09", false), ("2026-03-10", true), ("2026-03-12", true), ("2026-03-13", false)] {
            assert_eq!(matches!(supply(app, &chain, on).await, Supply::Stopped(_)), stopped, "{on}");
        }
        app.clock.advance_to(UtcInstant::parse("2026-03-10T01:00:00Z").unwrap());
        assert_eq!(settle(app).await, 1);
        assert_eq!(chain.admin.get(&path).send().await.text_at("/state"), "suspended");
        app.clock.advance_to(UtcInstant::parse("2026-03-13T01:00:00Z").unwrap());
        assert_eq!(settle(app).await, 1);
        assert_eq!(chain.admin.get(&path).send().await.text_at("/state"), "verified");
    }

    async fn a_list_entry_is_recorded_within_five_working_days_or_the_record_says_that_it_was_late(app: &TestApp) {
        let (chain, _) = cast(app).await;
        let impose = async |bidder: usize, kind: &str, known: &str| {
            let path = format!("/api/v1/organisations/{}/standings", chain.bidders[bidder].id);
            let entry = json!({"kind": kind, "reason": "未报送年报", "source": "区民政局公告", "known_on": known});
            chain.admin.post(&path).json(entry).await
        };
        assert_eq!(impose(0, "abnormal", "2026-03-03").await.refused(422, "invalid").bad_fields(), ["/known_on"]);
        // Known on Monday the 2nd: the fifth working day is Monday the 9th.
        app.clock.advance_to(UtcInstant::parse("2026-03-09T15:59:59Z").unwrap());
        let in_time = impose(1, "abnormal", "2026-03-02").await.is(201).value();
        assert_eq!((&in_time["known_on"], &in_time["warnings"]), (&json!("2026-03-02"), &json!([])));
        app.clock.advance_to(UtcInstant::parse("2026-03-09T16:00:00Z").unwrap());
        let late = impose(2, "blacklisted", "2026-03-02").await.is(201).value();
        assert_eq!((&late["warnings"][0]["rule"], &late["warnings"][0]["found"]), (&json!("R092"), &json!("2026-03-10")));
        assert!(late["warnings"][0]["required"].as_str().unwrap().contains("2026-03-09"), "{late}");
        // A suspension is the platform's own measure and no credit fact.
        assert_eq!(impose(0, "suspended", "2026-01-05").await.is(201).value()["warnings"], json!([]));
        let told: Vec<Option<String>> = app
            .read(|db| {
                use baiyi::db::schema::journal_entries::dsl::{action, content, journal_entries};
                use diesel::prelude::*;
                journal_entries.filter(action.eq_any(["organisation.listed_abnormal", "organisation.blacklisted"])).select(content).load(db).unwrap()
            })
            .await;
        let warned = told.iter().flatten().filter(|text| text.contains("\"warnings\":[\"R092\"]")).count();
        assert_eq!((told.len(), warned), (2, 1));
    }

    async fn two_years_in_the_abnormal_list_are_named_as_due_for_the_serious_one(app: &TestApp) {
        let (chain, path) = cast(app).await;
        let entry = |from: &str| json!({"kind": "abnormal", "reason": "未报送年报", "source": "区民政局公告", "valid_from": from});
        chain.admin.post(&format!("{path}/standings")).json(entry("2024-03-03")).await.is(201);
        let other = format!("/api/v1/organisations/{}/standings", chain.bidders[2].id);
        chain.admin.post(&other).json(entry("2026-01-01")).await.is(201);
        let due = async || {
            let list = chain.auditor.get("/api/v1/standings?due_for_serious_list=true").send().await.is(200).value();
            list["items"].as_array().unwrap().iter().map(|row| row["organisation_id"].clone()).collect::<Vec<Value>>()
        };
        assert_eq!(due().await, [json!(null); 0], "a day short");
        app.clock.advance_to(UtcInstant::parse("2026-03-03T01:00:00Z").unwrap());
        assert_eq!(due().await, [json!(chain.bidders[1].id)]);
        assert!(matches!(supply(app, &chain, "2026-03-03").await, Supply::Marked(note) if note.due_for_serious_list));
        let all = chain.auditor.get("/api/v1/standings?in_force=true&kind=abnormal&limit=1").send().await.is(200);
        let next = chain.auditor.get(&format!("/api/v1/standings?in_force=true&kind=abnormal&limit=1&after={}", all.text_at("/next"))).send().await.is(200);
        assert_eq!((next.value()["items"].as_array().unwrap().len(), &next.value()["next"]), (1, &json!(null)));
        chain.purchaser.client.get("/api/v1/standings").send().await.refused(403, "forbidden");
    }

    async fn an_organisation_that_nobody_verified_supplies_nothing_and_is_listed_nowhere(app: &TestApp) {
        let (chain, _) = cast(app).await;
        let made = app
            .public()
            .post("/api/v1/organisations")
            .json(json!({"uscc": "523305025000012370", "name_zh": "吴兴区新注册服务中心", "kind": "social_service_institution", "legal_representative": "新示例",
                "contact_email": "new@orgs.example", "account": {"email": "new@orgs.example", "name": "新示例", "password": "three quiet river stones"}}))
            .await;
        if made.status == 201 {
            let path = made.header("location");
            let refused = chain.admin.post(&format!("{path}/standings")).json(json!({"kind": "abnormal", "reason": "未报送年报", "source": "公告"})).await;
            refused.refused(409, "wrong_state");
            app.public().get(&format!("{path}/standings")).send().await.refused(404, "not_found");
        } else {
            panic!("{}", made.text);
        }
    }
}
