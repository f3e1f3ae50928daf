//! The closing of a tender: every sealed bid and file, with the points of its header where openers hold the key, gathered outside the transaction and checked again
//! in it.

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

/// What a closing is made of; `None` when it is closed already or not yet time. The command tells which. `of_server` is the server's own recipient.
pub fn draft(db: &mut Db, tender: &TenderRow, now: UtcInstant, of_server: &str) -> Result<Option<Draft>> {
    if check_time(tender, now).is_err() || is_closed(db, tender.id)? {
        return Ok(None);
    }
    let file = closings::custody(db, tender.id)?;
    let least = tenders::service::least_bids(db, tender)?;
    Ok(Some(Draft { blank: closings::blank(file.as_ref(), tender, least, of_server)?, sealed: sealed_lots(db, tender)? }))
}

/// Reads the headers of bids and files. What is no age file, or lost, has no points: it is in the set and cannot be opened.
pub async fn gather(draft: Draft, store: &DocumentStore) -> Result<Closing> {
    let mut closing = draft.blank;
    // Only openers work on points.
    let works_on = |recipient: &str| closing.ceremony_id.is_some() && recipient == closing.recipient;
    let mut lots = Vec::new();
    for lot in draft.sealed {
        let mut bids = Vec::new();
        for SealedBid { bid, ciphertext, files, .. } in &lot.bids {
            let mut closed = Vec::new();
            for file in files {
                let head = if works_on(&file.recipient) { store.head_of(&file.ciphertext_sha256, HEAD_BYTES).await? } else { None };
                let points = head.map(|head| encoded(&points_of(&head))).unwrap_or_default();
                closed.push(ClosedFile { attachment_id: file.id, sha256: file.ciphertext_sha256.clone(), points });
            }
            let points = if works_on(&bid.recipient) { encoded(&points_of(ciphertext)) } else { Vec::new() };
            bids.push(ClosedBid { bid_id: bid.id, sha256: bid.ciphertext_sha256.clone(), points, files: closed });
        }
        lots.push(ClosedLot { lot_id: lot.lot.id, opens: bids.len() >= closing.least, bids });
    }
    closing.lots = lots;
    closing.keep_shut();
    Ok(closing)
}

fn encoded(points: &[Point]) -> Vec<String> {
    points.iter().map(|point| STANDARD.encode(point)).collect()
}

/// Publishes the closing after checking that its bids are still the ones that were read; what was published before is given again.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, closing: Option<&Closing>) -> Result<ClosingRow> {
    let tender = granted.subject();
    closings::custody(tx, tender.id)?;
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
pub fn due(db: &mut Db, now: UtcInstant, limit: i64, of_server: &str) -> Result<Vec<(TenderRow, Draft)>> {
    let mut found = Vec::new();
    for tender in closings::unclosed(db, now.plus_seconds(GRACE_SECONDS.saturating_neg()), limit)? {
        if let Some(draft) = draft(db, &tender, now, of_server)? {
            found.push((tender, draft));
        }
    }
    Ok(found)
}

/// What the closing of a tender is made of that is opened before the runner has closed it, where the server holds its key.
pub fn draft_before_opening(db: &mut Db, tender: &TenderRow, now: UtcInstant, of_server: &str) -> Result<Option<Draft>> {
    if closings::custody(db, tender.id)?.is_some() { Ok(None) } else { draft(db, tender, now, of_server) }
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

/// Of the lots that still await their opening: another may have ended since its tender was closed.
fn differs(closing: &Closing, sealed: &[SealedLot]) -> Option<String> {
    let awaited = closing.lots.iter().filter(|lot| sealed.iter().any(|one| one.lot.id == lot.lot_id));
    let said: Vec<String> = awaited.flat_map(|lot| lot.bids.iter().flat_map(|bid| named(lot.lot_id, bid))).collect();
    let found: Vec<String> = sealed
        .iter()
        .flat_map(|lot| {
            lot.bids.iter().flat_map(|SealedBid { bid, ciphertext, files, .. }| {
                let files = files.iter().map(|file| ClosedFile {
                    attachment_id: file.id,
                    sha256: file.ciphertext_sha256.clone(),
                    points: Vec::new(),
                });
                named(lot.lot.id, &ClosedBid { bid_id: bid.id, sha256: actual(ciphertext), points: Vec::new(), files: files.collect() })
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
