//! How an award ends and what follows: declined, not signed, overturned; the lot cancelled for a grave cause or run again.

use serde_json::json;

use super::clocks::LawBook;
use super::model::{AwardRow, AwardState};
use super::rules::{self, GraveCause};
use super::service::{moved, record};
use super::store;
use crate::db::Tx;
use crate::delivery::agreements;
use crate::kernel::Result;
use crate::kernel::error::{self, Fields};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations;
use crate::people::policy::{Authorized, Subject};
use crate::procurement::bids::{self, BidState};
use crate::procurement::evaluation;
use crate::procurement::plans::{self, tendering};
use crate::procurement::tenders::model::{LotFile, NewCriterion, NewLot, NewTender, TenderState};
use crate::procurement::tenders::policy::UnitDesk;
use crate::procurement::tenders::{self, LotRow, LotState, TenderFile, lots};
use crate::words;

/// Shortest reason, in characters.
pub const REASON_MIN: usize = 10;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 1000;

fn checked(reason: &str) -> Result<String> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", REASON_MIN, REASON_MAX);
    fields.finish()?;
    Ok(reason.trim().to_owned())
}

/// The winner declines. The money stays with the lot until the purchaser awards the next or runs it again.
pub fn decline(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>, reason: &str) -> Result<AwardRow> {
    let reason = checked(reason)?;
    end(tx, granted, granted.subject(), AwardState::Declined, &reason, "award.declined")
}

/// The purchaser records that the winner did not sign in the time that R053 gives from the award notice.
pub fn lapse(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>, reason: &str) -> Result<AwardRow> {
    let reason = checked(reason)?;
    let (award, today) = (granted.subject(), tx.now().date_in_shanghai());
    let file = lots::load(tx, award.tenant_id, award.lot_id)?;
    let notified = award.published_at.unwrap_or(award.created_at).date_in_shanghai();
    let last = LawBook::of(tx, &file.tender, today)?.due("R053", "sign_within", notified)?;
    if let Some(last) = last.filter(|last| today <= *last) {
        return Err(rules::SIGNING_PERIOD.because(words!("至 {last}", "until {last}")));
    }
    end(tx, granted, award, AwardState::Declined, &reason, "award.not_signed")
}

/// Takes an award back after an upheld challenge or complaint. `granted` is the proof of who decides that.
pub fn overturn<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, award: &AwardRow, reason: &str) -> Result<AwardRow> {
    let row = end(tx, granted, award, AwardState::Overturned, reason, "award.overturned")?;
    if award.is_public() {
        tell_winner(tx, &row, "award overturned", "贵组织的成交结果已被撤销", "The award to your organisation was overturned", reason)?;
    }
    Ok(row)
}

fn end<T: Subject>(
    tx: &mut Tx<'_>,
    granted: &Authorized<T>,
    award: &AwardRow,
    state: AwardState,
    reason: &str,
    action: &str,
) -> Result<AwardRow> {
    let file = lots::load(tx, award.tenant_id, award.lot_id)?;
    free_contract(tx, granted, award, &file, reason)?;
    let (by, now) = (granted.by(), tx.now());
    let row = AwardRow { state, ended_by: Some(by), ended_at: Some(now), end_reason: Some(reason.to_owned()), ..moved(award) };
    store::save(tx, granted, &row)?;
    record(tx, action, &row, json!({"reason": reason}))?;
    if let Some(bid) = award.bid_id.filter(|_| award.state != AwardState::Proposed) {
        let bid = bids::store::set_state(tx, granted, bid, BidState::Lost, None)?;
        bids::service::record(tx, "bid.lost", &bid, json!({"award_id": row.id}))?;
    }
    lots::advance(tx, granted, &file.lot, rules::lot_after(award.origin), None, json!({"award_id": row.id}))?;
    Ok(row)
}

/// Ends a contract that is not in force and puts what it had committed back to the lot, so that the money stays reserved until the purchaser decides.
/// What the fund no longer has cannot be set aside; then the next contract needs money first.
fn free_contract<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, award: &AwardRow, file: &LotFile, reason: &str) -> Result<()> {
    let (by, tenant) = (granted.by(), award.tenant_id);
    if agreements::void(tx, by, tenant, award.id, reason)?.is_some() {
        tenders::money::hold_again(tx, by, &file.tender, &file.lot)?;
    }
    Ok(())
}

