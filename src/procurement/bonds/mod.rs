//! Bonds (保证金): what bidders and suppliers lodged, what was received, returned or forfeited. Before the opening only finance and the bidder
//! see a bid bond, because it would tell who bids.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use rules::PROBLEMS;
