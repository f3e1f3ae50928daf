//! The hundred projects: proposed, selected, delivered, reported on, verified by somebody else, honoured.

use baiyi::db::Facts;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::{AnyId, CaseId, OrganisationId, ProjectId};
use baiyi::outcomes::projects;
use baiyi::people::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::chain::{Purchasing, Supplier, act, purchasing, supplier};
use crate::support::{Person, TestApp, on_both};

pub fn proposal(buyer: &Purchasing) -> Value {
    json!({
        "unit_id": buyer.unit.to_string(), "cohort": 2026, "name_zh": "银龄陪伴", "story": "每周两次上门陪伴独居老人。",
        "indicators": [
            {"name_zh": "服务独居老人", "unit_label": "人次", "kind": "count", "direction": "up", "baseline": 120, "target": 800},
            {"name_zh": "满意率", "unit_label": "%", "kind": "ratio", "direction": "up", "baseline": 8000, "target": 9500},
        ],
    })
}

async fn proposed(buyer: &Purchasing) -> String {
    buyer.purchaser.client.post("/api/v1/projects").json(proposal(buyer)).await.is(201).header("location")
}

/// Feeds the project by an agreement, as delivery does it.
pub async fn feed(app: &TestApp, buyer: &Purchasing, path: &str, payee: OrganisationId) -> Result<(), &'static str> {
    let project: ProjectId = path.rsplit('/').next().unwrap().parse().unwrap();
    let (tenant, by) = (app.tenant, buyer.purchaser.account);
    let (agreement, case) = (AnyId::new(Uuid::now_v7()), CaseId::new(Uuid::now_v7()));
    app.db
        .write(Facts::on_behalf_of(app.clock.now(), by).unwrap(), move |tx| {
            projects::link(tx, by, tenant, project, agreement, payee, case).map(drop)
        })
        .await
        .map_err(|refused| refused.code())
}

/// A project that the supplier delivers.
pub async fn delivering(app: &TestApp, buyer: &Purchasing, supplier: &Supplier) -> String {
    let path = proposed(buyer).await;
    act(&buyer.lead, &path, "selection", Some(json!({"number": 17}))).await;
    feed(app, buyer, &path, supplier.organisation).await.unwrap();
    path
}

/// The first working day of the next year, when all periods of this one are over.
pub fn next_year(app: &TestApp) {
    app.clock.advance_to(UtcInstant::parse("2027-01-04T01:00:00Z").unwrap());
}

/// What the supplier says of a period in the next year, one value per indicator of the project.
pub async fn findings(app: &TestApp, project: &str, period: &str) -> Value {
    next_year(app);
    let read = app.public().get(project).send().await.is(200);
    json!({
        "period": period, "summary": "服务独居老人 812 人次。",
        "values": [
            {"indicator_id": read.text_at("/indicators/0/id"), "actual": 812, "note": "按签到表去重"},
            {"indicator_id": read.text_at("/indicators/1/id"), "actual": 9700},
        ],
    })
}

/// Adds an evidence file to a report.
pub async fn evidence(org: &Supplier, report: &str) {
    let bytes = format!("%PDF-1.7 signed for {report}").into_bytes();
    org.member.client.post(&format!("{report}/evidence?filename=a.pdf")).body("application/pdf", bytes).send().await.is(201);
}

/// Reports a period with these values in the order of the indicators, adds evidence, and has it verified.
pub async fn reported(org: &Supplier, judge: &Person, project: &str, period: &str, actual: &[i64]) -> String {
    let read = org.admin.client.get(project).send().await.is(200);
    let values: Vec<Value> = (0..)
        .zip(actual)
        .map(|(place, actual)| json!({"indicator_id": read.text_at(&format!("/indicators/{place}/id")), "actual": actual}))
        .collect();
    let body = json!({"period": period, "summary": "如期服务。", "values": values});
    let report = org.admin.client.post(&format!("{project}/outcome-reports")).json(body).await.is(201).header("location");
    evidence(org, &report).await;
    act(judge, &report, "verification?before_its_end=%E5%B7%B2%E5%AE%8C%E6%88%90", None).await;
    report
}

