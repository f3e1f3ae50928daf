//! Use cases of the opening.

use std::collections::BTreeMap;

use serde_json::json;

use super::files::Found;
use super::rules::{self, Turnout};
use super::store::{self, OpenedRow};
use super::{marks, sessions};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{BidId, LotId, OrganisationId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::law::Rule;
use crate::notices::outbox::{self, Message};
use crate::parties::{organisations, regulations};
use crate::people::Actor;
use crate::people::policy::{Action, Authorized};
use crate::procurement::bids::attachments::{self, AttachmentRow, OpenedAttachmentRow};
use crate::procurement::bids::rules::{Content, Opened, Place, judge};
use crate::procurement::bids::{self, BidRow, BidState, consortium};
use crate::procurement::documents;
use crate::procurement::openers::closings;
use crate::procurement::openers::model::OpenedWith;
use crate::procurement::tenders::{self, LotRow, LotState, TenderRow, lots};
use crate::trust::sealing::{Opens, RevealedKeys};
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
    /// Few bids, and nobody says why it goes on.
    REASON_MISSING = "reason_for_few_bids_missing", 409, "响应较少，须记录理由", "Few bids: a reason is needed",
        "该程序的采购包响应数少于通常要求，继续须在 reasons 中写明理由。未开启任何响应。",
        "The lot has fewer bids than its procedure usually asks for; give the reason for going on in reasons. Nothing was opened.";
}

/// A sealed bid with everything that goes with it.
pub struct SealedBid {
    /// The bid.
    pub bid: BidRow,
    /// Its age file.
    pub ciphertext: Vec<u8>,
    /// Its files.
    pub files: Vec<AttachmentRow>,
    /// Members of its consortium.
    pub members: Vec<OrganisationId>,
}

/// A lot with its sealed bids, read before anything is decrypted.
pub struct SealedLot {
    /// The lot.
    pub lot: LotRow,
    /// Amendments of its tender that a bid may be made for.
    pub amendments: Vec<i32>,
    /// Its sealed bids in the order they came.
    pub bids: Vec<SealedBid>,
}

/// What decrypting a bid gave.
pub struct JudgedBid {
    /// What it says.
    pub opened: Opened,
    /// What its files are.
    pub files: Vec<OpenedAttachmentRow>,
}

/// What decrypting gave, kept in memory until it is recorded.
pub type Judged = BTreeMap<BidId, JudgedBid>;

/// Reasons for going on with few bids, by lot.
pub type Reasons = BTreeMap<LotId, String>;

