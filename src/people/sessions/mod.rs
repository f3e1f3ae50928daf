//! Sessions: login, rotating refresh tokens (a replayed one ends the family), listing and revocation.

pub mod api;
pub mod cookie;
pub mod service;
pub(crate) mod store;
