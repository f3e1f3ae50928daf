//! Review (资格审查、符合性审查): after the opening and before scoring, bid by bid, with reasons; then prices that are abnormally low, and whether
//! enough bids are left.

pub mod api;
pub mod low_prices;
pub mod low_prices_api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use rules::PROBLEMS;
pub use service::require_concluded;
