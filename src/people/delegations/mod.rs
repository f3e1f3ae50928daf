//! Delegations (AB角): dated loans of one's roles in a unit to a colleague. How they act is decided in [`policy`](super::policy).

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use service::PROBLEMS;
