//! Keys with which an organisation signs its bids: registered by its administrator, counted only after a second person of it confirmed the fingerprint.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::SigningKeyRow;
pub use rules::{PROBLEMS, Possession};
pub use service::{demanded, signer};
