//! Finishes the OpenAPI document that the handlers generate: roles, headers, errors and examples follow from what each handler declares.

use serde_json::{Map, Value, json};

use super::call::IDEMPOTENCY_KEY_MAX;
use super::example;
use super::problem::ProblemTable;
use crate::kernel::Problem;

/// The schema of a body that is a file's bytes.
pub struct Octets;

impl utoipa::PartialSchema for Octets {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).into()
    }
}

impl utoipa::ToSchema for Octets {}

/// What the document needs to know of an action.
#[derive(Debug, Clone)]
pub struct ActionFacts {
    /// Name, as in the handler's `x-action`.
    pub name: &'static str,
    /// Roles that may.
    pub roles: Vec<&'static str>,
    /// States it is legal in.
    pub states: &'static [&'static str],
    /// Whether `If-Match` is needed.
    pub versioned: bool,
    /// Whether a fresh proof of identity is needed.
    pub stepped_up: bool,
}

/// Completes every operation. Errors name what a handler declared wrongly or left out.
pub fn finish(mut document: Value, actions: &[ActionFacts], problems: &ProblemTable) -> Result<Value, Vec<String>> {
    let mut faults = Vec::new();
    let original = document.clone();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let name = format!("{} {path}", method.to_uppercase());
            let mut desk = Finisher { document: &original, actions, problems, method, path };
            if let Err(fault) = desk.finish(operation) {
                faults.push(format!("{name}: {fault}"));
            }
        }
    }
    if faults.is_empty() { Ok(document) } else { Err(faults) }
}

struct Finisher<'a> {
    document: &'a Value,
    actions: &'a [ActionFacts],
    problems: &'a ProblemTable,
    method: &'a str,
    path: &'a str,
}

