//! Use cases of challenges.

use serde_json::{Value, json};

use super::model::{ChallengeDesk, ChallengeRow, ChallengeState, ChallengeStep, Consequence, NewChallenge, PointRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::suspensions::{self, SuspensionRow};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{ChallengeId, LotId, OrganisationId};
use crate::kernel::{Result, UtcInstant};
use crate::law::{self, Facts, Gate};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::{self, OrganisationState};
use crate::people::policy::{Action, Authorized, Subject, authorize};
use crate::people::{Actor, Role, accounts};
use crate::procurement::awards::{self, AwardRow, LawBook, fate};
use crate::procurement::bids::{self, BidState};
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::{LotState, lots};
use crate::trust::documents::{self, DocumentRow, Owner, StoredFile};
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of a challenge in the journal, of its documents' owner and of its marks.
pub const KIND: &str = "challenge";
/// What its documents are for.
const EVIDENCE: &str = "evidence";

/// May the actor's organisation challenge at this lot?
pub fn may_file(db: &mut Db, actor: &Actor, lot: LotId) -> Result<Authorized<ChallengeDesk>> {
    let file = lots::load(db, actor.tenant, lot)?;
    if !file.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::FILE, ChallengeDesk { file, organisation })
}

/// May the actor do this to the challenge?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ChallengeId) -> Result<Authorized<ChallengeRow>> {
    let row = find(db, actor, id)?;
    authorize(actor, action, row)
}

fn find(db: &mut Db, actor: &Actor, id: ChallengeId) -> Result<ChallengeRow> {
    store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

/// May the actor answer so? What changes the result is the lead's. `None` when the body cannot be read: it is refused later.
pub fn may_answer(db: &mut Db, actor: &Actor, id: ChallengeId, consequence: Option<Consequence>) -> Result<Authorized<ChallengeRow>> {
    let granted = may(db, actor, &policy::ANSWER, id)?;
    let touches = consequence.is_some_and(|what| what != Consequence::None);
    if touches && !actor.reaches(&[Role::PurchaserLead], Some(granted.subject().unit_id), None) {
        return Err(error::FORBIDDEN.error());
    }
    Ok(granted)
}

/// Files a challenge in time (R059). The statutory clock of the answer begins (R060).
pub fn file(tx: &mut Tx<'_>, granted: &Authorized<ChallengeDesk>, new: &NewChallenge) -> Result<ChallengeRow> {
    rules::check_form(new)?;
    let desk = granted.subject();
    let (lot, tender, now) = (&desk.file.lot, &desk.file.tender, tx.now());
    let today = now.date_in_shanghai();
    let award = awards::store::of_lot(tx, lot.id)?.into_iter().rfind(AwardRow::is_public).filter(|_| new.step == ChallengeStep::Result);
    let book = LawBook::of(tx, tender, today)?;
    let published = tender.published_at.map(UtcInstant::date_in_shanghai);
    let notice = match published {
        Some(day) => book.period_of("R020", "notice_period", day)?,
        None => None,
    };
    let known_on = rules::known_on(new.step, &desk.file, award.as_ref(), notice)?;
    require_taking_part(tx, desk, new.step)?;
    let about_id = award.as_ref().map_or(lot.id.any(), |award| award.id.any());
    if store::same(tx, about_id, new.step, desk.organisation)?.is_some() {
        return Err(rules::CHALLENGE_EXISTS.error());
    }
    if tender.procedure.is_statutory() {
        let mut facts = Facts::default();
        facts.purchase.procedure = tender.procedure.as_str().parse().ok();
        (facts.challenge.known_on, facts.challenge.filed_on) = (known_on, Some(today));
        law::refuse_broken(law::judge(&book.rules, &facts, &book.calendar, Gate::Challenge, today)?)?;
    } else {
        rules::check_small(new.step, &desk.file, award.as_ref(), now)?;
    }
    let row = ChallengeRow {
        id: tx.new_id(),
        tenant_id: lot.tenant_id,
        tender_id: tender.id,
        lot_id: lot.id,
        case_id: lot.case_id,
        unit_id: tender.unit_id,
        organisation_id: desk.organisation,
        step: new.step,
        about_id,
        award_id: award.map(|award| award.id),
        known_on,
        state: ChallengeState::Filed,
        filed_by: granted.by(),
        filed_at: now,
        answer_due_on: book.due("R060", "answer_within", today)?,
        answer: None,
        consequence: None,
        answered_by: None,
        answered_at: None,
        version: 1,
    };
    let points: Vec<PointRow> = (1_i32..)
        .zip(&new.points)
        .map(|(number, (fact, request))| PointRow {
            challenge_id: row.id,
            number,
            fact: fact.trim().to_owned(),
            request: request.trim().to_owned(),
        })
        .collect();
    store::insert(tx, &row, &points)?;
    record(tx, "challenge.filed", &row, json!({"step": row.step, "points": points.len(), "answer_due_on": row.answer_due_on}))?;
    if let Some(drafter) = accounts::store::find(tx, row.tenant_id, tender.drafted_by)? {
        let subject = format!("收到质疑 Challenge: {}", lot.title);
        let body = "收到一份质疑，请在期限内答复。\nA challenge was filed; answer it in time.\n".to_owned();
        outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &drafter.email, subject, body })?;
    }
    Ok(row)
}

