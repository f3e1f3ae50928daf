//! Areas (区划): district → subdistrict or township → community → grid, with validity dates. The template that every slice copies.

pub mod api;
mod import;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use import::import_csv;
pub use model::{AreaKind, AreaRow};
pub use service::PROBLEMS;
