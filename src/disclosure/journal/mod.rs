//! The journal's proofs for auditors: checkpoint, inclusion, consistency.

pub mod api;
pub mod policy;

use crate::kernel::error::problems;

problems! {
    /// The entry has no place yet.
    NOT_SEQUENCED = "not_sequenced", 409, "存证尚未入树", "The entry is not in the tree yet",
        "存证日志每几秒入树一次，请稍后再试。",
        "Entries are integrated every few seconds; try again in a moment.";
}
