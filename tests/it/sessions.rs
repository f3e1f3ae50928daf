//! Signing in and out: one answer for every wrong login, tokens that rotate and die at once, nothing of them stored in the clear.

use baiyi::db::schema::{idempotency_keys, journal_entries, refresh_tokens};
use baiyi::db::{Db, Target};
use baiyi::people::Role;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::http::Answer;
use crate::support::{Client, PASSWORD, Person, TestApp, on_both};

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.public().post("/api/v1/sessions").json(json!({"email": email, "password": password})).await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.public().post("/api/v1/sessions/refresh").json(json!({"refresh_token": token})).await
}

fn with_token(app: &TestApp, token: &str) -> Client {
    Client::new(reqwest::Client::new(), app.base.clone(), Some(token.to_owned()))
}

async fn me(app: &TestApp, token: &str) -> Answer {
    with_token(app, token).get("/api/v1/me").send().await
}

async fn lin(app: &TestApp) -> Person {
    app.person("Lin Jingban", &[Role::Auditor]).await
}

/// The document without what names this one request.
fn apart_from_request_id(answer: &Answer) -> Value {
    let mut document = answer.value();
    let id = document.as_object_mut().unwrap().remove("request_id").unwrap();
    assert!(id.as_str().is_some_and(|id| id.len() == 36), "{id}");
    document
}

