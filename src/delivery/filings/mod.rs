//! The duties that follow a signature: the contract is published (R054) and filed with the finance bureau (R055), each within its working days. A late one is
//! recorded with its reason, since refusing it would only make it later.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