/// The documents: every verified organisation, since they are public. Opening and result: who has a bid that was not taken back.
fn require_taking_part(tx: &mut Tx<'_>, desk: &ChallengeDesk, step: ChallengeStep) -> Result<()> {
    let takes_part = match step {
        ChallengeStep::Documents => organisations::find(tx, desk.file.lot.tenant_id, desk.organisation)?
            .is_some_and(|organisation| organisation.state == OrganisationState::Verified),
        ChallengeStep::Opening | ChallengeStep::Result => bids::store::of_bidder(tx, desk.file.lot.id, desk.organisation)?
            .iter()
            .any(|bid| !matches!(bid.state, BidState::Withdrawn | BidState::Replaced)),
    };
    if takes_part { Ok(()) } else { Err(rules::NOT_TAKING_PART.error()) }
}

/// The lead marks that the challenge may touch the result: until it is dealt with, no contract is drafted or signed.
pub fn suspend(tx: &mut Tx<'_>, granted: &Authorized<ChallengeRow>, reason: &str) -> Result<ChallengeRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 10, 1000);
    fields.finish()?;
    let before = granted.subject();
    let today = tx.now().date_in_shanghai();
    if suspensions::in_force(tx, before.lot_id, today)?.iter().any(|mark| mark.cause_id == before.id.any()) {
        return Err(error::CONFLICT.because(words!("已标记暂停", "it suspends already")));
    }
    let mark = SuspensionRow {
        id: tx.new_id(),
        tenant_id: before.tenant_id,
        lot_id: before.lot_id,
        cause_kind: KIND.to_owned(),
        cause_id: before.id.any(),
        reason: reason.trim().to_owned(),
        imposed_by: granted.by(),
        imposed_at: tx.now(),
        ends_on: None,
        lifted_at: None,
    };
    suspensions::impose(tx, &mark)?;
    let row = moved(before);
    store::save(tx, &row)?;
    record(tx, "challenge.suspends", &row, json!({"reason": reason.trim()}))?;
    Ok(row)
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Whether the challenge is right.
    pub accepted: bool,
    /// The answer.
    pub text: String,
    /// What follows.
    pub consequence: Consequence,
}

/// Answers: the mark is lifted, the consequence takes effect at once; the others are told when their result is touched.
pub fn answer(tx: &mut Tx<'_>, granted: &Authorized<ChallengeRow>, answer: &Answer) -> Result<ChallengeRow> {
    let mut fields = Fields::default();
    fields.text(&answer.text, "/answer", 10, rules::TEXT_MAX);
    fields.finish()?;
    rules::check_consequence(answer.accepted, answer.consequence)?;
    let before = granted.subject();
    let row = ChallengeRow {
        state: if answer.accepted { ChallengeState::Accepted } else { ChallengeState::Rejected },
        answer: Some(answer.text.trim().to_owned()),
        consequence: Some(answer.consequence),
        answered_by: Some(granted.by()),
        answered_at: Some(tx.now()),
        ..moved(before)
    };
    store::save(tx, &row)?;
    suspensions::lift(tx, row.id.any())?;
    record(tx, "challenge.answered", &row, json!({"state": row.state, "consequence": answer.consequence}))?;
    let file = lots::load(tx, row.tenant_id, row.lot_id)?;
    apply(tx, granted, &file, answer.consequence, "质疑成立 · challenge accepted")?;
    tell_all(tx, &file, row.organisation_id, answer.consequence)?;
    Ok(row)
}

