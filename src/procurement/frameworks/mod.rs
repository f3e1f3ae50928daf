//! Framework agreements (框架协议): suppliers admitted for an item at a unit price; calls-off by direct order or by competition among them.

pub mod api;
pub mod calls_api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod view;

pub use rules::PROBLEMS;
pub use store::{of_tender, supplier_admitted};
