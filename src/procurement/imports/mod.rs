//! Purchases run on the statutory platform (平台外采购): imported with their award, approved by finance, and going on from there to the contract.

pub mod api;
pub mod csv_api;
pub mod import;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod view;

pub use rules::PROBLEMS;
