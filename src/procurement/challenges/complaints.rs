//! Use cases of complaints to the supervisor.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::model::{ChallengeRow, ComplaintFile, ComplaintRow, ComplaintState, Consequence};
use super::{rules, service, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, suspensions};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AccountId, ComplaintId, TenantId};
use crate::law::{self, Facts, Gate};
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, authorize};
use crate::procurement::awards::{self, LawBook};
use crate::procurement::tenders::lots;
use crate::procurement::tenders::model::LotFile;
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of a complaint in the journal and of its marks.
pub const KIND: &str = "complaint";

/// May the actor do this to the complaint? Who took a step of the purchase may not deal with it.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ComplaintId) -> Result<Authorized<ComplaintFile>> {
    let file = load(db, actor.tenant, id)?;
    authorize(actor, action, file)
}

/// A complaint with its challenge and with who took a step of the purchase.
pub fn load(db: &mut Db, tenant: TenantId, id: ComplaintId) -> Result<ComplaintFile> {
    let row = store::find_complaint(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let challenge = store::find(db, tenant, row.challenge_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let lot = lots::load(db, tenant, row.lot_id)?;
    let involved = involved(db, &lot, &challenge)?;
    Ok(ComplaintFile { row, challenge, involved })
}

fn involved(db: &mut Db, file: &LotFile, challenge: &ChallengeRow) -> Result<Vec<AccountId>> {
    let mut found = vec![file.tender.drafted_by];
    found.extend(file.tender.approved_by);
    found.extend(challenge.answered_by);
    for award in awards::store::of_lot(db, file.lot.id)? {
        found.push(award.proposed_by);
        found.extend(award.confirmed_by);
        if let Some(contract) = agreements::store::of_award(db, award.tenant_id, award.id)? {
            found.push(contract.drafted_by);
            found.extend(contract.approved_by.into_iter().chain(contract.purchaser_signed_by));
        }
    }
    Ok(found)
}

/// Files a complaint in time: the period counts from the end of the time for the answer, whenever the answer came (R061).
pub fn file(tx: &mut Tx<'_>, granted: &Authorized<ChallengeRow>, statement: &str, points: &[i32]) -> Result<ComplaintRow> {
    let mut fields = Fields::default();
    fields.text(statement, "/statement", 10, rules::TEXT_MAX);
    fields.finish()?;
    let (challenge, today) = (granted.subject(), tx.now().date_in_shanghai());
    let known: Vec<i32> = store::points(tx, challenge.id)?.iter().map(|point| point.number).collect();
    rules::check_matters(points, &known)?;
    let lot = lots::load(tx, challenge.tenant_id, challenge.lot_id)?;
    let book = LawBook::of(tx, &lot.tender, today)?;
    if book.rule("R061").is_none() {
        return Err(rules::NO_COMPLAINT.error());
    }
    rules::may_complain(challenge, today)?;
    if store::complaint_of(tx, challenge.id)?.is_some() {
        return Err(rules::COMPLAINT_EXISTS.error());
    }
    judge(&book, &lot, |facts| {
        (facts.complaint.answer_due_on, facts.complaint.filed_on) = (challenge.answer_due_on, Some(today));
    })?;
    let row = ComplaintRow {
        id: tx.new_id(),
        tenant_id: challenge.tenant_id,
        challenge_id: challenge.id,
        lot_id: challenge.lot_id,
        case_id: challenge.case_id,
        unit_id: challenge.unit_id,
        organisation_id: challenge.organisation_id,
        statement: statement.trim().to_owned(),
        state: ComplaintState::Filed,
        filed_by: granted.by(),
        filed_at: tx.now(),
        reviewed_by: None,
        reviewed_at: None,
        review_reason: None,
        decision: None,
        consequence: None,
        decided_by: None,
        decided_at: None,
        version: 1,
    };
    store::insert_complaint(tx, &row, points)?;
    record(tx, "complaint.filed", &row, json!({"challenge_id": challenge.id, "points": points}))?;
    Ok(row)
}

/// What the rules on complaints say of the facts; refuses what a sure rule blocks.
fn judge(book: &LawBook, lot: &LotFile, fill: impl FnOnce(&mut Facts)) -> Result<()> {
    let mut facts = Facts::default();
    facts.purchase.procedure = lot.tender.procedure.as_str().parse().ok();
    fill(&mut facts);
    law::refuse_broken(law::judge(&book.rules, &facts, &book.calendar, Gate::Complaint, book.today)?).map(drop)
}

/// The supervisor admits or refuses; a refusal has a reason.
pub fn review(tx: &mut Tx<'_>, granted: &Authorized<ComplaintFile>, admit: bool, reason: Option<&str>) -> Result<ComplaintRow> {
    let mut fields = Fields::default();
    if !admit || reason.is_some() {
        fields.text(reason.unwrap_or_default(), "/reason", 10, rules::TEXT_MAX);
    }
    fields.finish()?;
    let row = ComplaintRow {
        state: if admit { ComplaintState::Admitted } else { ComplaintState::Refused },
        reviewed_by: Some(granted.by()),
        reviewed_at: Some(tx.now()),
        review_reason: reason.map(|text| text.trim().to_owned()),
        ..moved(&granted.subject().row)
    };
    keep(tx, row, if admit { "complaint.admitted" } else { "complaint.refused" }, json!({}))
}

/// The supervisor suspends the purchase up to a day, once and no longer than R063 allows.
pub fn suspend(tx: &mut Tx<'_>, granted: &Authorized<ComplaintFile>, until: NaiveDate, reason: &str) -> Result<ComplaintRow> {
    let (before, now) = (&granted.subject().row, tx.now());
    let today = now.date_in_shanghai();
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 10, 1000);
    fields.require(until >= today, "/until", || words!("不得早于今天", "must not be before today"));
    fields.finish()?;
    if suspensions::ever(tx, before.id.any())? {
        return Err(rules::SUSPENDED_BEFORE.error());
    }
    let lot = lots::load(tx, before.tenant_id, before.lot_id)?;
    let book = LawBook::of(tx, &lot.tender, today)?;
    judge(&book, &lot, |facts| {
        (facts.complaint.suspended_on, facts.complaint.resumed_on) = (Some(today), Some(until));
    })?;
    let mark = suspensions::SuspensionRow {
        id: tx.new_id(),
        tenant_id: before.tenant_id,
        lot_id: before.lot_id,
        cause_kind: KIND.to_owned(),
        cause_id: before.id.any(),
        reason: reason.trim().to_owned(),
        imposed_by: granted.by(),
        imposed_at: now,
        ends_on: Some(until),
        lifted_at: None,
    };
    suspensions::impose(tx, &mark)?;
    keep(tx, moved(before), "complaint.suspends", json!({"until": until, "reason": reason.trim()}))
}

/// The supervisor decides; what follows takes effect at once.
pub fn decide(
    tx: &mut Tx<'_>,
    granted: &Authorized<ComplaintFile>,
    upheld: bool,
    decision: &str,
    consequence: Consequence,
) -> Result<ComplaintRow> {
    let mut fields = Fields::default();
    fields.text(decision, "/decision", 10, rules::TEXT_MAX);
    fields.finish()?;
    rules::check_consequence(upheld, consequence)?;
    let before = &granted.subject().row;
    let row = ComplaintRow {
        state: if upheld { ComplaintState::Upheld } else { ComplaintState::Dismissed },
        decision: Some(decision.trim().to_owned()),
        consequence: Some(consequence),
        decided_by: Some(granted.by()),
        decided_at: Some(tx.now()),
        ..moved(before)
    };
    suspensions::lift(tx, row.id.any())?;
    let row = keep(tx, row, "complaint.decided", json!({"upheld": upheld, "consequence": consequence}))?;
    let file = lots::load(tx, row.tenant_id, row.lot_id)?;
    service::apply(tx, granted, &file, consequence, "投诉成立 · complaint upheld")?;
    service::tell_all(tx, &file, row.organisation_id, consequence)?;
    Ok(row)
}

/// Takes a complaint back.
pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<ComplaintFile>) -> Result<ComplaintRow> {
    let row = ComplaintRow { state: ComplaintState::Withdrawn, ..moved(&granted.subject().row) };
    suspensions::lift(tx, row.id.any())?;
    keep(tx, row, "complaint.withdrawn", json!({}))
}

fn moved(before: &ComplaintRow) -> ComplaintRow {
    ComplaintRow { version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, row: ComplaintRow, action: &str, content: Value) -> Result<ComplaintRow> {
    store::save_complaint(tx, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ComplaintRow, content: Value) -> Result<()> {
    let event =
        Event { tenant: row.tenant_id, action, kind: KIND, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event).map(drop)
}