/// Takes a challenge back.
pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<ChallengeRow>) -> Result<ChallengeRow> {
    let row = ChallengeRow { state: ChallengeState::Withdrawn, ..moved(granted.subject()) };
    store::save(tx, &row)?;
    suspensions::lift(tx, row.id.any())?;
    record(tx, "challenge.withdrawn", &row, json!({}))?;
    Ok(row)
}

/// What an answer or a decision does to the lot.
pub(super) fn apply<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, file: &LotFile, what: Consequence, why: &str) -> Result<()> {
    let living = awards::store::living(tx, file.lot.id)?;
    let impossible = || rules::NO_SUCH_CONSEQUENCE.error();
    match what {
        Consequence::None => {}
        Consequence::Overturn => {
            fate::overturn(tx, granted, &living.ok_or_else(impossible)?, why)?;
        }
        Consequence::ReEvaluate => {
            let ranked = matches!(file.lot.state, LotState::Evaluating | LotState::AwardProposed | LotState::Awarded);
            if !ranked || living.as_ref().is_some_and(|award| award.bid_id.is_none()) {
                return Err(impossible());
            }
            fate::evaluate_anew(tx, granted, file, why)?;
        }
        Consequence::FailLot => {
            if matches!(file.lot.state, LotState::Failed | LotState::FailedUnopened) {
                return Err(impossible());
            }
            if let Some(award) = living {
                fate::overturn(tx, granted, &award, why)?;
            }
            fate::end_lot(tx, granted, file, why)?;
        }
    }
    Ok(())
}

/// Mails who challenged, and the other bidders when the result is touched.
pub(super) fn tell_all(tx: &mut Tx<'_>, file: &LotFile, challenger: OrganisationId, what: Consequence) -> Result<()> {
    let mut told = vec![challenger];
    if what != Consequence::None {
        let states = [BidState::Valid, BidState::Invalid, BidState::Ranked, BidState::Won, BidState::Lost];
        told.extend(bids::store::of_lot(tx, file.lot.id, &states)?.into_iter().map(|bid| bid.organisation_id));
    }
    told.sort();
    told.dedup();
    for id in told {
        let Some(organisation) = organisations::find(tx, file.lot.tenant_id, id)? else { continue };
        let subject = format!("质疑投诉处理结果 Challenge dealt with: {}", file.lot.title);
        let body = "处理结果可在平台查看。\nThe outcome is on the platform.\n".to_owned();
        outbox::enqueue(tx, Message { tenant: file.lot.tenant_id, recipient: &organisation.contact_email, subject, body })?;
    }
    Ok(())
}

/// Adds a document that is stored already.
pub fn attach(tx: &mut Tx<'_>, granted: &Authorized<ChallengeRow>, filename: &str, file: &StoredFile) -> Result<DocumentRow> {
    let row = granted.subject();
    let owner = Owner { tenant: row.tenant_id, kind: KIND, id: row.id.any(), case: None };
    let document = documents::attach(tx, owner, EVIDENCE, filename, file, granted.by())?;
    record(tx, "challenge.document_added", row, json!({"document_id": document.id, "sha256": document.sha256}))?;
    Ok(document)
}

fn moved(before: &ChallengeRow) -> ChallengeRow {
    ChallengeRow { version: before.version.saturating_add(1), ..before.clone() }
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ChallengeRow, content: Value) -> Result<()> {
    let event =
        Event { tenant: row.tenant_id, action, kind: KIND, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event).map(drop)
}
