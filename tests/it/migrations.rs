//! The migrations of both backends make the same schema, the one of `schema.rs`, and go down and up again over stored data.

use std::collections::{BTreeMap, BTreeSet};

use baiyi::db::migrate::{self, SchemaState};
use baiyi::db::{Database, Facts, Settings, Target};
use baiyi::people::tenants;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::{Backend, fresh_target, start_instant};

const SCHEMA: &str = include_str!("../../src/db/schema.rs");

/// How a type of `schema.rs` is declared in SQLite, in PostgreSQL, and a value of it in either.
const TYPES: &[(&str, &str, &str, &str, &str)] = &[
    ("Uid", "TEXT", "uuid", "'0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f'", "'0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f'"),
    ("Text", "TEXT", "text", "'text'", "'text'"),
    ("JsonDoc", "TEXT", "jsonb", "'{}'", "'{}'"),
    ("Integer", "INTEGER", "integer", "1", "1"),
    ("BigInt", "BIGINT", "bigint", "1", "1"),
    ("Bool", "BOOLEAN", "boolean", "TRUE", "TRUE"),
    ("Date", "DATE", "date", "'2026-03-02'", "'2026-03-02'"),
    ("Timestamp", "TIMESTAMP", "timestamp without time zone", "'2026-03-02 01:00:00'", "'2026-03-02 01:00:00'"),
    ("Binary", "BLOB", "bytea", "X'00FF'", "'\\x00ff'"),
];

#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    nullable: bool,
}

type Tables = BTreeMap<String, Vec<Column>>;

/// The tables of `schema.rs`, with its types.
fn declared() -> Tables {
    let mut tables = Tables::new();
    let mut table = String::new();
    for line in SCHEMA.lines().map(str::trim) {
        if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            if line.starts_with("diesel::") {
                continue;
            }
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let column = Column { name: name.to_owned(), kind: inner.unwrap_or(kind).to_owned(), nullable: inner.is_some() };
            tables.get_mut(&table).unwrap().push(column);
        } else if let Some((name, _)) = line.split_once(" (")
            && line.ends_with(") {")
        {
            table = name.to_owned();
            tables.insert(table.clone(), Vec::new());
        }
    }
    tables
}

