//! Reading of the files of the bids that are opened: ciphertext from the store, decrypted and hashed piece by piece, one file after another.

use std::collections::BTreeMap;

use super::service::{SealedBid, SealedLot};
use crate::kernel::Result;
use crate::kernel::id::{AttachmentId, BidId};
use crate::procurement::bids::attachments::{AttachmentRow, OpenedAttachmentRow};
use crate::trust::documents::DocumentStore;
use crate::trust::sealing::{BidKey, SealingKey};
use crate::trust::unsealing::Content;

/// What each file was found to be; what could not be read is absent.
pub type Found = BTreeMap<AttachmentId, OpenedAttachmentRow>;

/// Examines the files of the lots that are opened; names of plain uploads are always sealed to the server.
pub async fn examine(sealed: &[&SealedLot], store: &DocumentStore, opens: &BidKey, labels: &SealingKey) -> Result<Found> {
    let mut found = Found::new();
    for SealedBid { bid, files, .. } in sealed.iter().flat_map(|lot| &lot.bids) {
        for file in files {
            if let Some(content) = store.content_of(&file.ciphertext_sha256, opens).await? {
                found.insert(file.id, describe(content, labels, bid.id, file));
            }
        }
    }
    Ok(found)
}

fn describe(content: Content, labels: &SealingKey, bid: BidId, file: &AttachmentRow) -> OpenedAttachmentRow {
    // A bidder that seals its files itself leaves their type unchecked; what may not be uploaded is handed on as mere bytes.
    let media_type = content.media_type.unwrap_or("application/octet-stream");
    let named = file.plain(labels).map(|plain| plain.filename);
    OpenedAttachmentRow {
        attachment_id: file.id,
        bid_id: bid,
        position: file.position,
        filename: named.unwrap_or_else(|| format!("attachment-{}.{}", file.position, extension(media_type))),
        media_type: media_type.to_owned(),
        size_bytes: i64::try_from(content.size_bytes).unwrap_or(i64::MAX),
        sha256: content.sha256,
    }
}
fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        _ => "bin",
    }
}
