//! Regulations: the storage and endpoints of the rule set, the working-day calendar, the thresholds and the budget subjects.

pub mod api;
pub mod change_api;
pub mod clocks;
pub mod configure;
mod import;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod thresholds_api;

pub use clocks::{Clock, ClockView};
pub use configure::thresholds_of;
pub use import::{import_budget_subjects, import_calendar, import_rules, import_thresholds};
pub use model::SubjectKind;
pub use service::PROBLEMS;
pub use store::{calendar, current_rule_set, rules_of, subject_exists};
