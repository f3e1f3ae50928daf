//! Service sessions (服务活动): recorded by the organisation, confirmed or disputed by the unit. Only what both sides confirm counts.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
