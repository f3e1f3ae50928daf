//! Contracts: drafted → finance_approved (the commitment is posted) → active (both signed, in any order) ⇄ suspended → completed | terminated. A contract
//! is born with its schedule of milestones; what happens to a milestone afterwards is `milestones`' business.

pub mod api;
pub mod ending;
pub mod halts;
pub mod law;
pub mod model;
pub mod papers;
pub mod payment_term;
pub mod policy;
pub mod rules;
pub mod schedule;
pub mod seals;
pub mod service;
pub(crate) mod store;
pub mod suspensions;
pub mod views;

pub use ending::void;
pub use model::{ContractRow, ContractState, NewContract, NewMilestone, Source};
pub use schedule::{MilestoneRow, MilestoneState};
pub use service::{PROBLEMS, add_milestone, complete_when_paid, draft, find, reopen, require_active, require_owing};
pub(in crate::delivery) use service::{keep, moved};
pub use store::of_award;
