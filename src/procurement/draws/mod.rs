//! Draws (抽取): experts and the order of tied bids, from a frozen pool and randomness that neither the purchaser nor the server can choose.

pub mod api;
pub mod model;
pub mod policy;
pub mod record;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{DrawFile, DrawRow, DrawState, Hindrance, Method, NewDraw, Outcome, Purpose};
pub use record::DrawRecord;
pub use rules::PROBLEMS;
