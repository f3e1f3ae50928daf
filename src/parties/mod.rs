//! Parties and places. The slices in their order, each using only those before it: areas, units, organisations, regulations.

pub mod areas;
pub mod organisations;
pub mod regulations;
pub mod units;
