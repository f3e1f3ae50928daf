//! The journal's proofs: checkpoint, keys, inclusion, consistency, tiles; and the feed of its entries. For auditors; what a cadence makes safe is for everybody.

pub mod api;
pub mod feed;
mod hidden;
pub mod policy;
pub mod tiles;

use crate::kernel::Result;
use crate::kernel::error::{self, problems};
use crate::people::Viewer;
use crate::trust::cadence::Rhythm;

problems! {
    /// The entry has no place yet.
    NOT_SEQUENCED = "not_sequenced", 409, "存证尚未入树", "The entry is not in the tree yet",
        "存证日志每几秒入树一次，请稍后再试。",
        "Entries are integrated every few seconds; try again in a moment.";
}

/// Lets everybody in where the journal has a cadence, and otherwise those who may read its proofs.
fn admitted(viewer: &Viewer, rhythm: Rhythm) -> Result<()> {
    if rhythm.0.is_some() || viewer.person()?.has_any(policy::READ.roles) { Ok(()) } else { Err(error::FORBIDDEN.error()) }
}
