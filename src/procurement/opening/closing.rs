//! The closing of a tender whose key openers hold: every sealed bid and file with the points of its header, gathered outside the transaction and checked again in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::service::{BIDS_CHANGED, GRACE_SECONDS, SealedBid, SealedLot, check_time, sealed_lots};
use crate::db::{Db, Tx};
use crate::kernel::id::{LotId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::people::{Actor, Authorized};
use crate::procurement::openers::closings;
use crate::procurement::openers::model::ClosingRow;
use crate::procurement::openers::rules::CLOSING_DIFFERS;
use crate::procurement::openers::{is_closed, policy};
use crate::procurement::tenders::{self, TenderRow};
use crate::trust::documents::DocumentStore;
use crate::trust::envelope::HEAD_BYTES;
use crate::trust::quorum::Point;
use crate::trust::quorum::opening::{ClosedBid, ClosedFile, ClosedLot, Closing};
use crate::trust::quorum::points::points_of;
use crate::words;

/// A closing without points, with the bids whose headers are still to be read.
pub struct Draft {
    blank: Closing,
    sealed: Vec<SealedLot>,
}

/// May the actor close the tender?
pub fn may(db: &mut Db, actor: &Actor, tender: TenderId) -> Result<Authorized<TenderRow>> {
    closings::may(db, actor, &policy::CLOSE, tender)
}

/// What a closing is made of; `None` when it is closed already or not yet time. The command tells which.
pub fn draft(db: &mut Db, tender: &TenderRow, now: UtcInstant) -> Result<Option<Draft>> {
    if check_time(tender, now).is_err() || is_closed(db, tender.id)? {
        return Ok(None);
    }
    let file = closings::ceremony(db, tender.id)?;
    let least = tenders::service::least_bids(db, tender)?;
    Ok(Some(Draft { blank: closings::blank(&file, tender, least)?, sealed: sealed_lots(db, tender)? }))
}

/// Reads the headers of bids and files. What is no age file, or lost, has no points: it is in the set and cannot be opened.
pub async fn gather(draft: Draft, store: &DocumentStore) -> Result<Closing> {
    let mut closing = draft.blank;
    for lot in draft.sealed {
        let mut bids = Vec::new();
        for SealedBid { bid, files, .. } in &lot.bids {
            let mut closed = Vec::new();
            for file in files {
                let points = match store.head_of(&file.ciphertext_sha256, HEAD_BYTES).await? {
                    Some(head) if file.recipient == closing.recipient => encoded(&points_of(&head)),
                    _ => Vec::new(),
                };
                closed.push(ClosedFile { attachment_id: file.id, sha256: file.ciphertext_sha256.clone(), points });
            }
            let points = if bid.recipient == closing.recipient { encoded(&points_of(&bid.ciphertext)) } else { Vec::new() };
            bids.push(ClosedBid { bid_id: bid.id, sha256: bid.ciphertext_sha256.clone(), points, files: closed });
        }
        closing.lots.push(ClosedLot { lot_id: lot.lot.id, opens: bids.len() >= closing.least, bids });
    }
    closing.keep_shut();
    Ok(closing)
}

fn encoded(points: &[Point]) -> Vec<String> {
    points.iter().map(|point| STANDARD.encode(point)).collect()
}

/// Publishes the closing after checking that its bids are still the ones that were read; what was published before is given again.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, closing: Option<&Closing>) -> Result<ClosingRow> {
    let tender = granted.subject();
    closings::ceremony(tx, tender.id)?;
    if is_closed(tx, tender.id)? {
        return closings::find(tx, tender.id);
    }
    check_time(tender, tx.now())?;
    let closing = closing.ok_or_else(|| BIDS_CHANGED.error())?;
    if differs(closing, &sealed_lots(tx, tender)?).is_some() {
        return Err(BIDS_CHANGED.error());
    }
    closings::publish(tx, tender, closing)
}

/// What the closings of tenders are made of whose time has come, at most `limit`.
pub fn due(db: &mut Db, now: UtcInstant, limit: i64) -> Result<Vec<(TenderRow, Draft)>> {
    let mut found = Vec::new();
    for tender in closings::unclosed(db, now.plus_seconds(GRACE_SECONDS.saturating_neg()), limit)? {
        if let Some(draft) = draft(db, &tender, now)? {
            found.push((tender, draft));
        }
    }
    Ok(found)
}

/// Publishes the closing of a tender whose time has come; by the runner, which acts for nobody. `false` when it was published meanwhile, or its bids changed
/// since they were read: then the next round tries again.
pub fn publish_due(tx: &mut Tx<'_>, due: &TenderRow, closing: &Closing) -> Result<bool> {
    let Some(tender) = tenders::store::find(tx, due.tenant_id, due.id)? else { return Ok(false) };
    if is_closed(tx, tender.id)? || check_time(&tender, tx.now()).is_err() || differs(closing, &sealed_lots(tx, &tender)?).is_some() {
        return Ok(false);
    }
    closings::publish(tx, &tender, closing).map(|_| true)
}

/// Refuses with the first bid that is in the database and not in the closing, or the other way round, or another ciphertext.
pub fn require_same(closing: &Closing, sealed: &[SealedLot]) -> Result<()> {
    match differs(closing, sealed) {
        None => Ok(()),
        Some(what) => Err(CLOSING_DIFFERS.because(words!("首个不一致之处：{what}", "the first difference: {what}"))),
    }
}

fn differs(closing: &Closing, sealed: &[SealedLot]) -> Option<String> {
    let said: Vec<String> = closing.lots.iter().flat_map(|lot| lot.bids.iter().flat_map(|bid| named(lot.lot_id, bid))).collect();
    let found: Vec<String> = sealed
        .iter()
        .flat_map(|lot| {
            lot.bids.iter().flat_map(|SealedBid { bid, files, .. }| {
                let files = files.iter().map(|file| ClosedFile {
                    attachment_id: file.id,
                    sha256: file.ciphertext_sha256.clone(),
                    points: Vec::new(),
                });
                named(
                    lot.lot.id,
                    &ClosedBid { bid_id: bid.id, sha256: actual(&bid.ciphertext), points: Vec::new(), files: files.collect() },
                )
            })
        })
        .collect();
    let extra = found.iter().find(|one| !said.contains(one)).map(|one| format!("{one} is not in the closing"));
    let missing = said.iter().find(|one| !found.contains(one)).map(|one| format!("{one} is not in the database"));
    extra.or(missing)
}

fn actual(ciphertext: &[u8]) -> String {
    hex::encode(Sha256::digest(ciphertext))
}

fn named(lot: LotId, bid: &ClosedBid) -> Vec<String> {
    let mut names = vec![format!("bid {} of lot {lot} ({})", bid.bid_id, bid.sha256)];
    names.extend(bid.files.iter().map(|file| format!("file {} of bid {} ({})", file.attachment_id, bid.bid_id, file.sha256)));
    names
}
