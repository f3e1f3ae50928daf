//! Recovery of an account whose second factor is lost: one person asks, another confirms, and the owner is told at each step.

pub mod api;
pub mod model;
pub mod policy;
pub mod service;
pub(crate) mod store;

pub use service::PROBLEMS;
