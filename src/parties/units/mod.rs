//! Units (单位): the public bodies that buy, pay, supervise, advise and incubate.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{UnitKind, UnitRow};
pub use service::PROBLEMS;
pub use store::{find, line_of, parent_of};
