//! Incubation (孵化): applied → admitted → incubating → graduated, or exited with a reason.

pub mod api;
pub mod model;
pub mod policy;
pub mod service;
pub(crate) mod store;

pub use model::{IncubationRow, IncubationState};
pub use service::PROBLEMS;
pub use store::is_incubated;
