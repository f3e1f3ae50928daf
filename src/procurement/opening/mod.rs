//! Opening: decrypt outside, one short transaction records. Plaintext lives in `opened_bids`, owned here; evaluation reads only that.

pub mod api;
pub mod closing;
pub mod closing_api;
pub mod files;
pub mod marks;
pub mod policy;
pub mod record;
pub mod rules;
pub mod service;
pub mod sessions;
pub mod sessions_api;
pub(crate) mod store;

pub use marks::MarkRow;
pub use service::PROBLEMS;
pub use store::{OpenedRow, StatementRow};
