//! Changes of a contract in force: an increase or decrease of its price and a termination with settlement, each proposed by the unit and decided by
//! a finance officer who did not propose it. What is approved is posted in the same transaction.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
