//! The database storey: one connection enum over both backends, a write path and a read path. Nothing above knows which backend runs.

pub mod image;
pub mod migrate;
mod pool;
mod portable;
pub mod schema;
mod tx;
mod types;
mod writer;

use std::path::PathBuf;
use std::time::Duration;

use diesel::connection::SimpleConnection;

pub use portable::{check_clock, claim_due_sql, leads_the_journal};
pub use tx::{Facts, Precondition, Snapshot, Tx};
pub use types::MultiBackend as Backend;

use crate::kernel::{Error, Result, error};

/// A connection to either backend.
pub use types::Db;

/// Where the data lives, chosen by the URL's scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file for the SQLite inside the binary.
    Sqlite(PathBuf),
    /// A PostgreSQL connection URL.
    Postgres(String),
}

impl Target {
    /// Reads `sqlite:path` or `postgres://…`; anything else is refused with the reason.
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err("sqlite: needs a file path, such as sqlite:baiyi-data/baiyi.sqlite".to_owned());
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.to_owned()))
        } else {
            Err("the scheme must be sqlite: or postgres://".to_owned())
        }
    }

    /// The backend's name for logs and `/readyz`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// How the database is used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which database.
    pub target: Target,
    /// Connections for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
    /// How long a caller waits for a free connection or a place in the write queue.
    pub patience: Duration,
}

/// The open database.
#[derive(Clone)]
pub struct Database {
    target: Target,
    patience: Duration,
    pool: pool::Pool,
    writer: Option<writer::Writer>,
}

impl Database {
    /// Opens the database; migrations are [`migrate::run`]'s business.
    pub fn open(settings: &Settings) -> Result<Self> {
        let pool = pool::open(&settings.target, settings.connections, settings.patience)?;
        let writer = match &settings.target {
            Target::Sqlite(path) => Some(writer::Writer::start(path.clone())?),
            Target::Postgres(_) => None,
        };
        Ok(Self { target: settings.target.clone(), patience: settings.patience, pool, writer })
    }

    /// Which database this is.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Runs `job` in one write transaction and returns after it is durable. The job may run more than once; only its last
    /// run counts. An error rolls everything back.
    pub async fn write<T, F>(&self, facts: Facts, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => writer.submit(facts, job, self.patience).await,
            None => {
                let pool = self.pool.clone();
                blocking(move || pool::write_serializable(&pool, &facts, job)).await
            }
        }
    }

    /// Runs `job` on one consistent snapshot that cannot write.
    pub async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Snapshot<'_>) -> Result<T> + Send + 'static,
    {
        let pool = self.pool.clone();
        blocking(move || pool::read_snapshot(&pool, job)).await
    }
}

/// Runs on the blocking pool; a panic there becomes an internal error of this caller alone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(join) => Err(Error::internal(format!("a database job did not finish: {join}"))),
    }
}

/// A column plus one, in SQL: the version of a row that changes.
#[expect(clippy::arithmetic_side_effects, reason = "the database adds, and a version does not reach the end of 64 bits")]
pub fn one_more<C: std::ops::Add<i64>>(column: C) -> C::Output {
    column + 1
}

/// Sends SQL text without parameters.
pub(crate) fn batch(db: &mut Db, sql: &str) -> Result<()> {
    db.batch_execute(sql).map_err(Error::from)
}

impl From<diesel::result::Error> for Error {
    fn from(fault: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Fault};
        match fault {
            Fault::DatabaseError(Kind::SerializationFailure, info) => Self::Retry(info.message().to_owned()),
            Fault::DatabaseError(Kind::UniqueViolation, info) => Self::Collision(info.message().to_owned()),
            // PostgreSQL reports a deadlock (40P01) under an unnamed kind.
            Fault::DatabaseError(_, info) if info.message().contains("deadlock detected") => Self::Retry(info.message().to_owned()),
            Fault::DatabaseError(_, info) if info.message().contains("disk is full") => {
                tracing::error!(fault = info.message(), "the database has no room");
                error::UNAVAILABLE.error()
            }
            other => Self::Internal(format!("database: {other}")),
        }
    }
}
