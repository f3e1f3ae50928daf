//! From a plan to its tenders: a tender drafted in the plan's case, for its item, inside its budget.

pub mod api;
pub mod policy;
pub mod service;
