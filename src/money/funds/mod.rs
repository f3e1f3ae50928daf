//! Funds (资金账户): stream × owning unit × year, and the appropriations (预算指标) that fill them.

pub mod api;
pub mod model;
pub mod policy;
pub mod purpose;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use model::{Custodian, FundRow, Stream};
pub use purpose::{Purpose, check_purpose};
pub use rules::PROBLEMS;
pub use service::{carry_over, find};
pub use store::sibling;
