//! Purchase plans (采购计划): need, budget and intended procedure; approved by the lead, made public as an intention (意向公开), then tendered.

pub mod api;
pub mod details;
pub mod model;
pub mod policy;
pub mod purchases;
pub mod purchases_api;
pub mod rules;
pub mod service;
pub mod settings;
pub mod settings_api;
pub(crate) mod store;
pub mod tendering;
pub mod view;

pub use model::{PlanRow, PlanState};
pub use rules::PROBLEMS;
