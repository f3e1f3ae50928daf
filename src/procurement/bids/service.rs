//! Use cases of bids before their opening. The journal learns that a bid came and its ciphertext's hash, nothing of its content.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::model::{BidDesk, BidRow, BidState, SealedBy};
use super::offer::Bound;
use super::signatures::Signed;
use super::statement::{Statement, Step};
use super::{attachments, consortium, policy, rules, signatures, store};
use crate::db::{Db, Tx, check_clock};
use crate::kernel::error;
use crate::kernel::id::{AttachmentId, BidId, LotId, OrganisationId};
use crate::kernel::{Result, UtcInstant};
use crate::law::facts::{Bid, Purchase};
use crate::law::{Facts, Gate};
use crate::market::directory;
use crate::parties::organisations;
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, authorize};
use crate::procurement::documents::{self, receipts};
use crate::procurement::openers;
use crate::procurement::tenders::{self, TenderRow, invitations, lots};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor's organisation do this at the lot?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, lot: LotId) -> Result<Authorized<BidDesk>> {
    let file = lots::load(db, actor.tenant, lot)?;
    if !crate::people::Subject::visible_to(&file, actor) {
        return Err(error::NOT_FOUND.error());
    }
    let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, action, BidDesk { file, organisation })
}

/// May the actor take this bid back?
pub fn may_withdraw(db: &mut Db, actor: &Actor, id: BidId) -> Result<Authorized<BidRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::WITHDRAW, row)
}

/// The sequence number that the bidder's next submission for the lot has.
pub fn next_sequence(db: &mut Db, desk: &BidDesk) -> Result<i32> {
    let bids = store::of_bidder(db, desk.file.lot.id, desk.organisation)?;
    Ok(bids.last().map_or(1, |bid| bid.sequence.saturating_add(1)))
}

/// The hash of the bidder's submission before the next one.
pub fn previous_sha256(db: &mut Db, desk: &BidDesk) -> Result<Option<String>> {
    Ok(store::of_bidder(db, desk.file.lot.id, desk.organisation)?.pop().map(|bid| bid.ciphertext_sha256))
}

/// What a bid of this bidder is bound to now.
pub fn bound(db: &mut Db, desk: &BidDesk) -> Result<Bound> {
    let (tender, lot) = (&desk.file.tender, &desk.file.lot);
    Ok(Bound {
        tender: tender.id,
        lot: lot.id,
        organisation: desk.organisation,
        amendment: tender.amendment,
        sequence: next_sequence(db, desk)?,
        members: consortium::confirmed(db, lot.id, desk.organisation)?,
    })
}

/// A bid as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// The server's age recipient.
    pub recipient: String,
    /// Number of the bidder's submission for this lot.
    pub sequence: i32,
    /// age file.
    pub ciphertext: Vec<u8>,
    /// Files that go with it.
    pub attachments: Vec<AttachmentId>,
    /// Members of its consortium when it was prepared.
    pub members: Vec<OrganisationId>,
    /// The organisation's signature, base64.
    pub signature: Option<String>,
    /// Whether it is sealed to the bidder's recovery key too.
    pub recovery: bool,
    /// Instant of its last byte.
    pub at: UtcInstant,
}

/// Receives a bid that was sealed outside this transaction. One that the server sealed is bound to the amendment that was in force then, and is made
/// again when there is another; a bidder who seals chooses the amendment itself.
pub fn submit_bound(tx: &mut Tx<'_>, granted: &Authorized<BidDesk>, bound: &Bound, received: &Received) -> Result<BidRow> {
    if received.sealed_by == SealedBy::Server && granted.subject().file.tender.amendment != bound.amendment {
        return Err(error::CONFLICT.because(words!(
            "采购文件刚有更正，请阅读后重试",
            "the documents were amended at the same time; read the amendment and try again"
        )));
    }
    submit(tx, granted, received)
}

