//! Awards: proposed to the first ranked, confirmed by the lead, then a contract is drafted in delivery.

pub mod api;
pub mod model;
pub mod policy;
pub mod service;
pub(crate) mod store;

pub use model::AwardRow;
pub use service::PROBLEMS;
