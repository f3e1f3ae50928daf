//! The template slice: every behaviour of the API conventions, shown on areas.

use std::collections::BTreeSet;

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

const TABLE: &str = include_str!("../../data/areas.csv");

async fn import(keeper: &Client) {
    let answer = keeper.post("/api/v1/areas/import").body("text/csv", TABLE).send().await.is(200);
    assert_eq!(answer.value(), json!({"rows": 20}));
}

async fn admin(app: &TestApp) -> Client {
    app.person("Guan Li", &[Role::PlatformAdmin]).await.client
}

fn yuehe() -> Value {
    json!({"code": "330502001001", "name_zh": "示例社区", "name_en": "Shili", "kind": "community", "parent_code": "330502001000"})
}

/// All rows of a list, page by page; each page's Link header must lead to the next.
async fn all_pages(client: &Client, first: &str) -> Vec<Value> {
    let (mut path, mut rows) = (first.to_owned(), Vec::new());
    loop {
        let answer = client.get(&path).send().await.is(200);
        rows.extend(answer.value()["items"].as_array().unwrap().clone());
        let link = answer.header("link");
        match answer.value()["next"].as_str() {
            None => {
                assert_eq!(link, "");
                return rows;
            }
            Some(cursor) => {
                assert!(link.contains(cursor) && link.ends_with("; rel=\"next\""), "{link}");
                path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
            }
        }
    }
}

