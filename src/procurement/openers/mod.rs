//! Openers who hold a tender's key together: their keys, the ceremony that makes it, and what they contribute to the opening. No share ever comes here.

pub mod api;
pub mod ceremonies;
pub mod ceremonies_api;
pub mod closings;
pub mod keys;
pub mod model;
pub mod policy;
pub mod proof;
pub mod rules;
pub(crate) mod store;
pub mod views;

pub use ceremonies::{recipient, require_ready};
pub use closings::is_closed;
pub use rules::PROBLEMS;
