//! What somebody with bad intentions tries: roles kept after they were taken, fields nobody offered, formulas in a table, files that are not what they say.

use std::collections::BTreeSet;

use baiyi::app::ACTIONS;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::denial::{Fixture, journal_length};
use crate::money::filled_fund;
use crate::openapi::{Operation, document, operations};
use crate::support::chain::run_sql;
use crate::support::http::Answer;
use crate::support::neighbours::{Neighbours, bodies};
use crate::support::{Client, TestApp, on_both};

/// A field that no operation offers.
const STRANGER: &str = "no_such_field";

/// Sends a body to an operation, naming the version that is there when one must be named.
async fn send(person: &Client, operation: &Operation, path: &str, body: &Value) -> Answer {
    let call = || person.call(&operation.method.to_uppercase(), path);
    let answer = call().json(body.clone()).await;
    if answer.status != 428 {
        return answer;
    }
    for version in 0..30 {
        let answer = call().if_match(&format!("\"{version}\"")).json(body.clone()).await;
        if answer.status != 412 {
            return answer;
        }
    }
    answer
}

/// Whether the refusal names the stranger.
fn names_the_stranger(answer: &Answer) -> bool {
    answer.status == 422 && answer.bad_fields().iter().any(|pointer| pointer == &format!("/{STRANGER}"))
}

fn taking(media: fn(&str) -> bool) -> Vec<Operation> {
    let document = document();
    let takes = |one: &Operation| one.value["requestBody"]["content"].as_object().is_some_and(|kinds| kinds.keys().any(|kind| media(kind)));
    operations(&document).into_iter().filter(takes).collect()
}

/// Whether the operation is legal only in some states, so that what is done already cannot reach its body.
fn depends_on_a_state(operation: &Operation) -> bool {
    let name = operation.value["x-action"].as_str().unwrap_or_default();
    ACTIONS.iter().flat_map(|table| table.iter()).any(|action| action.name == name && !action.states.is_empty())
}

/// Whether a text is an id, whatever its field is called.
fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 36 && uuid::Uuid::parse_str(text).is_ok())
}

/// Pointers of the ids in a body.
fn ids_in(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let pointer = format!("{at}/{name}");
                match inner {
                    Value::String(_) if name.ends_with("_id") || is_id(inner) => found.push(pointer),
                    Value::Array(items) if name.ends_with("_ids") || items.iter().any(is_id) => {
                        found.extend((0..items.len()).map(|index| format!("{pointer}/{index}")))
                    }
                    _ => ids_in(inner, &pointer, found),
                }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, inner)| ids_in(inner, &format!("{at}/{index}"), found)),
        _ => {}
    }
}

/// Names of the ids that a body may hold by its schema.
fn ids_by_schema(document: &Value, schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        if name.ends_with("_id") || name.ends_with("_ids") {
            found.insert(name.clone());
        }
        found.extend(ids_by_schema(document, inner));
    }
    let parts = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|way| schema[way].as_array()).flatten();
    let named = schema["$ref"].as_str().and_then(|target| document.pointer(target.trim_start_matches('#')));
    for part in parts.chain(schema.get("items")).chain(named) {
        found.extend(ids_by_schema(document, part));
    }
    found
}

/// Name of the field that a pointer ends in, also when it is a list.
fn field_of(place: &str) -> &str {
    place.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default()
}

/// Ids that name no row of a district, so that one is as good as another, and why.
const OF_NO_DISTRICT: &[&str] = &[
    // A need is written down outside the platform; the plan repeats whatever id it has there.
    "need_id",
];

/// Parameters that a question needs besides `name`, with the values of the document.
fn other_parameters(asked: &[&Value], name: &str) -> String {
    let needed = asked.iter().filter(|one| one["required"] == true && one["name"] != name);
    let value = |one: &Value| one["example"].as_str().or(one["schema"]["enum"][0].as_str()).unwrap_or_default().to_owned();
    needed.map(|one| format!("&{}={}", one["name"].as_str().unwrap_or_default(), value(one))).collect()
}

