//! The dictionary of the data: every field of the case file with its type and meaning, read from the same declarations as the API document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use utoipa::{PartialSchema, ToSchema};

use super::super::case_file::view::CaseFile;
use crate::kernel::{Error, Result};

/// The dictionary as CSV with a byte-order mark, so that spreadsheets read the Chinese in it.
pub fn csv() -> Result<Vec<u8>> {
    let told = |fault: &dyn std::fmt::Display| Error::internal(format!("the dictionary: {fault}"));
    let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(["object", "field", "type", "required", "meaning", "example"]).map_err(|e| told(&e))?;
    for row in rows()? {
        writer.write_record(&row).map_err(|e| told(&e))?;
    }
    writer.into_inner().map_err(|e| told(&e))
}

/// Object, field, type, whether it is always there, meaning, example.
fn rows() -> Result<Vec<[String; 6]>> {
    let mut declared = vec![(CaseFile::name().into_owned(), CaseFile::schema())];
    CaseFile::schemas(&mut declared);
    let mut schemas = BTreeMap::new();
    for (name, schema) in declared {
        schemas.insert(name, serde_json::to_value(schema).map_err(|e| Error::internal(format!("the dictionary: {e}")))?);
    }
    let mut rows = Vec::new();
    for (name, schema) in &schemas {
        let always: BTreeSet<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let Some(fields) = schema["properties"].as_object() else { continue };
        for (field, said) in fields {
            let required = if always.contains(field.as_str()) { "yes" } else { "no" };
            let meaning = meaning(said).replace('\n', " ");
            let example = match &said["example"] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            rows.push([name.clone(), field.clone(), kind(said), required.to_owned(), meaning, example]);
        }
    }
    Ok(rows)
}

/// What a field means; a named object that may be missing says it beside its name.
fn meaning(said: &Value) -> &str {
    let inner = || said["oneOf"].as_array()?.iter().find_map(|one| one["description"].as_str());
    said["description"].as_str().or_else(inner).unwrap_or_default()
}

/// The type of a field in a word: a named object, a list of something, or a plain type with its format.
fn kind(said: &Value) -> String {
    if let Some(name) = said["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    let either = said["oneOf"].as_array().or_else(|| said["allOf"].as_array()).or_else(|| said["anyOf"].as_array());
    if let Some(either) = either {
        return either.iter().map(kind).filter(|kind| kind != "null").collect::<Vec<_>>().join(" or ");
    }
    let plain = match &said["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    match (plain.as_str(), said["format"].as_str()) {
        ("array", _) => format!("list of {}", kind(&said["items"])),
        (_, Some(format)) => format!("{plain} ({format})"),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_case_file_has_a_type_and_a_meaning() {
        let rows = rows().unwrap();
        assert!(rows.len() > 80, "{}", rows.len());
        for row in &rows {
            assert!(row[..5].iter().all(|cell| !cell.is_empty()), "{row:?}");
        }
        let of = |object: &str, field: &str| rows.iter().find(|row| row[0] == object && row[1] == field).unwrap()[2].clone();
        assert_eq!(of("CaseFile", "contracts"), "list of CaseContract");
        assert_eq!(of("CaseMilestone", "amount"), "Money");
    }
}
