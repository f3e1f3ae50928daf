//! Bids (响应): sealed with age, kept as ciphertext only, replaced or withdrawn before the deadline. Rivals never learn that one exists.

pub mod api;
mod arrival;
pub mod attachments;
pub mod attachments_api;
pub mod consortium;
pub mod consortium_api;
pub mod drafts;
pub mod drafts_api;
pub mod model;
pub mod offer;
pub mod policy;
pub mod receipts;
pub mod receipts_api;
pub mod reuse;
pub mod reveals;
pub mod reveals_api;
pub mod rules;
pub mod sealer;
pub mod service;
pub mod signatures;
pub mod statement;
pub(crate) mod store;

pub use model::{BidRow, BidState, SealedBy};
pub use rules::{BidPayload, Declared, FORMAT, PROBLEMS};
