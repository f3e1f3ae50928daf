//! The connection enum and what each backend makes of the SQL markers in `kernel::sql`.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, Jsonb, Text};
use diesel::sqlite::Sqlite;
use uuid::Uuid;

use crate::kernel::id::*;
use crate::kernel::sql::{Doc, JsonDoc, Uid};

pub use multi::{Db, MultiBackend};

mod multi {
    #![expect(missing_docs, reason = "what the derive generates has no documentation")]
    #![expect(clippy::disallowed_methods, reason = "the derive forwards every method of a connection")]
    use diesel::prelude::*;

    /// A connection to either backend.
    #[derive(diesel::MultiConnection)]
    pub enum Db {
        /// SQLite inside the binary.
        Sqlite(SqliteConnection),
        /// PostgreSQL.
        Postgres(PgConnection),
    }
}

impl HasSqlType<Uid> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Uid>(lookup)
    }
}

impl HasSqlType<JsonDoc> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<JsonDoc>(lookup)
    }
}

fn uuid_from_text(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Uuid> {
    Ok(<String as FromSql<Text, Sqlite>>::from_sql(bytes)?.parse()?)
}

macro_rules! store_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        impl FromSql<Uid, Sqlite> for $name {
            fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                uuid_from_text(bytes).map(Self::new)
            }
        }
        impl FromSql<Uid, Pg> for $name {
            fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(bytes).map(Self::new)
            }
        }
        impl FromSql<Uid, MultiBackend> for $name {
            fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                bytes.from_sql::<Self, Uid>()
            }
        }
        impl ToSql<Uid, Sqlite> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.uuid().to_string());
                Ok(IsNull::No)
            }
        }
        impl ToSql<Uid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <Uuid as ToSql<diesel::sql_types::Uuid, Pg>>::to_sql(&self.uuid(), &mut out.reborrow())
            }
        }
        impl ToSql<Uid, MultiBackend> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((Uid, self));
                Ok(IsNull::No)
            }
        }
    )+};
}

crate::for_every_id!(store_ids);

impl FromSql<JsonDoc, Sqlite> for Doc {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&<String as FromSql<Text, Sqlite>>::from_sql(bytes)?)?))
    }
}
impl FromSql<JsonDoc, Pg> for Doc {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(bytes).map(Self)
    }
}
impl FromSql<JsonDoc, MultiBackend> for Doc {
    fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, JsonDoc>()
    }
}
impl ToSql<JsonDoc, Sqlite> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}
impl ToSql<JsonDoc, Pg> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <serde_json::Value as ToSql<Jsonb, Pg>>::to_sql(&self.0, &mut out.reborrow())
    }
}
impl ToSql<JsonDoc, MultiBackend> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((JsonDoc, self));
        Ok(IsNull::No)
    }
}