pub async fn verifier(app: &TestApp) -> Person {
    app.person("Ping Gu", &[Role::ThirdPartyEvaluator]).await
}

/// Names community and worker of a project; gives the worker's path.
pub async fn three_parties(app: &TestApp, buyer: &Purchasing, org: &Supplier, project: &str) -> String {
    let area = uuid::Uuid::now_v7();
    let row = format!(
        "INSERT INTO areas (id, tenant_id, code, name_zh, name_en, kind, version, created_at, updated_at) VALUES ('{area}', '{}', '330502999001', '月河社区', \
         'Yuehe', 'community', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        app.tenant
    );
    crate::support::chain::run_sql(app, vec![row]).await;
    act(&buyer.purchaser, project, "area", Some(json!({"area_id": area}))).await;
    let worker = json!({"name": "夏员", "certificate": {"level": "social_worker", "number": "20230933058", "issued_on": "2024-09-01"}});
    let worker = org.admin.client.post("/api/v1/social-workers").json(worker).await.is(201).header("location");
    name(org, project, &[&worker]).await.is(204);
    worker
}

/// Names the workers of a project; whatever comes of it.
pub async fn name(org: &Supplier, project: &str, workers: &[&str]) -> crate::support::http::Answer {
    let ids: Vec<&str> = workers.iter().map(|path| path.rsplit('/').next().unwrap()).collect();
    let etag = org.admin.client.get(project).send().await.etag();
    org.admin.client.post(&format!("{project}/workers")).if_match(&etag).json(json!({"worker_ids": ids})).await
}

/// How often the log says that this was read, as personal data.
pub async fn logged(app: &TestApp, path: &str) -> i64 {
    use baiyi::db::schema::readings::dsl;
    use diesel::prelude::*;
    let read = format!("GET {path}");
    app.read(move |db| dsl::readings.filter(dsl::operation.eq(read).and(dsl::why.eq("personal_data"))).count().get_result(db).unwrap())
        .await
}

