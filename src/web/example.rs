//! Composes an example from an OpenAPI schema, so that every operation shows one that fits its types.

use serde_json::{Map, Value, json};

/// An example of `schema`, following `$ref` into `document`. The error names the property that has neither an example nor a type that gives one.
pub fn compose(document: &Value, schema: &Value) -> Result<Value, String> {
    compose_at(document, schema, "", 0)
}

/// Most items of an example, however many the schema asks for.
const ITEMS_MAX: u64 = 10;
/// A reference, a choice and an object count one step each. Deeper than this is taken for a schema that holds itself.
const DEPTH_MAX: u8 = 24;

fn compose_at(document: &Value, schema: &Value, path: &str, depth: u8) -> Result<Value, String> {
    if depth > DEPTH_MAX {
        return Err(format!("{path}: the schema is nested too deep"));
    }
    let deeper = depth.saturating_add(1);
    if let Some(example) = schema.get("example") {
        return Ok(example.clone());
    }
    if let Some(example) = schema.get("examples").and_then(|list| list.get(0)) {
        return Ok(example.clone());
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let found = document.pointer(target.trim_start_matches('#')).ok_or_else(|| format!("{path}: {target} is missing"))?;
        return compose_at(document, found, path, deeper);
    }
    if let Some(first) = schema.get("enum").and_then(|list| list.get(0)) {
        return Ok(first.clone());
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut merged = Map::new();
        for part in parts {
            if let Value::Object(part) = compose_at(document, part, path, deeper)? {
                merged.extend(part);
            }
        }
        return Ok(Value::Object(merged));
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            let choice = choices.iter().find(|c| c.get("type").and_then(Value::as_str) != Some("null"));
            return choice.map_or(Ok(Value::Null), |choice| compose_at(document, choice, path, deeper));
        }
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"),
        _ => return Err(format!("{path}: no type and no example")),
    };
    match (kind, schema.get("format").and_then(Value::as_str)) {
        ("object", _) => {
            let mut object = Map::new();
            for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                object.insert(name.clone(), compose_at(document, property, &format!("{path}/{name}"), deeper)?);
            }
            Ok(Value::Object(object))
        }
        ("array", _) => match schema.get("items") {
            Some(items) => {
                let item = compose_at(document, items, &format!("{path}/0"), deeper)?;
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, ITEMS_MAX);
                Ok((0..least).map(|_| item.clone()).collect())
            }
            None => Ok(json!([])),
        },
        ("string", Some("date")) => Ok(json!("2026-03-02")),
        ("string", Some("date-time")) => Ok(json!("2026-03-02T01:00:00Z")),
        ("string", Some("uuid")) => Ok(json!("0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f")),
        ("integer", _) => Ok(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
        ("boolean", _) => Ok(json!(true)),
        ("null", _) => Ok(Value::Null),
        _ => Err(format!("{path}: a {kind} needs an example")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_formats_are_followed_and_a_bare_string_is_named() {
        let document = json!({"components": {"schemas": {"Name": {"type": "string", "example": "月河街道"}}}});
        let schema = json!({"type": "object", "properties": {"name": {"$ref": "#/components/schemas/Name"}, "on": {"type": ["string", "null"], "format": "date"}}});
        assert_eq!(compose(&document, &schema).unwrap(), json!({"name": "月河街道", "on": "2026-03-02"}));
        let pair = json!({"type": "array", "minItems": 2, "items": {"type": "boolean"}});
        assert_eq!(compose(&document, &pair).unwrap(), json!([true, true]));
        let bare = json!({"type": "object", "properties": {"note": {"type": "string"}}});
        assert_eq!(compose(&document, &bare).unwrap_err(), "/note: a string needs an example");
    }
}
