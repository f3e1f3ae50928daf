//! Questions of suppliers (询问): asked before the time that the documents set, answered for everybody, without the asker's name.

use serde_json::json;

use super::model::{QuestionFile, QuestionRow, QuestionState, SupplierDesk};
use super::{policy, receipts, rules, service, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::QuestionId;
use crate::kernel::{Result, UtcInstant};
use crate::law::clock;
use crate::parties::regulations;
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized, Role, Viewer};
use crate::procurement::tenders::{self, LotState, TenderRow};
use crate::trust::journal::{self, Event};

/// Asks a question.
pub fn ask(tx: &mut Tx<'_>, granted: &Authorized<SupplierDesk>, text: &str) -> Result<QuestionRow> {
    let mut fields = Fields::default();
    fields.text(text, "/question", 1, 4000);
    fields.finish()?;
    let desk = granted.subject();
    receipts::require_admitted(tx, desk)?;
    let closes = closes_at(tx, &desk.tender)?.ok_or_else(|| rules::QUESTIONS_CLOSED.error())?;
    let now = tx.now();
    if now >= closes {
        return Err(rules::QUESTIONS_CLOSED.because(crate::words!("已于 {closes} 截止", "they closed at {closes}")));
    }
    let due_on = answer_due(tx, &desk.tender, now)?;
    let row = QuestionRow {
        id: tx.new_id(),
        tenant_id: desk.tender.tenant_id,
        tender_id: desk.tender.id,
        case_id: desk.tender.case_id,
        organisation_id: desk.organisation,
        asked_by: granted.by(),
        asked_at: now,
        asked: text.trim().to_owned(),
        due_on,
        state: QuestionState::Open,
        published_as: None,
        answer: None,
        answered_by: None,
        answered_at: None,
        version: 1,
    };
    store::insert_question(tx, granted, &row)?;
    // A kind of its own, which the case file never shows: the actor of the entry is the asker.
    record(tx, "question.asked", "asked_question", &row)?;
    Ok(row)
}

/// First instant at which no question is taken; `None` where no bids are asked for.
pub fn closes_at(db: &mut Db, tender: &TenderRow) -> Result<Option<UtcInstant>> {
    let lead = service::tender_terms(db, tender)?.map_or(0, |terms| terms.question_lead_days);
    Ok(tender.bid_deadline.map(|deadline| rules::questions_close(deadline, lead)))
}

fn answer_due(db: &mut Db, tender: &TenderRow, asked_at: UtcInstant) -> Result<Option<chrono::NaiveDate>> {
    let rules = regulations::rules_of(db, tender.rule_set_id)?;
    let Some(rule) = rules.iter().find(|rule| rule.id == "R058") else { return Ok(None) };
    let calendar = regulations::calendar(db, tender.tenant_id)?;
    Ok(Some(clock::due(rule, "answer_within", asked_at.date_in_shanghai(), &calendar)?))
}

fn file(db: &mut Db, actor_tenant: crate::kernel::id::TenantId, id: QuestionId) -> Result<QuestionFile> {
    let question = store::find_question(db, actor_tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let tender = tenders::store::find(db, actor_tenant, question.tender_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(QuestionFile { question, tender })
}

/// May the actor answer?
pub fn may_answer(db: &mut Db, actor: &Actor, id: QuestionId) -> Result<Authorized<QuestionFile>> {
    let file = file(db, actor.tenant, id)?;
    authorize(actor, &policy::ANSWER, file)
}

/// A question that the viewer may read.
pub fn seen(db: &mut Db, viewer: &Viewer, id: QuestionId) -> Result<QuestionFile> {
    let file = file(db, viewer.tenant, id)?;
    let visible = match &viewer.actor {
        Some(actor) => crate::people::Subject::visible_to(&file, actor),
        None => file.question.state == QuestionState::Answered,
    };
    if visible { Ok(file) } else { Err(error::NOT_FOUND.error()) }
}

/// Whether the viewer is shown who asked: the asker itself, and auditors once every lot is decided.
pub fn shows_asker(viewer: &Viewer, question: &QuestionRow, decided: bool) -> bool {
    viewer
        .actor
        .as_ref()
        .is_some_and(|actor| actor.organisation == Some(question.organisation_id) || (decided && actor.has_any(&[Role::Auditor])))
}

/// Whether every lot of the tender came to its end.
pub fn is_decided(db: &mut Db, tender: &TenderRow) -> Result<bool> {
    let ends = [LotState::Awarded, LotState::Failed, LotState::FailedUnopened];
    Ok(tenders::store::lots_of(db, tender.id)?.iter().all(|lot| ends.contains(&lot.state)))
}

/// Answers a question for everybody. Where its words would give the asker away, it is published in others.
pub fn answer(tx: &mut Tx<'_>, granted: &Authorized<QuestionFile>, published_as: Option<&str>, answer: &str) -> Result<QuestionFile> {
    let mut fields = Fields::default();
    fields.text(answer, "/answer", 1, 4000);
    if let Some(text) = published_as {
        fields.text(text, "/published_as", 1, 4000);
    }
    fields.finish()?;
    let row = store::answer(tx, granted, published_as.map(str::trim), answer.trim())?;
    record(tx, "question.answered", "question", &row)?;
    let tender = granted.subject().tender.clone();
    let asked = row.published_as.as_deref().unwrap_or(&row.asked);
    let body = format!("问 Question: {asked}\n\n答 Answer: {}", answer.trim());
    receipts::notify(tx, &tender, "答疑 Question answered", &body)?;
    Ok(QuestionFile { question: row, tender })
}

fn record(tx: &mut Tx<'_>, action: &str, kind: &str, row: &QuestionRow) -> Result<()> {
    // The content names nobody; before the answer it holds the words that the asker chose.
    let content = json!({"question": row.published_as.as_ref().unwrap_or(&row.asked), "answer": row.answer, "due_on": row.due_on});
    let event =
        Event { tenant: row.tenant_id, action, kind, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event)?;
    Ok(())
}