on_both! {
    async fn a_proposal_stays_inside_its_unit_until_it_is_selected(app: &TestApp) {
        let (buyer, other) = (purchasing(app, "Yuehe").await, purchasing(app, "Feiying").await);
        let path = proposed(&buyer).await;
        let public = app.public();
        let admin = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await;
        let org = supplier(app, "Yinling").await;
        for stranger in [&other.lead, &other.purchaser, &org.admin] {
            stranger.client.get(&path).send().await.refused(404, "not_found");
            stranger.client.post(&format!("{path}/selection")).json(json!({"number": 1})).await.refused(404, "not_found");
            assert_eq!(stranger.client.get("/api/v1/projects").send().await.value()["items"], json!([]));
        }
        public.get(&path).send().await.refused(404, "not_found");
        public.get(&format!("{path}/outcome-reports")).send().await.refused(404, "not_found");
        for insider in [&buyer.purchaser, &buyer.lead, &buyer.finance, &admin, &auditor] {
            let read = insider.client.get(&path).send().await.is(200);
            assert_eq!((read.etag().as_str(), read.text_at("/state").as_str()), ("\"1\"", "proposed"));
            assert_eq!(read.text_at("/indicators/1/target"), "9500");
            assert_eq!(insider.client.get("/api/v1/projects?state=proposed").send().await.text_at("/items/0/name_zh"), "银龄陪伴");
        }
        act(&buyer.lead, &path, "selection", Some(json!({"number": 17}))).await;
        assert_eq!(public.get(&path).send().await.is(200).text_at("/number"), "17");
        assert_eq!(public.get("/api/v1/projects?cohort=2026").send().await.text_at("/items/0/number"), "17");
        assert_eq!(public.get("/api/v1/projects?cohort=2025").send().await.value()["items"], json!([]));
        assert_eq!(public.get(&format!("/api/v1/projects?unit_id={}", other.unit)).send().await.value()["items"], json!([]));
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await;
        foreign.client.get(&path).send().await.refused(404, "not_found");
    }

    async fn a_number_of_the_hundred_is_given_once_and_never_by_the_proposer(app: &TestApp) {
        let buyer = purchasing(app, "Yuehe").await;
        let path = proposed(&buyer).await;
        let selection = format!("{path}/selection");
        let number = |n: i64| json!({"number": n});
        app.public().post(&selection).json(number(17)).await.refused(401, "unauthenticated");
        buyer.purchaser.client.post(&selection).json(number(17)).await.refused(403, "forbidden");
        buyer.finance.client.post(&selection).json(number(17)).await.refused(403, "forbidden");
        buyer.lead.client.post(&selection).json(number(17)).await.refused(428, "precondition_required");
        buyer.lead.client.post(&selection).if_match("\"2\"").json(number(17)).await.refused(412, "stale");
        for bad in [0, 101, -1] {
            let refused = buyer.lead.client.post(&selection).if_match("\"1\"").json(number(bad)).await.refused(422, "invalid");
            assert_eq!(refused.bad_fields(), ["/number"]);
        }
        let selected = buyer.lead.client.post(&selection).if_match("\"1\"").key("s1").json(number(17)).await.is(200);
        assert_eq!((selected.text_at("/state").as_str(), selected.etag().as_str()), ("selected", "\"2\""));
        let again = buyer.lead.client.post(&selection).if_match("\"1\"").key("s1").json(number(17)).await.is(200);
        assert_eq!(again.text, selected.text, "a repeated request has one effect");
        buyer.lead.client.post(&selection).if_match("\"2\"").json(number(18)).await.refused(409, "wrong_state");
        let second = proposed(&buyer).await;
        buyer.lead.client.post(&format!("{second}/selection")).if_match("\"1\"").json(number(17)).await.refused(409, "project_number_taken");
        buyer.lead.client.post(&format!("{second}/selection")).if_match("\"1\"").json(number(18)).await.is(200);
        let own = buyer.lead.client.post("/api/v1/projects").json(proposal(&buyer)).await.is(201).header("location");
        buyer.lead.client.post(&format!("{own}/selection")).if_match("\"1\"").json(number(19)).await.refused(403, "duties_not_separate");
        let mut next_year = proposal(&buyer);
        next_year["cohort"] = json!(2027);
        let next = buyer.purchaser.client.post("/api/v1/projects").json(next_year).await.is(201).header("location");
        act(&buyer.lead, &next, "selection", Some(number(17))).await;
    }

    async fn a_bad_proposal_is_refused_field_by_field(app: &TestApp) {
        let (buyer, other) = (purchasing(app, "Yuehe").await, purchasing(app, "Feiying").await);
        let client = &buyer.purchaser.client;
        let with = |pointer: &str, value: Value| {
            let mut body = proposal(&buyer);
            *body.pointer_mut(pointer).unwrap() = value;
            body
        };
        for (body, pointer) in [
            (with("/cohort", json!(1999)), "/cohort"),
            (with("/name_zh", json!(" ")), "/name_zh"),
            (with("/story", json!("x".repeat(2001))), "/story"),
            (with("/indicators", json!([])), "/indicators"),
            (with("/indicators/1/name_zh", json!("服务独居老人")), "/indicators/1/name_zh"),
            (with("/indicators/1/target", json!(10_001)), "/indicators/1/target"),
            (with("/indicators/0/target", json!(100)), "/indicators/0/target"),
            (with("/indicators/0/kind", json!("percent")), "/indicators/0/kind"),
            (with("/indicators/0/baseline", json!(1.5)), "/indicators/0/baseline"),
        ] {
            assert_eq!(client.post("/api/v1/projects").json(body).await.refused(422, "invalid").bad_fields(), [pointer]);
        }
        let mut nowhere = proposal(&buyer);
        nowhere["area_id"] = json!(Uuid::now_v7().to_string());
        assert_eq!(client.post("/api/v1/projects").json(nowhere).await.refused(422, "invalid").bad_fields(), ["/area_id"]);
        app.public().post("/api/v1/projects").json(proposal(&buyer)).await.refused(401, "unauthenticated");
        client.post("/api/v1/projects").json(proposal(&other)).await.refused(403, "forbidden");
        buyer.finance.client.post("/api/v1/projects").body("application/json", "{").send().await.refused(403, "forbidden");
        client.post("/api/v1/projects").body("application/json", "{").send().await.refused(400, "malformed");
    }

    async fn an_outcome_is_reported_returned_corrected_and_verified_by_somebody_else(app: &TestApp) {
        let (buyer, org, rival) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await, supplier(app, "Qingmiao").await);
        let (project, verifier) = (delivering(app, &buyer, &org).await, verifier(app).await);
        let reports = format!("{project}/outcome-reports");
        let said = findings(app, &project, "2026-Q1").await;
        app.public().post(&reports).json(said.clone()).await.refused(401, "unauthenticated");
        rival.admin.client.post(&reports).json(said.clone()).await.refused(403, "forbidden");
        buyer.lead.client.post(&reports).json(said.clone()).await.refused(403, "forbidden");
        for (pointer, value) in [("/period", json!("2026-Q5")), ("/summary", json!("")), ("/values/0/actual", json!(-1)), ("/values/1/actual", json!(10_001))] {
            let mut bad = said.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            assert_eq!(org.member.client.post(&reports).json(bad).await.refused(422, "invalid").bad_fields(), [pointer]);
        }
        let made = org.member.client.post(&reports).json(said.clone()).await.is(201);
        let report = made.header("location");
        assert_eq!((made.text_at("/state").as_str(), made.text_at("/values/0/actual").as_str()), ("submitted", "812"));
        org.admin.client.post(&reports).json(said.clone()).await.refused(409, "period_reported");
        for blind in [&app.public(), &rival.admin.client] {
            blind.get(&report).send().await.refused(404, "not_found");
            assert_eq!(blind.get(&reports).send().await.is(200).value()["items"], json!([]));
        }
        for sighted in [&org.admin, &buyer.purchaser, &verifier] {
            assert_eq!(sighted.client.get(&report).send().await.is(200).text_at("/id"), made.text_at("/id"));
            assert_eq!(sighted.client.get(&reports).send().await.is(200).text_at("/items/0/period"), "2026-Q1");
        }
        let (back, verify) = (format!("{report}/return"), format!("{report}/verification"));
        let etag = made.etag();
        rival.admin.client.post(&verify).if_match(&etag).send().await.refused(404, "not_found");
        org.admin.client.post(&verify).if_match(&etag).send().await.refused(403, "forbidden");
        buyer.lead.client.post(&verify).if_match(&etag).send().await.refused(403, "forbidden");
        verifier.client.post(&verify).send().await.refused(428, "precondition_required");
        verifier.client.post(&verify).if_match("\"7\"").send().await.refused(412, "stale");
        verifier.client.post(&back).if_match(&etag).json(json!({"reason": " "})).await.refused(422, "invalid");
        let returned = verifier.client.post(&back).if_match(&etag).json(json!({"reason": "缺少签到表。"})).await.is(200);
        assert_eq!((returned.text_at("/state").as_str(), returned.text_at("/reason").as_str()), ("returned", "缺少签到表。"));
        verifier.client.post(&verify).if_match(&returned.etag()).send().await.refused(409, "wrong_state");
        let mut corrected = said.clone();
        corrected.as_object_mut().unwrap().remove("period");
        corrected["values"][0]["actual"] = json!(806);
        let again = format!("{report}/resubmission");
        verifier.client.post(&again).if_match(&returned.etag()).json(corrected.clone()).await.refused(403, "forbidden");
        let mut half = corrected.clone();
        half["values"].as_array_mut().unwrap().pop();
        assert_eq!(org.admin.client.post(&again).if_match(&returned.etag()).json(half).await.refused(422, "invalid").bad_fields(), ["/values"]);
        let resubmitted = org.admin.client.post(&again).if_match(&returned.etag()).json(corrected).await.is(200);
        assert_eq!((resubmitted.text_at("/values/0/actual").as_str(), resubmitted.value()["reason"].clone()), ("806", Value::Null));
        verifier.client.post(&verify).if_match(&resubmitted.etag()).send().await.refused(409, "evidence_missing");
        verifier.client.post(&format!("{verify}?without_evidence=%20")).if_match(&resubmitted.etag()).send().await.refused(422, "invalid");
        evidence(&org, &report).await;
        let verified = act(&verifier, &report, "verification", None).await;
        assert_eq!(verified.text_at("/state"), "verified");
        assert_eq!(app.public().get(&report).send().await.is(200).text_at("/values/0/actual"), "806");
        assert_eq!(app.public().get(&reports).send().await.text_at("/items/0/state"), "verified");
        verifier.client.post(&back).if_match(&verified.etag()).json(json!({"reason": "晚了"})).await.refused(409, "wrong_state");
        assert_eq!(app.public().get(&project).send().await.text_at("/state"), "delivering", "a quarter is not the target");
        // What overlaps a quarter that is reported is refused, whether locked or not.
        for period in ["2026", "2026-H1", "2026-03", "2026-01"] {
            org.admin.client.post(&reports).json(findings(app, &project, period).await).await.refused(409, "period_overlaps");
        }
        let last = org.admin.client.post(&reports).json(findings(app, &project, "2026-Q4").await).await.is(201).header("location");
        let waits = org.admin.client.post(&reports).json(findings(app, &project, "2026-Q3").await).await.is(201).header("location");
        let reason = "%E7%8E%B0%E5%9C%BA%E6%A0%B8%E5%AF%B9";
        let etag = verifier.client.get(&last).send().await.etag();
        let seen = verifier.client.post(&format!("{last}/verification?without_evidence={reason}")).if_match(&etag).send().await.is(200);
        assert_eq!(seen.text_at("/reason"), "现场核对");
        assert_eq!(app.public().get(&project).send().await.text_at("/state"), "delivering", "a report of the year waits");
        evidence(&org, &waits).await;
        act(&verifier, &waits, "verification", None).await;
        assert_eq!(app.public().get(&project).send().await.text_at("/state"), "verified");
        let late = findings(app, &project, "2026-Q2").await;
        org.admin.client.post(&reports).json(late).await.is(201);
        verifier.client.post(&format!("{project}/honour")).if_match("\"4\"").send().await.refused(403, "forbidden");
        buyer.lead.client.post(&format!("{project}/honour")).if_match("\"4\"").send().await.refused(409, "linkage_incomplete");
        three_parties(app, &buyer, &org, &project).await;
        assert_eq!(act(&buyer.lead, &project, "honour", None).await.text_at("/state"), "honoured");
        let honoured = buyer.lead.client.get(&project).send().await.etag();
        buyer.lead.client.post(&format!("{project}/drop")).if_match(&honoured).json(json!({"reason": "晚了"})).await.refused(409, "wrong_state");
    }

    async fn a_period_is_reported_once_it_has_begun_and_verified_when_it_is_over_or_with_a_reason(app: &TestApp) {
        let (buyer, org) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let (project, judge) = (delivering(app, &buyer, &org).await, verifier(app).await);
        let read = app.public().get(&project).send().await.is(200);
        let values = ["0", "1"].map(|place| json!({"indicator_id": read.text_at(&format!("/indicators/{place}/id")), "actual": 812}));
        let report = |period: &str| {
            let body = json!({"period": period, "summary": "如期服务。", "values": values});
            org.admin.client.post(&format!("{project}/outcome-reports")).json(body)
        };
        assert_eq!(report("2026-Q2").await.refused(422, "invalid").bad_fields(), ["/period"]);
        let made = report("2026-Q1").await.is(201);
        let path = made.header("location");
        evidence(&org, &path).await;
        let verify = |more: &str| judge.client.post(&format!("{path}/verification{more}")).if_match(&made.etag()).send();
        verify("").await.refused(409, "period_not_over");
        verify("?before_its_end=%20").await.refused(422, "invalid");
        let early = verify("?before_its_end=%E5%B7%B2%E5%85%A8%E9%83%A8%E5%AE%8C%E6%88%90").await.is(200);
        assert_eq!((early.text_at("/state"), early.text_at("/reason")), ("verified".to_owned(), "已全部完成".to_owned()));
        // When it is over no reason is needed, and none is kept.
        app.clock.advance_to(UtcInstant::parse("2026-06-30T15:59:59Z").unwrap());
        let second = report("2026-Q2").await.is(201);
        let path = second.header("location");
        evidence(&org, &path).await;
        let verify = |more: &str| judge.client.post(&format!("{path}/verification{more}")).if_match(&second.etag()).send();
        verify("").await.refused(409, "period_not_over");
        app.clock.advance_to(UtcInstant::parse("2026-06-30T16:00:00Z").unwrap());
        assert_eq!(verify("?before_its_end=x").await.is(200).value()["reason"], Value::Null);
    }

    async fn neither_the_reporter_nor_a_colleague_verifies(app: &TestApp) {
        let (buyer, org) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let project = delivering(app, &buyer, &org).await;
        let both = &[Role::OrgMember, Role::ThirdPartyEvaluator];
        let reporter = app.person_of(app.tenant, "Liang Mian", both, None, Some(org.organisation)).await;
        let colleague = app.person_of(app.tenant, "Tong Shi", &[Role::ThirdPartyEvaluator], None, Some(org.organisation)).await;
        let made = reporter.client.post(&format!("{project}/outcome-reports")).json(findings(app, &project, "2026").await).await.is(201);
        let report = made.header("location");
        for barred in [&reporter, &colleague] {
            let with = |verb: &str| barred.client.post(&format!("{report}/{verb}")).if_match(&made.etag());
            with("verification").send().await.refused(403, "duties_not_separate");
            with("return").json(json!({"reason": "改"})).await.refused(403, "duties_not_separate");
        }
        evidence(&org, &report).await;
        act(&verifier(app).await, &report, "verification", None).await;
    }

    async fn nobody_of_any_organisation_that_an_agreement_pays_verifies(app: &TestApp) {
        let (buyer, org, second, other) =
            (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await, supplier(app, "Qingmiao").await, supplier(app, "Hehua").await);
        let project = delivering(app, &buyer, &org).await;
        feed(app, &buyer, &project, second.organisation).await.unwrap();
        let made = org.admin.client.post(&format!("{project}/outcome-reports")).json(findings(app, &project, "2026").await).await.is(201);
        let report = made.header("location");
        evidence(&org, &report).await;
        let judges = &[Role::ThirdPartyEvaluator];
        let judge = async |name: &str, of: &Supplier| app.person_of(app.tenant, name, judges, None, Some(of.organisation)).await;
        for barred in [judge("Tong Shi", &org).await, judge("Huo Ban", &second).await] {
            let with = |verb: &str| barred.client.post(&format!("{report}/{verb}")).if_match(&made.etag());
            with("verification").send().await.refused(403, "duties_not_separate");
            with("return").json(json!({"reason": "改"})).await.refused(403, "duties_not_separate");
        }
        act(&judge("Pang Ren", &other).await, &report, "verification", None).await;
        // Nor does anybody of theirs agree that the period is opened again.
        act(&buyer.lead, &report, "reopening", Some(json!({"reason": "两张签到表重复计入，须更正服务人次。"}))).await;
        let partner = judge("Huo Ji", &second).await;
        let etag = partner.client.get(&report).send().await.is(200).etag();
        partner.client.post(&format!("{report}/reopening/agreement")).if_match(&etag).send().await.refused(403, "duties_not_separate");
    }

    async fn evidence_is_stored_once_and_given_only_to_those_who_may_see_it(app: &TestApp) {
        let (buyer, org, rival) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await, supplier(app, "Qingmiao").await);
        let (project, verifier) = (delivering(app, &buyer, &org).await, verifier(app).await);
        let made = org.member.client.post(&format!("{project}/outcome-reports")).json(findings(app, &project, "2026-03").await).await.is(201);
        let report = made.header("location");
        let path = format!("{report}/evidence?filename=%E7%AD%BE%E5%88%B0%E8%A1%A8.pdf");
        let pdf = b"%PDF-1.7 signed by twenty residents".to_vec();
        let upload = |person: &Person, path: &str| person.client.post(path).key("e1").body("application/octet-stream", pdf.clone()).send();
        app.public().post(&path).body("application/pdf", pdf.clone()).send().await.refused(401, "unauthenticated");
        upload(&rival.admin, &path).await.refused(404, "not_found");
        upload(&verifier, &path).await.refused(403, "forbidden");
        upload(&org.member, &format!("{report}/evidence?filename=..%2Fx.pdf")).await.refused(422, "invalid");
        upload(&org.member, &format!("{report}/evidence")).await.refused(422, "invalid");
        org.member.client.post(&path).body("application/pdf", "#!/bin/sh").send().await.refused(415, "document_type_not_allowed");
        let stored = upload(&org.member, &path).await.is(201);
        assert_eq!((stored.text_at("/filename").as_str(), stored.text_at("/media_type").as_str()), ("签到表.pdf", "application/pdf"));
        assert_eq!(upload(&org.member, &path).await.is(201).text, stored.text, "the same key adds it once");
        let read = verifier.client.get(&report).send().await.is(200);
        assert_eq!(read.text_at("/evidence/0/sha256"), stored.text_at("/sha256"));
        assert_ne!(read.etag(), made.etag(), "a cache must not hide the new file");
        let file = stored.header("location");
        for sighted in [&verifier, &buyer.purchaser, &org.admin] {
            let download = sighted.client.get(&file).send().await.is(200);
            assert_eq!(download.text.as_bytes(), pdf);
            assert!(download.header("content-disposition").starts_with("attachment; filename*=UTF-8''%E7%AD%BE"), "{download:?}");
            assert_eq!(download.header("x-content-type-options"), "nosniff");
            assert_eq!(download.header("cache-control"), "private, no-store");
        }
        app.public().get(&file).send().await.refused(401, "unauthenticated");
        rival.admin.client.get(&file).send().await.refused(404, "not_found");
        assert_eq!(logged(app, &file).await, 3, "it may name residents: each download is logged, and no refusal");
        act(&verifier, &report, "verification", None).await;
        assert_eq!(app.public().get(&report).send().await.is(200).value()["evidence"], json!([]), "residents' names stay inside");
        rival.admin.client.get(&file).send().await.refused(404, "not_found");
        upload(&org.admin, &path).await.refused(409, "wrong_state");
    }

    async fn a_project_is_linked_while_it_is_delivered_and_dropped_with_a_reason(app: &TestApp) {
        let (buyer, org) = (purchasing(app, "Yuehe").await, supplier(app, "Yinling").await);
        let early = proposed(&buyer).await;
        assert_eq!(feed(app, &buyer, &early, org.organisation).await, Err("wrong_state"));
        let project = delivering(app, &buyer, &org).await;
        let reports = format!("{project}/outcome-reports");
        let report = org.admin.client.post(&reports).json(findings(app, &project, "2026").await).await.is(201);
        let drop = |person: &Person, path: &str, reason: &str| {
            person.client.post(&format!("{path}/drop")).if_match("\"3\"").json(json!({"reason": reason}))
        };
        drop(&org.admin, &project, "不做了").await.refused(403, "forbidden");
        drop(&buyer.lead, &project, "").await.refused(422, "invalid");
        assert_eq!(drop(&buyer.lead, &project, "承接组织注销").await.is(200).text_at("/state"), "dropped");
        assert_eq!(feed(app, &buyer, &project, org.organisation).await, Err("wrong_state"));
        let judge = verifier(app).await;
        judge.client.post(&format!("{}/verification", report.header("location"))).if_match(&report.etag()).send().await.refused(409, "wrong_state");
        assert_eq!(app.public().get(&project).send().await.is(200).text_at("/state"), "dropped", "what was selected stays public");
        act(&buyer.lead, &early, "drop", Some(json!({"reason": "重复申报"}))).await;
        app.public().get(&early).send().await.refused(404, "not_found");
    }
}
