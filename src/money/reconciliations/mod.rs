//! Reconciliation (对账): the treasury's file of a month against the ledger's. Differences are listed, and each is explained.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
