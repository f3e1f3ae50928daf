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
pub use model::{Balances, Cause, HoldKind, HoldRow, LedgerAccount, LegRow, Position, PostingKind, PostingRow, ReductionRow};
pub use rules::PROBLEMS;
pub use service::{
    APPROPRIATION, Slip, accept, advance, appropriate, balances, bounce, bounce_advance, carry, commit, commit_free, give_back, hold,
    open_accounts, pay, position, reduce, refund, release, release_part, reserve, restore, withdraw,
};
pub use store::{balances_at, balances_of, legs_of as legs, open_holds, pending_reductions, postings_of as postings};