on_both! {
    async fn a_person_signs_in_and_is_known(app: &TestApp) {
        let person = lin(app).await;
        let opened = sign_in(app, &person.email, PASSWORD).await.is(201);
        assert_eq!(opened.header("cache-control"), "no-store");
        assert_eq!((opened.text_at("/token_type").as_str(), opened.text_at("/expires_in").as_str()), ("Bearer", "900"));
        assert_eq!(opened.text_at("/account_id"), person.account.to_string());
        let known = me(app, &opened.text_at("/access_token")).await.is(200);
        assert_eq!(known.text_at("/email"), person.email);
        assert!(!known.text.contains("password"), "{}", known.text);
        // A login name is one whatever its case and outer space.
        sign_in(app, &format!("  {} ", person.email.to_uppercase()), PASSWORD).await.is(201);
    }

    async fn a_wrong_login_gets_one_answer_whatever_was_wrong(app: &TestApp) {
        let person = lin(app).await;
        let suspended = app.person("Ting Zhi", &[Role::Auditor]).await;
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        keeper.patch(&format!("/api/v1/accounts/{}", suspended.account)).if_match("\"1\"").json(json!({"state": "suspended"})).await.is(200);
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::Auditor], None, None).await;
        let wrong = sign_in(app, &person.email, "not the right password").await.refused(401, "bad_credentials");
        let expected = apart_from_request_id(&wrong);
        for (email, password) in [
            (person.email.as_str(), ""),
            ("nobody@people.example", PASSWORD),
            (suspended.email.as_str(), PASSWORD),
            (foreign.email.as_str(), PASSWORD),
        ] {
            let answer = sign_in(app, email, password).await.refused(401, "bad_credentials");
            assert_eq!(apart_from_request_id(&answer), expected, "{email}");
            assert_eq!(answer.header("www-authenticate"), wrong.header("www-authenticate"));
        }
        let nowhere = app.public().post("/api/v1/sessions").header("baiyi-district", "999999");
        let answer = nowhere.json(json!({"email": person.email, "password": PASSWORD})).await.refused(401, "bad_credentials");
        assert_eq!(apart_from_request_id(&answer), expected);
        let there = app.public().post("/api/v1/sessions").header("baiyi-district", "330503");
        there.json(json!({"email": foreign.email, "password": PASSWORD})).await.is(201);
    }

    async fn credentials_are_bounded_before_anything_is_done_with_them(app: &TestApp) {
        for (body, pointer) in [
            (json!({"email": "x".repeat(255), "password": PASSWORD}), "/email"),
            (json!({"email": "lin@people.example", "password": "x".repeat(513)}), "/password"),
            (json!({"email": "lin@people.example", "password": 7}), "/password"),
            (json!({"email": "lin@people.example", "password": PASSWORD, "remember": true}), "/remember"),
        ] {
            let refused = app.public().post("/api/v1/sessions").json(body).await.refused(422, "invalid");
            assert_eq!(refused.bad_fields(), [pointer]);
        }
        assert_eq!(refresh(app, &"x".repeat(129)).await.refused(422, "invalid").bad_fields(), ["/refresh_token"]);
    }

    async fn guessing_is_slowed_down_per_name_and_per_address(app: &TestApp) {
        let person = lin(app).await;
        for _ in 0..5 {
            sign_in(app, &person.email, "a wrong guess").await.refused(401, "bad_credentials");
        }
        let limited = sign_in(app, &person.email, PASSWORD).await.refused(429, "rate_limited");
        let wait: u64 = limited.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        // The same name in another dress is the same name.
        for dressed in [person.email.to_uppercase(), format!(" {}", person.email), format!("{}\u{3000}", person.email)] {
            sign_in(app, &dressed, PASSWORD).await.refused(429, "rate_limited");
        }
        // A name that does not exist is limited alike, and another person may still come in.
        let other = app.person("Guan Li", &[Role::Auditor]).await;
        sign_in(app, &other.email, PASSWORD).await.is(201);
        let mut statuses = Vec::new();
        for guess in 0..30 {
            statuses.push(sign_in(app, &format!("nobody{guess}@people.example"), PASSWORD).await.status);
        }
        assert_eq!((statuses.first(), statuses.last()), (Some(&401), Some(&429)), "one address may not try every name: {statuses:?}");
    }

    async fn a_refresh_token_works_once_and_used_twice_ends_its_family(app: &TestApp) {
        let person = lin(app).await;
        let opened = sign_in(app, &person.email, PASSWORD).await.is(201);
        let second = refresh(app, &opened.text_at("/refresh_token")).await.is(201);
        assert_eq!(second.header("cache-control"), "no-store");
        assert_eq!(second.text_at("/session_id"), opened.text_at("/session_id"));
        assert_ne!(second.text_at("/refresh_token"), opened.text_at("/refresh_token"));
        let third = refresh(app, &second.text_at("/refresh_token")).await.is(201);
        me(app, &third.text_at("/access_token")).await.is(200);
        let elsewhere = sign_in(app, &person.email, PASSWORD).await.is(201);

        // A thief (or the owner after the thief) uses the second token again.
        refresh(app, &second.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        refresh(app, &third.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        for dead in [&opened, &second, &third] {
            me(app, &dead.text_at("/access_token")).await.refused(401, "unauthenticated");
        }
        me(app, &elsewhere.text_at("/access_token")).await.is(200);
        refresh(app, &elsewhere.text_at("/refresh_token")).await.is(201);
        refresh(app, "never issued").await.refused(401, "refresh_refused");

        // The end is in the journal, once, however often the replay is repeated.
        for _ in 0..3 {
            refresh(app, &second.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        }
        let ended = |db: &mut Db| journal_entries::table.filter(journal_entries::action.eq("session.revoked")).count().get_result::<i64>(db);
        assert_eq!(app.read(move |db| ended(db).unwrap()).await, 1);
    }

    async fn one_token_refreshed_by_many_at_once_gives_one_new_token_at_most(app: &TestApp) {
        let opened = sign_in(app, &lin(app).await.email, PASSWORD).await.is(201);
        let token = opened.text_at("/refresh_token");
        let answers = futures_util::future::join_all((0..8).map(|_| refresh(app, &token))).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 401)), "{answers:?}");
        refresh(app, &won[0].text_at("/refresh_token")).await.refused(401, "refresh_refused");
    }

    async fn sessions_are_listed_and_ended_by_their_owner(app: &TestApp) {
        let person = lin(app).await;
        let first = sign_in(app, &person.email, PASSWORD).await.is(201);
        let second = sign_in(app, &person.email, PASSWORD).await.is(201);
        let client = with_token(app, &second.text_at("/access_token"));
        let list = client.get("/api/v1/sessions").send().await.is(200).value();
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 3, "these two and the one of the story's own client");
        assert!(items.windows(2).all(|pair| pair[0]["created_at"].as_str() >= pair[1]["created_at"].as_str()));
        let current: Vec<_> = items.iter().filter(|item| item["current"] == true).map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(current, [second.text_at("/session_id")]);

        let path = format!("/api/v1/sessions/{}", first.text_at("/session_id"));
        let stranger = app.person("Mo Sheng", &[Role::PlatformAdmin]).await.client;
        stranger.call("DELETE", &path).send().await.refused(404, "not_found");
        me(app, &first.text_at("/access_token")).await.is(200);
        client.call("DELETE", &path).send().await.is(204);
        me(app, &first.text_at("/access_token")).await.refused(401, "unauthenticated");
        refresh(app, &first.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        client.call("DELETE", &path).send().await.refused(404, "not_found");
        assert_eq!(client.get("/api/v1/sessions").send().await.value()["items"].as_array().unwrap().len(), 2);
        let own = format!("/api/v1/sessions/{}", second.text_at("/session_id"));
        client.call("DELETE", &own).send().await.is(204);
        client.get("/api/v1/me").send().await.refused(401, "unauthenticated");
    }

    async fn a_suspension_ends_every_session_and_its_refresh(app: &TestApp) {
        let person = lin(app).await;
        let opened = sign_in(app, &person.email, PASSWORD).await.is(201);
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let path = format!("/api/v1/accounts/{}", person.account);
        keeper.patch(&path).if_match("\"1\"").json(json!({"state": "suspended"})).await.is(200);
        me(app, &opened.text_at("/access_token")).await.refused(401, "unauthenticated");
        refresh(app, &opened.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        keeper.patch(&path).if_match("\"2\"").json(json!({"state": "active"})).await.is(200);
        me(app, &opened.text_at("/access_token")).await.refused(401, "unauthenticated");
        refresh(app, &opened.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        sign_in(app, &person.email, PASSWORD).await.is(201);
    }

    async fn anybody_can_check_a_token_with_the_public_key_set(app: &TestApp) {
        let opened = sign_in(app, &lin(app).await.email, PASSWORD).await.is(201);
        let token = opened.text_at("/access_token");
        let set = app.public().get("/.well-known/jwks.json").send().await.is(200).value();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        assert!(keys[0].get("d").is_none(), "the private half");
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.kid.as_deref(), keys[0]["kid"].as_str());
        let key = jsonwebtoken::DecodingKey::from_ed_components(keys[0]["x"].as_str().unwrap()).unwrap();
        let mut checks = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
        checks.set_issuer(&["baiyi"]);
        checks.set_audience(&["baiyi-api"]);
        let claims = jsonwebtoken::decode::<Value>(&token, &key, &checks).unwrap().claims;
        assert_eq!(claims["sub"].as_str(), Some(opened.text_at("/account_id").as_str()));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    }

    async fn a_token_that_is_not_ours_as_it_stands_is_no_token(app: &TestApp) {
        let opened = sign_in(app, &lin(app).await.email, PASSWORD).await.is(201);
        let token = opened.text_at("/access_token");
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let changed = |part: &str, change: &dyn Fn(&mut Value)| {
            let mut value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
            change(&mut value);
            URL_SAFE_NO_PAD.encode(value.to_string())
        };
        let later = changed(claims, &|claims| claims["exp"] = json!(4_000_000_000_i64));
        let somebody = changed(claims, &|claims| claims["sub"] = json!("0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f"));
        let unsigned = changed(header, &|header| header["alg"] = json!("none"));
        let symmetric = changed(header, &|header| header["alg"] = json!("HS256"));
        let mut broken = signature.to_owned();
        let first = if broken.remove(0) == 'A' { 'B' } else { 'A' };
        broken.insert(0, first);
        for forged in [
            format!("{header}.{later}.{signature}"),
            format!("{header}.{somebody}.{signature}"),
            format!("{unsigned}.{claims}."),
            format!("{unsigned}.{claims}.{signature}"),
            format!("{symmetric}.{claims}.{signature}"),
            format!("{header}.{claims}.{broken}"),
            format!("{header}.{claims}"),
            opened.text_at("/refresh_token"),
            String::new(),
        ] {
            let refused = me(app, &forged).await.refused(401, "unauthenticated");
            assert_eq!(refused.header("www-authenticate"), "Bearer", "{forged}");
            // A bad token is not passed over where none is needed.
            with_token(app, &forged).get("/api/v1/areas").send().await.refused(401, "unauthenticated");
        }
        app.public().get("/api/v1/me").header("authorization", &format!("Basic {token}")).send().await.refused(401, "unauthenticated");
        me(app, &token).await.is(200);
    }

    async fn no_token_is_stored_where_it_could_be_read(app: &TestApp) {
        let person = lin(app).await;
        let body = json!({"email": person.email, "password": PASSWORD});
        let first = app.public().post("/api/v1/sessions").key("login-1").json(body.clone()).await.is(201);
        let again = app.public().post("/api/v1/sessions").key("login-1").json(body).await.is(201);
        assert_ne!(first.text_at("/session_id"), again.text_at("/session_id"), "an answer with tokens is not replayed");
        let token = first.text_at("/refresh_token");
        let renewed = app.public().post("/api/v1/sessions/refresh").key("refresh-1").json(json!({"refresh_token": token})).await.is(201);
        let keys: i64 = app.read(|db| idempotency_keys::table.count().get_result(db).unwrap()).await;
        assert_eq!(keys, 0, "nothing is saved under the key");
        let hashes: Vec<Vec<u8>> = app.read(|db| refresh_tokens::table.select(refresh_tokens::token_hash).load(db).unwrap()).await;
        assert!(hashes.contains(&Sha256::digest(token.as_bytes()).to_vec()));
        let secrets: Vec<String> = [&first, &again, &renewed]
            .iter()
            .flat_map(|answer| [answer.text_at("/refresh_token"), answer.text_at("/access_token")])
            .chain([PASSWORD.to_owned()])
            .collect();
        if let Target::Sqlite(path) = &app.target {
            for suffix in ["", "-wal"] {
                let bytes = std::fs::read(format!("{}{suffix}", path.display())).unwrap();
                for secret in &secrets {
                    assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "a secret in the database file{suffix}");
                }
            }
        }
    }
}

