//! The ciphertexts of bids that were opened, beside a bundle: what was sealed, so that an auditor opens it again with what openers contributed.

use diesel::prelude::*;

use crate::db::schema::{bid_attachments, bids};
use crate::db::{Backend, Db};
use crate::kernel::Result;
use crate::kernel::id::BidId;
use crate::procurement::bids::BidState;

/// Bids read at a time: a ciphertext is a few kilobytes, and a megabyte at most.
pub const PAGE: i64 = 20;

/// A bid that was opened.
#[derive(Debug, Queryable)]
pub struct OpenedBid {
    /// Bid.
    pub id: BidId,
    /// SHA-256 of its ciphertext, as on its receipt.
    pub sha256: String,
    /// The ciphertext.
    pub ciphertext: Vec<u8>,
}

/// Opened bids after an id, at most [`PAGE`]. What stayed shut, was replaced or was taken back is nobody's to take away.
pub fn bids_after(db: &mut Db, after: Option<BidId>) -> Result<Vec<OpenedBid>> {
    let mut query = bids::table.filter(bids::state.eq_any(BidState::OPENED)).into_boxed::<Backend>();
    if let Some(after) = after {
        query = query.filter(bids::id.gt(after));
    }
    Ok(query.order(bids::id).limit(PAGE).select((bids::id, bids::ciphertext_sha256, bids::ciphertext)).load(db)?)
}

/// The SHA-256 of the ciphertexts of some bids' files.
pub fn files_of(db: &mut Db, of: &[BidId]) -> Result<Vec<String>> {
    let files = bid_attachments::table.filter(bid_attachments::bid_id.eq_any(of));
    Ok(files.order(bid_attachments::id).select(bid_attachments::ciphertext_sha256).load(db)?)
}
