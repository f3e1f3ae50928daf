//! Accounts: made by the platform's administrator, changed (roles, suspension) at once. An organisation's first account comes with its registration.

pub mod api;
pub mod model;
pub mod password_api;
pub mod policy;
pub mod service;
pub(crate) mod store;

pub use model::{AccountRow, NewAccount};
pub use store::{by_email, roles_of};
