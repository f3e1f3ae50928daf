//! SQL type markers shared by the schema and the value types; what each backend makes of them is in `db::types`.

use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;

/// A UUID: `uuid` on PostgreSQL, 36 characters of text on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(sqlite_type(name = "Text"))]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
pub struct Uid;

/// A JSON document: `jsonb` on PostgreSQL, text on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(sqlite_type(name = "Text"))]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
pub struct JsonDoc;

/// Any serialisable value kept in a [`JsonDoc`] column.
#[derive(Debug, Clone, PartialEq, Eq, diesel::AsExpression, diesel::FromSqlRow)]
#[diesel(sql_type = JsonDoc)]
pub struct Doc(pub serde_json::Value);
