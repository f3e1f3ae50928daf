//! A bid as it comes in: either a ciphertext, brought to its binary form and looked at from outside, or a plain offer, which is sealed. Runs outside every
//! transaction.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::api::{SubmitBid, plain_hashes};
use super::attachments::AttachmentRow;
use super::model::SealedBy;
use super::offer::Bound;
use super::rules::{self, CIPHERTEXT_MAX};
use crate::kernel::{Error, Result};
use crate::trust::envelope;
use crate::trust::sealing::{SealTo, SealingKey};
use crate::words;

/// What is stored of an arrived bid: who sealed it, and the binary age file.
pub(super) fn seal(
    asked: &SubmitBid,
    bound: &Bound,
    files: &[AttachmentRow],
    key: &SealingKey,
    to: &SealTo,
) -> Result<(SealedBy, Vec<u8>)> {
    match (&asked.ciphertext, &asked.offer) {
        (Some(ciphertext), None) => Ok((SealedBy::Bidder, binary(ciphertext, asked.recovery_recipient)?)),
        (None, Some(_)) if asked.recovery_recipient => {
            Err(Error::field("/recovery_recipient", words!("只用于自行密封的响应", "only for a bid that you sealed yourself")))
        }
        (None, Some(offer)) => Ok((SealedBy::Server, offer.seal(bound, plain_hashes(files, key)?, to)?)),
        _ => Err(Error::field("", words!("须恰好给出 ciphertext 与 offer 之一", "give exactly one of ciphertext and offer"))),
    }
}

/// The binary age file of a text that is either its ASCII armor or its base64.
fn binary(text: &str, recovery: bool) -> Result<Vec<u8>> {
    let not_age = || rules::NOT_SEALED.error();
    let sealed = if text.starts_with('-') { text.as_bytes().to_vec() } else { STANDARD.decode(text).map_err(|_| not_age())? };
    let file = envelope::normalise(&sealed, recovery).map_err(|flaw| flaw.refusal(not_age))?;
    if file.len() > CIPHERTEXT_MAX {
        return Err(Error::field("/ciphertext", words!("最多 {CIPHERTEXT_MAX} 字节", "at most {CIPHERTEXT_MAX} bytes")));
    }
    Ok(file)
}
