//! Delivery: agreements with their schedule of milestones, what is delivered and accepted, what is paid, what comes of it. Upper to lower: `reviews`,
//! `subcontracts`, `filings`, `changes`, `payments`, `acceptances`, `milestones`, `agreements`.

pub mod acceptances;
pub mod agreements;
pub mod changes;
pub mod filings;
pub mod milestones;
pub mod payments;
pub mod reviews;
pub mod subcontracts;
