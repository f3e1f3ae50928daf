//! Milestones: planned → delivered → accepted | rejected(reason) → delivered again. Acceptance needs the beneficiaries' opinion (R015) and makes
//! the amount payable.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;

pub use model::MilestoneFile;
pub use service::{KIND, file};
pub(in crate::delivery) use service::{keep, moved};
