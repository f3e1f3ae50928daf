//! Password resets by mail: one link, once, for half an hour. The answer is the same whether or not the account exists.

pub mod api;
pub mod service;
mod store;

pub use service::PROBLEMS;
