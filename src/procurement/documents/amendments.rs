//! Clarifications and amendments after the publication: numbered, told to everybody who has the documents, in time or with a later deadline.

use serde_json::json;

use super::model::{AmendmentFile, AmendmentKind, AmendmentRow, AmendmentState, Changes, read, stored};
use super::{receipts, rules, service, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::TenderAmendmentId;
use crate::kernel::{Fen, Result, UtcInstant};
use crate::law::{Finding, Gate};
use crate::money::funding::LineState;
use crate::parties::regulations;
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, Subject, Viewer};
use crate::procurement::tenders::{self, LotRow, TenderRow, lots, money};
use crate::trust::journal::{self, Event};
use crate::words;

/// What the purchaser writes.
#[derive(Debug, Clone)]
pub struct NewAmendment {
    /// What it does.
    pub kind: AmendmentKind,
    /// What it says.
    pub body: String,
    /// Whether it affects how bids are written.
    pub material: bool,
    /// Whether bids made before it are stale.
    pub rebids: bool,
    /// The deadline from it on, where it moves.
    pub bid_deadline: Option<UtcInstant>,
    /// What it changes.
    pub changes: Changes,
}

fn file(db: &mut Db, tenant: crate::kernel::id::TenantId, id: TenderAmendmentId) -> Result<AmendmentFile> {
    let amendment = store::find_amendment(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let tender = tenders::store::find(db, tenant, amendment.tender_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(AmendmentFile { amendment, tender })
}

/// May the actor decide on the amendment?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: TenderAmendmentId) -> Result<Authorized<AmendmentFile>> {
    let file = file(db, actor.tenant, id)?;
    authorize(actor, action, file)
}

/// An amendment that the viewer may read.
pub fn seen(db: &mut Db, viewer: &Viewer, id: TenderAmendmentId) -> Result<AmendmentRow> {
    let file = file(db, viewer.tenant, id)?;
    let visible = match &viewer.actor {
        Some(actor) => file.visible_to(actor),
        None => file.amendment.state == AmendmentState::Published,
    };
    if visible { Ok(file.amendment) } else { Err(error::NOT_FOUND.error()) }
}

/// Writes a clarification or an amendment. It is in force at once, unless it changes a ceiling: then finance decides, and until it has, the documents
/// can be clarified but not amended again.
pub fn write(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, new: &NewAmendment) -> Result<(AmendmentRow, Vec<Finding>)> {
    let tender = granted.subject();
    let former = open_deadline(tx, tender)?;
    rules::check_amendment(new.kind, &new.body, new.rebids, &new.changes, former, new.bid_deadline)?;
    if new.kind == AmendmentKind::Amendment {
        refuse_second(tx, tender)?;
    }
    check_changes(tx, tender, &new.changes)?;
    let row = AmendmentRow {
        id: tx.new_id(),
        tenant_id: tender.tenant_id,
        tender_id: tender.id,
        case_id: tender.case_id,
        kind: new.kind,
        state: AmendmentState::Proposed,
        number: None,
        body: new.body.trim().to_owned(),
        material: new.material || new.rebids,
        rebids: new.rebids,
        former_deadline: former,
        bid_deadline: new.bid_deadline,
        changes: stored(&new.changes)?,
        decision_reason: None,
        written_by: granted.by(),
        written_at: tx.now(),
        decided_by: None,
        published_at: None,
        version: 1,
    };
    let warnings = in_time(tx, tender, &row)?;
    store::insert_amendment(tx, granted, &row)?;
    if rules::needs_finance(&new.changes) {
        record(tx, "amendment.proposed", &row)?;
        return Ok((row, warnings));
    }
    Ok((publish(tx, granted, row)?, warnings))
}

/// The deadline while bids may still come.
fn open_deadline(tx: &Tx<'_>, tender: &TenderRow) -> Result<UtcInstant> {
    tender.bid_deadline.filter(|_| tender.takes_bids(tx.now())).ok_or_else(|| rules::AMENDMENT_TOO_LATE.error())
}

/// One amendment at a time: the next one would change what the one that waits was written for.
fn refuse_second(tx: &mut Tx<'_>, tender: &TenderRow) -> Result<()> {
    if store::amendments(tx, tender.id, &[AmendmentState::Proposed])?.is_empty() {
        return Ok(());
    }
    Err(error::WRONG_STATE.because(words!(
        "另有更正待财政人员审批，须先经批准或退回",
        "another amendment waits for finance, who approves or refuses it first"
    )))
}

/// What waits for finance was written for a deadline and for terms. It does not come into force over others.
fn refuse_overtaken(tx: &mut Tx<'_>, tender: &TenderRow, waiting: &AmendmentRow) -> Result<()> {
    let published = store::amendments(tx, tender.id, &[AmendmentState::Published])?;
    let amended = published.iter().any(|row| row.kind == AmendmentKind::Amendment && row.published_at > Some(waiting.written_at));
    if !amended && tender.bid_deadline == Some(waiting.former_deadline) {
        return Ok(());
    }
    Err(error::WRONG_STATE.because(words!(
        "起草之后采购文件或截止时间已有变动，请退回后重新起草",
        "the documents or the deadline changed after it was written; refuse it, and let it be written anew"
    )))
}

/// R022 and R026: early enough before the deadline, or the deadline moves. The refusal names the earliest day.
fn in_time(tx: &mut Tx<'_>, tender: &TenderRow, row: &AmendmentRow) -> Result<Vec<Finding>> {
    let after = TenderRow { bid_deadline: row.bid_deadline.or(tender.bid_deadline), ..tender.clone() };
    let mut known = tenders::facts::of_tender(&after, &[])?;
    known.purchase.budget = None;
    known.notice.amended_on = Some(tx.now().date_in_shanghai());
    known.notice.amendment_material = Some(row.material);
    tenders::service::judge(tx, tender, &[known], Gate::Amendment)
}

fn lot_of<'l>(lots: &'l [LotRow], change: &super::model::LotChange, place: usize) -> Result<&'l LotRow> {
    lots.iter().find(|lot| lot.id == change.lot_id).ok_or_else(|| rules::bad_lot(place))
}

