//! Use cases of tenders up to their publication.

use serde_json::{Value, json};

use super::model::{CriterionRow, LotRow, LotState, NewTender, TenderFile, TenderRow, TenderState};
use super::policy::{self, UnitDesk};
use super::rules;
use super::store::{self, Step};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::TenderId;
use crate::kernel::{Error, Fen, Result, UtcInstant};
use crate::law::{Finding, Rule};
use crate::market::catalogues;
use crate::money::{funds, ledger};
use crate::parties::regulations;
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, authorize};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor draft tenders for its unit?
pub fn may_create(actor: &Actor) -> Result<Authorized<UnitDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::CREATE, UnitDesk { tenant: actor.tenant, unit })
}

/// May the actor do this to the tender?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: TenderId) -> Result<Authorized<TenderRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Drafts a tender: the case is born here.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, new: &NewTender) -> Result<TenderFile> {
    rules::check_form(new)?;
    let desk = *granted.subject();
    if catalogues::published_item(tx, desk.tenant, new.catalogue_item)?.is_none() {
        return Err(Error::field(
            "/catalogue_item_id",
            words!("不在已发布的指导性目录中", "not an item of the published guiding catalogue"),
        ));
    }
    if funds::find(tx, desk.tenant, new.fund)?.is_none_or(|fund| fund.unit_id != desk.unit) {
        return Err(Error::field("/fund_id", words!("不是本单位的资金账户", "not a fund of the unit")));
    }
    let rule_set_id = regulations::current_rule_set(tx, desk.tenant)?.ok_or_else(|| rules::RULES_NOT_LOADED.error())?;
    let tender = TenderRow {
        id: tx.new_id(),
        tenant_id: desk.tenant,
        case_id: tx.new_id(),
        unit_id: desk.unit,
        catalogue_item_id: new.catalogue_item,
        rule_set_id,
        fund_id: new.fund,
        title: new.title.trim().to_owned(),
        description: new.description.trim().to_owned(),
        mode: new.mode,
        procedure: new.procedure,
        plain_offers: new.plain_offers,
        state: TenderState::Draft,
        return_reason: None,
        drafted_by: granted.by(),
        approved_by: None,
        published_at: None,
        bid_deadline: None,
        opened_at: None,
        reservation_id: None,
        version: 1,
        created_at: tx.now(),
    };
    let file = with_lots(tx, tender, new);
    store::insert(tx, granted, &file)?;
    let ceilings: Vec<Fen> = file.lots.iter().map(|lot| lot.ceiling_fen).collect();
    let content = json!({"title": file.tender.title, "mode": file.tender.mode, "procedure": file.tender.procedure,
        "catalogue_item_id": new.catalogue_item, "fund_id": new.fund, "rule_set_id": rule_set_id, "ceilings_fen": ceilings});
    record(tx, "tender.drafted", &file.tender, content)?;
    Ok(file)
}

fn with_lots(tx: &mut Tx<'_>, tender: TenderRow, new: &NewTender) -> TenderFile {
    let mut file = TenderFile { tender, lots: Vec::new(), criteria: Vec::new() };
    for (number, lot) in (1_i32..).zip(&new.lots) {
        let row = LotRow {
            id: tx.new_id(),
            tenant_id: file.tender.tenant_id,
            tender_id: file.tender.id,
            case_id: file.tender.case_id,
            number,
            title: lot.title.trim().to_owned(),
            ceiling_fen: lot.ceiling,
            state: LotState::Open,
            failed_because: None,
            version: 1,
        };
        file.criteria.extend((1_i32..).zip(&lot.criteria).map(|(position, criterion)| CriterionRow {
            lot_id: row.id,
            position,
            name: criterion.name.trim().to_owned(),
            kind: criterion.kind,
            weight_bp: criterion.weight,
        }));
        file.lots.push(row);
    }
    file
}

