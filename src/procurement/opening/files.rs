//! Reading the files of the bids that are opened: ciphertext from the store, decrypted and hashed in memory, one after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::service::{SealedBid, SealedLot};
use crate::kernel::id::AttachmentId;
use crate::kernel::{Error, Result};
use crate::procurement::bids::attachments::{AttachmentRow, OpenedAttachmentRow};
use crate::trust::documents::DocumentStore;
use crate::trust::padding;
use crate::trust::sealed_files::{PADDED_BYTES, media_type_of};
use crate::trust::sealing::{BidKey, Opens, SealingKey};

/// What each file was found to be; what could not be read is absent.
pub type Found = BTreeMap<AttachmentId, OpenedAttachmentRow>;

/// Examines the files of the lots that are opened; names of plain uploads are always sealed to the server. Each is read whole, which its upload bounds, and forgotten before the next.
pub async fn examine(sealed: &[&SealedLot], store: &DocumentStore, opens: &BidKey, labels: &Arc<SealingKey>) -> Result<Found> {
    let mut found = Found::new();
    for SealedBid { bid, files, .. } in sealed.iter().flat_map(|lot| &lot.bids) {
        for file in files {
            let Some(ciphertext) = store.ciphertext(&file.ciphertext_sha256).await? else { continue };
            let (opens, labels, file, bid) = (opens.clone(), labels.clone(), file.clone(), bid.id);
            let opened = tokio::task::spawn_blocking(move || {
                describe(&opens, &labels, &ciphertext, &file).map(|row| OpenedAttachmentRow { bid_id: bid, ..row })
            })
            .await
            .map_err(|e| Error::internal(format!("decryption: {e}")))?;
            if let Some(row) = opened {
                found.insert(row.attachment_id, row);
            }
        }
    }
    Ok(found)
}

fn describe(opens: &BidKey, labels: &SealingKey, ciphertext: &[u8], file: &AttachmentRow) -> Option<OpenedAttachmentRow> {
    let opened = zeroize::Zeroizing::new(opens.open_bytes(ciphertext, PADDED_BYTES)?);
    let plaintext = padding::content(&opened);
    // A bidder that seals its files itself leaves their type unchecked; what may not be uploaded is handed on as mere bytes.
    let media_type = media_type_of(plaintext).unwrap_or("application/octet-stream");
    let named = file.plain(labels).map(|plain| plain.filename);
    Some(OpenedAttachmentRow {
        attachment_id: file.id,
        bid_id: file.bid_id?,
        position: file.position,
        filename: named.unwrap_or_else(|| format!("attachment-{}.{}", file.position, extension(media_type))),
        media_type: media_type.to_owned(),
        size_bytes: i64::try_from(plaintext.len()).unwrap_or(i64::MAX),
        sha256: hex::encode(Sha256::digest(plaintext)),
    })
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
