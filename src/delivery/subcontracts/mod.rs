//! Subcontracting as agreed: the supplier names who does which part for how much, the unit consents. Handing the whole on (转包) is refused.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
