//! Regulations: the storage and endpoints of the rule set, the working-day calendar and the budget subjects.

pub mod api;
mod import;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use import::{import_budget_subjects, import_calendar, import_rules};
pub use model::SubjectKind;
pub use service::PROBLEMS;
pub use store::{calendar, current_rule_set, rules_of, subject_exists};
