//! How a milestone is accepted: the terms of the contract say how many sign and what a score or a quantity is worth; the signatures, then the conclusion
//! with the opinion of those served (R015), whose report is public.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
