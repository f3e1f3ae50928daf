//! An auditor sees the units and years that the audit office's notice names, on the days that it names, and nothing else that is not public.

use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::CaseId;
use baiyi::people::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::money::filled_fund;
use crate::support::chain::{APPROPRIATED, Awarded, act, award, awarded, purchasing, run_sql, supplier};
use crate::support::{Client, Person, TestApp, on_both};

/// An auditor without a notice.
async fn auditor(app: &TestApp) -> Person {
    let person = app.person("Shen Xun", &[Role::Auditor]).await;
    app.meddle();
    run_sql(app, vec![format!("DELETE FROM audit_notices WHERE auditor_id = '{}'", person.account)]).await;
    person
}

fn notice(auditor: &Person, units: &[String]) -> Value {
    json!({"number": "吴审通〔2026〕12号", "subject": "政府购买服务专项审计", "auditor_id": auditor.account, "unit_ids": units, "from_year": 2026,
        "to_year": 2026, "valid_from": "2026-03-02", "valid_until": "2026-03-31"})
}

async fn listed(client: &Client, path: &str) -> usize {
    client.get(path).send().await.is(200).value()["items"].as_array().unwrap().len()
}

on_both! {
    async fn an_auditor_sees_the_units_and_years_of_its_notice_and_no_others(app: &TestApp) {
        let case = awarded(app).await;
        let ours = case.drafted(app).await;
        // A second unit of the same district.
        let other = purchasing(app, "Feiying").await;
        let payee = supplier(app, "Qingmiao").await;
        let fund = filled_fund(&other.finance.client, other.unit, APPROPRIATED).await;
        let id = CaseId::new(Uuid::now_v7());
        let (reservation, won) = award(app, &other, &payee, fund, id).await;
        let theirs = Awarded { buyer: other, supplier: payee, auditor: app.person("Shen Ji Er", &[Role::Auditor]).await, case: id, fund, reservation,
            source: baiyi::delivery::agreements::Source::Reservation(reservation), award: won };
        let foreign = theirs.drafted(app).await;

        let (admin, auditor) = (app.person("Guan Li", &[Role::PlatformAdmin]).await, auditor(app).await);
        let case_file = format!("/api/v1/cases/{}", case.case);
        let client = &auditor.client;
        for closed in [&ours, &foreign, &case_file] {
            client.get(closed).send().await.refused(404, "not_found");
        }
        assert_eq!(listed(client, "/api/v1/contracts").await, 0);
        client.get("/api/v1/reports/funding?year=2026").send().await.refused(403, "forbidden");

        let made = admin.client.post("/api/v1/audit-notices").json(notice(&auditor, &[case.buyer.unit.to_string()])).await.is(201);
        for open in [&ours, &case_file] {
            client.get(open).send().await.is(200);
        }
        client.get(&foreign).send().await.refused(404, "not_found");
        client.get(&format!("/api/v1/cases/{}", theirs.case)).send().await.refused(404, "not_found");
        assert_eq!(listed(client, "/api/v1/contracts").await, 1);
        let report = client.get("/api/v1/reports/funding?year=2026").send().await.is(200);
        assert!(report.text.contains(&case.buyer.unit.to_string()) && !report.text.contains(&theirs.buyer.unit.to_string()), "{}", report.text);
        for closed in ["/api/v1/reports/funding?year=2025", "/api/v1/reports/funding", "/api/v1/reports/contracts/file?format=csv&year=2025"] {
            client.get(closed).send().await.refused(403, "forbidden");
        }
        // A case of another year than the notice's.
        run_sql(app, vec![format!("UPDATE tenders SET created_at = '2025-12-31 15:59:59' WHERE case_id = '{}'", case.case)]).await;
        client.get(&case_file).send().await.refused(404, "not_found");
        run_sql(app, vec![format!("UPDATE tenders SET created_at = '2025-12-31 16:00:00' WHERE case_id = '{}'", case.case)]).await;
        client.get(&case_file).send().await.is(200);
        // A draft and the books of a fund of another year.
        for (instant, seen) in [("2025-12-31 15:59:59", false), ("2025-12-31 16:00:00", true)] {
            run_sql(app, vec![format!("UPDATE contracts SET created_at = '{instant}' WHERE case_id = '{}'", case.case)]).await;
            let read = client.get(&ours).send().await;
            assert_eq!((read.status, listed(client, "/api/v1/contracts").await), if seen { (200, 1) } else { (404, 0) }, "{instant}");
        }
        let books = format!("/api/v1/funds/{}/postings", case.fund);
        for (year, status) in [(2025, 403), (2026, 200)] {
            run_sql(app, vec![format!("UPDATE funds SET year = {year} WHERE id = '{}'", case.fund)]).await;
            client.get(&books).send().await.is(status);
        }
        // Its last day, and the day after.
        app.clock.advance_to(UtcInstant::parse("2026-03-31T15:59:59Z").unwrap());
        client.get(&ours).send().await.is(200);
        app.clock.advance_to(UtcInstant::parse("2026-03-31T16:00:00Z").unwrap());
        client.get(&ours).send().await.refused(404, "not_found");
        // A second one for the whole district, ended before its time.
        let mut whole = notice(&auditor, &[]);
        (whole["number"], whole["valid_until"]) = (json!("吴审通〔2026〕13号"), json!("2026-12-31"));
        let second = admin.client.post("/api/v1/audit-notices").json(whole).await.is(201);
        client.get(&foreign).send().await.is(200);
        assert_eq!(listed(client, "/api/v1/audit-notices").await, 2);
        let path = format!("/api/v1/audit-notices/{}/end", second.text_at("/id"));
        client.post(&path).if_match("\"1\"").send().await.refused(403, "forbidden");
        admin.client.post(&path).if_match("\"1\"").send().await.is(200);
        client.get(&foreign).send().await.refused(404, "not_found");
        admin.client.post(&path).if_match("\"2\"").send().await.refused(409, "wrong_state");
        assert_eq!(made.text_at("/state"), "open");
    }

    async fn a_notice_names_an_auditor_of_the_district_its_units_and_a_number_once(app: &TestApp) {
        let case = awarded(app).await;
        let (admin, auditor) = (app.person("Guan Li", &[Role::PlatformAdmin]).await, auditor(app).await);
        let issue = |client: &Client, body: Value| client.post("/api/v1/audit-notices").json(body);
        let good = notice(&auditor, &[case.buyer.unit.to_string()]);
        for (person, code) in [(&case.buyer.purchaser, "forbidden"), (&auditor, "forbidden"), (&case.supplier.admin, "forbidden")] {
            issue(&person.client, good.clone()).await.refused(403, code);
        }
        let wrong = |key: &str, value: Value| { let mut body = good.clone(); body[key] = value; body };
        for (key, value) in [("auditor_id", json!(case.buyer.finance.account)), ("unit_ids", json!([Uuid::now_v7()])), ("to_year", json!(2025)),
            ("valid_until", json!("2026-03-01")), ("number", json!(" "))] {
            assert_eq!(issue(&admin.client, wrong(key, value)).await.refused(422, "invalid").bad_fields(), [format!("/{key}")], "{key}");
        }
        issue(&admin.client, good.clone()).await.is(201);
        assert_eq!(issue(&admin.client, good).await.refused(422, "invalid").bad_fields(), ["/number"]);
        case.buyer.lead.client.get("/api/v1/audit-notices").send().await.refused(403, "forbidden");
        // Who audits and administers does not open the district to itself.
        let both = app.person("Guan Shen", &[Role::PlatformAdmin, Role::Auditor]).await;
        issue(&both.client, notice(&both, &[])).await.refused(403, "duties_not_separate");
        act(&case.buyer.finance, &case.drafted(app).await, "approval", None).await;
    }
}
