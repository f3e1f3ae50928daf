//! Funding: what pays for a lot and later for its contract, line by line. A line is one fund, or a later year's money that has no fund yet.
//! Several streams may fund one owner; every acceptance and payment is spread over the lines to the fen.

pub mod api;
pub mod changing;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub mod spending;
pub(crate) mod store;
pub mod views;

pub use changing::{extend, shrink};
pub use model::{Leg, LineFile, LineRow, LineState, NewLine, Owner};
pub use rules::{FUNDING_EXCEEDED, PROBLEMS, apportion};
pub use service::{adopt, carried, commit, file, fulfil, lines, plan, purpose_of, release, renew, reserve, resource};
pub use spending::{Accepted, accept, advance, bounce, committed, pay, payable, refund, totals};
