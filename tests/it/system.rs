//! The system's own endpoints and pages, and the headers that every answer carries.

use baiyi::db::Facts;
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::{Client, TestApp, on_both};

/// Headers that browsers enforce, with a word that each must hold.
const ENFORCED: &[(&str, &str)] = &[
    ("content-security-policy", "default-src 'none'"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
];

fn is_protected(answer: &Answer, what: &str) {
    for (header, word) in ENFORCED {
        assert!(answer.header(header).contains(word), "{what}: {header} is {:?}", answer.header(header));
    }
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' 'unsafe-inline'"), "{what}: {policy}");
    assert_eq!(answer.header("access-control-allow-origin"), "", "{what}: no other site may read it");
}

async fn get(client: &Client, path: &str) -> Answer {
    client.get(path).send().await
}

on_both! {
    async fn a_head_request_gets_the_headers_and_no_body(app: &TestApp) {
        let asked = app.public().get("/api/v1/areas").send().await.is(200);
        let head = app.public().call("HEAD", "/api/v1/areas").send().await.is(200);
        assert_eq!((head.text.as_str(), head.etag()), ("", asked.etag()));
        app.public().call("HEAD", "/api/v1/nothing").send().await.is(404);
    }

    async fn every_kind_of_answer_carries_the_headers_that_browsers_enforce(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let public = app.public();
        let area = json!({"code": "330502000000", "name_zh": "吴兴区", "name_en": "Wuxing", "kind": "district"});
        let made = keeper.post("/api/v1/areas").json(area.clone()).await.is(201);
        let session = get(&keeper, "/api/v1/sessions").await.is(200).text_at("/items/0/id");
        let path = made.header("location");
        let etag = get(&public, &path).await.is(200).etag();
        let answers = [
            ("200", get(&public, &path).await.is(200)),
            ("201", made),
            ("304", public.get(&path).header("if-none-match", &etag).send().await.is(304)),
            ("400", keeper.post("/api/v1/areas").body("application/json", "{").send().await.is(400)),
            ("401", public.post("/api/v1/areas").json(json!({})).await.is(401)),
            ("404", get(&public, "/api/v1/nothing/here").await.is(404)),
            ("404 page", get(&public, "/nothing/here").await.is(404)),
            ("409", keeper.post("/api/v1/areas").json(area).await.is(409)),
            ("413", keeper.post("/api/v1/areas").body("application/json", "x".repeat(70_000)).send().await.is(413)),
            ("415", keeper.post("/api/v1/areas").body("text/plain", "x").send().await.is(415)),
            ("422", keeper.post("/api/v1/areas").json(json!({})).await.is(422)),
            ("428", keeper.patch(&path).json(json!({})).await.is(428)),
            ("front page", get(&public, "/").await.is(200)),
            ("health", get(&public, "/healthz").await.is(200)),
            ("readiness", get(&public, "/readyz").await.is(200)),
            ("metrics", get(&public, "/metrics").await.is(200)),
            ("keys", get(&public, "/.well-known/jwks.json").await.is(200)),
            ("problems", get(&public, "/problems").await.is(200)),
            ("docs", get(&public, "/docs/").await.is(200)),
            ("204", keeper.call("DELETE", &format!("/api/v1/sessions/{session}")).send().await.is(204)),
        ];
        for (what, answer) in &answers {
            is_protected(answer, what);
            if answer.status >= 400 {
                assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
                assert_eq!(answer.header("cache-control"), "no-store", "{what}");
            }
        }
    }

    async fn another_site_may_not_call_from_a_browser(app: &TestApp) {
        let preflight = app
            .public()
            .call("OPTIONS", "/api/v1/areas")
            .header("origin", "https://elsewhere.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .send()
            .await;
        assert!(preflight.status >= 400, "{preflight:?}");
        is_protected(&preflight, "preflight");
        let answer = app.public().get("/api/v1/areas").header("origin", "https://elsewhere.example").send().await.is(200);
        is_protected(&answer, "a call from another origin");
    }

    async fn a_server_that_is_older_than_its_database_says_that_it_is_not_ready(app: &TestApp) {
        assert_eq!(get(&app.public(), "/healthz").await.is(200).value(), json!({"status": "alive"}));
        let ready = get(&app.public(), "/readyz").await.is(200).value();
        assert_eq!(ready, json!({"ready": true, "backend": app.db.target().name(), "database": "ok", "schema": "current", "documents": "ok"}));
        let versions = |sql: &'static str| {
            app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| {
                diesel::sql_query(sql).execute(&mut **tx)?;
                Ok(())
            })
        };
        versions("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").await.unwrap();
        let ahead = get(&app.public(), "/readyz").await.is(503);
        assert_eq!((ahead.value()["ready"].clone(), ahead.text_at("/schema")), (json!(false), "ahead".to_owned()));
        get(&app.public(), "/healthz").await.is(200);
        versions("DELETE FROM __diesel_schema_migrations").await.unwrap();
        let behind = get(&app.public(), "/readyz").await.is(503);
        assert_eq!((behind.value()["ready"].clone(), behind.text_at("/schema")), (json!(false), "behind".to_owned()));
    }

    async fn metrics_count_calls_by_route_and_never_by_path(app: &TestApp) {
        let id = "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f";
        get(&app.public(), &format!("/api/v1/areas/{id}")).await.is(404);
        get(&app.public(), "/not/a/route/at/all").await.is(404);
        let metrics = get(&app.public(), "/metrics").await.is(200);
        assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
        let counted = |labels: &str| metrics.text.contains(&format!("baiyi_http_requests_total{{{labels}}}"));
        assert!(counted("method=\"GET\",route=\"/api/v1/areas/{area_id}\",status=\"404\""), "{}", metrics.text);
        assert!(counted("method=\"GET\",route=\"unmatched\",status=\"404\""));
        assert!(!metrics.text.contains(id) && !metrics.text.contains("/not/a/route"), "a label for every path");
    }

    async fn every_problem_has_a_page_and_a_row(app: &TestApp) {
        let public = app.public();
        let rows = get(&public, "/api/v1/problems").await.is(200).value();
        let all = get(&public, "/problems").await.is(200);
        let table = baiyi::app::problems().unwrap();
        assert_eq!(rows["items"].as_array().unwrap().len(), table.iter().count());
        for problem in table.iter() {
            let page = get(&public, &format!("/problems/{}", problem.code)).await.is(200);
            assert!(page.header("content-type").starts_with("text/html"));
            for words in [problem.title_zh, problem.title_en, problem.about_zh, problem.about_en, &format!("HTTP {}", problem.status)] {
                assert!(page.text.contains(words), "{}: {words}", problem.code);
            }
            assert!(all.text.contains(&format!("href=\"/problems/{}\"", problem.code)));
            let row = rows["items"].as_array().unwrap().iter().find(|row| row["code"] == problem.code).unwrap();
            assert_eq!((row["status"].as_u64(), row["title_zh"].as_str()), (Some(problem.status.into()), Some(problem.title_zh)));
        }
        get(&public, "/problems/made_up").await.refused(404, "not_found");
    }

    async fn the_documentation_loads_with_nothing_from_elsewhere(app: &TestApp) {
        let public = app.public();
        let page = get(&public, "/docs/").await.is(200);
        assert!(page.header("content-type").starts_with("text/html"));
        let mut loaded = 0;
        for attribute in ["src=\"", "href=\""] {
            for link in page.text.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(!link.contains("//"), "{link} is loaded from elsewhere");
                let asset = get(&public, &format!("/docs/{}", link.trim_start_matches("./"))).await.is(200);
                is_protected(&asset, link);
                loaded += 1;
            }
        }
        assert!(loaded >= 3, "{}", page.text);
        for script in page.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains("src="), "the policy forbids scripts in the page: <script{tag}>");
        }
        let initializer = get(&public, "/docs/swagger-initializer.js").await.is(200);
        assert!(initializer.text.contains("/api/v1/openapi.json"));
        let served: Value = get(&public, "/api/v1/openapi.json").await.is(200).value();
        assert_eq!(served, baiyi::app::openapi().unwrap());
    }
}
