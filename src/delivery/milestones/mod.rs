//! Milestones: planned → delivered → accepted | rejected(reason) → delivered again. How one is accepted is `acceptances`' business.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;

pub use model::MilestoneFile;
pub use service::{KIND, file};
pub(in crate::delivery) use service::{keep, moved};
