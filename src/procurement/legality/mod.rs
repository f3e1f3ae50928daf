//! The legality sheet (合法性清单) of a tender: every rule that applies to each lot, met, warned, broken or not yet, with the day by which.
//! It only reads: facts are gathered from every step of the procurement and judged by the rule set that the tender keeps.

pub mod api;
pub mod gather;
