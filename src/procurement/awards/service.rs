//! Use cases of awards: proposed, confirmed with its notices, contracted.

use serde_json::{Value, json};

use super::clocks::LawBook;
use super::model::{AwardRow, AwardState};
use super::rules::{self, Drawing};
use super::{entry, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, ContractRow, MilestoneRow, NewContract, NewMilestone, suspensions};
use crate::kernel::error;
use crate::kernel::id::AwardId;
use crate::kernel::{Error, Result};
use crate::law::{self, Facts, Finding, Gate};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations;
use crate::people::Actor;
use crate::people::policy::{Authorized, authorize};
use crate::procurement::bids::{self, BidState};
use crate::procurement::bonds;
use crate::procurement::evaluation::{self, RankingRow};
use crate::procurement::opening;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{self, LotState, lots};
use crate::trust::journal::{self, Event};

/// May the actor do this to the award?
pub fn may(db: &mut Db, actor: &Actor, action: &'static crate::people::Action, id: AwardId) -> Result<Authorized<AwardRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Proposes the award to the best that is left; a tie needs the record of a drawing, an award after an ended one its reason (R057).
pub fn propose(
    tx: &mut Tx<'_>,
    granted: &Authorized<LotFile>,
    drawing: Option<&Drawing>,
    reason: Option<&str>,
) -> Result<(AwardRow, Vec<Finding>)> {
    let file = granted.subject();
    evaluation::report::require_report(tx, file.lot.id)?;
    let former = store::of_lot(tx, file.lot.id)?;
    let reason = rules::next_reason(&former, reason)?;
    let ranking = evaluation::store::ranking(tx, file.lot.id)?;
    let best = rules::best_place(&ranking, &former);
    let draw = match best {
        Some(place) => evaluation::lots_draws::order_at(tx, file.lot.id, place, drawing.is_some())?,
        None => None,
    };
    let order = draw.as_ref().map_or(&[][..], |(_, order)| order.as_slice());
    let winner = rules::winner(&ranking, &former, drawing, order)?;
    if let Some((draw, _)) = &draw {
        evaluation::lots_draws::note_proposed(tx, granted, draw, winner.bid_id)?;
    }
    let opened = opening::store::of_lots(tx, &[file.lot.id])?;
    let offer = opened.iter().find(|row| row.bid_id == winner.bid_id).ok_or_else(|| Error::internal("a ranked bid is not opened"))?;
    let row = AwardRow {
        place: Some(winner.place),
        reason,
        ..entry::blank(tx, granted, file, Some(winner.bid_id), offer.organisation_id, offer.price_fen)
    };
    let warnings = judge_decision(tx, file, &former)?;
    store::insert(tx, granted, &row)?;
    lots::advance(tx, granted, &file.lot, LotState::AwardProposed, None, json!({"award_id": row.id}))?;
    let content = json!({"bid_id": row.bid_id, "organisation_id": row.organisation_id, "price_fen": row.price_fen, "place": row.place,
        "reason": row.reason, "drawing": drawing.map(|drawing| drawing.record.trim()), "draw_id": draw.map(|(draw, _)| draw.id), "warnings": rule_ids(&warnings)});
    record(tx, "award.proposed", &row, content)?;
    Ok((row, warnings))
}

/// What R051 says of the time since the evaluation. The report is with the purchaser once the last sheet is in.
fn judge_decision(tx: &mut Tx<'_>, file: &LotFile, former: &[AwardRow]) -> Result<Vec<Finding>> {
    let today = tx.now().date_in_shanghai();
    let ended = evaluation::store::sheets(tx, file.lot.id)?.last().map(|sheet| sheet.submitted_at.date_in_shanghai());
    if !former.is_empty() || ended.is_none() {
        return Ok(Vec::new());
    }
    let book = LawBook::of(tx, &file.tender, today)?;
    let mut facts = Facts::default();
    facts.purchase.procedure = file.tender.procedure.as_str().parse().ok();
    (facts.award.evaluation_ended_on, facts.award.report_on, facts.award.decided_on) = (ended, ended, Some(today));
    law::refuse_broken(law::judge(&book.rules, &facts, &book.calendar, Gate::Award, today)?)
}

fn rule_ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.rule.as_str()).collect()
}

