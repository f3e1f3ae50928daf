//! Opening: decrypt outside, one short transaction records. Plaintext lives in `opened_bids`, owned here; evaluation reads only that.

pub mod api;
pub mod policy;
pub mod service;
pub(crate) mod store;

pub use service::PROBLEMS;
pub use store::OpenedRow;
