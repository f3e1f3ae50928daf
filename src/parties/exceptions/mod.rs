//! Marked exceptions from the separation of duties: recorded beforehand by a unit's lead, reviewed within days by somebody else.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use service::PROBLEMS;
