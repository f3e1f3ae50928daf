//! Guiding catalogues (政府购买服务指导性目录): editions of the tree of services that may be bought.

pub mod api;
mod import;
mod items_api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use import::import_edition;
pub use model::{EditionRow, EditionState, ItemRow, Origin};
pub use service::PROBLEMS;
pub use store::{code_of, find_item, published_item};