on_both! {
    async fn a_password_is_changed_with_the_present_one_and_ends_the_other_sessions(app: &TestApp) {
        let person = lin(app).await;
        let (client, other) = (person.client.clone(), sign_in(app, &person.email, PASSWORD).await.is(201));
        let change = |current: &str, new: &str| client.call("PUT", "/api/v1/me/password").json(json!({"current_password": current, "new_password": new}));
        let fresh = "seven lanterns on the lake";
        assert_eq!(change("a wrong guess", fresh).await.refused(422, "invalid").bad_fields(), ["/current_password"]);
        assert_eq!(change(PASSWORD, "short").await.refused(422, "invalid").bad_fields(), ["/new_password"]);
        // Fourteen characters are too few for a password that stands alone, and its owner's name is no secret.
        assert_eq!(change(PASSWORD, "three quiet ri").await.refused(422, "invalid").bad_fields(), ["/new_password"]);
        assert_eq!(change(PASSWORD, "lin jingban and a lake").await.refused(422, "invalid").bad_fields(), ["/new_password"]);
        assert_eq!(change(PASSWORD, PASSWORD).await.refused(422, "invalid").bad_fields(), ["/new_password"]);
        change(PASSWORD, fresh).await.is(204);
        client.get("/api/v1/me").send().await.is(200);
        me(app, &other.text_at("/access_token")).await.refused(401, "unauthenticated");
        refresh(app, &other.text_at("/refresh_token")).await.refused(401, "refresh_refused");
        sign_in(app, &person.email, PASSWORD).await.refused(401, "bad_credentials");
        sign_in(app, &person.email, fresh).await.is(201);
        let stored = app.search_everything_stored(&[fresh.to_owned()]).await;
        assert_eq!(stored, [""; 0], "the new password stands nowhere");
    }

    async fn a_browser_keeps_its_refresh_token_in_a_cookie_that_serves_its_own_site_only(app: &TestApp) {
        let person = lin(app).await;
        let host = app.base.strip_prefix("http://").unwrap().to_owned();
        let asked = json!({"email": person.email, "password": PASSWORD, "cookie": true});
        let opened = app.public().post("/api/v1/sessions").json(asked).await.is(201);
        assert_eq!(opened.value()["refresh_token"], Value::Null, "{}", opened.text);
        let kept = |answer: &Answer| {
            let set = answer.header("set-cookie");
            let (pair, attributes) = set.split_once("; ").unwrap_or_else(|| panic!("no cookie in {answer:?}"));
            assert_eq!(attributes, format!("Path=/; Max-Age={}; HttpOnly; Secure; SameSite=Strict", 14 * 24 * 3600));
            assert!(pair.starts_with("__Host-baiyi-refresh=") && pair.len() == 21 + 43, "{pair}");
            pair.to_owned()
        };
        let forgotten = |answer: &Answer| answer.header("set-cookie") == "__Host-baiyi-refresh=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict";
        let first = kept(&opened);
        let ask = async |cookie: &str, origin: Option<&str>| {
            let mut call = app.public().post("/api/v1/sessions/refresh").header("cookie", cookie);
            if let Some(origin) = origin {
                call = call.header("origin", origin);
            }
            call.json(json!({})).await
        };
        let own = format!("https://{host}");
        // A foreign page spends nothing: the token still serves afterwards.
        for foreign in [None, Some("https://evil.example"), Some("null"), Some(app.base.as_str())] {
            let refused = ask(&first, foreign).await.refused(403, "foreign_origin");
            assert_eq!(refused.header("set-cookie"), "");
        }
        let second = kept(&ask(&first, Some(&own)).await.is(201));
        assert_ne!(first, second);
        assert_eq!(ask("theme=dark", Some(&own)).await.refused(422, "invalid").bad_fields(), ["/refresh_token"]);
        // In the body no origin is asked for, as no browser adds a body by itself; the answer then holds the token and no cookie.
        let plain = second.split_once('=').unwrap().1.to_owned();
        let third = refresh(app, &plain).await.is(201);
        assert_eq!(third.header("set-cookie"), "");
        // Used twice: the session ends and the browser forgets.
        assert!(forgotten(&ask(&second, Some(&own)).await.refused(401, "refresh_refused")));
        // Signing out has the browser forget too, whichever way.
        for all in [true, false] {
            let opened = app.public().post("/api/v1/sessions").json(json!({"email": person.email, "password": PASSWORD, "cookie": true})).await.is(201);
            let client = with_token(app, &opened.text_at("/access_token"));
            let path = if all { "/api/v1/sessions".to_owned() } else { format!("/api/v1/sessions/{}", opened.text_at("/session_id")) };
            assert!(forgotten(&client.call("DELETE", &path).header("cookie", &kept(&opened)).send().await.is(204)));
            ask(&kept(&opened), Some(&own)).await.refused(401, "refresh_refused");
        }
    }

    async fn guessing_the_present_password_is_limited_like_a_sign_in(app: &TestApp) {
        let person = lin(app).await;
        for _ in 0..5 {
            let guess = json!({"current_password": "a wrong guess", "new_password": "seven lanterns on the lake"});
            person.client.call("PUT", "/api/v1/me/password").json(guess).await.refused(422, "invalid");
        }
        let right = json!({"current_password": PASSWORD, "new_password": "seven lanterns on the lake"});
        person.client.call("PUT", "/api/v1/me/password").json(right).await.refused(429, "rate_limited");
    }
}
