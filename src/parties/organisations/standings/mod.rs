//! Standings of an organisation: suspensions and entries in the lists of abnormal and of seriously dishonest organisations, each dated.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{StandingKind, StandingRow, Supply, SupplyNote};
pub use rules::standing_on;
pub use service::{may_supply, settle};
