//! Related parties: the profile by which they are found, the pure rule, and what is known of an organisation (R066, R069).

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{Card, Pair, Relation, RelationKind};
pub use rules::between;
pub use service::relations_among;
