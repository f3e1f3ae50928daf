//! Incubation (孵化): applied → admitted → incubating → graduated, or exited with a reason.

pub mod api;
pub mod assessments;
pub mod base_api;
pub mod board;
pub mod mentoring;
pub mod model;
pub mod places;
pub mod policy;
pub mod practice_api;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{IncubationRow, IncubationState};
pub use service::PROBLEMS;
pub use store::{bases_of, is_incubated};
