//! Matching money (配套资金) that never passes the treasury: a memo, never authority. Pledged → evidenced → verified.

pub mod api;
pub mod model;
pub mod policy;
pub mod service;
pub(crate) mod store;
