//! Invitations: a person gets a mail and makes its own account with its own password; the mail proves the address.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use service::PROBLEMS;