fn check_changes(tx: &mut Tx<'_>, tender: &TenderRow, changes: &Changes) -> Result<()> {
    let lots = tenders::store::lots_of(tx, tender.id)?;
    let known_rules = regulations::rules_of(tx, tender.rule_set_id)?;
    if let Some(terms) = &changes.tender_terms {
        service::known_organisations(tx, tender.tenant_id, &terms.prepared_by, "/tender_terms/prepared_by")?;
    }
    for (place, change) in changes.lots.iter().enumerate() {
        let lot = lot_of(&lots, change, place)?;
        if let Some(terms) = &change.terms {
            let before = service::lot_terms(tx, tender, lot.id)?;
            rules::keeps_qualification(before.as_ref(), terms, &known_rules, tender.procedure.as_str())?;
        }
        if let Some(ceiling) = change.ceiling {
            let held = money::lines(tx, lot)?.into_iter().filter(|line| matches!(line.state, LineState::Reserved | LineState::Planned));
            let funded = Fen::total(held.map(|line| line.amount))?;
            if ceiling.amount_fen > funded {
                return Err(rules::CEILING_NOT_FUNDED.because(words!("已预留 {funded} 元", "{funded} yuan are set aside")));
            }
        }
    }
    Ok(())
}

/// Puts it into force: number, deadline, terms, ceilings, notices.
fn publish(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, row: AmendmentRow) -> Result<AmendmentRow> {
    let tender = granted.subject();
    let number = tender.amendment.saturating_add(1);
    let changes: Changes = read(row.changes.clone())?;
    if let Some(terms) = &changes.tender_terms {
        service::put_tender_terms(tx, granted, number, terms)?;
    }
    for lot in &changes.lots {
        if let Some(terms) = &lot.terms {
            service::put_lot_terms(tx, granted, lot.lot_id, number, terms)?;
        }
        if let Some(ceiling) = lot.ceiling {
            lots::set_ceiling(tx, granted, lot.lot_id, ceiling.amount_fen)?;
        }
    }
    let row = AmendmentRow { state: AmendmentState::Published, number: Some(number), published_at: Some(tx.now()), ..row };
    store::save_amendment(tx, granted, &row)?;
    let content =
        json!({"amendment_id": row.id, "number": number, "kind": row.kind, "bid_deadline": row.bid_deadline, "rebids": row.rebids});
    let after = tenders::service::amend(tx, granted, row.bid_deadline, content)?;
    record(tx, "amendment.published", &row)?;
    let body = format!(
        "第 {number} 号 No. {number}\n{}\n响应截止 Bids are due: {}\n{}",
        row.body,
        after.bid_deadline.map_or_else(String::new, |deadline| deadline.to_string()),
        if row.rebids {
            "此前提交的响应须重新提交。Bids made before must be made again."
        } else {
            "此前提交的响应仍然有效，可以替换。Bids made before stay valid and may be replaced."
        }
    );
    let subject = if row.kind == AmendmentKind::Clarification { "澄清 Clarification" } else { "更正 Amendment" };
    receipts::notify(tx, &after, subject, &body)?;
    Ok(row)
}

/// Finance approves an amendment that changes a ceiling, unless others came before it; it is judged again on the day.
pub fn approve(tx: &mut Tx<'_>, granted: Authorized<AmendmentFile>) -> Result<(AmendmentRow, Vec<Finding>)> {
    let AmendmentFile { amendment, tender } = granted.subject().clone();
    let by = granted.by();
    open_deadline(tx, &tender)?;
    refuse_overtaken(tx, &tender, &amendment)?;
    check_changes(tx, &tender, &read(amendment.changes.clone())?)?;
    let warnings = in_time(tx, &tender, &amendment)?;
    let row = AmendmentRow { decided_by: Some(by), version: amendment.version.saturating_add(1), ..amendment };
    Ok((publish(tx, &granted.narrow(|file| file.tender), row)?, warnings))
}

/// Finance refuses it with a reason.
pub fn refuse(tx: &mut Tx<'_>, granted: &Authorized<AmendmentFile>, reason: &str) -> Result<AmendmentRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let before = granted.subject().amendment.clone();
    let row = AmendmentRow {
        state: AmendmentState::Refused,
        decision_reason: Some(reason.trim().to_owned()),
        decided_by: Some(granted.by()),
        version: before.version.saturating_add(1),
        ..before
    };
    store::save_amendment(tx, granted, &row)?;
    record(tx, "amendment.refused", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &AmendmentRow) -> Result<()> {
    let content = json!({"kind": row.kind, "number": row.number, "body": row.body, "material": row.material, "rebids": row.rebids,
        "former_deadline": row.former_deadline, "bid_deadline": row.bid_deadline, "changes": row.changes.0, "reason": row.decision_reason});
    let kind = "tender_amendment";
    let event =
        Event { tenant: row.tenant_id, action, kind, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event)?;
    Ok(())
}
