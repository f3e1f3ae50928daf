//! Organisations (承接主体): who registers, is verified and may then take on services.

pub mod api;
pub mod bank_accounts;
pub mod model;
pub mod policy;
pub mod records;
pub mod relations;
pub mod rules;
pub mod service;
pub mod signing_keys;
pub mod standings;
pub(crate) mod store;

pub use model::{OrganisationKind, OrganisationRow, OrganisationState};
pub use relations::{Pair, Relation, RelationKind, relations_among};
pub use service::PROBLEMS;
pub use standings::{Supply, SupplyNote, may_supply, standing_on};
pub use store::find;
