//! The organisation file: certificates, ratings and annual checks, entered by the organisation, verified by somebody else, never edited.

pub mod api;
pub mod decision_api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod scan_api;
pub mod service;
pub(crate) mod store;

pub use api::RecordView;
pub use model::{Grade, RecordKind, RecordRow, RecordState};
pub use service::{PROBLEMS, counted, rating_on, rating_term, warn_expiring};