/// Receives a sealed bid; an earlier one of the same bidder is replaced. The instant of its last byte counts, as long as nothing is opened.
pub fn submit(tx: &mut Tx<'_>, granted: &Authorized<BidDesk>, received: &Received) -> Result<BidRow> {
    let desk = granted.subject();
    let tender = &desk.file.tender;
    let (sealed_by, sequence) = (received.sealed_by, received.sequence);
    check_clock(tx)?;
    if tender.opened_at.is_some() || openers::is_closed(tx, tender.id)? {
        return Err(rules::BIDDING_CLOSED.error());
    }
    let today = tx.now().date_in_shanghai();
    let supply = organisations::may_supply(tx, tender.tenant_id, desk.organisation, today)?;
    let known = directory::is_open_to(tx, tender.tenant_id, desk.organisation, tender.catalogue_item_id, today)?;
    rules::may_bid(&desk.file, received.at, &supply, known)?;
    if !invitations::admits(tx, tender, desk.organisation)? {
        return Err(rules::NOT_ELIGIBLE.because(words!("未受邀请", "not invited")));
    }
    if sealed_by == SealedBy::Server && !tender.plain_offers {
        return Err(rules::PLAIN_REFUSED.error());
    }
    let members = consortium::settled(tx, desk, today)?;
    refuse_preparers(tx, tender, std::iter::once(desk.organisation).chain(members.iter().copied()))?;
    let earlier = store::of_bidder(tx, desk.file.lot.id, desk.organisation)?;
    if earlier.last().map_or(1, |bid| bid.sequence.saturating_add(1)) != sequence {
        return Err(error::CONFLICT.because(words!("同时提交了另一份响应，请重试", "another bid came in at the same time; try again")));
    }
    if members != received.members {
        return Err(error::CONFLICT.because(words!("联合体成员刚有变化，请重试", "the consortium changed at the same time; try again")));
    }
    let ciphertext_sha256 = hex::encode(Sha256::digest(&received.ciphertext));
    if store::ciphertext_known(tx, tender.tenant_id, &ciphertext_sha256)? {
        return Err(rules::DUPLICATE.error());
    }
    let statement = statement(tender, desk, &ciphertext_sha256, sequence, earlier.last()).of(Step::Submission);
    let signed = signatures::check(tx, tender.tenant_id, desk.organisation, &statement, received.signature.as_deref())?;
    let files = attachments::named(tx, desk, &received.attachments)?;
    for bid in earlier.iter().filter(|bid| bid.state == BidState::Sealed) {
        let replaced = store::set_state(tx, granted, bid.id, BidState::Replaced, None)?;
        record(tx, "bid.replaced", &replaced, json!({}))?;
    }
    let row = BidRow {
        id: tx.new_id(),
        tenant_id: tender.tenant_id,
        tender_id: tender.id,
        lot_id: desk.file.lot.id,
        case_id: tender.case_id,
        organisation_id: desk.organisation,
        sequence,
        state: BidState::Sealed,
        invalid_because: None,
        sealed_by,
        recipient: received.recipient.clone(),
        ciphertext_sha256,
        submitted_by: granted.by(),
        received_at: received.at,
        version: 1,
    };
    // Who bids hears of every amendment.
    receipts::note_bidder(tx, tender, desk.organisation, granted.by())?;
    store::insert(tx, granted, &row, &received.ciphertext)?;
    attachments::bind(tx, granted, row.id, &files)?;
    consortium::bind(tx, granted, row.id, &members)?;
    if let Some(signed) = &signed {
        signatures::keep(tx, granted, row.id, Step::Submission, signed)?;
    }
    let hashes: Vec<&str> = files.iter().map(|file| file.ciphertext_sha256.as_str()).collect();
    let content = json!({"lot_id": row.lot_id, "received_at": row.received_at, "sealed_by": sealed_by, "sequence": sequence,
        "ciphertext_sha256": row.ciphertext_sha256,
        "attachments_sha256": hashes, "members": members, "recovery_recipient": received.recovery,
        "signature": signed.as_ref().map(Signed::facts)});
    record(tx, "bid.sealed", &row, content)?;
    Ok(row)
}

/// What a signature of this bidder over this ciphertext is made over.
fn statement(tender: &TenderRow, desk: &BidDesk, sha256: &str, sequence: i32, previous: Option<&BidRow>) -> Statement {
    Statement {
        format: String::new(),
        tender_id: tender.id,
        lot_id: desk.file.lot.id,
        amendment: tender.amendment,
        organisation_id: desk.organisation,
        ciphertext_sha256: sha256.to_owned(),
        sequence,
        previous_sha256: previous.map(|bid| bid.ciphertext_sha256.clone()),
    }
}

/// Who designed the project, wrote its requirement or supervises it takes no part (R067). Whom the documents name is public, so a refusal tells nothing.
fn refuse_preparers(tx: &mut Tx<'_>, tender: &TenderRow, bidders: impl Iterator<Item = OrganisationId>) -> Result<()> {
    let mut prepared = false;
    for organisation in bidders {
        prepared |= documents::service::prepared_the_project(tx, tender, organisation)?;
    }
    let purchase = Purchase { procedure: Some(tender.procedure), ..Purchase::default() };
    let bid = Bid { prepared_the_project: Some(prepared), ..Bid::default() };
    tenders::service::judge(tx, tender, &[Facts { purchase, bid, ..Facts::default() }], Gate::Bid)?;
    Ok(())
}

/// Takes a bid back before the deadline. The signature is over the amendment in force now.
pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<BidRow>, signature: Option<&str>) -> Result<BidRow> {
    let bid = granted.subject();
    let file = lots::load(tx, bid.tenant_id, bid.lot_id)?;
    if !file.tender.takes_bids(tx.now()) {
        return Err(rules::BIDDING_CLOSED.error());
    }
    let earlier = store::of_bidder(tx, bid.lot_id, bid.organisation_id)?;
    let previous = earlier.iter().rfind(|one| one.sequence < bid.sequence);
    let tender = file.tender.clone();
    let desk = BidDesk { file, organisation: bid.organisation_id };
    let statement = statement(&tender, &desk, &bid.ciphertext_sha256, bid.sequence, previous).of(Step::Withdrawal);
    let signed = signatures::check(tx, bid.tenant_id, bid.organisation_id, &statement, signature)?;
    let row = store::set_state(tx, granted, bid.id, BidState::Withdrawn, None)?;
    if let Some(signed) = &signed {
        signatures::keep(tx, granted, row.id, Step::Withdrawal, signed)?;
    }
    record(tx, "bid.withdrawn", &row, json!({"signature": signed.as_ref().map(Signed::facts)}))?;
    Ok(row)
}

/// Journals a step of a bid.
pub fn record(tx: &mut Tx<'_>, action: &str, row: &BidRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "bid",
            resource: row.id.any(),
            version: row.version,
            case: Some(row.case_id),
            content,
        },
    )?;
    Ok(())
}
