//! Hundred projects (百个公益项目): proposed → selected (number 1–100 of the cohort) → delivering → verified → honoured | dropped.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use model::{IndicatorKind, IndicatorRow, ProjectRow, ProjectState};
pub use service::{PROBLEMS, find, indicators_of, link, mark_verified, note};