/// Sends a draft to review: the price weights are judged and the money is reserved.
pub fn submit(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<(TenderRow, Vec<Finding>)> {
    let tender = granted.subject();
    let rules = regulations::rules_of(tx, tender.rule_set_id)?;
    let mut findings = Vec::new();
    let mut ceilings = Vec::new();
    for lot in store::lots_of(tx, tender.id)? {
        let weight: i64 = store::criteria_of(tx, lot.id)?
            .iter()
            .filter(|c| c.kind == super::CriterionKind::Price)
            .map(|c| i64::from(c.weight_bp.get()))
            .sum();
        findings.extend(rules::check_price_weight(&rules, tender.procedure, tx.now().date_in_shanghai(), weight));
        ceilings.push(lot.ceiling_fen);
    }
    let warnings = rules::warnings(findings)?;
    let amount = Fen::total(ceilings)?;
    let cause = ledger::Cause { kind: "tender", id: tender.id.any() };
    let hold = ledger::reserve(tx, granted.by(), tender.tenant_id, tender.fund_id, tender.case_id, amount, cause)?;
    let row = store::step(
        tx,
        granted,
        &Step { state: TenderState::InReview, reason: None, approved_by: None, published: None, reservation: Some(hold) },
    )?;
    record(tx, "tender.submitted", &row, json!({"reserved_fen": amount, "reservation_id": hold, "warnings": rule_ids(&warnings)}))?;
    Ok((row, warnings))
}

/// The finance officer approves.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<TenderRow> {
    let before = granted.subject();
    let step = Step {
        state: TenderState::Approved,
        reason: None,
        approved_by: Some(granted.by()),
        published: None,
        reservation: before.reservation_id,
    };
    let row = store::step(tx, granted, &step)?;
    record(tx, "tender.approved", &row, json!({}))?;
    Ok(row)
}

/// The finance officer sends it back; the money is free again.
pub fn send_back(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, reason: &str) -> Result<TenderRow> {
    end_review(tx, granted, TenderState::Returned, reason, "tender.returned")
}

/// The purchaser ends it before publication; held money is free again.
pub fn cancel(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, reason: &str) -> Result<TenderRow> {
    end_review(tx, granted, TenderState::Cancelled, reason, "tender.cancelled")
}

fn end_review(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, state: TenderState, reason: &str, action: &str) -> Result<TenderRow> {
    let mut fields = error::Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let before = granted.subject();
    let mut released = Fen::ZERO;
    if let Some(hold) = before.reservation_id {
        let cause = ledger::Cause { kind: "tender", id: before.id.any() };
        released = ledger::release(tx, granted.by(), before.tenant_id, hold, cause)?;
    }
    let step = Step { state, reason: Some(reason.trim().to_owned()), approved_by: None, published: None, reservation: None };
    let row = store::step(tx, granted, &step)?;
    record(tx, action, &row, json!({"reason": reason.trim(), "released_fen": released}))?;
    Ok(row)
}

/// Makes it public with its deadline, judged by the rules that the tender was made under.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, deadline: UtcInstant) -> Result<(TenderRow, Vec<Finding>)> {
    let tender = granted.subject();
    let now = tx.now();
    if deadline <= now {
        return Err(Error::field("/bid_deadline", words!("须晚于现在", "must lie in the future")));
    }
    let rules: Vec<Rule> = regulations::rules_of(tx, tender.rule_set_id)?;
    let calendar = regulations::calendar(tx, tender.tenant_id)?;
    let findings = rules::check_bid_period(&rules, tender.procedure, now.date_in_shanghai(), deadline.date_in_shanghai(), &calendar)
        .map_err(|missing| rules::CALENDAR_NOT_LOADED.because(words!("{0} 年", "{0}", missing.0)))?;
    let warnings = rules::warnings(findings)?;
    let step = Step {
        state: TenderState::Published,
        reason: None,
        approved_by: tender.approved_by,
        published: Some((now, deadline)),
        reservation: tender.reservation_id,
    };
    let row = store::step(tx, granted, &step)?;
    record(tx, "tender.published", &row, json!({"bid_deadline": deadline, "warnings": rule_ids(&warnings)}))?;
    Ok((row, warnings))
}

fn rule_ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.rule.as_str()).collect()
}

/// Journals a step of a tender.
pub fn record(tx: &mut Tx<'_>, action: &str, row: &TenderRow, content: Value) -> Result<()> {
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "tender",
            resource: row.id.any(),
            version: row.version,
            case: Some(row.case_id),
            content,
        },
    )?;
    Ok(())
}
