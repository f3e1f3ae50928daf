//! Awards: proposed to the best that is left, confirmed by the lead with its public notices, then a contract is drafted in delivery. An award
//! ends when the winner declines or does not sign, or when a challenge or complaint is upheld; then the next ranked is awarded or the lot is run again.

pub mod api;
pub mod clocks;
pub mod entry;
pub mod fate;
pub mod fate_api;
pub mod model;
pub mod notice;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use clocks::LawBook;
pub use entry::{award_without_bid, import};
pub use model::{AwardOrigin, AwardRow, AwardState, DirectAward, ImportedAward};
pub use rules::PROBLEMS;
