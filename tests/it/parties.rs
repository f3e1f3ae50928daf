//! Units and organisations: who registers, who judges, who is told and who sees what.

use baiyi::kernel::id::{OrganisationId, UnitId};
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

const VECTORS: &str = include_str!("../../data/vectors/uscc.csv");
const PASSWORD: &str = "three quiet river stones";

fn shili(uscc: &str, login: &str) -> Value {
    json!({"uscc": uscc, "name_zh": "吴兴区示例社会工作服务中心", "kind": "social_service_institution", "legal_representative": "沈示例",
        "contact_email": "office@shili.example", "account": {"email": login, "name": "沈示例", "password": PASSWORD}})
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut body = shili("52330502MJ9000022F", "shen@shili.example");
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

async fn admin(app: &TestApp) -> Client {
    app.person("Guan Li", &[Role::PlatformAdmin]).await.client
}

/// Signs in over HTTP with the password of the registration.
async fn sign_in(app: &TestApp, login: &str) -> Client {
    let session = app.public().post("/api/v1/sessions").json(json!({"email": login, "password": PASSWORD})).await.is(201);
    let mut client = app.public();
    client.token = Some(session.text_at("/access_token"));
    client
}

/// The letters of the outbox, delivered or not: recipient and subject.
async fn letters(app: &TestApp) -> Vec<(String, String)> {
    use baiyi::db::schema::outbox::dsl::{due_at, outbox, recipient, subject};
    use diesel::prelude::*;
    app.read(|db| outbox.order(due_at).select((recipient, subject)).load(db).unwrap()).await
}

on_both! {
    async fn an_organisation_registers_signs_in_and_is_verified(app: &TestApp) {
        let keeper = admin(app).await;
        let made = app.public().post("/api/v1/organisations").json(shili("52330502MJ9000022F", "shen@shili.example")).await.is(201);
        let path = made.header("location");
        assert_eq!((made.text_at("/state").as_str(), made.text_at("/contact_email").as_str()), ("registered", "office@shili.example"));
        assert!(!made.text.contains(PASSWORD));
        // Nobody signs in before the address is confirmed, and a code serves once.
        let try_in = json!({"email": "shen@shili.example", "password": PASSWORD});
        app.public().post("/api/v1/sessions").json(try_in).await.refused(401, "bad_credentials");
        let code = json!({"token": crate::support::secret_mailed_to(app, "shen@shili.example").await});
        app.public().post("/api/v1/account-confirmations").json(code.clone()).await.is(204);
        app.public().post("/api/v1/account-confirmations").json(code).await.refused(422, "confirmation_refused");
        app.public().post("/api/v1/account-confirmations").json(json!({"token": "x"})).await.refused(422, "confirmation_refused");
        let shen = sign_in(app, "shen@shili.example").await;
        let me = shen.get("/api/v1/me").send().await.is(200).value();
        assert_eq!((&me["roles"], &me["organisation_id"]), (&json!(["org_admin"]), &made.value()["id"]));
        keeper.post(&format!("{path}/verification")).if_match(&made.etag()).send().await.is(200);
        let read = app.public().get(&path).send().await.is(200);
        assert_eq!((read.text_at("/state").as_str(), &read.value()["contact_email"]), ("verified", &Value::Null));
        let subjects: Vec<_> = letters(app).await;
        let subjects: Vec<_> = subjects.into_iter().filter(|(to, _)| to == "office@shili.example").collect();
        assert_eq!(subjects.len(), 2);
        assert!(subjects[0].1.contains("registration received") && subjects[1].1.contains("verified"), "{subjects:?}");
    }

    async fn every_credit_code_of_the_table_is_judged_over_http(app: &TestApp) {
        let said = [("51330502MJ9000014Q", "character 18"), ("52330502MJ900O022F", "character O"), ("52330502MJ9000022", "18 characters"), ("51330502MJ9000015P", "character 17")];
        let mut counted = (0, 0);
        for (i, line) in VECTORS.lines().skip(1).enumerate() {
            let (code, valid) = (line.split(',').next().unwrap(), line.contains(",yes,"));
            let answer = app.public().post("/api/v1/organisations").header("accept-language", "en").json(shili(code, &format!("p{i}@shili.example"))).await;
            if valid {
                answer.is(201);
                counted.0 += 1;
            } else {
                let refused = answer.refused(422, "invalid");
                assert_eq!(refused.bad_fields(), ["/uscc"]);
                let reason = said.iter().find(|(bad, _)| *bad == code).unwrap().1;
                assert!(refused.text_at("/errors/0/detail").contains(reason), "{code}: {}", refused.text);
                counted.1 += 1;
            }
        }
        assert_eq!(counted, (5, 4));
    }

    async fn a_registration_is_checked_and_comes_once(app: &TestApp) {
        let post = |body: Value| app.public().post("/api/v1/organisations").json(body);
        for (body, pointer) in [
            (changed("/name_zh", json!(" ")), "/name_zh"),
            (changed("/contact_email", json!("nobody")), "/contact_email"),
            (changed("/account/email", json!("a@")), "/account/email"),
            (changed("/account/password", json!("short")), "/account/password"),
            (changed("/kind", json!("club")), "/kind"),
        ] {
            assert_eq!(post(body).await.refused(422, "invalid").bad_fields(), [pointer]);
        }
        assert_eq!(letters(app).await, [], "nothing was written");
        let first = shili("52330502MJ9000022F", "shen@shili.example");
        let made = app.public().post("/api/v1/organisations").key("r1").json(first.clone()).await.is(201);
        assert_eq!(app.public().post("/api/v1/organisations").key("r1").json(first).await.is(201).text, made.text);
        post(shili("52330502MJ9000022F", "other@shili.example")).await.refused(409, "organisation_registered");
        app.confirm("shen@shili.example").await;
        // The answer does not tell whether an address has an account; its owner is told by mail, and nobody else gets in.
        let (taken, free) = (post(shili("51330502MJ9000014P", "shen@shili.example")).await.is(201), post(shili("53330500MJ9000030A", "free@shili.example")).await.is(201));
        let shape = |answer: &crate::support::http::Answer| {
            let mut shown = answer.value();
            for key in ["id", "uscc"] { shown[key] = json!(null); }
            shown
        };
        assert_eq!(shape(&taken), shape(&free));
        let told: Vec<(String, String)> = letters(app).await.into_iter().filter(|(to, _)| to == "shen@shili.example" || to == "free@shili.example").collect();
        assert_eq!(told.iter().map(|(_, subject)| subject.as_str()).collect::<std::collections::BTreeSet<_>>().len(), 1, "{told:?}");
        // The refused registration left no organisation behind.
        let all = admin(app).await.get("/api/v1/organisations").send().await.is(200).value();
        assert_eq!(all["items"].as_array().unwrap().len(), 3);
        // A neighbour keeps its own register.
        app.public().post("/api/v1/organisations").header("baiyi-district", "330503").json(shili("52330502MJ9000022F", "shen@shili.example")).await.is(201);
    }

    async fn registrations_are_limited_per_login(app: &TestApp) {
        for _ in 0..5 {
            app.public().post("/api/v1/organisations").json(shili("52330502MJ9000022F", "shen@shili.example")).await;
        }
        let limited = app.public().post("/api/v1/organisations").json(shili("52330502MJ9000022F", "shen@shili.example")).await.refused(429, "rate_limited");
        assert!(limited.header("retry-after").parse::<u32>().unwrap() > 0);
    }

    async fn who_sees_which_organisation(app: &TestApp) {
        let keeper = admin(app).await;
        let made = app.public().post("/api/v1/organisations").json(shili("52330502MJ9000022F", "shen@shili.example")).await.is(201);
        let (path, list) = (made.header("location"), "/api/v1/organisations");
        app.confirm("shen@shili.example").await;
        let shen = sign_in(app, "shen@shili.example").await;
        let evaluator = app.person("Ping Shen", &[Role::Evaluator]).await.client;
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await.client;
        for stranger in [&app.public(), &evaluator, &foreign] {
            stranger.get(&path).send().await.refused(404, "not_found");
            assert_eq!(stranger.get(list).send().await.is(200).value()["items"], json!([]));
        }
        for insider in [&shen, &auditor, &keeper] {
            assert_eq!(insider.get(&path).send().await.is(200).text_at("/contact_email"), "office@shili.example");
            assert_eq!(insider.get(list).send().await.is(200).value()["items"].as_array().unwrap().len(), 1);
        }
        keeper.post(&format!("{path}/verification")).if_match("\"1\"").send().await.is(200);
        for stranger in [&app.public(), &evaluator] {
            let read = stranger.get(&path).send().await.is(200);
            assert_eq!((&read.value()["contact_email"], read.etag().as_str()), (&Value::Null, "\"2.public\""));
            assert_eq!(stranger.get(list).send().await.value()["items"][0]["contact_email"], Value::Null);
        }
        foreign.get(&path).send().await.refused(404, "not_found");
        assert_eq!(app.public().get(&format!("{list}?state=registered")).send().await.value()["items"], json!([]));
    }

    async fn an_organisation_is_judged_only_by_the_administrator_in_order_and_on_the_version_read(app: &TestApp) {
        let keeper = admin(app).await;
        let path = app.public().post("/api/v1/organisations").json(shili("52330502MJ9000022F", "shen@shili.example")).await.is(201).header("location");
        let (verify, suspend) = (format!("{path}/verification"), format!("{path}/suspension"));
        let reason = json!({"reason": "登记证书已过有效期"});
        app.confirm("shen@shili.example").await;
        let shen = sign_in(app, "shen@shili.example").await;
        let evaluator = app.person("Ping Shen", &[Role::Evaluator]).await.client;
        app.public().post(&verify).if_match("\"1\"").send().await.refused(401, "unauthenticated");
        evaluator.post(&verify).if_match("\"1\"").send().await.refused(404, "not_found");
        shen.post(&verify).if_match("\"1\"").send().await.refused(403, "forbidden");
        keeper.post(&verify).send().await.refused(428, "precondition_required");
        keeper.post(&verify).if_match("\"2\"").send().await.refused(412, "stale");
        keeper.post(&suspend).if_match("\"1\"").json(reason.clone()).await.refused(409, "wrong_state");
        keeper.post(&verify).if_match("\"1\"").send().await.is(200);
        keeper.post(&verify).if_match("\"2\"").send().await.refused(409, "wrong_state");
        shen.post(&suspend).if_match("\"2\"").json(reason.clone()).await.refused(403, "forbidden");
        keeper.post(&suspend).if_match("\"2\"").json(json!({"reason": " "})).await.refused(422, "invalid");
        let suspended = keeper.post(&suspend).if_match("\"2\"").json(reason).await.is(200);
        assert_eq!((suspended.text_at("/state").as_str(), suspended.text_at("/state_reason").as_str()), ("suspended", "登记证书已过有效期"));
        app.public().get(&path).send().await.refused(404, "not_found");
        assert_eq!(shen.get(&path).send().await.is(200).text_at("/state_reason"), "登记证书已过有效期");
    }

    async fn units_are_made_by_the_administrator_and_read_by_all(app: &TestApp) {
        let keeper = admin(app).await;
        let unit = |name: &str, kind: &str| json!({"name_zh": name, "kind": kind});
        let made = keeper.post("/api/v1/units").json(unit("月河街道办事处", "subdistrict")).await.is(201);
        keeper.post("/api/v1/units").json(unit("吴兴区财政局", "finance_bureau")).await.is(201);
        keeper.post("/api/v1/units").json(unit(" 月河街道办事处 ", "department")).await.refused(409, "unit_name_taken");
        let nowhere = json!({"name_zh": "某某局", "kind": "department", "area_id": "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f"});
        assert_eq!(keeper.post("/api/v1/units").json(nowhere).await.refused(422, "invalid").bad_fields(), ["/area_id"]);
        keeper.post("/api/v1/units").json(unit("某某局", "bureau")).await.refused(422, "invalid");
        let public = app.public();
        assert_eq!(public.get(&made.header("location")).send().await.is(200).value(), made.value());
        let first = public.get("/api/v1/units?limit=1").send().await.is(200);
        let second = public.get(&format!("/api/v1/units?limit=1&after={}", first.text_at("/next"))).send().await.is(200);
        assert_ne!(first.text_at("/items/0/id"), second.text_at("/items/0/id"));
        assert_eq!(second.value()["next"], Value::Null);
        assert_eq!(public.get("/api/v1/units?kind=audit_office").send().await.value()["items"], json!([]));
        public.get("/api/v1/units?kind=bureau").send().await.refused(422, "invalid");
        public.post("/api/v1/units").json(unit("某某局", "department")).await.refused(401, "unauthenticated");
        app.person("Shen Ji", &[Role::Auditor]).await.client.post("/api/v1/units").json(unit("某某局", "department")).await.refused(403, "forbidden");
        public.get(&made.header("location")).header("baiyi-district", "330503").send().await.refused(404, "not_found");
        public.get("/api/v1/units/none").send().await.refused(404, "not_found");
    }
}

/// A unit for other stories.
pub async fn unit(keeper: &Client, name: &str, kind: &str) -> UnitId {
    keeper.post("/api/v1/units").json(json!({"name_zh": name, "kind": kind})).await.is(201).text_at("/id").parse().unwrap()
}

/// A verified organisation and its administrator for other stories.
pub async fn verified(app: &TestApp, keeper: &Client, uscc: &str, login: &str) -> (OrganisationId, Client) {
    let made = app.public().post("/api/v1/organisations").json(shili(uscc, login)).await.is(201);
    keeper.post(&format!("{}/verification", made.header("location"))).if_match("\"1\"").send().await.is(200);
    app.confirm(login).await;
    (made.text_at("/id").parse().unwrap(), sign_in(app, login).await)
}
