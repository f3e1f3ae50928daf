//! Connections: how they are opened, the read snapshot of both backends and PostgreSQL's serializable write with retry.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{self, ManageConnection};

use super::tx::{Facts, Snapshot, Tx};
use super::types::Db;
use super::{Target, batch};
use crate::kernel::{Error, Result, error};

/// How often a serializable write is run before the caller is told to try again.
const ATTEMPTS: u32 = 12;

pub(super) type Pool = r2d2::Pool<Manager>;

/// Opens pooled connections; on SQLite they can only read.
pub(super) struct Manager {
    target: Target,
}

/// A pooled connection that is thrown away once its transaction state is unknown.
pub(super) struct Pooled {
    db: Db,
    broken: bool,
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = r2d2::Error;

    fn connect(&self) -> std::result::Result<Pooled, r2d2::Error> {
        let mut db = connect(&self.target).map_err(r2d2::Error::ConnectionError)?;
        if matches!(db, Db::Sqlite(_)) {
            db.batch_execute("PRAGMA query_only = ON").map_err(r2d2::Error::QueryError)?;
        }
        Ok(Pooled { db, broken: false })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> std::result::Result<(), r2d2::Error> {
        match &mut pooled.db {
            // A local file does not go away between two requests.
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(connection) => connection.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError),
        }
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken || std::thread::panicking()
    }
}

/// Opens one connection with the settings that every connection of its kind has.
pub(super) fn connect(target: &Target) -> ConnectionResult<Db> {
    match target {
        Target::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
            connection
                .batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000; \
                     PRAGMA temp_store = MEMORY;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(Db::Sqlite(connection))
        }
        Target::Postgres(url) => {
            let mut connection = PgConnection::establish(url)?;
            connection
                .batch_execute("SET TIME ZONE 'UTC'; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'")
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(Db::Postgres(connection))
        }
    }
}

pub(super) fn open(target: &Target, connections: u32, patience: Duration) -> Result<Pool> {
    // A first connection by hand, so that a wrong URL is reported in the database's own words.
    drop(connect(target).map_err(|e| Error::internal(format!("cannot open the {} database: {e}", target.name())))?);
    r2d2::Pool::builder()
        .max_size(connections)
        .min_idle(Some(1))
        .connection_timeout(patience)
        .build(Manager { target: target.clone() })
        .map_err(|e| Error::internal(format!("cannot open the {} database: {e}", target.name())))
}

fn checkout(pool: &Pool) -> Result<r2d2::PooledConnection<Manager>> {
    pool.get().map_err(|e| {
        tracing::warn!(fault = %e, "no free database connection");
        error::UNAVAILABLE.error().retry_after(1)
    })
}

pub(super) fn read_snapshot<T>(pool: &Pool, job: impl FnOnce(&mut Snapshot<'_>) -> Result<T>) -> Result<T> {
    let mut pooled = checkout(pool)?;
    let begin = match &pooled.db {
        Db::Sqlite(_) => "BEGIN DEFERRED",
        Db::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    pooled.broken = true;
    batch(&mut pooled.db, begin)?;
    let result = job(&mut Snapshot::new(&mut pooled.db));
    batch(&mut pooled.db, "ROLLBACK")?;
    pooled.broken = false;
    result
}

/// Runs the job at SERIALIZABLE, again after a lost race with a jittered pause that grows, at most [`ATTEMPTS`] times.
pub(super) fn write_serializable<T>(pool: &Pool, facts: &Facts, mut job: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut pooled = checkout(pool)?;
    let mut collided = false;
    for attempt in 1..=ATTEMPTS {
        pooled.broken = true;
        match attempt_once(&mut pooled.db, facts, &mut job) {
            Err(Error::Retry(words)) => {
                tracing::debug!(attempt, fault = words, "serializable transaction runs again");
                pause(attempt);
            }
            // A race can show as a unique violation; the second run finds the other's row by its own check.
            Err(Error::Collision(words)) if !collided => {
                tracing::debug!(attempt, fault = words, "unique violation, transaction runs again");
                collided = true;
            }
            Err(Error::Collision(_)) => {
                pooled.broken = false;
                return Err(error::CONFLICT.error());
            }
            result => {
                pooled.broken = matches!(result, Err(Error::Internal(_)));
                return result;
            }
        }
    }
    pooled.broken = false;
    Err(error::UNAVAILABLE.error().retry_after(1))
}

fn attempt_once<T>(db: &mut Db, facts: &Facts, job: &mut impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    batch(db, "BEGIN ISOLATION LEVEL SERIALIZABLE")?;
    let result = job(&mut Tx::new(db, facts.clone()));
    match result {
        Ok(value) => match batch(db, "COMMIT") {
            Ok(()) => Ok(value),
            Err(fault) => {
                // After a failed COMMIT the transaction is over; ROLLBACK only clears the session's state.
                batch(db, "ROLLBACK")?;
                Err(fault)
            }
        },
        Err(fault) => {
            batch(db, "ROLLBACK")?;
            Err(fault)
        }
    }
}

fn pause(attempt: u32) {
    let mut random = [0_u8; 1];
    // Without randomness every waiter pauses alike, which is slower but still right.
    let _ = getrandom::fill(&mut random);
    let millis = u64::from(attempt).saturating_mul(2).saturating_add(u64::from(random[0]).div_euclid(16));
    std::thread::sleep(Duration::from_millis(millis));
}
