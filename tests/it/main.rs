//! The integration tests: stories over HTTP and laws, on SQLite and on PostgreSQL.

mod areas;
mod support;