/// Ends a lot for a grave cause before its award notice: the cause is published, every bidder is told, the money is free again.
pub fn fail(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, cause: GraveCause, reason: &str) -> Result<LotRow> {
    let reason = checked(reason)?;
    let file = granted.subject();
    let awards = store::of_lot(tx, file.lot.id)?;
    if awards.iter().any(AwardRow::is_public) {
        return Err(
            error::WRONG_STATE.because(words!("结果公告已发出，不得取消", "the result notice went out; the lot is not cancelled any more"))
        );
    }
    if let Some(proposal) = store::living(tx, file.lot.id)? {
        end(tx, granted, &proposal, AwardState::Overturned, &reason, "award.overturned")?;
    }
    let row = end_lot(tx, granted, file, &format!("{cause}: {reason}"))?;
    for bid in bids::store::of_lot(tx, file.lot.id, &[BidState::Valid, BidState::Invalid, BidState::Ranked])? {
        let Some(bidder) = organisations::find(tx, bid.tenant_id, bid.organisation_id)? else { continue };
        let body = format!("本采购包已终止，原因：{reason}\nThe lot ended without an award: {reason}\n");
        let subject = format!("采购终止 Ended: {}", file.lot.title);
        outbox::enqueue(tx, Message { tenant: bid.tenant_id, recipient: &bidder.contact_email, subject, body })?;
    }
    Ok(row)
}

/// Ends a lot without an award and frees its money.
pub fn end_lot<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, file: &LotFile, reason: &str) -> Result<LotRow> {
    let released = tenders::money::release(tx, granted.by(), &file.tender, &file.lot)?;
    let now = lots::load(tx, file.lot.tenant_id, file.lot.id)?.lot;
    lots::advance(tx, granted, &now, LotState::Failed, Some(reason), json!({"reason": reason, "released_fen": released}))
}

/// Takes the ranking and the score sheets back so that the lot is evaluated anew; an award that stands is overturned.
pub fn evaluate_anew<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, file: &LotFile, reason: &str) -> Result<()> {
    if let Some(award) = store::living(tx, file.lot.id)? {
        overturn(tx, granted, &award, reason)?;
    }
    evaluation::store::withdraw(tx, granted, file.lot.id)?;
    for bid in bids::store::of_lot(tx, file.lot.id, &[BidState::Ranked, BidState::Won, BidState::Lost])? {
        let bid = bids::store::set_state(tx, granted, bid.id, BidState::Valid, None)?;
        bids::service::record(tx, "bid.to_be_evaluated_anew", &bid, json!({}))?;
    }
    let lot = lots::load(tx, file.lot.tenant_id, file.lot.id)?.lot;
    lots::advance(tx, granted, &lot, LotState::Opened, None, json!({"reason": reason}))?;
    Ok(())
}

/// Runs a lot again: its money is free, and a draft with its content is made in the same case and out of the same plan. Refuses with
/// `plan_budget_exceeded` when the plan's budget was tendered otherwise meanwhile.
pub fn rerun(tx: &mut Tx<'_>, granted: Authorized<LotFile>, reason: &str) -> Result<TenderFile> {
    let reason = checked(reason)?;
    let file = granted.subject().clone();
    let (tender, lot) = (&file.tender, &file.lot);
    rules::require_rerunnable(lot.state, &store::of_lot(tx, lot.id)?)?;
    let going = store::successors(tx, lot.id)?.into_iter().any(|state| state != TenderState::Cancelled);
    if going {
        return Err(rules::NOT_TO_BE_RERUN.because(words!("已在重新采购", "it is being run again")));
    }
    if !matches!(lot.state, LotState::Failed | LotState::FailedUnopened) {
        end_lot(tx, &granted, &file, &reason)?;
    } else {
        tenders::money::release(tx, granted.by(), tender, lot)?;
    }
    let criteria = tenders::store::criteria_of(tx, lot.id)?;
    let funding = tenders::money::plan_of(tx, lot)?;
    let new = NewTender {
        catalogue_item: tender.catalogue_item_id,
        fund: None,
        title: tender.title.clone(),
        description: tender.description.clone(),
        mode: tender.mode,
        procedure: tender.procedure,
        solicitation: Some(tender.solicitation),
        procedure_reason: tender.procedure_reason.clone(),
        named_organisation: tender.named_organisation_id,
        plain_offers: tender.plain_offers,
        lots: vec![NewLot {
            title: lot.title.clone(),
            ceiling: lot.ceiling_fen,
            funding,
            criteria: criteria.into_iter().map(|c| NewCriterion { name: c.name, kind: c.kind, weight: c.weight_bp }).collect(),
        }],
    };
    let desk = granted.narrow(|file| UnitDesk { tenant: file.lot.tenant_id, unit: file.tender.unit_id });
    let made = tenders::service::create_in_case(tx, &desk, file.lot.case_id, &new, Some(file.lot.id))?;
    if let Some(plan) = plans::store::plan_of(tx, file.lot.tenant_id, file.tender.id)? {
        tendering::link(tx, &desk, &plan, made.tender.id)?;
    }
    tenders::service::record(tx, "tender.rerun", &made.tender, json!({"predecessor_lot_id": file.lot.id, "reason": reason}))?;
    Ok(made)
}

/// Mails the winner.
fn tell_winner(tx: &mut Tx<'_>, row: &AwardRow, subject: &str, zh: &str, en: &str, reason: &str) -> Result<()> {
    let Some(organisation) = organisations::find(tx, row.tenant_id, row.organisation_id)? else { return Ok(()) };
    let body = format!("{zh}：{reason}\n{en}: {reason}\n");
    let subject = format!("成交结果变更 {subject}");
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })
}
