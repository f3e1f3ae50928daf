//! The directory of capable organisations (有承接能力的社会组织目录): calls of a year, applications per catalogue item, publicity, editions.

pub mod api;
pub mod applications;
pub mod applications_api;
pub mod decisions_api;
pub mod entries_api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use applications::is_open_to;
pub use model::{ApplicationRow, ApplicationState, CallRow, CallState};
pub use service::PROBLEMS;
