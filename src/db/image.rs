//! Rows as they stand, column by column, in one spelling for both backends: what the journal records digests of, and what an auditor takes away.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Map, Value};

use super::types::Db;
use crate::kernel::{Error, Result, UtcInstant};

/// One row: its columns by name.
pub type Image = Map<String, Value>;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    image: String,
}

/// The rows of a table in which the column is this value, an id or another text that needs no quoting; all rows when there is no value. `table`,
/// `column` and `order` are names from the code. Ordered by the columns of `order`.
pub fn images(db: &mut Db, table: &str, of: Option<(&str, uuid::Uuid)>, order: &str) -> Result<Vec<Image>> {
    // An id is hexadecimal digits and hyphens.
    let filter = of.map_or_else(String::new, |(column, id)| format!(" WHERE {column} = '{id}'"));
    let lines: Vec<Line> = match db {
        Db::Sqlite(connection) => {
            let object = object_of(connection, table)?;
            diesel::sql_query(format!("SELECT {object} AS image FROM {table}{filter} ORDER BY {order}")).load(connection)?
        }
        Db::Postgres(connection) => {
            diesel::sql_query(format!("SELECT CAST(to_jsonb(t) AS TEXT) AS image FROM (SELECT * FROM {table}{filter} ORDER BY {order}) t"))
                .load(connection)?
        }
    };
    lines.into_iter().map(|line| spelled(&line.image)).collect()
}

/// The names of the tables that the migrations made, without the one in which they are counted.
pub fn tables(db: &mut Db) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let sql = match db {
        Db::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
        }
        Db::Postgres(_) => {
            "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables WHERE table_schema = 'public' AND left(table_name, 2) <> '__' ORDER BY 1"
        }
    };
    Ok(diesel::sql_query(sql).load::<Table>(db)?.into_iter().map(|table| table.name).collect())
}

/// The expression that makes a JSON object of a row of SQLite, which has neither booleans nor such a function of its own. The schema of a process does
/// not change, so it is asked for once.
fn object_of(connection: &mut SqliteConnection, table: &str) -> Result<String> {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        kind: String,
    }
    static KNOWN: LazyLock<RwLock<HashMap<String, String>>> = LazyLock::new(RwLock::default);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(table) {
        return Ok(known.clone());
    }
    let columns: Vec<Column> =
        diesel::sql_query(format!("SELECT name, upper(type) AS kind FROM pragma_table_info('{table}') ORDER BY cid")).load(connection)?;
    let parts: Vec<String> = columns
        .iter()
        .map(|Column { name, kind }| match kind.as_str() {
            "BOOLEAN" => format!("'{name}', CASE {name} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END"),
            "BLOB" => format!("'{name}', CASE WHEN {name} IS NULL THEN NULL ELSE '\\x' || lower(hex({name})) END"),
            _ => format!("'{name}', {name}"),
        })
        .collect();
    let object = format!("json_object({})", parts.join(", "));
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(table.to_owned(), object.clone());
    Ok(object)
}

/// One spelling for what the backends write differently: instants, and JSON that one of them keeps as text.
fn spelled(line: &str) -> Result<Image> {
    let image: Image = serde_json::from_str(line).map_err(|e| Error::internal(format!("a row is no object: {e}")))?;
    Ok(image.into_iter().map(|(column, value)| (column, value_of(value))).collect())
}

fn value_of(value: Value) -> Value {
    let Value::String(text) = value else { return value };
    if text.starts_with(['{', '[']) {
        return serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
    match instant(&text) {
        Some(at) => Value::String(at.to_string()),
        None => Value::String(text),
    }
}

/// The instant that a column without time zone holds, which is always UTC.
fn instant(text: &str) -> Option<UtcInstant> {
    const DATE: usize = 10;
    let separator = text.as_bytes().get(DATE)?;
    if !matches!(separator, b'T' | b' ') || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let parsed = NaiveDateTime::parse_from_str(&text.replacen(' ', "T", 1), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(UtcInstant::new(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_backends_spellings_become_one() {
        let sqlite = r#"{"at": "2026-03-02 01:00:00", "on": "2026-03-02", "terms": "{\"b\":1,\"a\":[2]}", "note": "2026-03-02 上午", "fen": 9007199254740993}"#;
        let postgres = r#"{"at": "2026-03-02T01:00:00", "on": "2026-03-02", "terms": {"a": [2], "b": 1}, "note": "2026-03-02 上午", "fen": 9007199254740993}"#;
        let one = spelled(sqlite).unwrap();
        assert_eq!(one, spelled(postgres).unwrap());
        assert_eq!(
            Value::Object(one),
            json!({"at": "2026-03-02T01:00:00Z", "on": "2026-03-02", "terms": {"a": [2], "b": 1}, "note": "2026-03-02 上午", "fen": 9_007_199_254_740_993_i64})
        );
        assert_eq!(value_of(json!("2026-03-02 01:00:00.250")), value_of(json!("2026-03-02T01:00:00.25")));
        assert_eq!(value_of(json!("{no json")), json!("{no json"));
    }
}
