//! Migrations, embedded in the binary; one process migrates at a time.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::types::Db;
use super::{Target, pool};
use crate::kernel::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// An arbitrary number that all Baiyi processes lock while they migrate.
const ADVISORY_LOCK: i64 = 0x0062_6169_7969;

/// Applies what is missing and returns the names of the migrations applied.
pub fn run(target: &Target) -> Result<Vec<String>> {
    let _alone = alone(target)?;
    match open(target)? {
        Db::Sqlite(mut connection) => connection.run_pending_migrations(SQLITE).map(names),
        Db::Postgres(mut connection) => {
            connection.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
            let applied = connection.run_pending_migrations(POSTGRES).map(names);
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
            applied
        }
    }
    .map_err(|e| Error::internal(format!("migration: {e}")))
}

/// Takes every migration back (tests and a fresh start only).
pub fn revert_all(target: &Target) -> Result<Vec<String>> {
    match open(target)? {
        Db::Sqlite(mut connection) => connection.revert_all_migrations(SQLITE).map(names),
        Db::Postgres(mut connection) => connection.revert_all_migrations(POSTGRES).map(names),
    }
    .map_err(|e| Error::internal(format!("migration: {e}")))
}

/// How the stored schema relates to this binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// The same.
    Current,
    /// Older: run `baiyi migrate`.
    Behind,
    /// Newer: this binary must not serve.
    Ahead,
}

/// Compares the migrations of a database that is not open yet with the embedded ones.
pub fn state_of(target: &Target) -> Result<SchemaState> {
    state(&mut open(target)?)
}

/// Compares the applied migrations with the embedded ones.
pub fn state(db: &mut Db) -> Result<SchemaState> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let rows = diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load::<Version>(db);
    let applied: Vec<String> = match rows {
        Ok(rows) => rows.into_iter().map(|row| row.version).collect(),
        // A database that was never migrated has no such table; every other fault is told.
        Err(diesel::result::Error::DatabaseError(_, info)) if info.message().contains("__diesel_schema_migrations") => Vec::new(),
        Err(fault) => return Err(Error::from(fault)),
    };
    let embedded = embedded_versions()?;
    if applied == embedded {
        Ok(SchemaState::Current)
    } else if applied.iter().all(|version| embedded.contains(version)) {
        Ok(SchemaState::Behind)
    } else {
        Ok(SchemaState::Ahead)
    }
}

fn embedded_versions() -> Result<Vec<String>> {
    use diesel::migration::MigrationSource;
    let migrations =
        MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map_err(|e| Error::internal(format!("migration: {e}")))?;
    let mut versions: Vec<String> = migrations.iter().map(|m| m.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

/// Waits until no other process migrates this SQLite file; the lock ends with the file returned. It is a file of its own, because
/// closing a second handle of the database file would drop SQLite's own locks. PostgreSQL has an advisory lock for this.
fn alone(target: &Target) -> Result<Option<std::fs::File>> {
    let Target::Sqlite(path) = target else { return Ok(None) };
    make_folder(path)?;
    let mut name = path.clone().into_os_string();
    name.push("-migrating");
    std::fs::File::create(&name)
        .and_then(|file| file.lock().map(|()| Some(file)))
        .map_err(|e| Error::internal(format!("cannot lock {}: {e}", name.display())))
}

fn make_folder(path: &Path) -> Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        None => Ok(()),
        Some(folder) => std::fs::create_dir_all(folder).map_err(|e| Error::internal(format!("cannot create {}: {e}", folder.display()))),
    }
}

fn open(target: &Target) -> Result<Db> {
    if let Target::Sqlite(path) = target {
        make_folder(path)?;
    }
    pool::connect(target).map_err(|e| Error::internal(format!("cannot open the {} database: {e}", target.name())))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that Result::map hands over")]
fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
