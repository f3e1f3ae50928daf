//! The integration tests: stories over HTTP and laws, on SQLite and on PostgreSQL.

mod architecture;
mod areas;
mod chain;
mod delivery;
mod denial;
mod market;
mod migrations;
mod money;
mod money_forged;
mod money_reference;
mod openapi;
mod outcomes;
mod parties;
mod policy;
mod regulations;
mod sessions;
mod support;
mod system;
mod writer;
