//! The guiding catalogue and incubation.

use baiyi::db::Facts;
use baiyi::kernel::id::{CatalogueItemId, OrganisationId, UnitId};
use baiyi::market::{catalogues, incubation};
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::parties::{unit, verified};
use crate::support::{Client, TestApp, on_both};

const TABLE: &str = include_str!("../../data/guiding-catalogue.csv");
const REASON: &str = "场地与导师与其服务方向相符";
const HEADER: &str = "code,parent_code,level,name_zh,name_en,origin\n";

async fn admin(app: &TestApp) -> Client {
    app.person("Guan Li", &[Role::PlatformAdmin]).await.client
}

async fn editor(app: &TestApp) -> Client {
    app.person("Mu Lu", &[Role::CatalogueEditor]).await.client
}

async fn draft(editor: &Client, name: &str, table: &str) -> crate::support::http::Answer {
    editor.post(&format!("/api/v1/catalogue-editions?name={name}")).body("text/csv", table.to_owned()).send().await
}

async fn publish(editor: &Client, edition: &str) {
    editor.post(&format!("/api/v1/catalogue-editions/{edition}/publication")).if_match("\"1\"").send().await.is(200);
}

fn items(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
}

/// A base with its incubator, and a verified organisation with its administrator.
struct Nursery {
    keeper: Client,
    base: UnitId,
    incubator: Client,
    organisation: OrganisationId,
    shen: Client,
}

async fn nursery(app: &TestApp) -> Nursery {
    let keeper = admin(app).await;
    let base = unit(&keeper, "吴兴区社会组织孵化基地", "incubation_base").await;
    let incubator = app.person_of(app.tenant, "Fu Hua", &[Role::Incubator], Some(base), None).await.client;
    let (organisation, shen) = verified(app, &keeper, "52330502MJ9000022F", "shen@shili.example").await;
    Nursery { keeper, base, incubator, organisation, shen }
}

impl Nursery {
    async fn apply(&self) -> String {
        let body = json!({"organisation_id": self.organisation, "base_unit_id": self.base});
        self.shen.post("/api/v1/incubations").json(body).await.is(201).header("location")
    }
}

async fn incubated(app: &TestApp, organisation: OrganisationId) -> bool {
    let tenant = app.tenant;
    app.read(move |db| incubation::is_incubated(db, tenant, organisation).unwrap()).await
}

async fn usable(app: &TestApp, item: &str) -> bool {
    let (tenant, item): (_, CatalogueItemId) = (app.tenant, item.parse().unwrap());
    app.read(move |db| catalogues::published_item(db, tenant, item).unwrap()).await.is_some()
}

