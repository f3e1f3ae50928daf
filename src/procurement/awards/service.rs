//! Use cases of awards.

use serde_json::{Value, json};

use super::model::{AwardRow, AwardState};
use super::store;
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, ContractRow, MilestoneRow, NewContract, NewMilestone};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AwardId, BidId};
use crate::kernel::{Error, Fen, Result};
use crate::money::ledger;
use crate::notices::outbox::{self, Message};
use crate::parties::organisations;
use crate::people::Actor;
use crate::people::policy::{Authorized, authorize};
use crate::procurement::bids::{self, BidState};
use crate::procurement::evaluation::{self, RankingRow};
use crate::procurement::opening;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{self, LotRow, LotState, lots};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// Nothing is ranked yet.
    NOT_RANKED = "not_ranked", 409, "尚未排序", "Not ranked yet",
        "定标按评审排序进行，请先完成排序。",
        "The award follows the ranking; rank the bids first.";
    /// Two bids share the first place.
    TIED = "first_place_tied", 409, "第一名并列", "The first place is tied",
        "并列第一而采购文件未规定时，随机抽取确定（87号令第68条）。请写明 bid_id 与抽取记录 drawing。",
        "A tie at the first place is decided by lot unless the documents say otherwise (Decree 87, article 68). Name bid_id and the record of the drawing.";
}

/// May the actor do this to the award?
pub fn may(db: &mut Db, actor: &Actor, action: &'static crate::people::Action, id: AwardId) -> Result<Authorized<AwardRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// How a tie at the first place was decided.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The bid drawn.
    pub bid: BidId,
    /// Record of the drawing: how, when, before whom.
    pub record: String,
}

/// Proposes the award to the first ranked; a tie needs the record of a drawing.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, drawing: Option<&Drawing>) -> Result<AwardRow> {
    let file = granted.subject();
    let ranking = evaluation::store::ranking(tx, file.lot.id)?;
    let winner = first_place(&ranking, drawing)?;
    let opened = opening::store::of_lots(tx, &[file.lot.id])?;
    let offer = opened.iter().find(|row| row.bid_id == winner.bid_id).ok_or_else(|| Error::internal("a ranked bid is not opened"))?;
    let row = AwardRow {
        id: tx.new_id(),
        tenant_id: file.lot.tenant_id,
        tender_id: file.tender.id,
        lot_id: file.lot.id,
        case_id: file.lot.case_id,
        unit_id: file.tender.unit_id,
        bid_id: winner.bid_id,
        organisation_id: offer.organisation_id,
        price_fen: offer.price_fen,
        state: AwardState::Proposed,
        proposed_by: granted.by(),
        confirmed_by: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    lots::advance(tx, granted, &file.lot, LotState::AwardProposed, None, json!({"award_id": row.id}))?;
    record(
        tx,
        "award.proposed",
        &row,
        json!({"bid_id": row.bid_id, "organisation_id": row.organisation_id, "price_fen": row.price_fen,
        "drawing": drawing.map(|drawing| drawing.record.trim())}),
    )?;
    Ok(row)
}

/// The bid to be awarded: the only first, or the one drawn among several.
fn first_place<'r>(ranking: &'r [RankingRow], drawing: Option<&Drawing>) -> Result<&'r RankingRow> {
    let firsts: Vec<&RankingRow> = ranking.iter().filter(|row| row.place == 1).collect();
    match (firsts.as_slice(), drawing) {
        ([], _) => Err(NOT_RANKED.error()),
        ([only], None) => Ok(only),
        ([_], Some(_)) => Err(Error::field("/drawing", words!("没有并列，无须抽取", "there is no tie to be drawn"))),
        (_, None) => Err(TIED.error()),
        (several, Some(drawing)) => {
            let mut fields = Fields::default();
            fields.text(&drawing.record, "/drawing", 10, 1000);
            fields.finish()?;
            let unknown = || Error::field("/bid_id", words!("不在并列第一之中", "not among those at the first place"));
            several.iter().find(|row| row.bid_id == drawing.bid).copied().ok_or_else(unknown)
        }
    }
}

