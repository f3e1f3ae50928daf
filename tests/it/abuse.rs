//! What somebody with bad intentions tries: roles kept after they were taken, fields nobody offered, formulas in a table, files that are not what they say.

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::money::filled_fund;
use crate::openapi::{document, operations};
use crate::support::http::Answer;
use crate::support::{TestApp, on_both};

/// Bodies of JSON, by operation.
fn json_operations() -> Vec<(String, String)> {
    let document = document();
    let takes_json = |value: &Value| value["requestBody"]["content"].get("application/json").is_some();
    let plain = |path: &str| !path.contains('{');
    let found = operations(&document);
    found.iter().filter(|one| takes_json(&one.value) && plain(&one.path)).map(|one| (one.method.to_uppercase(), one.path.clone())).collect()
}

fn names_the_stranger(answer: &Answer) -> bool {
    answer.status == 422 && answer.bad_fields().iter().any(|pointer| pointer.starts_with("/tenant_id"))
}

on_both! {
    async fn a_role_that_is_taken_away_is_gone_in_the_running_session(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let person = app.person("Bian Mu", &[Role::CatalogueEditor, Role::Auditor]).await;
        person.client.get("/api/v1/readings").send().await.is(200);
        let path = format!("/api/v1/accounts/{}", person.account);
        keeper.patch(&path).if_match("\"1\"").json(json!({"roles": ["catalogue_editor"]})).await.is(200);
        person.client.get("/api/v1/readings").send().await.refused(403, "forbidden");
        keeper.patch(&path).if_match("\"2\"").json(json!({"roles": ["catalogue_editor", "auditor"]})).await.is(200);
        person.client.get("/api/v1/readings").send().await.is(200);
        // Nobody gives itself a role.
        person.client.patch(&path).if_match("\"3\"").json(json!({"roles": ["platform_admin"]})).await.refused(403, "forbidden");
    }

    async fn a_field_that_nobody_offered_is_refused_by_name(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let (mut refused, mut faults) = (0, Vec::new());
        for (method, path) in json_operations() {
            let answer = keeper.call(&method, &path).json(json!({"tenant_id": "0192f0c1-7a10-7000-8000-000000000001"})).await;
            match answer.status {
                // Not this person's to do, not in this state, without a version, or its bucket of attempts is empty: nothing was read.
                401 | 403 | 404 | 409 | 428 | 429 => {}
                422 if names_the_stranger(&answer) => refused += 1,
                _ => faults.push(format!("{method} {path}: {} {}", answer.status, answer.text)),
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(refused >= 5, "only {refused} operations were reached");
    }

    async fn a_name_that_is_a_formula_is_text_in_every_table(app: &TestApp) {
        let unit = crate::money::unit(app, app.tenant, "=HYPERLINK(\"http://evil.example\")街道").await;
        let finance = app.person_of(app.tenant, "Cai Wu", &[Role::FinanceOfficer], Some(unit), None).await.client;
        filled_fund(&finance, unit, 100).await;
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        let csv = auditor.get("/api/v1/reports/funding/file?format=csv").send().await.is(200).text;
        assert!(csv.contains("'=HYPERLINK"), "{csv}");
        assert!(!csv.lines().any(|line| line.split(',').any(|cell| cell.trim_matches('"').starts_with('='))), "{csv}");
    }
}