/// JSON operations whose body cannot be reached with what the fixture holds, and why.
const NOT_REACHED: &[&str] = &[
    // The account of the path is no member of the panel.
    "POST /api/v1/lots/{lot_id}/panel/members/{account_id}/departure",
    // No factor waits to be confirmed, which is told before the code is read.
    "POST /api/v1/me/second-factor/confirmation",
    // For those whom the ceremony names, and this one was given up before it named anybody.
    "POST /api/v1/opener-ceremonies/{ceremony_id}/package",
    "POST /api/v1/opener-ceremonies/{ceremony_id}/shares",
    "POST /api/v1/opener-ceremonies/{ceremony_id}/signature",
];

/// Uploads that take more than a document; their own stories send them too much.
const TAKES_LARGE_FILES: &[&str] = &["POST /api/v1/lots/{lot_id}/bid-attachments"];

fn cells_of_csv(text: &str) -> Vec<String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Texts of a workbook, with the characters that XML or the workbook escapes as they are.
fn cells_of_xlsx(bytes: &[u8]) -> Vec<String> {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    assert!(!read("xl/worksheets/sheet1.xml").contains("<f>"), "a formula in the workbook");
    let shared = read("xl/sharedStrings.xml");
    let texts = shared.split("<t").skip(1).filter_map(|part| part.split_once('>')?.1.split_once("</t>"));
    texts.map(|(text, _)| text.replace("&apos;", "'").replace("&#39;", "'").replace("_x000D_", "\r").replace("_x0009_", "\t")).collect()
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

    async fn not_even_the_administrator_says_what_it_may_do_itself(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await;
        let second = app.person("Guan Er", &[Role::PlatformAdmin]).await.client;
        let path = format!("/api/v1/accounts/{}", keeper.account);
        for change in [json!({"roles": ["platform_admin", "supervisor"]}), json!({"state": "suspended"})] {
            keeper.client.patch(&path).if_match("\"1\"").json(change).await.refused(403, "duties_not_separate");
        }
        assert_eq!(keeper.client.get("/api/v1/me").send().await.is(200).value()["roles"], json!(["platform_admin"]));
        second.patch(&path).if_match("\"1\"").json(json!({"roles": ["platform_admin", "supervisor"]})).await.is(200);
    }

    async fn a_field_that_nobody_offered_is_refused_by_name(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let (mut refused, mut faults) = (0, Vec::new());
        let body = json!({STRANGER: "0192f0c1-7a10-7000-8000-000000000001"});
        let before = journal_length(app).await;
        for operation in taking(|kind| kind == "application/json") {
            let path = fixture.path(&operation);
            let (mut named, mut over, mut told) = (false, false, Vec::new());
            for person in fixture.people.iter().rev() {
                let answer = send(person, &operation, &path, &body).await;
                if names_the_stranger(&answer) {
                    named = true;
                    break;
                }
                over |= answer.status == 409;
                let done = over && depends_on_a_state(&operation);
                told.push(format!("{} {}", answer.status, answer.text));
                if answer.status < 300 || answer.status >= 500 {
                    faults.push(format!("{}: {}", operation.name(), told.join("\n    ")));
                    break;
                }
                if done {
                    break;
                }
            }
            refused += usize::from(named);
            let unreached = NOT_REACHED.contains(&operation.name().as_str()) || (over && depends_on_a_state(&operation));
            if !named && !unreached {
                faults.push(format!("{}: {}", operation.name(), told.join("\n    ")));
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(refused >= 90, "only {refused} operations were reached");
        assert_eq!(journal_length(app).await, before, "a refusal changes nothing");
    }

    async fn ids_of_another_district_are_refused_wherever_a_body_names_one(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let neighbours = Neighbours::of(app, &fixture).await;
        let (document, before) = (document(), journal_length(app).await);
        let (mut tried, mut faults, mut cases, mut named) = (0, Vec::new(), BTreeSet::new(), BTreeSet::new());
        for operation in taking(|kind| kind == "application/json") {
            let path = fixture.path(&operation);
            let mut untried = ids_by_schema(&document, &operation.value["requestBody"]["content"]["application/json"]["schema"]);
            for mut body in bodies(&operation) {
                let mut places = Vec::new();
                ids_in(&body, "", &mut places);
                // Everything else is of this district.
                for place in &places {
                    if let (Some(id), Some(target)) = (neighbours.own(&operation.path, field_of(place)), body.pointer_mut(place)) {
                        *target = json!(id);
                    }
                }
                for place in &places {
                    let (field, case) = (field_of(place), format!("{} {place}", operation.name()));
                    untried.remove(field);
                    if OF_NO_DISTRICT.contains(&field) {
                        continue;
                    }
                    let Some(id) = neighbours.foreign(&operation.path, field) else {
                        faults.push(format!("{case}: the neighbours have no row of this kind"));
                        continue;
                    };
                    let mut with = body.clone();
                    *with.pointer_mut(place).unwrap() = json!(id);
                    cases.insert(case.clone());
                    for person in &fixture.people {
                        tried += 1;
                        let answer = send(person, &operation, &path, &with).await;
                        if !(400..500).contains(&answer.status) {
                            faults.push(format!("{case}: {} {}", answer.status, answer.text));
                            break;
                        }
                        // Told that it is this id which is wrong. Whoever is refused for something else leaves the question to the next.
                        if answer.status == 422 && answer.bad_fields().iter().any(|bad| !bad.is_empty() && place.starts_with(bad.as_str())) {
                            named.insert(case);
                            break;
                        }
                    }
                }
            }
            faults.extend(untried.iter().map(|field| format!("{}: no body is sent with {field}", operation.name())));
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(tried > 100, "only {tried} were tried");
        let silent: Vec<_> = cases.difference(&named).collect();
        assert!(named.len() >= 40, "only {} ids were refused by name; refused for something else first: {silent:#?}", named.len());
        assert_eq!(journal_length(app).await, before, "a refusal changes nothing");
        neighbours.leave(app).await;
    }

    async fn ids_of_another_district_find_nothing_in_a_question(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let neighbours = Neighbours::of(app, &fixture).await;
        let (document, before) = (document(), journal_length(app).await);
        let (mut tried, mut faults) = (0, Vec::new());
        for operation in &operations(&document) {
            let parameters = operation.value["parameters"].as_array().into_iter().flatten();
            let asked: Vec<&Value> = parameters.filter(|one| one["in"] == "query").collect();
            let body = operation.value["requestBody"]["content"].as_object().and_then(|kinds| kinds.iter().next());
            for name in asked.iter().filter_map(|one| one["name"].as_str()).filter(|name| name.ends_with("_id") || name.ends_with("_ids")) {
                let Some(id) = neighbours.foreign(&operation.path, name) else {
                    faults.push(format!("{} ?{name}: the neighbours have no row of this kind", operation.name()));
                    continue;
                };
                let path = format!("{}?{name}={id}{}", fixture.path(operation), other_parameters(&asked, name));
                for person in &fixture.people {
                    tried += 1;
                    let call = person.call(&operation.method.to_uppercase(), &path);
                    let answer = match body {
                        Some((kind, content)) => call.body(kind, content["example"].as_str().unwrap_or_default().to_owned()).send().await,
                        None => call.send().await,
                    };
                    // Whoever sees only what is its own sees that; nothing of the other district is in it.
                    let shown = answer.text.contains(&format!("id\":\"{id}\"")) || neighbours.shown_in(&answer.text);
                    let own = operation.method == "get" && answer.status == 200 && !shown;
                    if !own && !(400..500).contains(&answer.status) {
                        faults.push(format!("{} {path}: {} {}", operation.method, answer.status, answer.text));
                        break;
                    }
                }
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(tried > 20, "only {tried} were tried");
        assert_eq!(journal_length(app).await, before, "a question changes nothing");
        neighbours.leave(app).await;
    }

    async fn a_child_of_another_is_not_found_under_ones_own_parent(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let document = document();
        let (mut tried, mut faults) = (0, Vec::new());
        let before = journal_length(app).await;
        for operation in operations(&document) {
            let parameters = operation.path_parameters();
            let ([_, child], true) = (&parameters[..], operation.path.ends_with('}')) else { continue };
            if !child.ends_with("_id") {
                continue;
            }
            let own = &fixture.ids[*child];
            // Living ones of the same kind that lie elsewhere, and one that is nowhere.
            let others = ["document_id", "tender_document_id", "attachment_id", "tender_id"].map(|name| fixture.ids[name].clone());
            for id in others.into_iter().chain([uuid::Uuid::now_v7().to_string()]).filter(|id| id != own) {
                let path = fixture.path(&operation).replace(own.as_str(), &id);
                for person in &fixture.people {
                    tried += 1;
                    let answer = person.call(&operation.method.to_uppercase(), &path).send().await;
                    if ![401, 403, 404].contains(&answer.status) {
                        faults.push(format!("{} {path}: {} {}", operation.method, answer.status, answer.text));
                        break;
                    }
                }
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
        assert!(tried > 50, "only {tried} were tried");
        assert_eq!(journal_length(app).await, before, "a refusal changes nothing");
    }

    async fn every_upload_refuses_what_is_too_large_and_what_is_no_document(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        let mut faults = Vec::new();
        let uploads = taking(|kind| kind == "application/octet-stream");
        assert!(uploads.len() >= 7, "{}", uploads.len());
        for operation in uploads.iter().filter(|one| !TAKES_LARGE_FILES.contains(&one.name().as_str())) {
            let purpose = if operation.path.contains("/contracts/") { "stamped_contract" } else { "minutes" };
            let asks_purpose = operation.value["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "purpose");
            let purpose = if asks_purpose { format!("&purpose={purpose}") } else { String::new() };
            let path = format!("{}?filename=a.pdf{purpose}", fixture.path(operation));
            for (bytes, expected) in [(vec![b'%'; 20 * 1024 * 1024 + 1], 413), (b"MZ\x90\x00 a program".to_vec(), 415)] {
                let mut told = Vec::new();
                for person in fixture.people.iter().rev() {
                    let answer = person.post(&path).body("application/octet-stream", bytes.clone()).send().await;
                    told.push(format!("{} {}", answer.status, answer.text));
                    if answer.status == expected || answer.status < 300 {
                        break;
                    }
                }
                let last = told.last().cloned().unwrap_or_default();
                let over = told.iter().any(|one| one.starts_with("409")) && depends_on_a_state(operation);
                if !last.starts_with(&expected.to_string()) && !over {
                    faults.push(format!("{} {expected}: {}", operation.name(), told.join("\n    ")));
                }
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }

    async fn whatever_begins_a_formula_is_text_in_every_table(app: &TestApp) {
        let fixture = Fixture::of(app).await;
        // Some of these never come through a body: they are put behind it, as an import or an older version may have left them.
        app.meddle();
        let tables: Vec<Operation> = operations(&document()).into_iter().filter(|one| one.path.ends_with("/file") && one.value["parameters"].to_string().contains("\"format\"")).collect();
        assert!(tables.len() >= 4, "{}", tables.len());
        for lead in ["=", "+", "-", "@", "\t", "\r"] {
            let evil = format!("{lead}1+1");
            let columns = [("units", "name_zh"), ("organisations", "name_zh"), ("contracts", "title"), ("projects", "name_zh"), ("bank_accounts", "holder")];
            run_sql(app, columns.map(|(table, column)| format!("UPDATE {table} SET {column} = '{evil}' || CAST(id AS TEXT)")).to_vec()).await;
            for operation in &tables {
                for format in ["csv", "xlsx"] {
                    let path = format!("{}?format={format}&unit_id={}", operation.path, fixture.ids["unit_id"]);
                    let mut answers = Vec::new();
                    for person in fixture.people.iter().rev() {
                        answers.push(person.get(&path).send().await);
                        if answers.last().is_some_and(|answer| answer.status == 200) {
                            break;
                        }
                    }
                    let answer = answers.pop().unwrap();
                    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                    let cells = if format == "csv" { cells_of_csv(&answer.text) } else { cells_of_xlsx(&answer.bytes) };
                    // Nothing waits for the bank any more, so that its file has no name in it. In a workbook a text is one by its type.
                    let begins = |with: &str| cells.iter().any(|cell| cell.starts_with(with));
                    let there = if format == "csv" { begins(&format!("'{evil}")) } else { cells.iter().any(|cell| cell.contains("1+1")) };
                    assert!(there || !path.contains("/reports/"), "{path} {evil:?}: {cells:?}");
                    assert!(format == "xlsx" || !begins(&evil), "{path} {evil:?}: {cells:?}");
                }
            }
        }
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
