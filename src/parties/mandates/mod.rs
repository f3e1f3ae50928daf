//! Mandates: an agent (代理机构) acts for a purchaser in one case or for a period, within a scope.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use service::acts_for;
