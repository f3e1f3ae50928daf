//! Ways into an account and on its behalf: resets by mail, invitations, tokens of machine clients; and the log of who read what.

use baiyi::db::Target;
use baiyi::db::schema::{account_invitations, api_tokens, outbox, password_resets, readings};
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::money::unit;
use crate::support::chain::run_sql;
use crate::support::http::Answer;
use crate::support::{Client, PASSWORD, TestApp, on_both, secret_mailed_to};

const NEW_PASSWORD: &str = "seven lanterns on the lake";

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.public().post("/api/v1/sessions").json(json!({"email": email, "password": password})).await
}

async fn ask_reset(app: &TestApp, email: &str) -> Answer {
    app.public().post("/api/v1/password-resets").json(json!({"email": email})).await
}

async fn complete(app: &TestApp, token: &str, password: &str) -> Answer {
    app.public().post("/api/v1/password-resets/completion").json(json!({"token": token, "new_password": password})).await
}

/// The secret in the newest mail to an address: the only line without a space that is as long as one.
async fn token(client: &Client, scopes: Value) -> Answer {
    client.post("/api/v1/me/api-tokens").json(json!({"name": "mirror", "scopes": scopes, "expires_in_days": 30})).await
}

/// Enrols a second factor as the person's authenticator program does.
async fn enrol(client: &Client) {
    let offered = client.post("/api/v1/me/second-factor").json(json!({"password": PASSWORD})).await.is(201);
    let secret = totp_rs::Secret::try_from_base32(offered.text_at("/secret")).unwrap();
    let code = totp_rs::Builder::new().with_secret(secret).build().unwrap().generate_current().to_string();
    client.post("/api/v1/me/second-factor/confirmation").json(json!({"code": code})).await.is(201);
}

/// A machine with a fresh token that reads.
async fn machine(app: &TestApp, client: &Client) -> Client {
    let made = token(client, json!(["read"])).await.is(201);
    let machine = app.public().with_token(&made.text_at("/token"));
    machine.get("/api/v1/me").send().await.is(200);
    machine
}

/// An organisation of the neighbouring district.
pub async fn foreign_organisation(app: &TestApp) -> uuid::Uuid {
    let (id, tenant) = (uuid::Uuid::now_v7(), app.other_tenant().await);
    let row = format!(
        "INSERT INTO organisations (id, tenant_id, uscc, name_zh, kind, legal_representative, contact_email, state, version, created_at) VALUES \
         ('{id}', '{tenant}', '52330503MJ9000022F', '南浔区示例中心', 'social_service_institution', '沈示例', 'wai@orgs.example', 'verified', 1, '2026-01-05 00:00:00')"
    );
    run_sql(app, vec![row]).await;
    id
}

async fn read_by(app: &TestApp) -> Vec<(String, String)> {
    app.read(|db| readings::table.order(readings::id).select((readings::why, readings::operation)).load(db).unwrap()).await
}