impl Finisher<'_> {
    fn finish(&mut self, operation: &mut Value) -> Result<(), String> {
        let operation = operation.as_object_mut().ok_or("not an operation")?;
        for needed in ["summary", "description", "operationId", "tags"] {
            if operation.get(needed).and_then(Value::as_str).is_none_or(str::is_empty)
                && !operation.get(needed).is_some_and(Value::is_array)
            {
                return Err(format!("{needed} is missing"));
            }
        }
        let action = self.action(operation)?;
        let secured = operation.contains_key("security");
        let has_body = operation.contains_key("requestBody");
        let keyed = self.method == "post" && operation.remove("x-idempotent") != Some(Value::Bool(false));
        self.describe_roles(operation, action, secured);
        let mut codes = declared(operation);
        codes.extend(self.implied(operation, action, secured, has_body, keyed));
        self.parameters(operation, action, keyed, secured);
        if !secured {
            // Nothing is needed; under /api a token may be given, and then it must be valid.
            let optional = if self.path.starts_with("/api/") { json!([{}, {"bearer": []}]) } else { json!([{}]) };
            operation.insert("security".to_owned(), optional);
        }
        self.body_example(operation)?;
        self.success_examples(operation)?;
        self.errors(operation, &codes)
    }

    fn action(&self, operation: &Map<String, Value>) -> Result<Option<&ActionFacts>, String> {
        match operation.get("x-action").and_then(Value::as_str) {
            None => Ok(None),
            Some(name) => self.actions.iter().find(|action| action.name == name).map(Some).ok_or_else(|| format!("unknown action {name}")),
        }
    }

    fn describe_roles(&self, operation: &mut Map<String, Value>, action: Option<&ActionFacts>, secured: bool) {
        let roles: Vec<&str> = match action {
            Some(action) if !action.roles.is_empty() => action.roles.clone(),
            _ if secured => vec!["any signed-in account"],
            _ => vec!["public"],
        };
        let states = action
            .filter(|action| !action.states.is_empty())
            .map(|action| format!("\n\nLegal in: {}.", action.states.join(", ")))
            .unwrap_or_default();
        let description = operation.get("description").and_then(Value::as_str).unwrap_or_default();
        let stepped_up = action.is_some_and(|action| action.stepped_up);
        let proof = if stepped_up { "\n\nNeeds a proof of identity not older than five minutes (`POST /me/step-up`)." } else { "" };
        let described = format!("{}\n\nRoles: {}.{states}{proof}", description.trim_end(), roles.join(", "));
        operation.insert("description".to_owned(), described.into());
        operation.insert("x-roles".to_owned(), json!(roles));
    }

    /// Problems that follow from the shape of the operation.
    fn implied(
        &self,
        operation: &Map<String, Value>,
        action: Option<&ActionFacts>,
        secured: bool,
        has_body: bool,
        keyed: bool,
    ) -> Vec<String> {
        // Also a public operation refuses a token that is not valid, and a district that does not exist.
        let mut codes: Vec<&str> = vec!["internal", "unavailable", "malformed", "unauthenticated"];
        if !secured && self.path.starts_with("/api/") {
            codes.push("not_found");
        }
        if action.is_some_and(|action| !action.roles.is_empty()) {
            codes.push("forbidden");
        }
        if self.path.contains('{') {
            codes.push("not_found");
        }
        if secured && self.path.starts_with("/api/") {
            codes.extend(["second_factor_required", "token_scope"]);
        }
        if action.is_some_and(|action| action.stepped_up) {
            codes.push("step_up_required");
        }
        if action.is_some_and(|action| action.versioned) {
            codes.extend(["stale", "precondition_required"]);
        }
        if action.is_some_and(|action| !action.states.is_empty()) {
            codes.push("wrong_state");
        }
        if has_body {
            codes.extend(["too_large", "invalid", "unsupported_media_type"]);
        }
        if keyed {
            codes.push("idempotency_key_reused");
        }
        let filters = operation
            .get("parameters")
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|p| p.get("in") == Some(&json!("query"))));
        if filters {
            codes.push("invalid");
        }
        codes.into_iter().map(str::to_owned).collect()
    }

    fn parameters(&self, operation: &mut Map<String, Value>, action: Option<&ActionFacts>, keyed: bool, secured: bool) {
        let mut headers = Vec::new();
        if keyed {
            headers.push(json!({"name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same key with the same body gives the same answer and one effect.",
                "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX}, "example": "tender-17-publish"}));
        }
        if action.is_some_and(|action| action.versioned) {
            headers.push(json!({"name": "If-Match", "in": "header", "required": true, "description": "ETag of the last read.",
                "schema": {"type": "string", "maxLength": 64}, "example": "\"1\""}));
        }
        headers.push(json!({"name": "Accept-Language", "in": "header", "required": false,
            "description": "Language of problem documents: zh-CN (default) or en.", "schema": {"type": "string", "maxLength": 128}, "example": "zh-CN"}));
        if !secured {
            headers.push(json!({"name": "Baiyi-District", "in": "header", "required": false,
                "description": "Code of the district meant; the server's own when absent.", "schema": {"type": "string", "maxLength": 12}, "example": "330502"}));
        }
        let list = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.extend(headers);
        }
    }

    fn body_example(&self, operation: &mut Map<String, Value>) -> Result<(), String> {
        let given = operation.remove("x-body-example");
        let Some(body) = operation.get_mut("requestBody") else { return Ok(()) };
        self.examples(body, given)
    }

    fn success_examples(&self, operation: &mut Map<String, Value>) -> Result<(), String> {
        let given = operation.remove("x-answer-example");
        for (_, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            self.examples(response, given.clone())?;
        }
        Ok(())
    }

    fn examples(&self, holder: &mut Value, given: Option<Value>) -> Result<(), String> {
        for (_, content) in holder.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            let Some(content) = content.as_object_mut() else { continue };
            if content.contains_key("example") {
                continue;
            }
            let example = match (&given, content.get("schema")) {
                (Some(example), _) => example.clone(),
                (None, Some(schema)) => example::compose(self.document, schema)?,
                (None, None) => return Err("a body without schema needs an example".to_owned()),
            };
            content.insert("example".to_owned(), example);
        }
        Ok(())
    }

    fn errors(&self, operation: &mut Map<String, Value>, codes: &[String]) -> Result<(), String> {
        let mut by_status: std::collections::BTreeMap<u16, Vec<&Problem>> = std::collections::BTreeMap::new();
        for code in codes {
            let problem = self.problems.get(code).ok_or_else(|| format!("unknown problem {code}"))?;
            let listed = by_status.entry(problem.status).or_default();
            if !listed.iter().any(|known| known.code == problem.code) {
                listed.push(problem);
            }
        }
        let responses = operation.entry("responses").or_insert_with(|| json!({}));
        let responses = responses.as_object_mut().ok_or("responses is not an object")?;
        for (status, problems) in by_status {
            let Some(first) = problems.first() else { continue };
            let words: Vec<String> = problems.iter().map(|p| format!("`{}`: {}", p.code, p.title_en)).collect();
            let example = json!({"type": format!("/problems/{}", first.code), "title": first.title_zh, "status": status, "code": first.code,
                "instance": self.path, "request_id": "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f"});
            // A handler may declare an answer of its own with the same status, as /readyz does; both stand side by side.
            let response = responses.entry(status.to_string()).or_insert_with(|| json!({"description": words.join("; "), "content": {}}));
            let content = response.get_mut("content").and_then(Value::as_object_mut).ok_or("a declared refusal has no content")?;
            content.insert(
                "application/problem+json".to_owned(),
                json!({"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "example": example}),
            );
        }
        Ok(())
    }
}

/// The problem codes that the handler itself names.
fn declared(operation: &Map<String, Value>) -> Vec<String> {
    operation.get("x-problems").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
