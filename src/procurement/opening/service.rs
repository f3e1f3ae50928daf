//! Use cases of the opening.

use std::collections::BTreeMap;

use serde_json::json;

use super::store::{self, OpenedRow};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{BidId, LotId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::money::ledger;
use crate::notices::outbox::{self, Message};
use crate::parties::{organisations, regulations};
use crate::people::Actor;
use crate::people::policy::Authorized;
use crate::procurement::bids::rules::{Opened, Place, judge};
use crate::procurement::bids::{self, BidRow, BidState};
use crate::procurement::tenders::{self, LotRow, LotState, TenderRow, lots};
use crate::trust::sealing::SealingKey;
use crate::words;

/// Seconds after the deadline before anything is opened: a bid whose last byte came in time may still be on its way to the database.
pub const GRACE_SECONDS: i64 = 10;

problems! {
    /// The deadline and the grace after it have not passed.
    TOO_EARLY = "opening_too_early", 409, "未到开启时间", "Too early to open",
        "截止时间之后再过 10 秒方可开启。",
        "Bids are opened no sooner than ten seconds after the deadline.";
    /// It was opened before.
    ALREADY_OPENED = "already_opened", 409, "已经开启", "Opened already",
        "该项目的响应已经开启，开启记录是公开的。",
        "The bids of this tender are opened; the opening record is public.";
    /// The server's key is another one.
    WRONG_KEY = "sealing_key_changed", 409, "密封密钥不符", "The sealing key is another one",
        "这些响应是用另一把密钥密封的，服务器当前的密钥打不开。请从备份恢复原密钥后再开启；未作任何记录。",
        "These bids are sealed to another key than the server holds now. Restore the key from its backup, then open; nothing was recorded.";
    /// A bid changed between reading and recording.
    BIDS_CHANGED = "bids_changed", 409, "响应集合有变化，请重试", "The set of bids changed; try again",
        "读取与记录之间响应集合发生变化，未开启任何响应。",
        "The set of bids changed between reading and recording; nothing was opened.";
}

/// A lot with its sealed bids, read before anything is decrypted.
pub struct SealedLot {
    /// The lot.
    pub lot: LotRow,
    /// Its sealed bids in the order they came.
    pub bids: Vec<BidRow>,
}

/// What decrypting gave, kept in memory until it is recorded.
pub type Judged = BTreeMap<BidId, Opened>;

/// May the actor open this tender?
pub fn may_open(db: &mut Db, actor: &Actor, id: TenderId) -> Result<Authorized<TenderRow>> {
    tenders::service::may(db, actor, &super::policy::OPEN, id)
}

/// Refuses before the deadline and its grace, and a second time.
pub fn check_time(tender: &TenderRow, now: UtcInstant) -> Result<()> {
    if tender.opened_at.is_some() {
        return Err(ALREADY_OPENED.error());
    }
    match tender.bid_deadline {
        Some(deadline) if now >= deadline.plus_seconds(GRACE_SECONDS) => Ok(()),
        _ => Err(TOO_EARLY.error()),
    }
}

/// The sealed bids of every lot.
pub fn sealed_lots(db: &mut Db, tender: &TenderRow) -> Result<Vec<SealedLot>> {
    tenders::store::lots_of(db, tender.id)?
        .into_iter()
        .map(|lot| Ok(SealedLot { bids: bids::store::of_lot(db, lot.id, &[BidState::Sealed])?, lot }))
        .collect()
}

/// Refuses before anything is decrypted when a bid is sealed to another key than the server holds: recording it as unreadable would destroy it.
pub fn check_key(sealed: &[SealedLot], key: &SealingKey) -> Result<()> {
    let held = key.recipient();
    if sealed.iter().flat_map(|lot| &lot.bids).all(|bid| bid.recipient == held) { Ok(()) } else { Err(WRONG_KEY.error()) }
}

/// Fewest suppliers for this tender, by the rules it was made under.
pub fn min_suppliers(db: &mut Db, tender: &TenderRow) -> Result<usize> {
    let rules = regulations::rules_of(db, tender.rule_set_id)?;
    Ok(tenders::rules::min_suppliers(&rules, tender.procedure))
}

/// Decrypts the bids of the lots that have enough of them; a lot with too few stays unread. Runs outside every transaction.
pub fn decrypt(sealed: &[SealedLot], least: usize, key: &SealingKey) -> Judged {
    sealed
        .iter()
        .filter(|lot| lot.bids.len() >= least)
        .flat_map(|lot| {
            lot.bids.iter().map(|bid| {
                let place = Place { tender: bid.tender_id, lot: bid.lot_id, organisation: bid.organisation_id, sequence: bid.sequence };
                (bid.id, judge(key.open(&bid.ciphertext).as_deref(), place, lot.lot.ceiling_fen))
            })
        })
        .collect()
}

/// Records the opening after checking that the bids are the ones that were decrypted.
pub fn open(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, judged: &Judged) -> Result<TenderRow> {
    let tender = granted.subject().clone();
    check_time(&tender, tx.now())?;
    let least = min_suppliers(tx, &tender)?;
    let mut recorded = 0_usize;
    for sealed in sealed_lots(tx, &tender)? {
        if sealed.bids.len() < least {
            fail_unopened(tx, granted, &sealed, least)?;
        } else {
            recorded = recorded.saturating_add(open_lot(tx, granted, &sealed, judged, least)?);
        }
    }
    if recorded != judged.len() {
        return Err(BIDS_CHANGED.error());
    }
    let row = tenders::store::mark_opened(tx, granted)?;
    tenders::service::record(tx, "tender.opened", &row, json!({"bids": recorded}))?;
    Ok(row)
}

fn open_lot(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, sealed: &SealedLot, judged: &Judged, least: usize) -> Result<usize> {
    let mut valid = 0_usize;
    for bid in &sealed.bids {
        let opened = judged.get(&bid.id).ok_or_else(|| BIDS_CHANGED.error())?;
        let (state, because, content) = match opened {
            Opened::Valid { price, offer } => (BidState::Valid, None, Some((*price, offer.clone()))),
            Opened::Invalid { because, price, offer } => (BidState::Invalid, Some(*because), Some((*price, offer.clone()))),
            Opened::Unusable(because) => (BidState::Invalid, Some(*because), None),
        };
        let row = bids::store::set_state(tx, granted, bid.id, state, because)?;
        valid = valid.saturating_add(usize::from(state == BidState::Valid));
        let mut price_fen = None;
        if let Some((price, offer)) = content {
            price_fen = Some(price);
            let opened_at = tx.now();
            let opened =
                OpenedRow { bid_id: bid.id, lot_id: bid.lot_id, organisation_id: bid.organisation_id, price_fen: price, offer, opened_at };
            store::insert(tx, granted, &opened)?;
        }
        bids::service::record(tx, "bid.opened", &row, json!({"state": state, "invalid_because": because, "price_fen": price_fen}))?;
        tell(tx, bid, &sealed.lot)?;
    }
    let content = json!({"bids": sealed.bids.len(), "valid": valid, "required": least});
    if valid < least {
        // Too few are in order: nothing is evaluated (87号令 第44条; rules R045 and R027).
        lots::advance(tx, granted, &sealed.lot, LotState::Failed, Some("too_few_valid_bids"), content)?;
        free_money(tx, granted, &sealed.lot)?;
    } else {
        lots::advance(tx, granted, &sealed.lot, LotState::Opened, None, content)?;
    }
    Ok(sealed.bids.len())
}

fn free_money(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, lot: &LotRow) -> Result<()> {
    let tender = granted.subject();
    if let Some(hold) = tender.reservation_id {
        ledger::release(tx, granted.by(), tender.tenant_id, hold, ledger::Cause { kind: "lot", id: lot.id.any() })?;
    }
    Ok(())
}

/// Too few bids: nothing is opened and the money is free again (87号令 第41条; rules R045 and R027).
fn fail_unopened(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, sealed: &SealedLot, least: usize) -> Result<()> {
    let content = json!({"bids": sealed.bids.len(), "required": least});
    lots::advance(tx, granted, &sealed.lot, LotState::FailedUnopened, Some("too_few_bids"), content)?;
    free_money(tx, granted, &sealed.lot)?;
    for bid in &sealed.bids {
        tell(tx, bid, &sealed.lot)?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, bid: &BidRow, lot: &LotRow) -> Result<()> {
    let Some(organisation) = organisations::find(tx, bid.tenant_id, bid.organisation_id)? else {
        return Err(error::NOT_FOUND.because(words!("响应的组织不存在", "the bidder does not exist")));
    };
    let text = format!(
        "贵组织就「{}」提交的响应所在采购包已进入开启环节，结果请在平台查看。\nThe lot of your bid has reached its opening; see the platform for the record.\n",
        lot.title
    );
    outbox::enqueue(
        tx,
        Message {
            tenant: bid.tenant_id,
            recipient: &organisation.contact_email,
            subject: format!("开启通知 Opening: {}", lot.title),
            body: text,
        },
    )
}

/// The lots of an opening record.
pub fn lot_ids(lots: &[LotRow]) -> Vec<LotId> {
    lots.iter().map(|lot| lot.id).collect()
}
