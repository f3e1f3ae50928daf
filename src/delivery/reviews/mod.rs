//! Performance reviews (绩效评价): what a supplier's work under a contract was worth, its reply, and its record from all contracts.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
