//! Where an organisation is paid: proposed by its administrator, counted only after a second person confirmed it.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::BankAccountRow;
pub use service::PROBLEMS;
pub use store::{confirmed_of, of_ids};
