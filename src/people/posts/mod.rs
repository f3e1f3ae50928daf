//! Posts (职务): what people are in their units. A post says who somebody is; what an account may do, its roles say.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use store::titles_on;
