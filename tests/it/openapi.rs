//! The committed API document is what the handlers generate, and every operation in it is fully described and bounded.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// One operation of the document.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub value: Value,
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    pub fn secured(&self) -> bool {
        self.value["security"].as_array().is_some_and(|ways| ways.iter().all(|way| way != &serde_json::json!({})))
    }

    /// Roles that may; empty when the operation is for the public or for any signed-in account.
    pub fn roles(&self) -> Vec<&str> {
        let roles = self.value["x-roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
        roles.filter(|role| !role.contains(' ') && *role != "public").collect()
    }

    /// Names of the parameters in the path.
    pub fn path_parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }
}

pub fn document() -> Value {
    baiyi::app::openapi().unwrap()
}

pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            found.push(Operation { method: method.clone(), path: path.clone(), value: value.clone() });
        }
    }
    assert!(found.len() > 15, "the document is almost empty");
    found
}

#[test]
fn the_committed_document_is_what_the_handlers_generate() {
    let generated = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json")).unwrap_or_default();
    assert!(generated == committed, "openapi/openapi.json is not up to date: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn every_operation_says_what_it_does_who_may_and_what_can_go_wrong() {
    let faults: Vec<_> = operations(&document()).iter().flat_map(undescribed).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn operation_ids_are_unique() {
    let document = document();
    let all = operations(&document);
    let ids: BTreeSet<_> = all.iter().map(|operation| operation.value["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn everything_a_caller_may_send_is_bounded() {
    let document = document();
    let faults: Vec<_> = operations(&document).iter().flat_map(|operation| unbounded(&document, operation)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value, lost: &mut BTreeSet<String>) {
        if let Some(target) = value["$ref"].as_str()
            && document.pointer(target.trim_start_matches('#')).is_none()
        {
            lost.insert(format!("{target}: a type used only in a query needs #[param(inline)]"));
        }
        match value {
            Value::Object(fields) => fields.values().for_each(|field| walk(document, field, lost)),
            Value::Array(items) => items.iter().for_each(|item| walk(document, item, lost)),
            _ => {}
        }
    }
    let (document, mut lost) = (document(), BTreeSet::new());
    walk(&document, &document, &mut lost);
    assert_eq!(lost, BTreeSet::new());
    let broken = json!({"schema": {"$ref": "#/components/schemas/Lost"}});
    walk(&broken, &broken, &mut lost);
    assert_eq!(lost.len(), 1);
}

/// What the operation leaves unsaid.
fn undescribed(operation: &Operation) -> Vec<String> {
    let (name, value) = (operation.name(), &operation.value);
    let mut faults = Vec::new();
    let mut need = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{name}: {what}"));
        }
    };
    for text in ["summary", "description", "operationId"] {
        need(value[text].as_str().is_some_and(|text| !text.trim().is_empty()), text);
    }
    need(value["x-roles"].as_array().is_some_and(|roles| !roles.is_empty()), "x-roles");
    need(value["tags"].as_array().is_some_and(|tags| tags.len() == 1), "one tag");
    let answers = value["responses"].as_object().cloned().unwrap_or_default();
    need(answers.keys().any(|status| status.starts_with('2')), "an answer when all goes well");
    for (status, answer) in &answers {
        need(answer["description"].as_str().is_some_and(|text| !text.is_empty()), &format!("description of {status}"));
        let refused = status.starts_with('4') || status.starts_with('5');
        need(!refused || answer["content"].get("application/problem+json").is_some(), &format!("problem document of {status}"));
        for (media_type, content) in answer["content"].as_object().into_iter().flatten() {
            need(content.get("example").is_some(), &format!("example of {status} {media_type}"));
        }
    }
    for (media_type, content) in value["requestBody"]["content"].as_object().into_iter().flatten() {
        need(content.get("example").is_some(), &format!("example of the body {media_type}"));
    }
    let can = |status: &str| answers.contains_key(status);
    need(can("500") && can("503"), "500 and 503");
    need(!operation.secured() || can("401"), "401, since it needs a token");
    need(operation.roles().is_empty() || (operation.secured() && can("403")), "403 and a token, since it needs a role");
    need(operation.path_parameters().is_empty() || can("404"), "404, since the path names something");
    need(value.get("requestBody").is_none() || (can("413") && can("415") && can("422")), "413, 415 and 422, since it has a body");
    let if_match = value["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "If-Match" && p["required"] == true);
    need(if_match == can("428") && if_match == can("412"), "If-Match, 412 and 428 together");
    let changes = operation.method != "get";
    need(!(changes && operation.secured()) || value["x-action"].is_string(), "x-action, since a signed-in person changes something");
    let mut declared: Vec<&str> =
        value["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path").filter_map(|p| p["name"].as_str()).collect();
    let mut named = operation.path_parameters();
    declared.sort_unstable();
    named.sort_unstable();
    need(declared == named, "path parameters as in the path");
    faults
}

/// What a caller may send without bound.
fn unbounded(document: &Value, operation: &Operation) -> Vec<String> {
    let mut walk = Walk { document, faults: Vec::new(), open: Vec::new() };
    for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
        walk.schema(&parameter["schema"], &format!("{} ?{}", operation.name(), parameter["name"].as_str().unwrap_or_default()));
    }
    let body = &operation.value["requestBody"];
    for (media_type, content) in body["content"].as_object().into_iter().flatten() {
        if media_type == "application/json" {
            walk.schema(&content["schema"], &operation.name());
        } else if !body["description"].as_str().is_some_and(|text| text.contains("KiB") || text.contains("MiB")) {
            walk.faults.push(format!("{}: the body's description must name its limit in KiB or MiB", operation.name()));
        }
    }
    walk.faults
}

struct Walk<'a> {
    document: &'a Value,
    faults: Vec<String>,
    /// References being followed, so that a schema that holds itself ends.
    open: Vec<String>,
}

impl Walk<'_> {
    fn schema(&mut self, schema: &Value, place: &str) {
        if let Some(target) = schema["$ref"].as_str() {
            if !self.open.iter().any(|open| open == target) {
                self.open.push(target.to_owned());
                let found = self.document.pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null);
                self.schema(found, place);
                self.open.pop();
            }
            return;
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            for part in schema[key].as_array().into_iter().flatten() {
                self.schema(part, place);
            }
        }
        let is = |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind));
        if is("string") && !string_is_bounded(schema) {
            self.faults.push(format!("{place}: a string without maxLength"));
        }
        if is("array") {
            if !schema["maxItems"].is_u64() {
                self.faults.push(format!("{place}: an array without maxItems"));
            }
            self.schema(&schema["items"], &format!("{place}/0"));
        }
        if is("object") && schema["additionalProperties"] != false {
            self.faults.push(format!("{place}: an object that takes unknown fields"));
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            self.schema(property, &format!("{place}/{name}"));
        }
    }
}

