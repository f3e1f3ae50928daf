//! The ledger (账本): append-only, double-entry, one fund per posting. Other contexts move money only through the functions named here.

pub mod api;
pub mod invariants;
#[cfg(test)]
mod laws;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use invariants::{INVARIANTS, Invariant, Violation, check_invariants};
pub use model::{Balances, Cause, HoldKind, HoldRow, LedgerAccount, LegRow, PostingKind, PostingRow};
pub use rules::PROBLEMS;
pub use service::{accept, appropriate, balances, commit, hold, open_accounts, pay, release, reserve};
pub use store::{balances_of, legs_of as legs, postings_of as postings};
