//! Reveals: the openers of a tender were given up, and its bidders open their bids with their own recovery keys. What is revealed is the age file key of a
//! ciphertext that the closing names, so that nothing else than what was submitted can be opened with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use serde_json::json;

use super::model::BidRow;
use super::{attachments, policy, service, store};
use crate::db::schema::bid_reveals;
use crate::db::{Db, Tx};
use crate::kernel::error::problems;
use crate::kernel::id::{AccountId, BidId, TenderId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people::Actor;
use crate::people::policy::{Authorized, authorize};
use crate::procurement::openers::closings::{self, Gathered};
use crate::procurement::openers::rules::{REVEAL_HOURS, REVEALS_MISSING};
use crate::trust::sealing::{BidKey, FILE_KEY_BYTES, RevealedKeys};
use crate::words;

problems! {
    /// There is nothing to reveal.
    NOTHING_TO_REVEAL = "nothing_to_reveal", 409, "无须揭示", "There is nothing to reveal",
        "仅在开标员缺失、采购人公告改由响应人揭示之后，且开启之前，方可揭示。",
        "A bid is revealed only after the openers of its tender were given up and before it is opened.";
    /// The keys do not open the bid.
    REVEAL_WRONG = "reveal_wrong", 422, "揭示的密钥不符", "The keys do not open the bid",
        "须给出本响应及其每个附件密文的文件密钥，且均能打开回执所载的密文。",
        "Give the file key of the bid's ciphertext and of each of its files; each must open the ciphertext that the receipt names.";
}

/// File keys by the SHA-256 of their ciphertext, lower-case hex.
pub type FileKeys = BTreeMap<String, [u8; FILE_KEY_BYTES]>;

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bid_reveals)]
struct RevealRow {
    bid_id: BidId,
    tender_id: TenderId,
    file_keys: Doc,
    revealed_by: AccountId,
    revealed_at: UtcInstant,
}

/// May the actor reveal this bid?
pub fn may(db: &mut Db, actor: &Actor, id: BidId) -> Result<Authorized<BidRow>> {
    let bid = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::REVEAL, bid)
}

/// The SHA-256 of every ciphertext of a bid, each once: its own, then its files'.
pub fn ciphertexts(db: &mut Db, bid: &BidRow) -> Result<Vec<String>> {
    let mut named = vec![bid.ciphertext_sha256.clone()];
    for file in attachments::of_bid(db, bid.id)? {
        if !named.contains(&file.ciphertext_sha256) {
            named.push(file.ciphertext_sha256);
        }
    }
    Ok(named)
}

/// Keeps the keys of a bid, which were tried on its ciphertexts outside the transaction.
pub fn keep(tx: &mut Tx<'_>, granted: &Authorized<BidRow>, keys: &FileKeys) -> Result<()> {
    let bid = granted.subject();
    let lost = closings::find(tx, bid.tender_id).is_ok_and(|closing| closing.lost_at.is_some());
    let known: i64 = bid_reveals::table.filter(bid_reveals::bid_id.eq(bid.id)).count().get_result(&mut **tx)?;
    if !lost || known > 0 {
        return Err(NOTHING_TO_REVEAL.error());
    }
    let written: BTreeMap<&String, String> = keys.iter().map(|(sha256, key)| (sha256, STANDARD.encode(key))).collect();
    let row = RevealRow {
        bid_id: bid.id,
        tender_id: bid.tender_id,
        file_keys: Doc(json!(written)),
        revealed_by: granted.by(),
        revealed_at: tx.now(),
    };
    diesel::insert_into(bid_reveals::table).values(&row).execute(&mut **tx)?;
    let sha256: Vec<&String> = keys.keys().collect();
    service::record(tx, "bid.revealed", bid, json!({"ciphertexts": sha256}))
}

/// What was revealed of a tender's bids.
fn of_tender(db: &mut Db, tender: TenderId) -> Result<Vec<RevealRow>> {
    Ok(bid_reveals::table.filter(bid_reveals::tender_id.eq(tender)).order(bid_reveals::bid_id).load(db)?)
}

/// What opens the bids of a tender whose key openers hold: their contributions, or what bidders revealed.
pub struct Opening {
    gathered: Gathered,
    by_openers: bool,
    revealed: FileKeys,
}

/// What opens bids, and what else was told of them.
pub struct Keys {
    /// Opens.
    pub opens: BidKey,
    /// What bidders revealed before the openers came after all: it must give the same.
    pub revealed: Option<RevealedKeys>,
}

/// Joins what was gathered with what was revealed where the openers were given up; if enough of them contributed after all, theirs is the key. With `now` it is
/// refused while bidders have time and some of the bids of the closing are not revealed.
pub fn opening(db: &mut Db, tender: TenderId, gathered: Gathered, now: Option<UtcInstant>) -> Result<Opening> {
    let Some(lost_at) = gathered.lost_at() else { return Ok(Opening { gathered, by_openers: true, revealed: FileKeys::new() }) };
    let (rows, by_openers) = (of_tender(db, tender)?, gathered.is_enough()?);
    let over = now.is_none_or(|now| now >= lost_at.plus_seconds(REVEAL_HOURS.saturating_mul(3600)));
    let closing = gathered.closing()?;
    let due = closing.lots.iter().filter(|lot| lot.opens).flat_map(|lot| &lot.bids);
    let missing = due.filter(|bid| !rows.iter().any(|row| row.bid_id == bid.bid_id)).count();
    if missing > 0 && !over && !by_openers {
        return Err(REVEALS_MISSING.because(words!("尚有 {missing} 份", "{missing} of them")));
    }
    let damaged = || Error::internal("a revealed key cannot be read");
    let mut revealed = FileKeys::new();
    for row in rows {
        let keys: BTreeMap<String, String> = serde_json::from_value(row.file_keys.0).map_err(|_| damaged())?;
        for (sha256, key) in keys {
            let key = STANDARD.decode(key).ok().and_then(|key| key.try_into().ok()).ok_or_else(damaged)?;
            revealed.insert(sha256, key);
        }
    }
    Ok(Opening { gathered, by_openers, revealed })
}

impl Opening {
    /// The closing.
    pub fn closing(&self) -> Result<crate::trust::quorum::opening::Closing> {
        self.gathered.closing()
    }

    /// The key, which is slow to make of contributions: runs outside every transaction.
    pub fn keys(self) -> Result<Keys> {
        let revealed = RevealedKeys { recipient: self.gathered.closing()?.recipient, keys: self.revealed };
        Ok(if self.by_openers {
            Keys { opens: BidKey::Quorum(self.gathered.combine()?), revealed: Some(revealed) }
        } else {
            Keys { opens: BidKey::Revealed(Arc::new(revealed)), revealed: None }
        })
    }
}