/// The declared tables as one backend should have them.
fn expected(backend: Backend) -> Tables {
    let mut tables = declared();
    for column in tables.values_mut().flatten() {
        let found = TYPES.iter().find(|row| row.0 == column.kind).unwrap_or_else(|| panic!("{} needs a line in TYPES", column.kind));
        column.kind = if backend == Backend::Sqlite { found.1 } else { found.2 }.to_owned();
    }
    tables
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A plain connection of the tests' own.
enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    fn open(target: &Target) -> Self {
        match target {
            Target::Sqlite(path) => Self::Sqlite(SqliteConnection::establish(&path.to_string_lossy()).unwrap()),
            Target::Postgres(url) => Self::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    fn lines(&mut self, sqlite: &str, postgres: &str) -> Vec<String> {
        let rows: Vec<Line> = match self {
            Self::Sqlite(db) => diesel::sql_query(sqlite).load(db),
            Self::Postgres(db) => diesel::sql_query(postgres).load(db),
        }
        .unwrap();
        rows.into_iter().map(|row| row.line).collect()
    }

    fn run(&mut self, sql: &str) {
        match self {
            Self::Sqlite(db) => db.batch_execute(sql),
            Self::Postgres(db) => db.batch_execute(sql),
        }
        .unwrap_or_else(|fault| panic!("{sql}: {fault}"));
    }

    fn tables(&mut self) -> Tables {
        let mut tables = Tables::new();
        for line in self.lines(
            "SELECT m.name || '|' || c.name || '|' || c.type || '|' || CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END AS line \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND m.name <> '__diesel_schema_migrations' ORDER BY m.name, c.cid",
            "SELECT table_name || '|' || column_name || '|' || data_type || '|' || is_nullable AS line FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations' ORDER BY table_name, ordinal_position",
        ) {
            let [table, name, kind, nullable] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
            let column = Column { name: name.to_owned(), kind: kind.to_owned(), nullable: nullable == "YES" };
            tables.entry(table.to_owned()).or_default().push(column);
        }
        tables
    }

    /// Keys, unique constraints and indexes by their columns.
    fn constraints(&mut self) -> BTreeSet<String> {
        let indexes = self.lines(
            "SELECT m.name || ' (' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' \
             || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END AS line \
             FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND m.name <> '__diesel_schema_migrations'",
            "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k (attnum, n) \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' \
             || CASE WHEN x.indisunique THEN ' unique' ELSE '' END || CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END AS line \
             FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
             WHERE n.nspname = 'public' AND t.relname <> '__diesel_schema_migrations'",
        );
        let references = self.lines(
            "SELECT m.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || COALESCE(f.\"to\", '') || ' ' || f.on_delete AS line \
             FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
            "SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' || b.attname || ' ' || \
             CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS line \
             FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
             JOIN LATERAL unnest(c.conkey, c.confkey) k (here, there) ON TRUE \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.here JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.there \
             WHERE c.contype = 'f'",
        );
        indexes.into_iter().chain(references).collect()
    }

    /// One row in every table, every column filled, every reference kept: all ids are the same.
    fn populate(&mut self) {
        let (off, on) = match self {
            Self::Sqlite(_) => ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
            Self::Postgres(_) => ("SET session_replication_role = replica", "SET session_replication_role = origin"),
        };
        self.run(off);
        for (table, columns) in declared() {
            let values: Vec<&str> = columns
                .iter()
                .map(|column| {
                    let row = TYPES.iter().find(|row| row.0 == column.kind).unwrap();
                    match self {
                        // A hold's amount is what was used and what was released, one fen each, or more.
                        _ if column.name == "amount_fen" => "2",
                        Self::Sqlite(_) => row.3,
                        Self::Postgres(_) => row.4,
                    }
                })
                .collect();
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            self.run(&format!("INSERT INTO {table} (\"{}\") VALUES ({})", names.join("\", \""), values.join(", ")));
        }
        self.run(on);
    }
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_backends_have_the_same_migrations_each_with_a_way_back() {
    let names = names_in("sqlite");
    assert_eq!(names, names_in("postgres"));
    assert!(names.len() >= 2);
    for folder in ["sqlite", "postgres"] {
        for name in &names {
            let files = names_in(&format!("{folder}/{name}"));
            assert!(files.contains("up.sql") && files.contains("down.sql"), "{folder}/{name} has {files:?}");
        }
    }
}

#[test]
fn the_parser_sees_every_table_and_column_of_the_schema() {
    let tables = declared();
    assert_eq!(tables.len(), SCHEMA.matches("diesel::table! {").count());
    let joins = SCHEMA.matches("joinable!").count();
    assert_eq!(tables.values().map(Vec::len).sum::<usize>(), SCHEMA.matches(" -> ").count() - joins);
    let parent = tables["areas"].iter().find(|column| column.name == "parent_id").unwrap();
    assert_eq!(*parent, Column { name: "parent_id".to_owned(), kind: "Uid".to_owned(), nullable: true });
}

/// A column of `schema.rs` in the words of a database, so that a difference names itself.
fn told(tables: &Tables) -> BTreeMap<&str, Vec<String>> {
    let tell = |column: &Column| format!("{} {}{}", column.name, column.kind, if column.nullable { " null" } else { "" });
    tables.iter().map(|(table, columns)| (table.as_str(), columns.iter().map(tell).collect())).collect()
}

fn columns_are_those_of_the_schema(backend: Backend) {
    let Some(fresh) = fresh_target(backend) else { return };
    let (found, expected) = (Raw::open(&fresh.target).tables(), expected(backend));
    let (found, expected) = (told(&found), told(&expected));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (table, columns) in found {
        assert_eq!(columns, expected[table], "{table}");
    }
}

#[test]
fn columns_of_sqlite_are_those_of_the_schema() {
    columns_are_those_of_the_schema(Backend::Sqlite);
}

#[test]
fn columns_of_postgres_are_those_of_the_schema() {
    columns_are_those_of_the_schema(Backend::Postgres);
}

#[test]
fn keys_references_and_indexes_are_the_same_on_both_backends() {
    let Some(postgres) = fresh_target(Backend::Postgres) else { return };
    let sqlite = fresh_target(Backend::Sqlite).unwrap();
    let (sqlite, postgres) = (Raw::open(&sqlite.target).constraints(), Raw::open(&postgres.target).constraints());
    assert!(sqlite.iter().any(|one| one == "areas (tenant_id, code) unique"), "{sqlite:?}");
    assert!(sqlite.iter().any(|one| one == "areas.parent_id -> areas.id NO ACTION"), "{sqlite:?}");
    assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), [""; 0], "only in SQLite");
    assert_eq!(postgres.difference(&sqlite).collect::<Vec<_>>(), [""; 0], "only in PostgreSQL");
}

fn down_and_up_again_over_data(backend: Backend) {
    let Some(fresh) = fresh_target(backend) else { return };
    let target = &fresh.target;
    let fresh_schema = Raw::open(target).constraints();
    Raw::open(target).populate();
    assert_eq!(migrate::state_of(target).unwrap(), SchemaState::Current);
    assert_eq!(migrate::run(target).unwrap(), [""; 0], "nothing to do");

    assert_eq!(migrate::revert_all(target).unwrap().len(), names_in("sqlite").len());
    assert_eq!(Raw::open(target).tables(), Tables::new(), "nothing is left");
    assert_eq!(Raw::open(target).constraints(), BTreeSet::new());
    assert_eq!(migrate::state_of(target).unwrap(), SchemaState::Behind);

    assert_eq!(migrate::run(target).unwrap().len(), names_in("sqlite").len());
    assert_eq!(migrate::state_of(target).unwrap(), SchemaState::Current);
    assert_eq!(told(&Raw::open(target).tables()), told(&expected(backend)));
    assert_eq!(Raw::open(target).constraints(), fresh_schema);
    Raw::open(target).populate();

    Raw::open(target).run("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    assert_eq!(migrate::state_of(target).unwrap(), SchemaState::Ahead);
}

#[test]
fn sqlite_goes_down_and_up_again_over_data() {
    down_and_up_again_over_data(Backend::Sqlite);
}

#[test]
fn postgres_goes_down_and_up_again_over_data() {
    down_and_up_again_over_data(Backend::Postgres);
}

/// Several processes start at once on an empty database.
fn many_migrate_at_once(backend: Backend) {
    let Some(fresh) = fresh_target(backend) else { return };
    let target = &fresh.target;
    migrate::revert_all(target).unwrap();
    let applied: usize = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| migrate::run(target).unwrap().len())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert_eq!(applied, names_in("sqlite").len(), "each migration once, by one of them");
    let db = Database::open(&Settings { target: target.clone(), connections: 1, patience: std::time::Duration::from_secs(5) }).unwrap();
    let made = db.write(Facts::internal(start_instant()).unwrap(), |tx| tenants::ensure(tx, "330502", "吴兴区", "Wuxing"));
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(made).unwrap();
}

#[test]
fn many_processes_migrate_sqlite_at_once() {
    many_migrate_at_once(Backend::Sqlite);
}

#[test]
fn many_processes_migrate_postgres_at_once() {
    many_migrate_at_once(Backend::Postgres);
}
