//! Receipts of bids: issued with the submission, finished once the journal entry has its place. Exact bytes are kept, and never change afterwards.

use diesel::prelude::*;

use super::model::BidRow;
use crate::db::schema::bid_receipts;
use crate::db::{Db, Tx};
use crate::kernel::id::{BidId, JournalEntryId};
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::trust::journal::{self, Evidence};
use crate::trust::keychain::KeyOf;
use crate::trust::receipt::{Place, Receipt, ReceiptKey};
use crate::trust::sequencer;
use crate::words;

/// Seconds after which a submission may be tried again on a machine that lacks the new key.
const RETRY_SECONDS: u32 = 5;

/// A stored receipt.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bid_receipts, treat_none_as_default_value = false)]
pub struct ReceiptRow {
    /// The bid.
    pub bid_id: BidId,
    /// The note of the submission, before the entry had its place.
    pub provisional: String,
    /// The note with index, proof and checkpoint.
    pub finished: Option<String>,
    /// When the first was issued.
    pub issued_at: UtcInstant,
}

impl ReceiptRow {
    /// The latest note.
    pub fn note(&self) -> &str {
        self.finished.as_deref().unwrap_or(&self.provisional)
    }
}

/// The receipt of a bid.
pub fn of_bid(db: &mut Db, bid: BidId) -> Result<Option<ReceiptRow>> {
    Ok(bid_receipts::table.find(bid).first(db).optional()?)
}

/// Issues the receipt of a bid unless it has one, and finishes it if its entry has got its place. Changes nothing that a journal entry would tell of: what
/// the receipt says is the entry itself.
pub fn settle(tx: &mut Tx<'_>, bid: &BidRow, key: &ReceiptKey) -> Result<ReceiptRow> {
    let known = of_bid(tx, bid.id)?;
    if let Some(finished) = known.as_ref().filter(|row| row.finished.is_some()) {
        return Ok(finished.clone());
    }
    // The text is there as long as the bid is: nothing erases entries of bids.
    let entry = journal::evidence(tx, bid.tenant_id, "bid.sealed", bid.id.any())?
        .ok_or_else(|| Error::internal(format!("the bid {} has no journal entry with its text", bid.id)))?;
    let place = place_of(tx, &entry)?;
    let receipt = receipt_of(bid, entry, place);
    if let Some(row) = known.as_ref().filter(|_| receipt.place.is_none()) {
        return Ok(row.clone());
    }
    require_in_force(tx, key)?;
    let issued = match known {
        Some(row) => row,
        None => {
            let first = Receipt { place: None, ..receipt.clone() };
            let row = ReceiptRow { bid_id: bid.id, provisional: key.sign(&first), finished: None, issued_at: tx.now() };
            diesel::insert_into(bid_receipts::table).values(&row).execute(&mut **tx)?;
            row
        }
    };
    if receipt.place.is_none() {
        return Ok(issued);
    }
    Ok(diesel::update(bid_receipts::table.find(bid.id))
        .set(bid_receipts::finished.eq(Some(key.sign(&receipt))))
        .returning(bid_receipts::all_columns)
        .get_result(&mut **tx)?)
}

/// Refuses a key that was replaced. It is read in the transaction that the receipt belongs to, so that no entry after the announcement is told of with it.
fn require_in_force(db: &mut Db, key: &ReceiptKey) -> Result<()> {
    let own = key.verifier();
    if sequencer::chain(db, KeyOf::Receipts, &own)?.0.replaced(&own) {
        let why =
            words!("回执密钥已更换，本机尚未取得新密钥", "the key of receipts was replaced, and this machine has not got the new one yet");
        return Err(error::UNAVAILABLE.because(why).retry_after(RETRY_SECONDS));
    }
    Ok(())
}

fn receipt_of(bid: &BidRow, entry: Evidence, place: Option<Place>) -> Receipt {
    Receipt {
        bid: bid.id.to_string(),
        lot: bid.lot_id.to_string(),
        sha256: bid.ciphertext_sha256.clone(),
        received: bid.received_at.to_string(),
        entry: JournalEntryId::to_string(&entry.id),
        salt: entry.salt,
        text: entry.text,
        place,
    }
}

/// Where the entry stands, under the smallest checkpoint over it.
fn place_of(db: &mut Db, entry: &Evidence) -> Result<Option<Place>> {
    let fault = |_| Error::internal("an index or a size of the journal is negative");
    let Some(index) = entry.index else { return Ok(None) };
    let index = u64::try_from(index).map_err(fault)?;
    let Some(head) = sequencer::covering(db, index)? else { return Ok(None) };
    let path = sequencer::inclusion(db, index, u64::try_from(head.size).map_err(fault)?)?;
    Ok(Some(Place { index, path, checkpoint: head.note }))
}
