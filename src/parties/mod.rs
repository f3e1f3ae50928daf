//! Parties and places. The slices in their order, each using only those before it: areas, units, regulations, organisations,
//! declarations, exceptions, mandates.

pub mod areas;
pub mod declarations;
pub mod exceptions;
pub mod mandates;
pub mod organisations;
pub mod regulations;
pub mod units;
