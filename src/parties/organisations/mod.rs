//! Organisations (承接主体): who registers, is verified and may then take on services.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{OrganisationKind, OrganisationRow, OrganisationState};
pub use service::PROBLEMS;
pub use store::find;
