//! Reveals over HTTP.

use std::sync::Arc;

use actix_web::{post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;
use zeroize::Zeroizing;

use super::reveals::{self, FileKeys, REVEAL_WRONG};
use super::{policy, store};
use crate::kernel::id::BidId;
use crate::kernel::{Error, Result};
use crate::people;
use crate::people::desk::admit;
use crate::trust::documents::DocumentStore;
use crate::trust::sealing::{BidKey, PLAINTEXT_MAX, RevealedKeys, open_with_file_key};
use crate::web::{Answer, Body, Call, Failure, Id, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(reveal_bid);
}

/// What opens a bid, as `baiyi seal reveal` prints it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealBid {
    /// The keys of the bid's ciphertext and of each of its files.
    #[schema(min_items = 1, max_items = 21)]
    pub file_keys: Vec<FileKeyGiven>,
}

/// The key of one ciphertext.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileKeyGiven {
    /// SHA-256 of the ciphertext as on the receipt, lower-case hex.
    #[schema(min_length = 64, max_length = 64, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
    /// Its age file key, base64 of 16 bytes.
    #[schema(min_length = 24, max_length = 24, example = "WUVMTE9XIFNVQk1BUklORQ==")]
    pub file_key: String,
}

/// A revealed bid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RevealView {
    /// Bid.
    pub bid_id: BidId,
    /// Ciphertexts that can be opened now.
    #[schema(max_items = 21, example = json!(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]))]
    pub ciphertexts: Vec<String>,
}

fn parsed(asked: &RevealBid) -> Result<FileKeys> {
    let key = |(index, one): (usize, &FileKeyGiven)| {
        let bad = || Error::field(format!("/file_keys/{index}/file_key"), words!("须为 16 字节的 base64", "base64 of 16 bytes"));
        let key = STANDARD.decode(&one.file_key).ok().and_then(|key| key.try_into().ok()).ok_or_else(bad)?;
        Ok((one.ciphertext_sha256.clone(), key))
    };
    asked.file_keys.iter().take(21).enumerate().map(key).collect()
}

/// Reveal a bid
///
/// By its bidder, after the openers of the tender were given up (`POST /tenders/{tender_id}/lost-quorum`): the file keys that its own recovery key unwraps. Each is tried on the stored
/// ciphertext, whose hash the receipt and the closing name; until every bid is revealed or the time is over, nothing is opened.
#[utoipa::path(tag = "bids", params(("bid_id" = BidId, Path, description = "The bid")), request_body = RevealBid,
    responses((status = 201, description = "Revealed", body = RevealView)),
    extensions(("x-action" = json!(policy::REVEAL.name)), ("x-problems" = json!(["nothing_to_reveal", "reveal_wrong"]))), security(("bearer" = [])))]
#[post("/bids/{bid_id}/reveal")]
async fn reveal_bid(call: Call, id: Id<BidId>, documents: web::Data<DocumentStore>, body: Body<RevealBid>) -> Answer {
    let bid = id.0;
    let (own, named) = admit(&call, move |db, actor| {
        let granted = reveals::may(db, actor, bid)?;
        let named = reveals::ciphertexts(db, granted.subject())?;
        Ok((store::ciphertext(db, bid)?, named))
    })
    .await
    .map_err(Failure)?;
    let keys = body.get().and_then(parsed);
    let fits = match &keys {
        Ok(keys) => tried(&documents, own, &named, keys.clone()).await.map_err(Failure)?,
        Err(_) => false,
    };
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| reveals::may(tx, actor, bid),
        move |tx, granted| {
            let keys = parsed(body.get()?)?;
            if !fits {
                return Err(REVEAL_WRONG.error());
            }
            reveals::keep(tx, &granted, &keys)?;
            Reply::created(format!("/api/v1/bids/{bid}"), &RevealView { bid_id: bid, ciphertexts: keys.into_keys().collect() })
        },
    )
    .await
}

/// Whether there is a key for every ciphertext of the bid and each opens it: the bid's own, which is at hand, and its files, which stream past.
async fn tried(documents: &DocumentStore, own: Vec<u8>, named: &[String], keys: FileKeys) -> Result<bool> {
    let Some((first, files)) = named.split_first() else { return Ok(false) };
    let (Some(key), true) = (keys.get(first).copied(), keys.len() == named.len()) else { return Ok(false) };
    let opened = tokio::task::spawn_blocking(move || open_with_file_key(key, &own, PLAINTEXT_MAX).map(Zeroizing::new).is_some()).await;
    if !opened.map_err(|e| Error::internal(format!("decryption: {e}")))? {
        return Ok(false);
    }
    let opens = BidKey::Revealed(Arc::new(RevealedKeys { recipient: String::new(), keys }));
    for sha256 in files {
        if documents.content_of(sha256, &opens).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
