//! Procurement: from a catalogue item to an award. Inside, imports point down this list: awards, evaluation, opening, bids, tenders.

pub mod awards;
pub mod bids;
pub mod evaluation;
pub mod opening;
pub mod tenders;
