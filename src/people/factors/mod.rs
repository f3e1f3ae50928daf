//! Second factors: time-based one-time passwords (RFC 6238) with recovery codes, and the step-up that grave steps ask for.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use service::PROBLEMS;