/// The lead confirms: the lot is awarded, bids are won or lost. The result notice and the award notices go out at once and together (R052); below
/// the thresholds the publicity begins, after which the contract may be drafted.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>) -> Result<AwardRow> {
    let award = granted.subject();
    let file = lots::load(tx, award.tenant_id, award.lot_id)?;
    let now = tx.now();
    let today = now.date_in_shanghai();
    let book = LawBook::of(tx, &file.tender, today)?;
    let standstill = if file.tender.procedure.is_statutory() {
        None
    } else {
        Some(rules::publicity_ends(book.period("result_publicity", today)?, today, &book.calendar)?)
    };
    let notice = match standstill {
        Some(last) => Some(last),
        None => book.period_of("R052", "notice_period", today)?,
    };
    let row = AwardRow {
        state: AwardState::Confirmed,
        confirmed_by: Some(granted.by()),
        decided_on: Some(today),
        published_at: Some(now),
        notice_ends: notice,
        standstill_ends: standstill,
        ..moved(award)
    };
    store::save(tx, granted, &row)?;
    let ranking = evaluation::store::ranking(tx, award.lot_id)?;
    for bid in bids::store::of_lot(tx, award.lot_id, &[BidState::Ranked, BidState::Lost])? {
        let state = if Some(bid.id) == award.bid_id { BidState::Won } else { BidState::Lost };
        let bid = if bid.state == state { bid } else { settle(tx, granted, &bid, state)? };
        tell(tx, &bid, &file, ranking.iter().find(|row| row.bid_id == bid.id))?;
    }
    if award.bid_id.is_none() {
        tell_without_bid(tx, &row, &file)?;
    }
    // The notice starts the time within which the bonds of those who did not win go back (R049).
    let today = tx.now().date_in_shanghai();
    bonds::service::notice_sent(tx, award.lot_id, award.organisation_id, today)?;
    lots::advance(tx, granted, &file.lot, LotState::Awarded, None, json!({"award_id": row.id}))?;
    record(tx, "award.confirmed", &row, json!({"notice_ends": notice, "standstill_ends": standstill}))?;
    Ok(row)
}

fn settle(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>, bid: &bids::BidRow, state: BidState) -> Result<bids::BidRow> {
    let bid = bids::store::set_state(tx, granted, bid.id, state, None)?;
    bids::service::record(tx, if state == BidState::Won { "bid.won" } else { "bid.lost" }, &bid, json!({}))?;
    Ok(bid)
}

/// Tells a bidder its own result: place and points, and nobody else's.
fn tell(tx: &mut Tx<'_>, bid: &bids::BidRow, file: &LotFile, own: Option<&RankingRow>) -> Result<()> {
    let Some(organisation) = organisations::find(tx, bid.tenant_id, bid.organisation_id)? else { return Ok(()) };
    let result = match bid.state {
        BidState::Won => "贵组织成交，请与采购人签订合同。\nYour organisation is awarded the lot; the contract follows.\n",
        _ => {
            "本采购包已成交，贵组织未成交，结果公告可在平台查看。\nThe lot is awarded to another bidder; the result notice is on the platform.\n"
        }
    };
    let own = own.map_or_else(String::new, |row| {
        let (place, whole, rest) = (row.place, row.points_bp.div_euclid(100), row.points_bp.rem_euclid(100));
        format!("贵组织排序第 {place} 名，得分 {whole}.{rest:02} 分。\nYour place is {place}, your score {whole}.{rest:02}.\n")
    });
    let subject = format!("成交结果 Award: {}", file.lot.title);
    outbox::enqueue(tx, Message { tenant: bid.tenant_id, recipient: &organisation.contact_email, subject, body: format!("{result}{own}") })
}

fn tell_without_bid(tx: &mut Tx<'_>, row: &AwardRow, file: &LotFile) -> Result<()> {
    let Some(organisation) = organisations::find(tx, row.tenant_id, row.organisation_id)? else { return Ok(()) };
    let subject = format!("成交结果 Award: {}", file.lot.title);
    let body = "贵组织成交，公示期满后请与采购人签订合同。\nYour organisation is awarded the lot; the contract follows the publicity.\n"
        .to_owned();
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })
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

/// Drafts the contract of a confirmed award once the publicity is over and while nothing suspends it.
pub fn draft_contract(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>, terms: &ContractTerms) -> Result<(ContractRow, Vec<MilestoneRow>)> {
    let award = granted.subject();
    let today = tx.now().date_in_shanghai();
    rules::require_standstill_over(award, today)?;
    suspensions::refuse_while_suspended(tx, award.lot_id, today)?;
    let lot = lots::load(tx, award.tenant_id, award.lot_id)?.lot;
    let new = NewContract {
        tenant: award.tenant_id,
        case: award.case_id,
        award: award.id,
        unit: award.unit_id,
        organisation: award.organisation_id,
        source: tenders::money::source(&lot),
        title: terms.title.clone(),
        price: award.price_fen,
        starts_on: terms.starts_on,
        ends_on: terms.ends_on,
        milestones: terms.milestones.clone(),
    };
    let drafted = agreements::draft(tx, granted.by(), &new)?;
    let row = AwardRow { state: AwardState::Contracting, ..moved(award) };
    store::save(tx, granted, &row)?;
    record(tx, "award.contracting", &row, json!({"contract_id": drafted.0.id}))?;
    Ok(drafted)
}

pub(super) fn moved(before: &AwardRow) -> AwardRow {
    AwardRow { version: before.version.saturating_add(1), ..before.clone() }
}

/// Journals a step of an award.
pub fn record(tx: &mut Tx<'_>, action: &str, row: &AwardRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    let event = Event {
        tenant: row.tenant_id,
        action,
        kind: "award",
        resource: row.id.any(),
        version: row.version,
        case: Some(row.case_id),
        content,
    };
    journal::record(tx, &event).map(drop)
}