on_both! {
    async fn an_edition_is_drafted_published_and_superseded(app: &TestApp) {
        let editor = editor(app).await;
        let public = app.public();
        let made = draft(&editor, "2026", TABLE).await.is(201);
        assert_eq!((made.text_at("/state").as_str(), made.text_at("/items").as_str(), made.text_at("/unconfirmed_items").as_str()), ("draft", "179", "179"));
        let (path, id) = (made.header("location"), made.text_at("/id"));
        let item = editor.get(&format!("/api/v1/catalogue-items?edition_id={id}&limit=1")).send().await.is(200).text_at("/items/0/id");
        // A draft is not there for the public.
        public.get(&path).send().await.refused(404, "not_found");
        public.get(&format!("/api/v1/catalogue-items/{item}")).send().await.refused(404, "not_found");
        public.get(&format!("/api/v1/catalogue-items?edition_id={id}")).send().await.refused(404, "not_found");
        assert_eq!(public.get("/api/v1/catalogue-items").send().await.is(200).value()["items"], json!([]));
        assert_eq!(public.get("/api/v1/catalogue-editions").send().await.is(200).value()["items"], json!([]));
        assert!(!usable(app, &item).await);
        editor.get(&format!("/api/v1/catalogue-items/{item}")).send().await.is(200);
        publish(&editor, &id).await;
        let read = public.get(&format!("/api/v1/catalogue-items/{item}")).send().await.is(200);
        assert_eq!((&read.value()["confirmed"], read.text_at("/origin").as_str()), (&json!(false), "central_2020_unconfirmed"));
        assert!(read.text_at("/notice").contains("Awaiting confirmation"));
        assert!(usable(app, &item).await);
        let next = draft(&editor, "2027", &format!("{HEADER}A,,1,公共服务,Public services,confirmed\n")).await.is(201).text_at("/id");
        assert_eq!(items(&public.get("/api/v1/catalogue-items?limit=3").send().await.value()), ["A", "A01", "A0101"], "still the edition in use");
        publish(&editor, &next).await;
        let now = public.get("/api/v1/catalogue-items").send().await.is(200).value();
        assert_eq!((items(&now), &now["items"][0]["confirmed"], &now["items"][0]["notice"]), (vec!["A".to_owned()], &json!(true), &Value::Null));
        let former = public.get(&path).send().await.is(200);
        assert_eq!((former.text_at("/state").as_str(), former.etag().as_str()), ("superseded", "\"3\""));
        public.get(&format!("/api/v1/catalogue-items/{item}")).send().await.is(200);
        assert!(!usable(app, &item).await, "purchases start from the edition in use only");
        let listed = public.get("/api/v1/catalogue-editions").send().await.is(200).value();
        let states: std::collections::BTreeSet<_> = listed["items"].as_array().unwrap().iter().map(|e| e["state"].as_str().unwrap()).collect();
        assert_eq!(states.into_iter().collect::<Vec<_>>(), ["published", "superseded"]);
    }

    async fn the_tree_is_read_by_parent_level_and_text(app: &TestApp) {
        let editor = editor(app).await;
        let table = format!("{HEADER}A04,A,2,养老服务,Elder care,confirmed\nA,,1,公共服务,Public services,confirmed\nA0401,A04,3,居家_养老,Home 100% care,confirmed\nA05,A,2,助残服务,Help for the disabled,confirmed\n");
        publish(&editor, &draft(&editor, "2026", &table).await.is(201).text_at("/id")).await;
        let public = app.public();
        for (query, expected) in [
            ("", vec!["A", "A04", "A0401", "A05"]),
            ("?parent_code=A", vec!["A04", "A05"]),
            ("?level=3", vec!["A0401"]),
            ("?q=%E5%85%BB%E8%80%81", vec!["A04", "A0401"]),
            ("?q=A04", vec!["A04", "A0401"]),
            ("?q=care", vec!["A04", "A0401"]),
            ("?q=100%25", vec!["A0401"]),
            ("?q=_", vec!["A0401"]),
            ("?q=%25%25", vec![]),
            ("?parent_code=A04&q=care", vec!["A0401"]),
        ] {
            assert_eq!(items(&public.get(&format!("/api/v1/catalogue-items{query}")).send().await.is(200).value()), expected, "{query}");
        }
        let first = public.get("/api/v1/catalogue-items?limit=3").send().await;
        let rest = public.get(&format!("/api/v1/catalogue-items?limit=3&after={}", first.text_at("/next"))).send().await.is(200);
        assert_eq!(items(&rest.value()), ["A05"]);
        public.get(&format!("/api/v1/catalogue-items?level=2&after={}", first.text_at("/next"))).send().await.refused(422, "invalid");
        for bad in ["level=5", "level=0", "parent_code=a", "q=", "edition_id=x"] {
            public.get(&format!("/api/v1/catalogue-items?{bad}")).send().await.refused(422, "invalid");
        }
        assert_eq!(public.get("/api/v1/catalogue-items").header("baiyi-district", "330503").send().await.is(200).value()["items"], json!([]));
    }

    async fn a_table_with_bad_rows_makes_no_edition(app: &TestApp) {
        let editor = editor(app).await;
        let table = format!("{HEADER}A,,1,公共服务,Public services,confirmed\nA1,A,2,某,Some,confirmed\nA02,A,3,某,Some,confirmed\nB01,B,2,某,Some,confirmed\n\
            A03,A,2,,Some,confirmed\nA04,A,2,某,Some,hearsay\nA,,1,公共服务,Public services,confirmed\nA0501,A,3,某,Some,confirmed\nA05,A,two,某,Some,confirmed\n");
        let named = draft(&editor, "2026", &table).await.refused(422, "invalid").bad_fields();
        for place in ["line 3, code", "line 4, level", "line 5, parent_code", "line 6, name_zh", "line 7, origin", "line 8, code", "line 9, parent_code", "line 10, level"] {
            assert!(named.iter().any(|pointer| pointer == place), "{place} in {named:?}");
        }
        assert_eq!(editor.get("/api/v1/catalogue-editions").send().await.value()["items"], json!([]), "nothing came in");
        editor.post("/api/v1/catalogue-editions?name=2026").body("application/json", "{}").send().await.refused(415, "unsupported_media_type");
        editor.post("/api/v1/catalogue-editions").body("text/csv", TABLE).send().await.refused(422, "invalid");
        draft(&editor, &"x".repeat(33), TABLE).await.refused(422, "invalid");
    }

    async fn the_catalogue_is_kept_by_its_editors_on_the_version_read(app: &TestApp) {
        let editor = editor(app).await;
        let table = format!("{HEADER}A,,1,公共服务,Public services,confirmed\n");
        let purchaser = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let evaluator = app.person("Ping Shen", &[Role::Evaluator]).await.client;
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::CatalogueEditor], None, None).await.client;
        draft(&app.public(), "2026", &table).await.refused(401, "unauthenticated");
        draft(&purchaser, "2026", &table).await.refused(403, "forbidden");
        let path = draft(&editor, "2026", &table).await.is(201).header("location");
        draft(&editor, "2026", &table).await.refused(409, "edition_name_taken");
        let publication = format!("{path}/publication");
        let call = |client: &Client| client.post(&publication).if_match("\"1\"").send();
        call(&app.public()).await.refused(401, "unauthenticated");
        call(&foreign).await.refused(404, "not_found");
        call(&evaluator).await.refused(404, "not_found");
        call(&purchaser).await.refused(403, "forbidden");
        editor.post(&publication).send().await.refused(428, "precondition_required");
        editor.post(&publication).if_match("\"2\"").send().await.refused(412, "stale");
        call(&editor).await.is(200);
        editor.post(&publication).if_match("\"2\"").send().await.refused(409, "wrong_state");
        // The same key with another name is another request.
        let keyed = |name: &str| editor.post(&format!("/api/v1/catalogue-editions?name={name}")).key("k1").body("text/csv", table.clone()).send();
        let first = keyed("2027").await.is(201);
        assert_eq!(keyed("2027").await.is(201).text, first.text);
        keyed("2028").await.refused(422, "idempotency_key_reused");
    }

    async fn an_organisation_is_incubated_step_by_step(app: &TestApp) {
        let nursery = nursery(app).await;
        let path = nursery.apply().await;
        let body = json!({"organisation_id": nursery.organisation, "base_unit_id": nursery.base});
        nursery.shen.post("/api/v1/incubations").json(body.clone()).await.refused(409, "incubation_under_way");
        nursery.incubator.act(&format!("{path}/graduation"), json!({})).await.refused(409, "wrong_state");
        for (step, version, state, counts) in
            [("admission", 1, "admitted", false), ("start", 2, "incubating", true), ("graduation", 3, "graduated", true)]
        {
            let call = nursery.incubator.post(&format!("{path}/{step}")).if_match(&format!("\"{version}\""));
            if step == "graduation" {
                nursery.incubator.act(&format!("{path}/graduation"), json!({})).await.refused(409, "assessment_missing");
                let scores = json!([{"dimension": "team", "score": 81}, {"dimension": "finance", "score": 70}]);
                let assessed = json!({"assessed_on": "2026-03-02", "scores": scores});
                nursery.incubator.post(&format!("{path}/assessments")).json(assessed).await.is(201);
            }
            let done = call.json(json!({"reason": REASON})).await.is(200);
            assert_eq!(done.text_at("/state"), state);
            assert_eq!(incubated(app, nursery.organisation).await, counts, "{state}");
        }
        let late = nursery.incubator.post(&format!("{path}/exit")).if_match("\"4\"").json(json!({"reason": "太晚了"})).await;
        late.refused(409, "wrong_state");
    }

    async fn an_application_is_refused_for_a_reason_and_may_come_again(app: &TestApp) {
        let nursery = nursery(app).await;
        let path = nursery.apply().await;
        let exit = format!("{path}/exit");
        nursery.incubator.post(&exit).if_match("\"1\"").json(json!({"reason": ""})).await.refused(422, "invalid");
        nursery.incubator.post(&exit).if_match("\"1\"").json(json!({"reason": "申请材料不齐"})).await.is(200);
        assert_eq!(nursery.shen.get(&path).send().await.is(200).text_at("/exit_reason"), "申请材料不齐");
        assert!(!incubated(app, nursery.organisation).await);
        let again = nursery.apply().await;
        // A suspension in between stops the admission.
        let organisation = format!("/api/v1/organisations/{}", nursery.organisation);
        nursery.keeper.post(&format!("{organisation}/suspension")).if_match("\"2\"").json(json!({"reason": "登记证书已过有效期"})).await.is(200);
        nursery.incubator.post(&format!("{again}/admission")).if_match("\"1\"").json(json!({"reason": REASON})).await.refused(409, "organisation_not_verified");
        let body = json!({"organisation_id": nursery.organisation, "base_unit_id": nursery.base});
        nursery.shen.post("/api/v1/incubations").json(body).await.refused(409, "wrong_state");
    }

    async fn who_applies_who_runs_it_and_who_sees_it(app: &TestApp) {
        let nursery = nursery(app).await;
        let (keeper, organisation) = (&nursery.keeper, nursery.organisation);
        let department = unit(keeper, "吴兴区民政局", "department").await;
        let other_base = unit(keeper, "月河街道孵化点", "incubation_base").await;
        let neighbour = app.person_of(app.tenant, "Ling Ju", &[Role::Incubator], Some(other_base), None).await.client;
        let purchaser = app.person_of(app.tenant, "Jing Ban", &[Role::Purchaser], Some(department), None).await.client;
        let evaluator = app.person("Ping Shen", &[Role::Evaluator]).await.client;
        let (rival, rival_admin) = verified(app, keeper, "51330502MJ9000014P", "rival@rival.example").await;
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await.client;
        let member = app.person_of(app.tenant, "Cheng Yuan", &[Role::OrgMember], None, Some(organisation)).await.client;
        let apply = |client: &Client, organisation: OrganisationId, base: UnitId| {
            client.post("/api/v1/incubations").json(json!({"organisation_id": organisation, "base_unit_id": base}))
        };
        apply(&app.public(), organisation, nursery.base).await.refused(401, "unauthenticated");
        apply(&member, organisation, nursery.base).await.refused(403, "forbidden");
        apply(&nursery.incubator, organisation, nursery.base).await.refused(403, "forbidden");
        apply(&nursery.shen, rival, nursery.base).await.refused(403, "forbidden");
        assert_eq!(apply(&nursery.shen, organisation, department).await.refused(422, "invalid").bad_fields(), ["/base_unit_id"]);
        let path = nursery.apply().await;
        for (client, seen) in [(&nursery.shen, true), (&member, true), (&nursery.incubator, true), (keeper, true), (&purchaser, true),
            (&neighbour, false), (&rival_admin, false), (&evaluator, false), (&foreign, false)] {
            let list = client.get("/api/v1/incubations").send().await.is(200).value()["items"].as_array().unwrap().len();
            assert_eq!((client.get(&path).send().await.status, list), if seen { (200, 1) } else { (404, 0) });
        }
        app.public().get(&path).send().await.refused(401, "unauthenticated");
        app.public().get("/api/v1/incubations").send().await.refused(401, "unauthenticated");
        let admission = format!("{path}/admission");
        let admit = |client: &Client| client.post(&admission).if_match("\"1\"").json(json!({"reason": REASON}));
        admit(&app.public()).await.refused(401, "unauthenticated");
        admit(&neighbour).await.refused(404, "not_found");
        admit(&nursery.shen).await.refused(403, "forbidden");
        admit(keeper).await.refused(403, "forbidden");
        nursery.incubator.post(&admission).send().await.refused(428, "precondition_required");
        nursery.incubator.post(&admission).if_match("\"7\"").send().await.refused(412, "stale");
        nursery.incubator.post(&format!("{path}/start")).if_match("\"1\"").send().await.refused(409, "wrong_state");
        let silent = nursery.incubator.post(&admission).if_match("\"1\"").json(json!({"reason": " "})).await;
        assert_eq!(silent.refused(422, "invalid").bad_fields(), ["/reason"]);
        let admitted = admit(&nursery.incubator).await.is(200);
        assert_eq!((admitted.text_at("/admission_reason").as_str(), admitted.text_at("/admitted_at").as_str()), (REASON, "2026-03-02T01:00:00Z"));
        assert_eq!(nursery.keeper.get("/api/v1/incubations?state=applied").send().await.is(200).value()["items"], json!([]));
    }

    async fn a_base_admits_no_more_than_it_has_places_for(app: &TestApp) {
        let nursery = nursery(app).await;
        let (_, rival) = verified(app, &nursery.keeper, "51330502MJ9000014P", "rival@rival.example").await;
        let places = format!("/api/v1/units/{}/incubation-places", nursery.base);
        let set = |client: &Client, places_: i32| client.call("PUT", &places).json(json!({"places": places_}));
        set(&nursery.incubator, 9).await.refused(403, "forbidden");
        assert_eq!(set(&nursery.keeper, 1001).await.refused(422, "invalid").bad_fields(), ["/places"]);
        let department = unit(&nursery.keeper, "吴兴区民政局", "department").await;
        let elsewhere = format!("/api/v1/units/{department}/incubation-places");
        nursery.keeper.call("PUT", &elsewhere).json(json!({"places": 1})).await.refused(409, "wrong_state");
        set(&nursery.keeper, 1).await.is(200);
        let first = nursery.apply().await;
        let own = rival.get("/api/v1/me").send().await.is(200).text_at("/organisation_id");
        let second = json!({"organisation_id": own, "base_unit_id": nursery.base});
        let second = rival.post("/api/v1/incubations").json(second).await.is(201).header("location");
        let admit = async |path: &str| nursery.incubator.act(&format!("{path}/admission"), json!({"reason": REASON})).await;
        admit(&first).await.is(200);
        admit(&second).await.refused(409, "base_full");
        // Fewer places send nobody away.
        set(&nursery.keeper, 0).await.is(200);
        nursery.incubator.act(&format!("{first}/start"), json!({})).await.is(200);
        set(&nursery.keeper, 1).await.is(200);
        admit(&second).await.refused(409, "base_full");
        nursery.incubator.act(&format!("{first}/exit"), json!({"reason": "已停止服务"})).await.is(200);
        let gone = nursery.shen.get(&first).send().await.is(200);
        assert_eq!((gone.text_at("/admission_reason").as_str(), gone.text_at("/exit_reason").as_str()), (REASON, "已停止服务"));
        admit(&second).await.is(200);
    }

    async fn mentoring_counts_once_the_organisation_confirmed_it_and_the_board_shows_it(app: &TestApp) {
        let nursery = nursery(app).await;
        let path = nursery.apply().await;
        let board = format!("/api/v1/units/{}/incubation-board", nursery.base);
        let sessions = format!("{path}/mentoring-sessions");
        let session = |on: &str, minutes: i32| json!({"held_on": on, "minutes": minutes, "topic": "项目财务制度", "mentor": "周导师"});
        nursery.incubator.post(&sessions).json(session("2026-03-02", 90)).await.refused(409, "wrong_state");
        nursery.incubator.act(&format!("{path}/admission"), json!({"reason": REASON})).await.is(200);
        nursery.incubator.act(&format!("{path}/start"), json!({})).await.is(200);
        for (on, minutes, field) in [("2026-03-01", 90, "/held_on"), ("2026-03-03", 90, "/held_on"), ("2026-03-02", 9, "/minutes")] {
            assert_eq!(nursery.incubator.post(&sessions).json(session(on, minutes)).await.refused(422, "invalid").bad_fields(), [field]);
        }
        nursery.shen.post(&sessions).json(session("2026-03-02", 90)).await.refused(403, "forbidden");
        let mut made = Vec::new();
        for minutes in [90, 60, 45] {
            made.push(nursery.incubator.post(&sessions).json(session("2026-03-02", minutes)).await.is(201).header("location"));
        }
        let (_, rival) = verified(app, &nursery.keeper, "51330502MJ9000014P", "rival@rival.example").await;
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await.client;
        let confirm = |client: &Client, at: &str| client.post(&format!("{at}/confirmation")).if_match("\"1\"").send();
        confirm(&rival, &made[0]).await.refused(404, "not_found");
        confirm(&foreign, &made[0]).await.refused(404, "not_found");
        confirm(&nursery.incubator, &made[0]).await.refused(403, "forbidden");
        confirm(&nursery.shen, &made[0]).await.is(200);
        confirm(&nursery.shen, &made[0]).await.refused(412, "stale");
        let dispute = nursery.shen.post(&format!("{}/dispute", made[1])).if_match("\"1\"").json(json!({"reason": "当天未到场"})).await.is(200);
        assert_eq!((dispute.text_at("/state").as_str(), dispute.text_at("/answer_note").as_str()), ("disputed", "当天未到场"));
        let page = nursery.shen.get(&format!("{sessions}?limit=2")).send().await.is(200);
        let rest = nursery.shen.get(&format!("{sessions}?limit=2&after={}", page.text_at("/next"))).send().await.is(200).value();
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        rival.get(&sessions).send().await.refused(404, "not_found");

        // Assessments are a history; the board shows the last.
        let evaluator = app.person("Di San Fang", &[Role::ThirdPartyEvaluator]).await.client;
        let assess = |scores: Value, on: &str| json!({"assessed_on": on, "scores": scores, "remark": "财务须有专人"});
        let at = format!("{path}/assessments");
        let twice = json!([{"dimension": "team", "score": 80}, {"dimension": "team", "score": 81}]);
        assert_eq!(nursery.incubator.post(&at).json(assess(twice, "2026-03-02")).await.refused(422, "invalid").bad_fields(), ["/scores"]);
        let high = json!([{"dimension": "team", "score": 101}]);
        assert_eq!(nursery.incubator.post(&at).json(assess(high, "2026-03-02")).await.refused(422, "invalid").bad_fields(), ["/scores/0/score"]);
        nursery.shen.post(&at).json(assess(json!([{"dimension": "team", "score": 100}]), "2026-03-02")).await.refused(403, "forbidden");
        nursery.incubator.post(&at).json(assess(json!([{"dimension": "team", "score": 60}]), "2026-03-02")).await.is(201);
        app.clock.advance_to(baiyi::kernel::UtcInstant::parse("2026-03-09T01:00:00Z").unwrap());
        let better = json!([{"dimension": "team", "score": 80}, {"dimension": "finance", "score": 85}]);
        let own = app.person_of(app.tenant, "Di Jia", &[Role::ThirdPartyEvaluator], None, Some(nursery.organisation)).await.client;
        own.post(&at).json(assess(better.clone(), "2026-03-09")).await.refused(403, "duties_not_separate");
        evaluator.post(&at).json(assess(better, "2026-03-09")).await.is(201);
        let history = nursery.shen.get(&at).send().await.is(200).value();
        let means: Vec<i64> = history["items"].as_array().unwrap().iter().map(|one| one["mean_hundredths"].as_i64().unwrap()).collect();
        assert_eq!(means, [6000, 8250]);
        let shown = nursery.incubator.get(&board).send().await.is(200).value();
        let seat = &shown["items"][0];
        assert_eq!((&shown["places"], &shown["taken"], &seat["state"], &seat["since"]), (&json!(null), &json!(1), &json!("incubating"), &json!("2026-03-02T01:00:00Z")));
        assert_eq!((&seat["sessions"], &seat["confirmed_sessions"], &seat["confirmed_minutes"]), (&json!(3), &json!(1), &json!(90)));
        assert_eq!((&seat["last_assessed_on"], &seat["last_mean_hundredths"]), (&json!("2026-03-09"), &json!(8250)));
        rival.get(&board).send().await.refused(403, "forbidden");
        nursery.keeper.get(&board).send().await.is(200);
        nursery.incubator.act(&format!("{path}/graduation"), json!({})).await.is(200);
        assert_eq!(nursery.incubator.get(&board).send().await.is(200).value()["items"], json!([]));
        let past = nursery.incubator.get(&format!("{board}?past=true")).send().await.is(200);
        assert_eq!(past.text_at("/items/0/since"), "2026-03-09T01:00:00Z");
        nursery.incubator.post(&sessions).json(session("2026-03-09", 90)).await.refused(409, "wrong_state");
    }

    async fn a_tables_import_by_the_operator_is_journalled_without_a_person(app: &TestApp) {
        use baiyi::db::schema::journal_entries::dsl::{action, actor_id, journal_entries};
        use baiyi::kernel::id::AccountId;
        use diesel::prelude::*;
        let tenant = app.tenant;
        app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| baiyi::app::reference::import_reference_data(tx, tenant)).await.unwrap();
        let written: Vec<(String, Option<AccountId>)> =
            app.read(|db| journal_entries.select((action, actor_id)).load(db).unwrap()).await;
        for expected in ["catalogue_edition.drafted", "catalogue_edition.published", "rule_set.published", "calendar.loaded", "budget_subjects.loaded"] {
            assert_eq!(written.iter().filter(|(what, who)| what == expected && who.is_none()).count(), 1, "{expected}");
        }
    }
}