/// Ends a lot for a grave cause before its award: the cause is published and the money is free again.
pub fn fail(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, reason: &str) -> Result<LotRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 10, 1000);
    fields.finish()?;
    let file = granted.subject();
    let mut released = Fen::ZERO;
    if let Some(hold) = file.tender.reservation_id {
        let cause = ledger::Cause { kind: "lot", id: file.lot.id.any() };
        released = ledger::release(tx, granted.by(), file.lot.tenant_id, hold, cause)?;
    }
    lots::advance(tx, granted, &file.lot, LotState::Failed, Some(reason.trim()), json!({"reason": reason.trim(), "released_fen": released}))
}

/// The lead confirms: the lot is awarded, bids are won or lost, every bidder is told.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>) -> Result<AwardRow> {
    let award = granted.subject();
    let file = lots::load(tx, award.tenant_id, award.lot_id)?;
    let row = store::step(tx, granted, AwardState::Confirmed, Some(granted.by()))?;
    for bid in bids::store::of_lot(tx, award.lot_id, &[BidState::Ranked])? {
        let state = if bid.id == award.bid_id { BidState::Won } else { BidState::Lost };
        let bid = bids::store::set_state(tx, granted, bid.id, state, None)?;
        bids::service::record(tx, if state == BidState::Won { "bid.won" } else { "bid.lost" }, &bid, json!({}))?;
        tell(tx, &bid, &file, state)?;
    }
    lots::advance(tx, granted, &file.lot, LotState::Awarded, None, json!({"award_id": row.id}))?;
    record(tx, "award.confirmed", &row, json!({}))?;
    Ok(row)
}

fn tell(tx: &mut Tx<'_>, bid: &bids::BidRow, file: &LotFile, state: BidState) -> Result<()> {
    let Some(organisation) = organisations::find(tx, bid.tenant_id, bid.organisation_id)? else { return Ok(()) };
    let body = match state {
        BidState::Won => "贵组织成交，请与采购人签订合同。\nYour organisation is awarded the lot; the contract follows.\n",
        _ => {
            "本采购包已成交，贵组织未成交，结果与排序可在平台查看。\nThe lot is awarded to another bidder; result and ranking are on the platform.\n"
        }
    };
    let subject = format!("成交结果 Award: {}", file.lot.title);
    outbox::enqueue(tx, Message { tenant: bid.tenant_id, recipient: &organisation.contact_email, subject, body: body.to_owned() })
}

/// What the purchaser adds to the award to make a contract of it.
#[derive(Debug, Clone)]
pub struct ContractTerms {
    /// Title.
    pub title: String,
    /// First day.
    pub starts_on: chrono::NaiveDate,
    /// Last day.
    pub ends_on: chrono::NaiveDate,
    /// Milestones; their amounts add up to the price.
    pub milestones: Vec<NewMilestone>,
}

/// Drafts the contract of a confirmed award.
pub fn draft_contract(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>, terms: &ContractTerms) -> Result<(ContractRow, Vec<MilestoneRow>)> {
    let award = granted.subject();
    let tender = tenders::store::find(tx, award.tenant_id, award.tender_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let reservation = tender.reservation_id.ok_or_else(|| Error::internal("an awarded tender holds no money"))?;
    let new = NewContract {
        tenant: award.tenant_id,
        case: award.case_id,
        award: award.id,
        unit: award.unit_id,
        organisation: award.organisation_id,
        fund: tender.fund_id,
        reservation,
        title: terms.title.clone(),
        price: award.price_fen,
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        milestones: terms.milestones.clone(),
    };
    let drafted = agreements::draft(tx, granted.by(), &new)?;
    let row = store::step(tx, granted, AwardState::Contracting, award.confirmed_by)?;
    record(tx, "award.contracting", &row, json!({"contract_id": drafted.0.id}))?;
    Ok(drafted)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &AwardRow, content: Value) -> Result<()> {
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "award",
            resource: row.id.any(),
            version: row.version,
            case: Some(row.case_id),
            content,
        },
    )?;
    Ok(())
}
