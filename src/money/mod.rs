//! Money: the double-entry ledger, the funds that stand on it, the lines that fund a lot or a contract, and what a finance office does with them
//! over the year. Slices from the bottom up: `ledger`, `funds`, `funding`, `resourcings`, `year_ends`, `reconciliations`, `matching`.

pub mod funding;
pub mod funds;
pub mod ledger;
pub mod matching;
pub mod reconciliations;
pub mod resourcings;
pub mod year_ends;
