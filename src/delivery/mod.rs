//! Delivery: agreements with their schedule of milestones, what is delivered and accepted, what is paid. Upper to lower: `changes`,
//! `payments`, `milestones`, `agreements`.

pub mod agreements;
pub mod changes;
pub mod milestones;
pub mod payments;
