//! Outcomes as districts practise them: workers with certificate and registration, sessions that both sides confirm, parts that add up, evidence used twice, a
//! report returned twice and then verified, a locked period.

use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::outcomes::{delivering, evidence, findings, name, next_year, reported, three_parties, verifier};
use crate::support::chain::{act, purchasing, supplier};
use crate::support::{Person, TestApp, on_both};

fn session(worker: &str, day: &str, persons: i32) -> Value {
    json!({"worker_id": worker.rsplit('/').next(), "held_on": day, "minutes": 90, "place": "月河社区党群服务中心", "kind": "community", "persons": persons,
        "note": "防诈骗讲座。"})
}

on_both! {
    async fn certificate_and_registration_are_two_facts_and_a_changed_one_is_seen_anew(app: &TestApp) {
        let (org, rival) = (supplier(app, "Yinling").await, supplier(app, "Qingmiao").await);
        let base = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        let certificate = json!({"level": "social_worker", "number": "20230933058", "issued_on": "2024-09-01"});
        let data = |certificate: Value, until: &str| json!({"name": "夏员", "certificate": certificate, "registration": {"authority": "湖州市民政局", "until": until}});
        let post = |person: &Person, body: Value| person.client.post("/api/v1/social-workers").json(body);
        post(&org.member, data(certificate.clone(), "2026-08-31")).await.refused(403, "forbidden");
        let mut future = certificate.clone();
        future["issued_on"] = json!("2026-03-03");
        assert_eq!(post(&org.admin, data(future, "2026-08-31")).await.refused(422, "invalid").bad_fields(), ["/certificate/issued_on"]);
        let made = post(&org.admin, data(certificate.clone(), "2026-08-31")).await.is(201);
        let worker = made.header("location");
        post(&rival.admin, data(certificate.clone(), "2026-08-31")).await.refused(409, "certificate_taken");
        assert_eq!((made.value()["certified"].clone(), made.text_at("/certificate_state")), (json!(false), "entered".to_owned()));
        rival.admin.client.get(&worker).send().await.refused(404, "not_found");
        app.public().get(&worker).send().await.refused(401, "unauthenticated");
        let verify = async |person: &Person, fact: &str, holds: bool| {
            let etag = base.client.get(&worker).send().await.is(200).etag();
            person.client.post(&format!("{worker}/verification")).if_match(&etag).json(json!({"fact": fact, "holds": holds})).await
        };
        verify(&org.admin, "certificate", true).await.refused(403, "forbidden");
        verify(&base, "certificate", true).await.is(200);
        let seen = verify(&base, "registration", true).await.is(200).value();
        assert_eq!((seen["certified"].clone(), seen["registered"].clone()), (json!(true), json!(true)));
        // A later registration is to be seen anew; the certificate stays.
        let etag = base.client.get(&worker).send().await.etag();
        let changed = org.admin.client.post(&format!("{worker}/change")).if_match(&etag).json(data(certificate, "2029-08-31")).await.is(200).value();
        assert_eq!((changed["certified"].clone(), changed["registered"].clone(), changed["registration_state"].clone()), (json!(true), json!(false), json!("entered")));
        let listed = org.member.client.get("/api/v1/social-workers").send().await.is(200);
        assert_eq!(listed.text_at("/items/0/certificate_number"), "*******3058");
        assert_eq!(rival.admin.client.get("/api/v1/social-workers").send().await.is(200).value()["items"], json!([]));
        // The growth card, and the log of who read it.
        let entry = json!({"happened_on": "2026-03-01", "kind": "supervision", "minutes": 180, "text": "参加老年社会工作督导。"});
        org.admin.client.post(&format!("{worker}/growth-card")).json(entry).await.is(201);
        assert_eq!(base.client.get(&format!("{worker}/growth-card")).send().await.is(200).text_at("/items/0/minutes"), "180");
        rival.admin.client.get(&format!("{worker}/growth-card")).send().await.refused(404, "not_found");
        assert!(base.client.get("/api/v1/readings?limit=100").send().await.is(200).text.contains("personal_data"));
    }

    async fn a_session_counts_once_both_sides_say_that_it_took_place(app: &TestApp) {
        let (buyer, org, rival) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await, supplier(app, "Qingmiao").await);
        let project = delivering(app, &buyer, &org).await;
        let worker = three_parties(app, &buyer, &org, &project).await;
        let stranger = rival.admin.client.post("/api/v1/social-workers").json(json!({"name": "外人"})).await.is(201).header("location");
        name(&org, &project, &[&stranger]).await.refused(422, "invalid");
        name(&org, &project, &[&worker, &worker]).await.refused(422, "invalid");
        let path = format!("{project}/service-sessions");
        let record = |person: &Person, body: Value| person.client.post(&path).json(body);
        record(&rival.admin, session(&worker, "2026-03-01", 24)).await.refused(403, "forbidden");
        record(&buyer.purchaser, session(&worker, "2026-03-01", 24)).await.refused(403, "forbidden");
        assert_eq!(record(&org.member, session(&worker, "2026-03-03", 24)).await.refused(422, "invalid").bad_fields(), ["/held_on"]);
        assert_eq!(record(&org.member, session(&stranger, "2026-03-01", 24)).await.refused(422, "invalid").bad_fields(), ["/worker_id"]);
        let first = record(&org.member, session(&worker, "2026-03-01", 24)).await.is(201).header("location");
        let second = record(&org.member, session(&worker, "2026-03-02", 30)).await.is(201).header("location");
        let totals = async || app.public().get(&format!("{path}/totals")).send().await.is(200).value();
        assert_eq!(totals().await, json!({"sessions": 0, "persons": 0, "minutes": 0}), "one side's word is not enough");
        org.admin.client.post(&format!("{first}/confirmation")).if_match("\"1\"").send().await.refused(403, "forbidden");
        act(&buyer.purchaser, &first, "confirmation", None).await;
        act(&buyer.lead, &second, "dispute", Some(json!({"reason": "当日该场地未开放。"}))).await;
        assert_eq!(totals().await, json!({"sessions": 1, "persons": 24, "minutes": 90}));
        buyer.lead.client.post(&format!("{second}/confirmation")).if_match("\"2\"").send().await.refused(409, "wrong_state");
        rival.admin.client.get(&first).send().await.refused(404, "not_found");
        assert_eq!(org.admin.client.get(&path).send().await.is(200).value()["items"].as_array().unwrap().len(), 2);
        // Who wears both hats does not confirm what it recorded.
        let shown = app.public().get(&format!("{project}/linkage")).send().await.is(200).value();
        assert_eq!((shown["complete"].clone(), shown["workers"].clone(), shown["named"].clone()), (json!(true), json!(1), Value::Null));
        assert_eq!(org.member.client.get(&format!("{project}/linkage")).send().await.is(200).text_at("/named/0/name"), "夏员");
    }

    async fn a_report_is_returned_twice_then_verified_and_its_period_is_opened_only_by_two_persons(app: &TestApp) {
        let (buyer, org) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let (project, judge) = (delivering(app, &buyer, &org).await, verifier(app).await);
        let mut said = findings(app, &project, "2026-H1").await;
        let made = org.admin.client.post(&format!("{project}/outcome-reports")).json(said.clone()).await.is(201);
        let report = made.header("location");
        said.as_object_mut().unwrap().remove("period");
        for reason in ["缺少签到表。", "签到表与台账不符。"] {
            let back = act(&judge, &report, "return", Some(json!({"reason": reason}))).await;
            assert_eq!((back.text_at("/state"), back.text_at("/reason")), ("returned".to_owned(), reason.to_owned()));
            act(&org.admin, &report, "resubmission", Some(said.clone())).await;
        }
        evidence(&org, &report).await;
        act(&judge, &report, "verification", None).await;
        let locked = org.admin.client.get(&report).send().await.etag();
        org.admin.client.post(&format!("{report}/resubmission")).if_match(&locked).json(said.clone()).await.refused(409, "wrong_state");
        let step = async |person: &Person, verb: &str, body: Option<Value>| {
            let etag = person.client.get(&report).send().await.is(200).etag();
            let call = person.client.post(&format!("{report}/{verb}")).if_match(&etag);
            match body { Some(body) => call.json(body).await, None => call.send().await }
        };
        step(&org.admin, "acceptance", None).await.refused(403, "forbidden");
        assert_eq!(step(&buyer.lead, "acceptance", None).await.is(200).text_at("/state"), "accepted");
        step(&judge, "return", Some(json!({"reason": "晚了"}))).await.refused(409, "wrong_state");
        let reason = json!({"reason": "两张签到表重复计入，须更正服务人次。"});
        step(&org.admin, "reopening", Some(reason.clone())).await.refused(403, "forbidden");
        step(&judge, "reopening/agreement", None).await.refused(409, "no_reopening");
        assert_eq!(step(&buyer.lead, "reopening", Some(reason.clone())).await.is(200).text_at("/state"), "accepted", "one person opens nothing");
        step(&buyer.lead, "reopening", Some(reason)).await.refused(409, "reopening_asked");
        step(&buyer.lead, "reopening/agreement", None).await.refused(403, "forbidden");
        let opened = step(&judge, "reopening/agreement", None).await.is(200);
        assert_eq!((opened.text_at("/state"), opened.text_at("/reason")), ("returned".to_owned(), "两张签到表重复计入，须更正服务人次。".to_owned()));
        app.public().get(&report).send().await.refused(404, "not_found");
        said["values"][0]["actual"] = json!(790);
        act(&org.admin, &report, "resubmission", Some(said)).await;
        act(&judge, &report, "verification", None).await;
        assert_eq!(app.public().get(&report).send().await.is(200).text_at("/values/0/actual"), "790");
    }

    async fn the_parts_of_a_value_add_up_and_evidence_used_twice_is_named(app: &TestApp) {
        let (buyer, org) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let (project, judge) = (delivering(app, &buyer, &org).await, verifier(app).await);
        let mut said = findings(app, &project, "2026-Q1").await;
        let count = said["values"][0]["actual"].as_i64().unwrap();
        said["values"][0]["splits"] = json!([{"dimension": "社区", "parts": [{"part": "月河社区", "number": count - 12}], "unknown": 11}]);
        let reports = format!("{project}/outcome-reports");
        let refused = org.admin.client.post(&reports).json(said.clone()).await.refused(422, "invalid");
        assert_eq!(refused.bad_fields(), ["/values/0/splits/0/parts"]);
        said["values"][0]["splits"][0]["unknown"] = json!(12);
        said["values"][1]["numerator"] = json!(93);
        assert_eq!(org.admin.client.post(&reports).json(said.clone()).await.refused(422, "invalid").bad_fields(), ["/values/1/denominator"]);
        said["values"][1]["denominator"] = json!(100);
        said["values"][1]["actual"] = json!(9_301);
        assert_eq!(org.admin.client.post(&reports).json(said.clone()).await.refused(422, "invalid").bad_fields(), ["/values/1/actual"]);
        said["values"][1]["actual"] = json!(9_300);
        let made = org.admin.client.post(&reports).json(said.clone()).await.is(201);
        assert_eq!((made.text_at("/values/0/splits/0/parts/0/part"), made.value()["values"][0]["splits"][0]["unknown"].clone()), ("月河社区".to_owned(), json!(12)));
        assert_eq!(made.value()["values"][1]["numerator"], json!(93));
        said["period"] = json!("2026-Q2");
        let next = org.admin.client.post(&reports).json(said).await.is(201);
        let pdf = b"%PDF-1.7 signed by twenty residents".to_vec();
        let indicator = made.text_at("/values/0/indicator_id");
        let query = |extra: &str| format!("evidence?filename=a.pdf&place=%E6%9C%88%E6%B2%B3{extra}");
        let upload = |report: &str, extra: &str| org.member.client.post(&format!("{report}/{}", query(extra))).body("application/pdf", pdf.clone()).send();
        let (first, second) = (made.header("location"), next.header("location"));
        upload(&first, "&taken_on=2027-01-05").await.refused(422, "invalid");
        upload(&first, &format!("&indicator_id={}", uuid::Uuid::now_v7())).await.refused(422, "invalid");
        let stored = upload(&first, &format!("&taken_on=2026-03-01&indicator_id={indicator}")).await.is(201);
        let seen = judge.client.get(&first).send().await.is(200).value();
        assert_eq!((seen["evidence"][0]["indicator_id"].clone(), seen["evidence"][0]["place"].clone(), seen["reused"].clone()), (json!(indicator), json!("月河"), json!([])));
        upload(&second, "").await.is(201);
        for (report, other, period) in [(&first, &second, "2026-Q2"), (&second, &first, "2026-Q1")] {
            let reused = judge.client.get(report).send().await.is(200).value()["reused"].clone();
            assert_eq!((reused[0]["sha256"].clone(), reused[0]["period"].clone()), (stored.value()["sha256"].clone(), json!(period)));
            assert!(other.ends_with(reused[0]["report_id"].as_str().unwrap()));
        }
        act(&judge, &first, "verification", None).await;
        assert_eq!(app.public().get(&first).send().await.is(200).value()["reused"], json!([]));
    }

    async fn the_board_takes_the_latest_period_or_the_sum_and_counts_certificates_on_the_day_of_service(app: &TestApp) {
        let (buyer, org, judge) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await, verifier(app).await);
        let mut body = crate::outcomes::proposal(&buyer);
        body["indicators"] = json!([
            {"name_zh": "服务人次", "unit_label": "人次", "kind": "count", "direction": "up", "baseline": 0, "target": 800},
            {"name_zh": "新增志愿者", "unit_label": "人", "kind": "count", "direction": "up", "baseline": 0, "target": 90, "accumulation": "periodic"},
            {"name_zh": "满意度", "unit_label": "分", "kind": "score", "direction": "up", "baseline": 0, "target": 90, "accumulation": "periodic"},
        ]);
        let project = buyer.purchaser.client.post("/api/v1/projects").json(body).await.is(201).header("location");
        act(&buyer.lead, &project, "selection", Some(json!({"number": 17}))).await;
        crate::outcomes::feed(app, &buyer, &project, org.organisation).await.unwrap();
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let board = async || auditor.get("/api/v1/reports/hundred-projects?year=2026").send().await.is(200).value();
        let actual = |board: &Value| ["0", "1", "2"].map(|place| board.pointer(&format!("/rows/0/indicators/{place}/actual")).unwrap().as_i64());
        assert_eq!(actual(&board().await), [None; 3]);
        next_year(app);
        // The third quarter comes before the first and the second: a late report overwrites nothing.
        reported(&org, &judge, &project, "2026-Q3", &[600, 30, 95]).await;
        reported(&org, &judge, &project, "2026-Q1", &[150, 10, 80]).await;
        let seen = board().await;
        assert_eq!((actual(&seen), &seen["rows"][0]["indicators"][0]["period"]), ([Some(600), Some(40), Some(95)], &json!("2026-Q3")));
        assert_eq!((&seen["verified"], &seen["rows"][0]["state"]), (&json!(0), &json!("delivering")));
        // Only submitted: it counts for nothing.
        let waits = org.admin.client.get(&project).send().await.is(200);
        let values: Vec<Value> = (0..3).map(|place| json!({"indicator_id": waits.text_at(&format!("/indicators/{place}/id")), "actual": 777})).collect();
        let body = json!({"period": "2026-Q2", "summary": "如期服务。", "values": values});
        let second = org.admin.client.post(&format!("{project}/outcome-reports")).json(body).await.is(201).header("location");
        assert_eq!(actual(&board().await), [Some(600), Some(40), Some(95)]);
        evidence(&org, &second).await;
        act(&judge, &second, "verification", None).await;
        assert_eq!(actual(&board().await), [Some(600), Some(817), Some(95)]);
        reported(&org, &judge, &project, "2026-Q4", &[820, 5, 91]).await;
        let whole = board().await;
        assert_eq!((actual(&whole), &whole["verified"]), ([Some(820), Some(822), Some(91)], &json!(1)));
        // Three workers hold sessions: a valid certificate; one whose registration ended before the day; one whose certificate nobody saw.
        let base = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        let mut workers = Vec::new();
        for (name, number, until, seen) in [("夏员", "20230933058", Some("2026-03-01"), true), ("陆员", "20230933059", Some("2026-02-28"), true), ("秦员", "20230933060", None, false)] {
            let mut body = json!({"name": name, "certificate": {"level": "social_worker", "number": number, "issued_on": "2024-09-01"}});
            if let Some(until) = until { body["registration"] = json!({"authority": "湖州市民政局", "until": until}); }
            let worker = org.admin.client.post("/api/v1/social-workers").json(body).await.is(201).header("location");
            if seen { act(&base, &worker, "verification", Some(json!({"fact": "certificate", "holds": true}))).await; }
            if until.is_some() { act(&base, &worker, "verification", Some(json!({"fact": "registration", "holds": true}))).await; }
            workers.push(worker);
        }
        let named: Vec<&str> = workers.iter().map(String::as_str).collect();
        name(&org, &project, &named).await.is(204);
        assert_eq!(board().await["certified_workers"], json!(0), "who held no session counts for nothing");
        let mut sessions = Vec::new();
        for worker in &workers {
            sessions.push(org.member.client.post(&format!("{project}/service-sessions")).json(session(worker, "2026-03-01", 24)).await.is(201).header("location"));
        }
        assert_eq!(board().await["certified_workers"], json!(0), "one side's word is not enough");
        for one in &sessions { act(&buyer.purchaser, one, "confirmation", None).await; }
        assert_eq!(board().await["certified_workers"], json!(1));
        // The ended one held a session while the registration was good.
        let early = org.member.client.post(&format!("{project}/service-sessions")).json(session(&workers[1], "2026-02-28", 9)).await.is(201).header("location");
        act(&buyer.purchaser, &early, "confirmation", None).await;
        assert_eq!(board().await["certified_workers"], json!(2));
    }

    async fn a_revised_indicator_keeps_what_it_was(app: &TestApp) {
        let (buyer, org) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let project = delivering(app, &buyer, &org).await;
        let before = app.public().get(&project).send().await.is(200);
        let (path, base) = (format!("{project}/indicators/{}/revision", before.text_at("/indicators/0/id")), before.value()["indicators"][0]["baseline"].as_i64().unwrap());
        let revise = |person: &Person, target: i64, etag: &str| {
            person.client.post(&path).if_match(etag).json(json!({"target": target, "method": "按签到表去重计数。", "reason": "服务范围增加一个社区。"}))
        };
        revise(&buyer.purchaser, base + 900, &before.etag()).await.refused(403, "forbidden");
        assert_eq!(revise(&buyer.lead, base - 1, &before.etag()).await.refused(422, "invalid").bad_fields(), ["/target"]);
        let after = revise(&buyer.lead, base + 900, &before.etag()).await.is(200);
        assert_eq!((after.value()["indicators"][0]["version"].clone(), after.value()["indicators"][0]["target"].clone()), (json!(2), json!(base + 900)));
        let made = org.admin.client.post(&format!("{project}/outcome-reports")).json(findings(app, &project, "2026").await).await.is(201);
        assert_eq!(made.value()["values"][0]["indicator_version"], json!(2));
        evidence(&org, &made.header("location")).await;
        app.clock.advance_to(UtcInstant::parse("2026-03-05T01:00:00Z").unwrap());
        act(&verifier(app).await, &made.header("location"), "verification", None).await;
        let etag = buyer.lead.client.get(&project).send().await.etag();
        revise(&buyer.lead, base + 1, &etag).await.refused(409, "wrong_state");
    }
}
