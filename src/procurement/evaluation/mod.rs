//! Evaluation: panels drawn from the pool or reviewers, private score sheets, discussion of outliers, ranking, report, the bidder's own scores.

pub mod api;
pub mod conflicts;
pub mod deviation;
pub mod discussion;
pub mod draw;
pub mod lawful;
pub mod model;
pub mod own_scores;
pub mod panel;
pub mod panel_api;
pub mod policy;
pub mod report;
pub mod report_api;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::RankingRow;
pub use service::PROBLEMS;
