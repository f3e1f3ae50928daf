//! Awards without competition: the one supplier that a single-source, direct or framework purchase names, with its price and the reason.

pub mod api;
pub mod policy;
pub mod service;

pub use service::PROBLEMS;