fn string_is_bounded(schema: &Value) -> bool {
    let form = schema["format"].as_str().is_some_and(|format| matches!(format, "uuid" | "date" | "date-time"));
    let pattern =
        schema["pattern"].as_str().is_some_and(|p| p.starts_with('^') && p.ends_with('$') && !p.contains(['*', '+']) && !p.contains(",}"));
    schema["maxLength"].is_u64() || schema["enum"].is_array() || schema.get("const").is_some() || form || pattern
}

fn operation(method: &str, path: &str, value: Value) -> Operation {
    Operation { method: method.to_owned(), path: path.to_owned(), value }
}

#[test]
fn an_operation_that_leaves_something_unsaid_is_named() {
    let good = operations(&document()).into_iter().find(|one| one.name() == "PATCH /api/v1/areas/{area_id}").unwrap();
    assert_eq!(undescribed(&good), [""; 0]);
    for missing in [
        "/summary",
        "/description",
        "/operationId",
        "/x-roles",
        "/tags",
        "/responses/200",
        "/responses/401",
        "/responses/403",
        "/responses/404",
        "/responses/412",
        "/responses/413",
        "/responses/428",
        "/responses/500",
        "/x-action",
        "/security",
        "/parameters",
        "/requestBody/content/application~1json/example",
        "/responses/200/content/application~1json/example",
    ] {
        let mut broken = operation("patch", &good.path, good.value.clone());
        let (holder, key) = missing.rsplit_once('/').unwrap();
        broken
            .value
            .pointer_mut(holder)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(&key.replace("~1", "/"))
            .unwrap_or_else(|| panic!("no {missing}"));
        assert!(!undescribed(&broken).is_empty(), "{missing} is not missed");
    }
}

#[test]
fn an_unbounded_string_or_array_is_named_wherever_it_hides() {
    let document = json!({"components": {"schemas": {
        "Free": {"type": "string"},
        "Loop": {"type": "object", "additionalProperties": false, "properties": {"again": {"$ref": "#/components/schemas/Loop"}, "note": {"$ref": "#/components/schemas/Free"}}},
    }}});
    let named = |schema: Value| {
        let value = json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
        unbounded(&document, &operation("post", "/x", value))
    };
    for bounded in [
        json!({"type": "string", "maxLength": 3}),
        json!({"type": ["string", "null"], "format": "uuid"}),
        json!({"type": "string", "enum": ["a"]}),
        json!({"type": "string", "pattern": "^[0-9]{2}$"}),
        json!({"type": "array", "maxItems": 2, "items": {"type": "integer"}}),
    ] {
        assert_eq!(named(bounded), [""; 0]);
    }
    for (free, place) in [
        (json!({"$ref": "#/components/schemas/Free"}), "POST /x:"),
        (json!({"$ref": "#/components/schemas/Loop"}), "POST /x/note:"),
        (json!({"oneOf": [{"type": "null"}, {"type": "string", "format": "email"}]}), "POST /x:"),
        (json!({"type": "string", "pattern": "^[0-9]+$"}), "POST /x:"),
        (json!({"type": "array", "maxItems": 2, "items": {"type": "string"}}), "POST /x/0:"),
        (json!({"type": "array", "items": {"type": "integer"}}), "POST /x:"),
        (json!({"type": "object", "properties": {}}), "POST /x:"),
    ] {
        let faults = named(free);
        assert!(faults.len() == 1 && faults[0].starts_with(place), "{faults:?}");
    }
    let query = operation("get", "/x", json!({"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]}));
    assert_eq!(unbounded(&document, &query).len(), 1);
    let table = operation(
        "post",
        "/x",
        json!({"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A table"}}),
    );
    assert_eq!(unbounded(&document, &table).len(), 1);
}
