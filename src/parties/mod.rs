//! Parties and places: areas, units, organisations, and the storage of the rule set.

pub mod areas;
