//! Proving who one is: one-time passwords, recovery codes, fresh proofs for grave steps, and what an account may do before it proved enough.

use baiyi::db::schema::{idempotency_keys, journal_entries, outbox, recovery_codes, second_factors};
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::money::unit;
use crate::support::chain::run_sql;
use crate::support::http::Answer;
use crate::support::{Client, PASSWORD, Person, TestApp, on_both};

async fn sign_in(app: &TestApp, email: &str, code: Option<&str>) -> Answer {
    let mut body = json!({"email": email, "password": PASSWORD});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    app.public().post("/api/v1/sessions").json(body).await
}

fn with_token(app: &TestApp, answer: &Answer) -> Client {
    app.public().with_token(&answer.text_at("/access_token"))
}

/// The authenticator program of a person: codes of now and of the step after, which the server takes as well.
struct Authenticator(String);

impl Authenticator {
    fn code(&self, seconds_ahead: u64) -> String {
        let secret = Secret::try_from_base32(&self.0).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        Builder::new().with_secret(secret).build().unwrap().generate(now + seconds_ahead).to_string()
    }
}

/// Enrols a second factor and gives the authenticator and the recovery codes.
async fn enrol(client: &Client) -> (Authenticator, Vec<String>) {
    let offered = client.post("/api/v1/me/second-factor").json(json!({"password": PASSWORD})).await.is(201);
    assert_eq!(offered.header("cache-control"), "no-store");
    let phone = Authenticator(offered.text_at("/secret"));
    let confirmed = client.post("/api/v1/me/second-factor/confirmation").json(json!({"code": phone.code(0)})).await.is(201);
    let codes = confirmed.value()["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (phone, codes)
}

/// Makes the codes that were accepted so long ago that the present one is a new one.
async fn time_passes_for_codes(app: &TestApp) {
    run_sql(app, vec!["UPDATE second_factors SET last_step = last_step - 10".to_owned()]).await;
}

/// Makes every proof of identity older than five minutes.
async fn proofs_grow_old(app: &TestApp) {
    run_sql(app, vec!["UPDATE sessions SET proved_at = '2026-01-01 00:00:00'".to_owned()]).await;
}

async fn cai_wu(app: &TestApp) -> Person {
    let unit = unit(app, app.tenant, "月河街道办事处").await;
    app.person_of(app.tenant, "Cai Wu", &[Role::FinanceOfficer], Some(unit), None).await
}

on_both! {
    async fn a_finance_officer_can_do_nothing_before_a_second_factor_is_enrolled(app: &TestApp) {
        let person = cai_wu(app).await;
        let signed_in = sign_in(app, &person.email, None).await.is(201);
        let client = with_token(app, &signed_in);
        client.get("/api/v1/funds").send().await.refused(403, "second_factor_required");
        client.post("/api/v1/funds").json(json!({})).await.refused(403, "second_factor_required");
        client.get("/api/v1/me").send().await.is(200);
        client.get("/api/v1/sessions").send().await.is(200);
        assert_eq!(client.get("/api/v1/me/second-factor").send().await.is(200).value()["required"], true);

        let elsewhere = person.client.clone();
        let (phone, codes) = enrol(&client).await;
        assert_eq!(codes.len(), 10);
        client.get("/api/v1/funds").send().await.is(200);
        elsewhere.get("/api/v1/me").send().await.refused(401, "unauthenticated");
        let state = client.get("/api/v1/me/second-factor").send().await.is(200).value();
        assert_eq!((&state["required"], &state["recovery_codes_left"]), (&json!(true), &json!(10)));

        // From now on the password alone is not enough, and says so only to who knows it.
        sign_in(app, &person.email, None).await.refused(401, "second_factor_needed");
        let wrong = json!({"email": person.email, "password": "not the right password", "code": phone.code(30)});
        app.public().post("/api/v1/sessions").json(wrong).await.refused(401, "bad_credentials");
        let signed_in = sign_in(app, &person.email, Some(&phone.code(30))).await.is(201);
        with_token(app, &signed_in).get("/api/v1/funds").send().await.is(200);
        sign_in(app, &person.email, Some(&phone.code(30))).await.refused(401, "bad_second_factor");
    }

    async fn nothing_of_a_second_factor_is_stored_in_the_clear(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        let offered = client.post("/api/v1/me/second-factor").key("offer-1").json(json!({"password": PASSWORD})).await.is(201);
        let phone = Authenticator(offered.text_at("/secret"));
        let codes = client.post("/api/v1/me/second-factor/confirmation").key("confirm-1").json(json!({"code": phone.code(0)})).await.is(201);
        let seed = Secret::try_from_base32(&phone.0).unwrap().as_bytes().to_vec();
        let stored: Vec<Vec<u8>> = app.read(|db| second_factors::table.select(second_factors::secret).load(db).unwrap()).await;
        assert_eq!(stored.len(), 1);
        assert!(!stored[0].windows(seed.len()).any(|part| part == seed), "the seed lies open");
        let hashes: Vec<Vec<u8>> = app.read(|db| recovery_codes::table.select(recovery_codes::code_hash).load(db).unwrap()).await;
        assert!(hashes.iter().all(|hash| hash.len() == 32));
        let kept: i64 = app.read(|db| idempotency_keys::table.count().get_result(db).unwrap()).await;
        assert_eq!(kept, 0, "an answer with a secret was saved");
        let journal: Vec<Option<String>> = app.read(|db| journal_entries::table.select(journal_entries::content).load(db).unwrap()).await;
        let first = codes.text_at("/recovery_codes/0");
        assert!(journal.iter().flatten().all(|text| !text.contains(&phone.0) && !text.contains(&first)), "a secret is in the journal");
    }

    async fn a_recovery_code_stands_in_once(app: &TestApp) {
        let person = cai_wu(app).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        let (_, codes) = enrol(&client).await;
        let typed = codes[3].to_uppercase();
        let signed_in = sign_in(app, &person.email, Some(&typed)).await.is(201);
        sign_in(app, &person.email, Some(&codes[3])).await.refused(401, "bad_second_factor");
        let inside = with_token(app, &signed_in);
        assert_eq!(inside.get("/api/v1/me/second-factor").send().await.value()["recovery_codes_left"], 9);
        let told: i64 = app
            .read(|db| outbox::table.filter(outbox::subject.like("%Recovery code used%")).count().get_result(db).unwrap())
            .await;
        assert_eq!(told, 1, "the person is told");
        // New codes end the old ones.
        let fresh = inside.post("/api/v1/me/recovery-codes").send().await.is(201);
        sign_in(app, &person.email, Some(&codes[4])).await.refused(401, "bad_second_factor");
        sign_in(app, &person.email, Some(&fresh.text_at("/recovery_codes/0"))).await.is(201);
    }

    async fn a_grave_step_asks_for_a_fresh_proof(app: &TestApp) {
        let admin = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        let client = with_token(app, &sign_in(app, &admin.email, None).await.is(201));
        let (phone, _) = enrol(&client).await;
        let colleague = app.person("Lin Jingban", &[Role::Auditor]).await;
        let suspend = async |state: &str, version: u8| {
            let path = format!("/api/v1/accounts/{}", colleague.account);
            client.patch(&path).if_match(&format!("\"{version}\"")).json(json!({"state": state})).await
        };
        suspend("suspended", 1).await.is(200);
        proofs_grow_old(app).await;
        let refused = suspend("active", 2).await.refused(401, "step_up_required");
        assert_eq!(refused.header("www-authenticate"), "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"");
        // Reading goes on, and so does what is not grave.
        client.get("/api/v1/accounts").send().await.is(200);
        // The password is no proof where a second factor counts, nor is a wrong or a used code.
        let step_up = async |body: Value| client.post("/api/v1/me/step-up").json(body).await;
        assert_eq!(step_up(json!({"password": PASSWORD})).await.refused(422, "invalid").bad_fields(), ["/code"]);
        assert_eq!(step_up(json!({"code": phone.code(0)})).await.refused(422, "invalid").bad_fields(), ["/code"]);
        suspend("active", 2).await.refused(401, "step_up_required");
        step_up(json!({"code": phone.code(30)})).await.is(204);
        suspend("active", 2).await.is(200);
    }

    async fn without_a_second_factor_the_password_proves(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        proofs_grow_old(app).await;
        client.post("/api/v1/me/recovery-codes").send().await.refused(401, "step_up_required");
        let step_up = async |password: &str| client.post("/api/v1/me/step-up").json(json!({"password": password})).await;
        assert_eq!(step_up("not the right password").await.refused(422, "invalid").bad_fields(), ["/password"]);
        step_up(PASSWORD).await.is(204);
        client.post("/api/v1/me/recovery-codes").send().await.refused(409, "no_second_factor");
    }

    async fn a_factor_is_replaced_by_its_owner_and_kept_where_a_role_needs_it(app: &TestApp) {
        let person = cai_wu(app).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        client.post("/api/v1/me/second-factor/confirmation").json(json!({"code": "123456"})).await.refused(409, "no_second_factor");
        let (old, _) = enrol(&client).await;
        client.call("DELETE", "/api/v1/me/second-factor").send().await.refused(409, "second_factor_kept");
        proofs_grow_old(app).await;
        client.post("/api/v1/me/second-factor").json(json!({"password": PASSWORD})).await.refused(401, "step_up_required");
        client.post("/api/v1/me/step-up").json(json!({"code": old.code(30)})).await.is(204);
        let offered = client.post("/api/v1/me/second-factor").json(json!({"password": PASSWORD})).await.is(201);
        // The old one counts until the new one is confirmed.
        time_passes_for_codes(app).await;
        sign_in(app, &person.email, Some(&old.code(0))).await.is(201);
        let new = Authenticator(offered.text_at("/secret"));
        client.post("/api/v1/me/second-factor/confirmation").json(json!({"code": new.code(0)})).await.is(201);
        time_passes_for_codes(app).await;
        run_sql(app, vec!["UPDATE second_factors SET last_step = NULL".to_owned()]).await;
        sign_in(app, &person.email, Some(&old.code(0))).await.refused(401, "bad_second_factor");
    }

    async fn codes_cannot_be_guessed_at_will(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        client.post("/api/v1/me/second-factor").json(json!({"password": PASSWORD})).await.is(201);
        let mut statuses = Vec::new();
        for guess in 0..6 {
            let body = json!({"code": format!("{guess:06}")});
            statuses.push(client.post("/api/v1/me/second-factor/confirmation").json(body).await.status);
        }
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    }

    async fn all_sessions_end_at_once(app: &TestApp) {
        let person = app.person("Lin Jingban", &[Role::Evaluator]).await;
        let (here, there) = (sign_in(app, &person.email, None).await.is(201), sign_in(app, &person.email, None).await.is(201));
        with_token(app, &here).call("DELETE", "/api/v1/sessions").send().await.is(204);
        for ended in [&here, &there] {
            with_token(app, ended).get("/api/v1/me").send().await.refused(401, "unauthenticated");
            let refresh = json!({"refresh_token": ended.text_at("/refresh_token")});
            app.public().post("/api/v1/sessions/refresh").json(refresh).await.refused(401, "refresh_refused");
        }
        sign_in(app, &person.email, None).await.is(201);
    }

    async fn a_finance_officer_who_loses_the_phone_is_helped_by_two_others(app: &TestApp) {
        let person = cai_wu(app).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        enrol(&client).await;
        let (first, second) = (app.person("Guan Li", &[Role::PlatformAdmin]).await, app.person("Guan Er", &[Role::PlatformAdmin]).await);
        let path = format!("/api/v1/accounts/{}/recoveries", person.account);
        let reason = json!({"reason": "手机遗失，已当面核对工作证"});
        let other_unit = unit(app, app.tenant, "飞英街道办事处").await;
        let stranger = app.person_of(app.tenant, "Shen Zhuren", &[Role::PurchaserLead], Some(other_unit), None).await;
        stranger.client.post(&path).json(reason.clone()).await.refused(404, "not_found");
        let own = format!("/api/v1/accounts/{}/recoveries", first.account);
        first.client.post(&own).json(reason.clone()).await.refused(403, "duties_not_separate");

        let asked = first.client.post(&path).json(reason.clone()).await.is(201);
        first.client.post(&path).json(reason).await.refused(409, "recovery_asked");
        let recovery = asked.header("location");
        let confirm = async |by: &Person| by.client.post(&format!("{recovery}/confirmation")).if_match(&asked.etag()).send().await;
        confirm(&first).await.refused(403, "duties_not_separate");
        confirm(&stranger).await.refused(404, "not_found");
        client.get("/api/v1/funds").send().await.is(200);
        confirm(&second).await.is(200);
        confirm(&second).await.refused(412, "stale");
        client.get("/api/v1/me").send().await.refused(401, "unauthenticated");

        // The owner enrols again before anything else.
        let again = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        again.get("/api/v1/funds").send().await.refused(403, "second_factor_required");
        enrol(&again).await;
        again.get("/api/v1/funds").send().await.is(200);
        let told: Vec<String> = app
            .read(move |db| outbox::table.filter(outbox::recipient.eq(&person.email)).order(outbox::id).select(outbox::subject).load(db).unwrap())
            .await;
        assert!(told.iter().any(|subject| subject.contains("Account recovery")), "{told:?}");
        assert!(told.iter().any(|subject| subject.contains("Reset your password")), "{told:?}");
    }

    async fn a_recovery_may_be_refused(app: &TestApp) {
        let person = cai_wu(app).await;
        let client = with_token(app, &sign_in(app, &person.email, None).await.is(201));
        let admin = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let path = format!("/api/v1/accounts/{}/recoveries", person.account);
        let reason = json!({"reason": "电话中自称手机遗失，未核对证件"});
        admin.post(&path).json(reason.clone()).await.refused(409, "no_second_factor");
        let (phone, _) = enrol(&client).await;
        let asked = admin.post(&path).json(reason).await.is(201);
        assert_eq!(client.get(&asked.header("location")).send().await.is(200).text_at("/state"), "asked", "the owner sees it");
        let refused = admin.post(&format!("{}/refusal", asked.header("location"))).if_match(&asked.etag()).send().await.is(200);
        assert_eq!(refused.text_at("/state"), "refused");
        admin.post(&format!("{}/confirmation", asked.header("location"))).if_match(&refused.etag()).send().await.refused(403, "duties_not_separate");
        sign_in(app, &person.email, Some(&phone.code(30))).await.is(201);
        assert_eq!(admin.get("/api/v1/account-recoveries").send().await.is(200).value()["items"].as_array().unwrap().len(), 1);
    }
}
