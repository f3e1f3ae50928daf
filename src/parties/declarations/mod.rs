//! Declarations (声明与承诺): what an organisation declares once and reuses in its bids, with its days and a warning before it expires.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{DeclarationKind, DeclarationRow};
pub use rules::{ReuseFlaw, reuse_flaw};
pub use service::{own, valid_on, warn_expiring};