on_both! {
    async fn the_district_imports_its_areas_and_everybody_reads_them(app: &TestApp) {
        import(&admin(app).await).await;
        let public = app.public();
        for sort in ["code", "name_en"] {
            let rows = all_pages(&public, &format!("/api/v1/areas?limit=3&sort={sort}")).await;
            let ids: BTreeSet<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!((rows.len(), ids.len()), (20, 20), "each area once");
            let keys: Vec<_> = rows.iter().map(|row| row[sort].as_str().unwrap()).collect();
            assert!(keys.is_sorted(), "{keys:?}");
        }
        let district = public.get("/api/v1/areas?kind=district").send().await.is(200);
        let id = district.text_at("/items/0/id");
        let towns = public.get(&format!("/api/v1/areas?parent_id={id}&kind=town&count=true")).send().await.is(200);
        assert_eq!(towns.value()["count"], 5);
        assert!(towns.value()["items"].as_array().unwrap().iter().all(|row| row["parent_id"] == id.as_str()));
        let huzhu = public.get("/api/v1/areas?limit=100").send().await.value();
        let entrusted = huzhu["items"].as_array().unwrap().iter().find(|row| row["code"] == "330502007000").unwrap().clone();
        assert_eq!(entrusted["entrusted_to"], "湖州经济技术开发区管委会");
    }

    async fn a_table_with_bad_rows_is_refused_whole_and_every_bad_row_is_named(app: &TestApp) {
        let keeper = admin(app).await;
        let table = "code,name_zh,name_en,kind,parent_code,valid_from,valid_to,entrusted_to\n\
                     330502000000,吴兴区,Wuxing,district,,,,\n\
                     33050200100,月河街道,Yuehe,subdistrict,330502000000,,,\n\
                     330502002000,朝阳街道,Chaoyang,subdistrict,330502999000,,,\n\
                     330502003000,,Aishan,subdistrict,330502000000,,,\n\
                     330502004000,飞英街道,Feiying,hamlet,330502000000,,,\n\
                     330502000000,吴兴区,Wuxing,district,,,,\n";
        let refused = keeper.post("/api/v1/areas/import").header("accept-language", "en").body("text/csv", table).send().await.refused(422, "invalid");
        let named = refused.bad_fields();
        for place in ["line 3, code", "line 4, parent_code", "line 5, name_zh", "line 6, kind", "line 7"] {
            assert!(named.iter().any(|pointer| pointer == place), "{place} in {named:?}");
        }
        assert_eq!(app.public().get("/api/v1/areas").send().await.value()["items"], json!([]), "nothing came in");
        keeper.post("/api/v1/areas/import").body("text/csv", "").send().await.refused(422, "invalid");
        keeper.post("/api/v1/areas/import").body("text/csv", b"\xff\xfe".to_vec()).send().await.refused(400, "malformed");
        keeper.post("/api/v1/areas/import").body("application/json", "{}").send().await.refused(415, "unsupported_media_type");
        keeper.post("/api/v1/areas/import").body("text/csv", "x".repeat(2 * 1024 * 1024 + 1)).send().await.refused(413, "too_large");
    }

    async fn pages_are_bounded_and_a_cursor_serves_only_its_own_list(app: &TestApp) {
        import(&admin(app).await).await;
        let public = app.public();
        for bad in ["limit=0", "limit=101", "limit=x", "offset=3", "kind=hamlet", "on=yesterday", "after=%21", "sort=size"] {
            public.get(&format!("/api/v1/areas?{bad}")).send().await.refused(422, "invalid");
        }
        let cursor = public.get("/api/v1/areas?limit=2").send().await.text_at("/next");
        public.get(&format!("/api/v1/areas?limit=2&after={cursor}")).send().await.is(200);
        public.get(&format!("/api/v1/areas?limit=2&sort=name_en&after={cursor}")).send().await.refused(422, "invalid");
        public.get(&format!("/api/v1/areas?limit=2&kind=town&after={cursor}")).send().await.refused(422, "invalid");
    }

    async fn an_area_is_read_with_its_version_and_not_sent_twice(app: &TestApp) {
        import(&admin(app).await).await;
        let public = app.public();
        let id = public.get("/api/v1/areas?limit=1").send().await.text_at("/items/0/id");
        let area = public.get(&format!("/api/v1/areas/{id}")).send().await.is(200);
        assert_eq!(area.etag(), "\"1\"");
        assert_eq!(area.header("cache-control"), "public, max-age=300");
        let again = public.get(&format!("/api/v1/areas/{id}")).header("if-none-match", "\"1\"").send().await.is(304);
        assert_eq!(again.text, "");
        let list = public.get("/api/v1/areas").send().await.is(200);
        public.get("/api/v1/areas").header("if-none-match", &list.etag()).send().await.is(304);
        public.get("/api/v1/areas/0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f").send().await.refused(404, "not_found");
        public.get("/api/v1/areas/not-an-id").send().await.refused(404, "not_found");
        public.get(&format!("/api/v1/areas/{id}")).header("baiyi-district", "330503").send().await.refused(404, "not_found");
        public.get("/api/v1/areas").header("baiyi-district", "999999").send().await.refused(404, "not_found");
    }

    async fn a_community_is_added_below_its_subdistrict(app: &TestApp) {
        let keeper = admin(app).await;
        import(&keeper).await;
        let made = keeper.post("/api/v1/areas").json(yuehe()).await.is(201);
        assert_eq!(made.etag(), "\"1\"");
        assert_eq!(made.header("location"), format!("/api/v1/areas/{}", made.text_at("/id")));
        let read = app.public().get(&made.header("location")).send().await.is(200);
        assert_eq!(read.value(), made.value());
        keeper.post("/api/v1/areas").json(yuehe()).await.refused(409, "area_code_taken");
    }

    async fn bad_input_is_refused_field_by_field_in_both_languages(app: &TestApp) {
        let keeper = admin(app).await;
        import(&keeper).await;
        let post = |body: Value| keeper.post("/api/v1/areas").header("accept-language", "en").json(body);
        let with = |field: &str, value: Value| {
            let mut body = yuehe();
            body[field] = value;
            body
        };
        for (body, pointer) in [
            (with("name_zh", json!("")), "/name_zh"),
            (with("name_en", json!("x".repeat(65))), "/name_en"),
            (with("code", json!("12")), "/code"),
            (with("kind", json!("hamlet")), "/kind"),
            (with("parent_code", json!("330502000000")), "/parent_code"),
            (with("parent_code", json!("330502999000")), "/parent_code"),
            (with("valid_from", json!("2026-02-30")), "/valid_from"),
            (with("name_zh", json!(7)), "/name_zh"),
            (with("colour", json!("red")), "/colour"),
        ] {
            let refused = post(body).await.refused(422, "invalid");
            assert_eq!(refused.bad_fields(), [pointer], "{}", refused.text);
            assert_eq!(refused.header("content-language"), "en");
        }
        let chinese = keeper.post("/api/v1/areas").json(with("name_zh", json!(""))).await.refused(422, "invalid");
        assert_eq!(chinese.text_at("/title"), "输入有误");
        assert_eq!(chinese.header("content-language"), "zh-CN");
        keeper.post("/api/v1/areas").body("application/json", "{").send().await.refused(400, "malformed");
        keeper.post("/api/v1/areas").body("text/plain", yuehe().to_string()).send().await.refused(415, "unsupported_media_type");
        keeper.post("/api/v1/areas").body("application/json", "x".repeat(70_000)).send().await.refused(413, "too_large");
        let refused = keeper.call("DELETE", "/api/v1/areas").send().await.refused(405, "method_not_allowed");
        assert_eq!(refused.header("allow"), "GET, POST");
    }

    async fn a_change_needs_the_version_that_was_read(app: &TestApp) {
        let keeper = admin(app).await;
        import(&keeper).await;
        let path = format!("/api/v1/areas/{}", keeper.get("/api/v1/areas?kind=town&limit=1").send().await.text_at("/items/0/id"));
        let rename = json!({"name_zh": "新名镇", "entrusted_to": "区政府"});
        keeper.patch(&path).json(rename.clone()).await.refused(428, "precondition_required");
        keeper.patch(&path).if_match("\"2\"").json(rename.clone()).await.refused(412, "stale");
        keeper.patch(&path).if_match("nonsense").json(rename.clone()).await.refused(400, "malformed");
        let changed = keeper.patch(&path).if_match("\"1\"").json(rename.clone()).await.is(200);
        assert_eq!((changed.text_at("/name_zh").as_str(), changed.text_at("/version").as_str(), changed.etag().as_str()), ("新名镇", "2", "\"2\""));
        keeper.patch(&path).if_match("\"1\"").json(rename).await.refused(412, "stale");
        let cleared = keeper.patch(&path).if_match("\"2\"").json(json!({"entrusted_to": null})).await.is(200);
        assert_eq!(cleared.value()["entrusted_to"], Value::Null);
        assert_eq!(cleared.text_at("/name_zh"), "新名镇", "what is absent stays");
        keeper.patch(&path).if_match("\"3\"").json(json!({})).await.refused(422, "invalid");
        app.public().get(&path).header("if-none-match", "\"1\"").send().await.is(200);
    }

    async fn a_repeated_request_has_one_effect_and_one_answer(app: &TestApp) {
        let keeper = admin(app).await;
        import(&keeper).await;
        let first = keeper.post("/api/v1/areas").key("k1").json(yuehe()).await.is(201);
        let again = keeper.post("/api/v1/areas").key("k1").json(yuehe()).await.is(201);
        assert_eq!((again.text.as_str(), again.etag(), again.header("location")), (first.text.as_str(), first.etag(), first.header("location")));
        let mut other = yuehe();
        other["name_zh"] = json!("别的社区");
        keeper.post("/api/v1/areas").key("k1").json(other.clone()).await.refused(422, "idempotency_key_reused");
        keeper.post("/api/v1/areas/import").key("k1").body("text/csv", TABLE).send().await.refused(422, "idempotency_key_reused");
        keeper.post("/api/v1/areas").key(&"k".repeat(129)).json(yuehe()).await.refused(400, "malformed");
        // Another person's same key is another key.
        let second = app.person("Guan Er", &[Role::PlatformAdmin]).await.client;
        second.post("/api/v1/areas").key("k1").json(yuehe()).await.refused(409, "area_code_taken");
        // A refusal is not remembered.
        other["code"] = json!("330502001002");
        second.post("/api/v1/areas").key("k1").json(other).await.is(201);
        // A replay comes before the precondition.
        let path = first.header("location");
        let change = json!({"name_zh": "改名社区"});
        keeper.patch(&path).if_match("\"1\"").key("k2").json(change.clone()).await.is(200);
        keeper.patch(&path).if_match("\"1\"").key("k2").json(change).await.is(200);
    }

    async fn a_key_repeated_by_many_at_once_has_one_effect(app: &TestApp) {
        let keeper = admin(app).await;
        import(&keeper).await;
        let attempts = (0..16).map(|_| keeper.post("/api/v1/areas").key("storm").json(yuehe()));
        let answers = futures_util::future::join_all(attempts).await;
        let bodies: BTreeSet<_> = answers.into_iter().map(|answer| answer.is(201).text).collect();
        assert_eq!(bodies.len(), 1, "one answer");
        let all = keeper.get("/api/v1/areas?limit=100").send().await.value();
        assert_eq!(all["items"].as_array().unwrap().len(), 21, "one effect");
    }

    async fn refusals_come_in_their_order(app: &TestApp) {
        let keeper = admin(app).await;
        import(&keeper).await;
        let path = format!("/api/v1/areas/{}", keeper.get("/api/v1/areas?limit=1").send().await.text_at("/items/0/id"));
        let purchaser = app.person("Jing Ban", &[Role::Auditor]).await.client;
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await.client;
        let broken = |client: &Client, path: &str| client.patch(path).body("application/json", "{").send();
        broken(&app.public(), &path).await.refused(401, "unauthenticated");
        broken(&foreign, &path).await.refused(404, "not_found");
        broken(&purchaser, &path).await.refused(403, "forbidden");
        broken(&keeper, &path).await.refused(428, "precondition_required");
        keeper.patch(&path).if_match("\"9\"").body("application/json", "{").send().await.refused(412, "stale");
        keeper.patch(&path).if_match("\"1\"").body("application/json", "{").send().await.refused(400, "malformed");
        app.public().post("/api/v1/areas").json(yuehe()).await.refused(401, "unauthenticated");
        purchaser.post("/api/v1/areas").json(yuehe()).await.refused(403, "forbidden");
        purchaser.post("/api/v1/areas/import").body("text/csv", TABLE).send().await.refused(403, "forbidden");
        // What another district made is not there for us.
        foreign.post("/api/v1/areas").json(json!({"code": "330503000000", "name_zh": "南浔区", "name_en": "Nanxun", "kind": "district"})).await.is(201);
        assert_eq!(keeper.get("/api/v1/areas?kind=district&count=true").send().await.value()["count"], 1);
    }

    async fn a_suspension_and_a_lost_role_act_at_once(app: &TestApp) {
        let keeper = admin(app).await;
        let second = app.person("Guan Er", &[Role::PlatformAdmin]).await;
        let path = format!("/api/v1/accounts/{}", second.account);
        second.client.get(&path).send().await.is(200);
        keeper.patch(&path).if_match("\"1\"").json(json!({"roles": ["auditor"]})).await.is(200);
        second.client.post("/api/v1/areas").json(yuehe()).await.refused(403, "forbidden");
        keeper.patch(&path).if_match("\"2\"").json(json!({"state": "suspended"})).await.is(200);
        second.client.get(&path).send().await.refused(401, "unauthenticated");
    }
}
