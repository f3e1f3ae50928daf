//! Evaluation: panels drawn from the pool or reviewers, private score sheets, discussion of outliers, ranking, report, the bidder's own scores.

pub mod api;
pub mod commitments;
pub mod commitments_api;
pub mod conflicts;
pub mod departures;
pub mod deviation;
pub mod discussion;
pub mod draws_api;
pub mod lawful;
pub mod lots_draws;
pub mod model;
pub mod own_scores;
pub mod panel;
pub mod panel_api;
pub mod policy;
pub mod ranking_record;
pub mod report;
pub mod report_api;
pub mod rules;
pub mod service;
pub mod sheets;
pub(crate) mod store;

pub use model::RankingRow;
pub use service::PROBLEMS;
