//! The few statements that differ between the backends.

use super::types::Db;

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

/// SQL that answers how many bytes the database takes, for `/metrics`.
pub const fn size_in_bytes_sql(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "SELECT CAST(page_count * page_size AS BIGINT) AS number FROM pragma_page_count(), pragma_page_size()",
        Db::Postgres(_) => "SELECT pg_database_size(current_database()) AS number",
    }
}
