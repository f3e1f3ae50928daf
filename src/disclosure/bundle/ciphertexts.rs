//! The ciphertexts of bids that were opened, beside a bundle: what was sealed, so that an auditor opens it again with what openers contributed.

use diesel::prelude::*;

use crate::db::Db;
use crate::db::schema::{bid_attachments, bids, tenders};
use crate::kernel::Result;
use crate::kernel::id::BidId;

/// Bids read at a time: a ciphertext is a few kilobytes, and a megabyte at most.
pub const PAGE: i64 = 20;

/// A bid of a tender that was opened.
#[derive(Debug, Queryable)]
pub struct OpenedBid {
    /// Bid.
    pub id: BidId,
    /// SHA-256 of its ciphertext, as on its receipt.
    pub sha256: String,
    /// The ciphertext.
    pub ciphertext: Vec<u8>,
}

/// Bids of opened tenders after an id, at most [`PAGE`]. What stayed shut is nobody's to take away.
pub fn bids_after(db: &mut Db, after: Option<BidId>) -> Result<Vec<OpenedBid>> {
    let mut query = bids::table.inner_join(tenders::table).filter(tenders::opened_at.is_not_null()).into_boxed::<crate::db::Backend>();
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
