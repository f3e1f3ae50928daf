//! Evaluation: evaluators appointed to a lot, private score sheets, ranking with the price formula.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::RankingRow;
pub use service::PROBLEMS;
