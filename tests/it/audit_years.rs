//! What an auditor reads beyond what everybody reads is of the years of its notice: held against every reading of the API document, so that a new one is
//! tested without being listed.

use std::collections::BTreeSet;

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::denial::Fixture;
use crate::openapi::{Operation, document, operations};
use crate::support::chain::run_sql;
use crate::support::http::Answer;
use crate::support::{Client, TestApp, on_both};

/// Readings of what is of no year: files of people, units and organisations, their standing, the keys of openers, the log of readings, whether the books hold.
/// An auditor with any notice of the district reads them, and everybody reads of itself.
const OF_NO_YEAR: &[&str] = &[
    "/account-recoveries",
    "/accounts",
    "/audit-notices",
    "/directory-applications/{application_id}",
    "/ledger/integrity",
    "/me",
    "/opener-keys",
    "/opener-keys/{opener_key_id}",
    "/organisation-records/{record_id}",
    "/organisation-records/{record_id}/scan",
    "/organisations/{organisation_id}/bank-accounts",
    "/organisations/{organisation_id}/declarations",
    "/organisations/{organisation_id}/file",
    "/organisations/{organisation_id}/profile",
    "/organisations/{organisation_id}/records",
    "/organisations/{organisation_id}/relations",
    "/organisations/{organisation_id}/signing-keys",
    "/readings",
    "/sessions",
    "/social-workers/{worker_id}",
    "/standings",
    "/units/{unit_id}/posts",
];

/// An auditor whose one notice is for the whole district and these years; without years there is no notice.
async fn auditor_of(app: &TestApp, admin: &Client, name: &str, years: Option<(i32, i32)>) -> Client {
    let person = app.person(name, &[Role::Auditor]).await;
    app.meddle();
    run_sql(app, vec![format!("DELETE FROM audit_notices WHERE auditor_id = '{}'", person.account)]).await;
    if let Some((from, to)) = years {
        let notice = json!({"number": format!("吴审通〔2026〕{name}"), "subject": "政府购买服务专项审计", "auditor_id": person.account, "unit_ids": [],
            "from_year": from, "to_year": to, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        admin.post("/api/v1/audit-notices").json(notice).await.is(201);
    }
    person.client
}

/// The operation's path with its parameters and those of its question that it cannot do without.
fn question(operation: &Operation, fixture: &Fixture) -> String {
    let parameters = operation.value["parameters"].as_array().into_iter().flatten();
    let needed = parameters.filter(|one| one["in"] == "query" && one["required"] == true);
    let pairs: Vec<String> = needed
        .map(|one| {
            let name = one["name"].as_str().unwrap();
            let example = one["example"].as_str().map_or_else(|| one["example"].to_string(), str::to_owned);
            format!("{name}={}", fixture.ids.get(name).unwrap_or(&example))
        })
        .collect();
    format!("{}?{}", fixture.path(operation), pairs.join("&"))
}

/// What of an answer does not depend on when and by whom it was asked.
fn gist(answer: &Answer) -> (u16, Value) {
    let body = if answer.status == 200 { serde_json::from_str(&answer.text).unwrap_or_else(|_| json!(answer.text)) } else { Value::Null };
    (answer.status, body)
}

on_both! {
    async fn beyond_what_everybody_reads_an_auditor_reads_the_years_of_its_notice(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let admin = app.person("Guan San", &[Role::PlatformAdmin]).await.client;
        let without = auditor_of(app, &admin, "Shen Wu", None).await;
        let earlier = auditor_of(app, &admin, "Shen Qian", Some((2024, 2025))).await;
        let present = auditor_of(app, &admin, "Shen Jin", Some((2026, 2026))).await;
        let (mut faults, mut opened, mut of_no_year) = (Vec::new(), 0, BTreeSet::new());
        let document = document();
        for operation in operations(&document).iter().filter(|one| one.method == "get" && one.path.starts_with("/api/")) {
            let path = question(operation, &fixture);
            let closed = gist(&without.get(&path).send().await);
            if gist(&present.get(&path).send().await) == closed {
                continue;
            }
            opened += 1;
            let found = gist(&earlier.get(&path).send().await);
            let nothing = found.1["items"].as_array().is_some_and(Vec::is_empty);
            if found == closed || nothing {
                continue;
            }
            match OF_NO_YEAR.iter().find(|one| operation.path == format!("/api/v1{one}")) {
                Some(one) => drop(of_no_year.insert(*one)),
                None => faults.push(format!("{path}: {} {}", found.0, found.1)),
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert_eq!(of_no_year.len(), OF_NO_YEAR.len(), "of no year is {of_no_year:?} only");
        assert!(opened > 40, "a notice opened {opened} readings only");
    }
}
