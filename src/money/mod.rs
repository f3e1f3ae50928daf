//! Money: the double-entry ledger, and the funds that stand on it. Slices from the bottom up: `ledger`, `funds`.

pub mod funds;
pub mod ledger;
