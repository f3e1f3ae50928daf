//! Accounts that come with a registration wait until their address is confirmed by mail. What the caller is told does not depend on whether the address
//! has an account already; the mail does.

pub mod api;
pub mod service;
pub(crate) mod store;

pub use service::{PROBLEMS, ask};
