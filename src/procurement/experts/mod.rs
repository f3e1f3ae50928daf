//! The pool of experts (评审专家库): fields, employers, declared ties, suspension. Personal data stays with its keepers and the expert.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod view;

pub use model::{ExpertFile, ExpertRow, ExpertState, TieRow};
pub use service::PROBLEMS;