on_both! {
    async fn a_forgotten_password_is_reset_by_mail_once(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        let open = sign_in(app, &person.email, PASSWORD).await.is(201);
        ask_reset(app, &format!(" {} ", person.email.to_uppercase())).await.is(202);
        let token = secret_mailed_to(app, &person.email).await;
        assert_eq!(complete(app, &token, "short").await.refused(422, "invalid").bad_fields(), ["/new_password"]);
        complete(app, &token, NEW_PASSWORD).await.is(204);
        sign_in(app, &person.email, PASSWORD).await.refused(401, "bad_credentials");
        sign_in(app, &person.email, NEW_PASSWORD).await.is(201);
        app.public().with_token(&open.text_at("/access_token")).get("/api/v1/me").send().await.refused(401, "unauthenticated");
        complete(app, &token, "another long password").await.refused(422, "reset_refused");
        complete(app, "never mailed", NEW_PASSWORD).await.refused(422, "reset_refused");
    }

    async fn a_reset_tells_nobody_whether_an_account_exists(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        let known = ask_reset(app, &person.email).await.is(202);
        let unknown = ask_reset(app, "nobody@people.example").await.is(202);
        assert_eq!(known.text, unknown.text);
        let stored: i64 = app.read(|db| password_resets::table.count().get_result(db).unwrap()).await;
        assert_eq!(stored, 1);
        for _ in 0..4 {
            ask_reset(app, &person.email).await.is(202);
        }
        ask_reset(app, &person.email).await.refused(429, "rate_limited");
        // Asking for resets keeps nobody from signing in.
        sign_in(app, &person.email, PASSWORD).await.is(201);
    }

    async fn an_address_without_an_account_waits_for_the_disk_too_and_leaves_nothing(app: &TestApp) {
        // What SQLite wrote since its last checkpoint; a commit without a change adds nothing to it. PostgreSQL's log is that of all tests together.
        let written = || match &app.target {
            Target::Sqlite(path) => std::fs::read(path.with_extension("sqlite-wal")).unwrap(),
            Target::Postgres(_) => Vec::new(),
        };
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let left = app.person("Lin Jingban", &[Role::Evaluator]).await;
        keeper.patch(&format!("/api/v1/accounts/{}", left.account)).if_match("\"1\"").json(json!({"state": "suspended"})).await.is(200);
        let letters: i64 = app.read(|db| outbox::table.count().get_result(db).unwrap()).await;
        for email in ["nobody@people.example", left.email.as_str()] {
            let before = written();
            ask_reset(app, email).await.is(202);
            if matches!(app.target, Target::Sqlite(_)) {
                assert!(written() != before, "{email}: nothing was written, so that the answer came sooner");
            }
        }
        let kept: (i64, i64) = app
            .read(|db| (outbox::table.count().get_result(db).unwrap(), password_resets::table.count().get_result(db).unwrap()))
            .await;
        assert_eq!(kept, (letters, 0));
    }

    async fn only_the_newest_reset_serves_and_only_for_half_an_hour(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        ask_reset(app, &person.email).await.is(202);
        let first = secret_mailed_to(app, &person.email).await;
        ask_reset(app, &person.email).await.is(202);
        let second = secret_mailed_to(app, &person.email).await;
        assert_ne!(first, second);
        complete(app, &first, NEW_PASSWORD).await.refused(422, "reset_refused");
        run_sql(app, vec!["UPDATE password_resets SET expires_at = '2026-01-01 00:00:00'".to_owned()]).await;
        complete(app, &second, NEW_PASSWORD).await.refused(422, "reset_refused");
    }

    async fn a_mail_with_a_secret_is_forgotten_once_it_is_sent(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        ask_reset(app, &person.email).await.is(202);
        let token = secret_mailed_to(app, &person.email).await;
        baiyi::jobs::drain_outbox(&app.db, &app.postman).await.unwrap();
        let kept: Vec<String> = app.read(|db| outbox::table.select(outbox::body).load(db).unwrap()).await;
        assert!(kept.iter().all(|body| !body.contains(&token)), "the token lies in the outbox");
        complete(app, &token, NEW_PASSWORD).await.is(204);
    }

    async fn an_invited_person_makes_its_own_account(app: &TestApp) {
        let yuehe = unit(app, app.tenant, "月河街道办事处").await;
        let lead = app.person_of(app.tenant, "Shen Zhuren", &[Role::PurchaserLead], Some(yuehe), None).await;
        let ask = |roles: Value| json!({"email": "Wang@people.example", "roles": roles, "unit_id": yuehe});
        for roles in [json!(["platform_admin"]), json!(["finance_officer"]), json!(["purchaser", "purchaser_lead"])] {
            let refused = lead.client.post("/api/v1/account-invitations").json(ask(roles)).await;
            assert_eq!(refused.refused(422, "invalid").bad_fields(), ["/roles"]);
        }
        let elsewhere = unit(app, app.tenant, "飞英街道办事处").await;
        let foreign = json!({"email": "wang@people.example", "roles": ["purchaser"], "unit_id": elsewhere});
        lead.client.post("/api/v1/account-invitations").json(foreign).await.refused(422, "invalid");
        let invited = lead.client.post("/api/v1/account-invitations").json(ask(json!(["purchaser"]))).await.is(201);
        assert_eq!(invited.text_at("/email"), "wang@people.example");

        let code = secret_mailed_to(app, "wang@people.example").await;
        let accept = async |code: &str, password: &str| {
            let body = json!({"token": code, "name": "王经办", "password": password});
            app.public().post("/api/v1/account-invitations/acceptance").json(body).await
        };
        assert_eq!(accept(&code, "aaaaaaaaaaaaaaaa").await.refused(422, "invalid").bad_fields(), ["/password"]);
        let made = accept(&code, NEW_PASSWORD).await.is(201);
        assert_eq!((made.value()["roles"].clone(), made.text_at("/unit_id")), (json!(["purchaser"]), yuehe.to_string()));
        sign_in(app, "wang@people.example", NEW_PASSWORD).await.is(201);
        accept(&code, NEW_PASSWORD).await.refused(422, "invitation_refused");
        let list = lead.client.get("/api/v1/account-invitations").send().await.is(200);
        assert_eq!(list.text_at("/items/0/state"), "accepted");
        let hashes: Vec<Vec<u8>> = app.read(|db| account_invitations::table.select(account_invitations::token_hash).load(db).unwrap()).await;
        assert!(hashes.iter().all(|hash| hash != code.as_bytes()));
    }

    async fn an_invitation_tells_nobody_whether_an_address_has_an_account_and_may_be_taken_back(app: &TestApp) {
        let admin = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let known = app.person("Lin Jingban", &[Role::Auditor]).await;
        let ask = |email: &str| json!({"email": email, "roles": ["auditor"]});
        admin.post("/api/v1/account-invitations").json(ask(&known.email)).await.is(201);
        let code = secret_mailed_to(app, &known.email).await;
        let accept = |code: String| json!({"token": code, "name": "某人", "password": NEW_PASSWORD});
        app.public().post("/api/v1/account-invitations/acceptance").json(accept(code)).await.refused(422, "invitation_refused");

        let invited = admin.post("/api/v1/account-invitations").json(ask("wang@people.example")).await.is(201);
        let code = secret_mailed_to(app, "wang@people.example").await;
        admin.call("DELETE", &invited.header("location")).if_match(&invited.etag()).send().await.is(200);
        app.public().post("/api/v1/account-invitations/acceptance").json(accept(code)).await.refused(422, "invitation_refused");
    }

    async fn an_account_belongs_to_a_unit_and_an_organisation_of_its_own_district(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let home = unit(app, app.tenant, "月河街道办事处").await;
        let (foreign, unknown) = (unit(app, app.other_tenant().await, "南浔镇人民政府").await, uuid::Uuid::now_v7());
        let elsewhere = foreign_organisation(app).await;
        let invite = |role: &str, field: &str, id: String| json!({"email": "wang@people.example", "roles": [role], field: id});
        for (role, field, id) in [
            ("purchaser", "unit_id", foreign.to_string()),
            ("purchaser", "unit_id", unknown.to_string()),
            ("org_admin", "organisation_id", elsewhere.to_string()),
            ("org_admin", "organisation_id", unknown.to_string()),
        ] {
            let mut account = invite(role, field, id.clone());
            account["name"] = json!("王经办");
            account["password"] = json!(NEW_PASSWORD);
            for (path, body) in [("/api/v1/account-invitations", invite(role, field, id.clone())), ("/api/v1/accounts", account)] {
                assert_eq!(keeper.post(path).json(body).await.refused(422, "invalid").bad_fields(), [format!("/{field}")], "{path} {id}");
            }
        }
        let mut account = invite("purchaser", "unit_id", home.to_string());
        account["name"] = json!("王经办");
        account["password"] = json!(NEW_PASSWORD);
        keeper.post("/api/v1/accounts").json(account).await.is(201);
    }

    async fn a_token_ends_with_the_trust_in_its_maker(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let person = app.person("Lin Jingban", &[Role::CatalogueEditor]).await;
        let path = format!("/api/v1/accounts/{}", person.account);
        let dead = async |machine: &Client| {
            machine.get("/api/v1/me").send().await.refused(401, "unauthenticated");
        };
        let suspended = machine(app, &person.client).await;
        keeper.patch(&path).if_match("\"1\"").json(json!({"state": "suspended"})).await.is(200);
        dead(&suspended).await;
        keeper.patch(&path).if_match("\"2\"").json(json!({"state": "active"})).await.is(200);
        dead(&suspended).await;

        let client = app.client_of(app.tenant, person.account).await;
        let before_the_factor = machine(app, &client).await;
        enrol(&client).await;
        dead(&before_the_factor).await;
        let with_the_factor = machine(app, &client).await;
        client.call("DELETE", "/api/v1/me/second-factor").send().await.is(204);
        dead(&with_the_factor).await;

        let old_password = machine(app, &client).await;
        client.call("PUT", "/api/v1/me/password").json(json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD})).await.is(204);
        dead(&old_password).await;
        let forgotten = machine(app, &client).await;
        ask_reset(app, &person.email).await.is(202);
        let code = secret_mailed_to(app, &person.email).await;
        complete(app, &code, "nine herons above the mill").await.is(204);
        dead(&forgotten).await;
        let ended: i64 = app
            .read(|db| {
                use baiyi::db::schema::journal_entries::dsl::{action, journal_entries};
                journal_entries.filter(action.eq("api_token.ended")).count().get_result(db).unwrap()
            })
            .await;
        assert_eq!(ended, 5, "the journal tells of each");
    }

    async fn a_token_goes_no_further_than_the_roles_and_the_second_factor_of_its_maker(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let person = app.person("Lin Jingban", &[Role::CatalogueEditor]).await;
        let beyond = token(&person.client, json!(["read", "areas.create"])).await.refused(422, "invalid");
        assert_eq!(beyond.bad_fields(), ["/scopes/1"]);
        assert!(beyond.text.contains("areas.create"), "{}", beyond.text);
        // A role that needs a second factor comes later: the token waits for the factor too.
        let early = machine(app, &person.client).await;
        let path = format!("/api/v1/accounts/{}", person.account);
        keeper.patch(&path).if_match("\"1\"").json(json!({"roles": ["platform_admin"]})).await.is(200);
        early.get("/api/v1/areas").send().await.refused(403, "second_factor_required");
        let client = app.client_of(app.tenant, person.account).await;
        enrol(&client).await;
        machine(app, &client).await;
    }

    async fn a_machine_does_what_its_token_was_made_for_and_no_more(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        enrol(&keeper.client).await;
        let area = json!({"code": "330502004000", "level": "subdistrict", "name_zh": "月河街道", "parent_code": "330502000000"});
        for (scopes, pointer) in [(json!(["areas.none"]), "/scopes/0"), (json!(["read", "accounts.create"]), "/scopes/1"), (json!([]), "/scopes")] {
            assert_eq!(token(&keeper.client, scopes).await.refused(422, "invalid").bad_fields(), [pointer]);
        }
        let made = token(&keeper.client, json!(["read"])).await.is(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let reader = app.public().with_token(&made.text_at("/token"));
        assert_eq!(reader.get("/api/v1/me").send().await.is(200).text_at("/id"), keeper.account.to_string());
        reader.post("/api/v1/areas").json(area.clone()).await.refused(403, "token_scope");
        reader.post("/api/v1/accounts").json(json!({})).await.refused(403, "token_scope");
        reader.post("/api/v1/me/api-tokens").json(json!({})).await.refused(403, "token_scope");
        reader.call("DELETE", "/api/v1/sessions").send().await.refused(403, "token_scope");
        reader.post("/api/v1/me/step-up").json(json!({"password": PASSWORD})).await.refused(403, "token_scope");

        let writing = token(&keeper.client, json!(["areas.create"])).await.is(201);
        let writer = app.public().with_token(&writing.text_at("/token"));
        writer.get("/api/v1/me").send().await.refused(403, "token_scope");
        let answer = writer.post("/api/v1/areas").json(area).await;
        assert!(![401, 403].contains(&answer.status), "{}", answer.text);

        // It is stored hashed, shown once, ends at once, and never serves longer than its account.
        let kept: Vec<Vec<u8>> = app.read(|db| api_tokens::table.select(api_tokens::token_hash).load(db).unwrap()).await;
        assert!(kept.iter().all(|hash| hash.len() == 32));
        let list = keeper.client.get("/api/v1/me/api-tokens").send().await.is(200);
        assert!(!list.text.contains(&made.text_at("/token")) && !list.text.contains("hash"), "{}", list.text);
        keeper.client.call("DELETE", &format!("/api/v1/me/api-tokens/{}", made.text_at("/kept/id"))).send().await.is(204);
        reader.get("/api/v1/me").send().await.refused(401, "unauthenticated");
        let second = app.person("Guan Er", &[Role::PlatformAdmin]).await.client;
        second.patch(&format!("/api/v1/accounts/{}", keeper.account)).if_match("\"1\"").json(json!({"state": "suspended"})).await.is(200);
        writer.post("/api/v1/areas").json(json!({})).await.refused(401, "unauthenticated");
        app.public().with_token(&format!("baiyi_{}", "a".repeat(43))).get("/api/v1/me").send().await.refused(401, "unauthenticated");
    }

    async fn whatever_an_auditor_reads_is_logged_and_so_is_the_reading_of_accounts(app: &TestApp) {
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        auditor.get("/api/v1/areas?limit=1").send().await.is(200);
        auditor.get("/api/v1/cases/0192f0c1-7a10-7000-8000-000000000001").send().await.refused(404, "not_found");
        keeper.client.get("/api/v1/areas").send().await.is(200);
        app.clock.advance_to(app.clock.now().plus_seconds(1));
        keeper.client.get("/api/v1/accounts").send().await.is(200);
        app.public().get("/api/v1/areas").send().await.is(200);
        let logged = read_by(app).await;
        let expected = [("audit", "GET /api/v1/areas"), ("personal_data", "GET /api/v1/accounts")];
        assert_eq!(logged, expected.map(|(why, operation)| (why.to_owned(), operation.to_owned())));

        let path = format!("/api/v1/readings?account_id={}", keeper.account);
        let log = auditor.get(&path).send().await.is(200);
        assert_eq!((log.value()["items"].as_array().unwrap().len(), log.text_at("/items/0/why")), (1, "personal_data".to_owned()));
        app.person("Lin Jingban", &[Role::Evaluator]).await.client.get("/api/v1/readings").send().await.refused(403, "forbidden");
    }
}