/// May the actor open this tender? The procedure says which of the roles does.
pub fn may_open(db: &mut Db, actor: &Actor, action: &'static Action, id: TenderId) -> Result<Authorized<TenderRow>> {
    let granted = tenders::service::may(db, actor, action, id)?;
    let tender = granted.subject();
    if actor.reaches(tender.profile().opened_by, Some(tender.unit_id), None) { Ok(granted) } else { Err(error::FORBIDDEN.error()) }
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

/// The sealed bids of every lot that still awaits its opening.
pub fn sealed_lots(db: &mut Db, tender: &TenderRow) -> Result<Vec<SealedLot>> {
    let amendments = documents::service::binding_amendments(db, tender)?;
    let mut found = Vec::new();
    for lot in tenders::store::lots_of(db, tender.id)?.into_iter().filter(|lot| lot.state == LotState::Open) {
        let mut bids = Vec::new();
        for bid in bids::store::of_lot(db, lot.id, &[BidState::Sealed])? {
            let (files, members) = (attachments::of_bid(db, bid.id)?, consortium::of_bid(db, bid.id)?);
            bids.push(SealedBid { ciphertext: bids::store::ciphertext(db, bid.id)?, bid, files, members });
        }
        found.push(SealedLot { lot, amendments: amendments.clone(), bids });
    }
    Ok(found)
}

/// The lots that have enough bids to be opened.
pub fn to_open(sealed: &[SealedLot], least: usize) -> Vec<&SealedLot> {
    sealed.iter().filter(|lot| lot.bids.len() >= least).collect()
}

/// Refuses before anything is decrypted when a bid is sealed to another key than the one at hand: recording it as unreadable would destroy it.
pub fn check_key(sealed: &[SealedLot], key: &impl Opens) -> Result<()> {
    let held = key.recipient();
    let ours = |one: &SealedBid| one.bid.recipient == held && one.files.iter().all(|file| file.recipient == held);
    if sealed.iter().flat_map(|lot| &lot.bids).all(ours) { Ok(()) } else { Err(WRONG_KEY.error()) }
}

/// Decrypts the bids of the lots that have enough of them; a lot with too few stays unread. What was revealed of a bid before its openers came after all must
/// open it to the same. Runs outside every transaction.
pub fn decrypt(sealed: &[SealedLot], least: usize, found: &Found, key: &impl Opens, revealed: Option<&RevealedKeys>) -> Judged {
    let mut judged = Judged::new();
    for lot in to_open(sealed, least) {
        for SealedBid { bid, ciphertext, files, members } in &lot.bids {
            let files: Vec<Option<&OpenedAttachmentRow>> = files.iter().map(|file| found.get(&file.id)).collect();
            let place = Place {
                tender: bid.tender_id,
                lot: bid.lot_id,
                amendments: lot.amendments.clone(),
                organisation: bid.organisation_id,
                sequence: bid.sequence,
                attachments: files.iter().map(|file| file.map(|file| file.sha256.clone())).collect(),
                members: members.clone(),
            };
            let plain = key.open(ciphertext);
            let told = revealed.filter(|revealed| revealed.keys.contains_key(&bid.ciphertext_sha256));
            let opened = if told.is_some_and(|told| told.open(ciphertext) != plain) {
                Opened::Unusable(rules::REVEAL_DIFFERS)
            } else {
                judge(plain.as_deref(), &place, lot.lot.ceiling_fen)
            };
            judged.insert(bid.id, JudgedBid { opened, files: files.into_iter().flatten().cloned().collect() });
        }
    }
    judged
}

/// Records the opening after checking that the bids are the ones that were decrypted, and with the keys that count.
pub fn open(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, judged: &Judged, with: OpenedWith, reasons: &Reasons) -> Result<TenderRow> {
    let tender = granted.subject().clone();
    check_time(&tender, tx.now())?;
    closings::require_closed(tx, tender.id)?;
    if closings::opened_with(tx, tender.id)? != with {
        let why = words!("其间又有开标员提交份额，请重试", "an opener contributed meanwhile; try again");
        return Err(error::CONFLICT.because(why));
    }
    let law = regulations::rules_of(tx, tender.rule_set_id)?;
    let least = tenders::rules::min_suppliers(&law, tender.procedure);
    let mut recorded = 0_usize;
    for sealed in sealed_lots(tx, &tender)? {
        match rules::turnout(sealed.bids.len(), least, tender.profile()) {
            Turnout::TooFew => {
                fail_unopened(tx, granted, &sealed, least)?;
                continue;
            }
            Turnout::WithReason => {
                let found = sealed.bids.len();
                let reason = reasons.get(&sealed.lot.id).ok_or_else(|| {
                    REASON_MISSING.because(words!("采购包 {0} 有 {found} 份响应", "lot {0} has {found} bids", sealed.lot.number))
                })?;
                sessions::insert_reason(tx, granted, sealed.lot.id, reason)?;
            }
            Turnout::Enough => {}
        }
        recorded = recorded.saturating_add(open_lot(tx, granted, &sealed, judged, &law)?);
    }
    if recorded != judged.len() {
        return Err(BIDS_CHANGED.error());
    }
    sessions::begin(tx, granted)?;
    let row = tenders::store::mark_opened(tx, granted)?;
    tenders::service::record(tx, "tender.opened", &row, json!({"bids": recorded, "opened_with": with}))?;
    Ok(row)
}

fn open_lot(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, sealed: &SealedLot, judged: &Judged, law: &[Rule]) -> Result<usize> {
    let least = tenders::rules::min_suppliers(law, granted.subject().procedure);
    let stopped = marks::find(tx, granted, granted.subject(), sealed, law)?;
    let mut valid = 0_usize;
    for SealedBid { bid, .. } in &sealed.bids {
        let found = judged.get(&bid.id).ok_or_else(|| BIDS_CHANGED.error())?;
        let (state, because, content) = match &found.opened {
            Opened::Valid(content) => match stopped.get(&bid.id) {
                None => (BidState::Valid, None, Some(content)),
                Some(because) => (BidState::Invalid, Some(*because), Some(content)),
            },
            Opened::Invalid(because, content) => (BidState::Invalid, Some(*because), Some(content)),
            Opened::Unusable(because) => (BidState::Invalid, Some(*because), None),
        };
        let row = bids::store::set_state(tx, granted, bid.id, state, because)?;
        valid = valid.saturating_add(usize::from(state == BidState::Valid));
        if let Some(content) = content {
            keep(tx, granted, bid, content, &found.files)?;
        }
        let hashes: Vec<&str> = content.map(|_| found.files.iter().map(|file| file.sha256.as_str()).collect()).unwrap_or_default();
        let price = content.map(|content| content.price);
        let content = json!({"state": state, "invalid_because": because, "price_fen": price, "attachments_sha256": hashes});
        bids::service::record(tx, "bid.opened", &row, content)?;
        tell(tx, bid, &sealed.lot)?;
    }
    let content = json!({"bids": sealed.bids.len(), "valid": valid, "required": least});
    if valid < least {
        // Too few are in order: nothing is evaluated (87号令 第44条; rules R045 and R027).
        lots::advance(tx, granted, &sealed.lot, LotState::Failed, Some("too_few_valid_bids"), content)?;
        tenders::money::release(tx, granted.by(), granted.subject(), &sealed.lot)?;
    } else {
        lots::advance(tx, granted, &sealed.lot, LotState::Opened, None, content)?;
    }
    Ok(sealed.bids.len())
}

/// Keeps what an opened bid says.
fn keep(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, bid: &BidRow, content: &Content, files: &[OpenedAttachmentRow]) -> Result<()> {
    let opened = OpenedRow {
        bid_id: bid.id,
        lot_id: bid.lot_id,
        organisation_id: bid.organisation_id,
        price_fen: content.price,
        offer: content.offer.clone(),
        opened_at: tx.now(),
    };
    store::insert(tx, granted, &opened)?;
    store::insert_statements(tx, granted, bid.id, content)?;
    for file in files {
        attachments::insert_opened(tx, granted, file)?;
    }
    Ok(())
}

/// Too few bids: nothing is opened and the money is free again (87号令 第41条; rules R045 and R027).
fn fail_unopened(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, sealed: &SealedLot, least: usize) -> Result<()> {
    let content = json!({"bids": sealed.bids.len(), "required": least});
    lots::advance(tx, granted, &sealed.lot, LotState::FailedUnopened, Some("too_few_bids"), content)?;
    tenders::money::release(tx, granted.by(), granted.subject(), &sealed.lot)?;
    for SealedBid { bid, .. } in &sealed.bids {
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
