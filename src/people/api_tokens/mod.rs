//! Tokens of machine clients: made by a person for some of what it may do, stored hashed, shown once.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::{READ, Scopes};
pub use service::PROBLEMS;
