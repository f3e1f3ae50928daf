//! The few statements that differ between the backends.

use diesel::prelude::*;

use super::types::Db;
use crate::kernel::error;
use crate::kernel::{Result, UtcInstant};

/// How far this process's clock may be from the database's where an instant decides, in milliseconds.
const CLOCK_TOLERANCE_MILLIS: i64 = 1000;

/// Refuses with `unavailable` when this process's clock is more than a second away from the database's: a replica with a wrong clock must not decide
/// whether a bid is in time. SQLite is in this process and has its clock.
pub fn check_clock(db: &mut Db) -> Result<()> {
    #[derive(QueryableByName)]
    struct Clock {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        millis: i64,
    }
    let Db::Postgres(connection) = db else { return Ok(()) };
    let clock: Clock =
        diesel::sql_query("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS millis").get_result(connection)?;
    if agrees(clock.millis, UtcInstant::machine_now().unix_millis()) {
        return Ok(());
    }
    tracing::error!(database = clock.millis, "this machine's clock differs from the database's by more than a second; bids are refused");
    Err(error::UNAVAILABLE.error().retry_after(5))
}

/// The key of the lock that the leading sequencer holds; any number that nothing else uses.
const JOURNAL_LOCK: i64 = 0x6a6f_7572_6e61_6c00;

/// Whether this transaction leads the journal: on PostgreSQL one of all processes does until its transaction ends, however it ends. SQLite has one
/// writer at a time anyway.
pub fn leads_the_journal(db: &mut Db) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        got: bool,
    }
    let Db::Postgres(connection) = db else { return Ok(true) };
    let lock: Lock = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS got")
        .bind::<diesel::sql_types::BigInt, _>(JOURNAL_LOCK)
        .get_result(connection)?;
    Ok(lock.got)
}

fn agrees(one: i64, other: i64) -> bool {
    one.abs_diff(other) <= CLOCK_TOLERANCE_MILLIS.unsigned_abs()
}

/// SQL that claims up to `$3` due outbox rows until `$2` as of `$1` and returns their ids. On PostgreSQL other runners' rows are skipped;
/// on SQLite the single writer makes that unnecessary.
pub const fn claim_due_sql(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => {
            "UPDATE outbox SET claimed_until = $2, attempts = attempts + 1 WHERE id IN (\
             SELECT id FROM outbox WHERE sent_at IS NULL AND abandoned_at IS NULL AND due_at <= $1 \
             AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY due_at, id LIMIT $3) RETURNING id"
        }
        Db::Postgres(_) => {
            "UPDATE outbox SET claimed_until = $2, attempts = attempts + 1 WHERE id IN (\
             SELECT id FROM outbox WHERE sent_at IS NULL AND abandoned_at IS NULL AND due_at <= $1 \
             AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING id"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_agree_up_to_a_second_either_way() {
        assert!(agrees(5000, 6000) && agrees(6000, 5000));
        assert!(!agrees(5000, 6001) && !agrees(6001, 5000));
    }
}
