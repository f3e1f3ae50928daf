//! Challenges (质疑) to the purchaser and complaints (投诉) to the supervisor: who may, until when, what they suspend and what follows from them.

pub mod api;
pub mod complaints;
pub mod complaints_api;
pub mod model;
pub mod papers_api;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use rules::PROBLEMS;
