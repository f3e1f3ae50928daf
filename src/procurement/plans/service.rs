//! Use cases of plans up to their publication.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::details::Details;
use super::model::{BudgetRow, NewPlan, PlanFile, PlanRow, PlanState};
use super::policy::{self, UnitDesk};
use super::rules::{self, Surroundings};
use super::{purchases, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{PlanId, RuleSetId, TenantId};
use crate::kernel::{Error, Fen, Result};
use crate::law::thresholds::Level;
use crate::law::{self, Facts, Finding, Gate, Thresholds};
use crate::market::catalogues::{self, EditionState};
use crate::money::funds;
use crate::parties::regulations;
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, Subject, authorize};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor draft plans for its unit?
pub fn may_create(actor: &Actor) -> Result<Authorized<UnitDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::CREATE, UnitDesk { tenant: actor.tenant, unit })
}

/// May the actor do this to the plan?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: PlanId) -> Result<Authorized<PlanRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Drafts a plan: the case is born here.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, new: &NewPlan) -> Result<PlanFile> {
    let desk = *granted.subject();
    check(tx, desk, new)?;
    let blank = PlanRow {
        id: tx.new_id(),
        tenant_id: desk.tenant,
        case_id: tx.new_id(),
        unit_id: desk.unit,
        year: new.year,
        title: String::new(),
        need: String::new(),
        need_id: None,
        catalogue_item_id: new.catalogue_item,
        off_catalogue_name: None,
        finance_approval: None,
        mode: new.mode,
        procedure: new.procedure,
        procedure_approval: None,
        public_service: new.public_service,
        term_months: new.term_months,
        expected_on: new.expected_on,
        details: new.details.doc()?,
        state: PlanState::Drafted,
        reason: None,
        drafted_by: granted.by(),
        approved_by: None,
        published_at: None,
        version: 1,
        created_at: tx.now(),
    };
    let file = written(blank, new)?;
    store::insert(tx, granted, &file)?;
    record(tx, "plan.drafted", &file.plan, told(&file))?;
    Ok(file)
}

/// Writes a draft or a returned plan anew.
pub fn rewrite(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>, new: &NewPlan) -> Result<PlanRow> {
    let before = granted.subject();
    check(tx, UnitDesk { tenant: before.tenant_id, unit: before.unit_id }, new)?;
    let file = written(moved(before, before.state), new)?;
    store::replace_budgets(tx, granted, &file.budgets)?;
    let content = told(&file);
    keep(tx, granted, "plan.rewritten", file.plan, content)
}

fn check(tx: &mut Tx<'_>, desk: UnitDesk, new: &NewPlan) -> Result<()> {
    rules::check_form(new, tx.now().date_in_shanghai())?;
    if catalogues::find_item(tx, desk.tenant, new.catalogue_item)?.is_none() {
        return Err(Error::field("/catalogue_item_id", words!("没有该目录条目", "there is no such catalogue item")));
    }
    let mut fields = Fields::default();
    for (index, line) in new.budgets.iter().enumerate() {
        let Some(id) = line.fund else { continue };
        let fund = funds::find(tx, desk.tenant, id)?;
        let fits = fund.is_some_and(|fund| fund.unit_id == desk.unit && fund.stream == line.stream && fund.year == line.year);
        fields.require(fits, &format!("/budgets/{index}/fund_id"), || {
            words!("须为本单位同一渠道、同一年度的资金账户", "must be a fund of the unit, of that stream and year")
        });
    }
    fields.finish()
}

fn written(before: PlanRow, new: &NewPlan) -> Result<PlanFile> {
    let trimmed = |text: &String| text.trim().to_owned();
    let plan = PlanRow {
        year: new.year,
        title: trimmed(&new.title),
        need: trimmed(&new.need),
        need_id: new.need_id,
        catalogue_item_id: new.catalogue_item,
        off_catalogue_name: new.off_catalogue.as_ref().map(|(name, _)| trimmed(name)),
        finance_approval: new.off_catalogue.as_ref().and_then(|(_, number)| number.as_ref().map(trimmed)),
        mode: new.mode,
        procedure: new.procedure,
        procedure_approval: new.procedure_approval.as_ref().map(trimmed),
        public_service: new.public_service,
        term_months: new.term_months,
        expected_on: new.expected_on,
        details: new.details.doc()?,
        ..before
    };
    let line = |(position, line): (i32, &super::model::NewBudget)| BudgetRow {
        plan_id: plan.id,
        position,
        stream: line.stream,
        year: line.year,
        fund_id: line.fund,
        amount_fen: line.amount,
    };
    let budgets = (1_i32..).zip(&new.budgets).map(line).collect();
    Ok(PlanFile { plan, budgets })
}

fn told(file: &PlanFile) -> Value {
    let plan = &file.plan;
    let budgets: Vec<Value> = file
        .budgets
        .iter()
        .map(|line| json!({"stream": line.stream, "year": line.year, "fund_id": line.fund_id, "amount_fen": line.amount_fen}))
        .collect();
    json!({"year": plan.year, "title": plan.title, "need_id": plan.need_id, "catalogue_item_id": plan.catalogue_item_id,
        "off_catalogue_name": plan.off_catalogue_name, "finance_approval": plan.finance_approval, "mode": plan.mode,
        "procedure": plan.procedure, "procedure_approval": plan.procedure_approval, "public_service": plan.public_service,
        "term_months": plan.term_months, "expected_on": plan.expected_on, "details": plan.details.0, "budgets": budgets})
}

/// Sends it to the lead: the rules judge it, a broken one refuses.
pub fn submit(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>) -> Result<(PlanRow, Vec<Finding>)> {
    let plan = granted.subject();
    let warnings = law::refuse_broken(findings(tx, plan)?)?;
    let row = PlanRow { reason: None, ..moved(plan, PlanState::Submitted) };
    let row = keep(tx, granted, "plan.submitted", row, json!({"warnings": rule_ids(&warnings)}))?;
    Ok((row, warnings))
}

/// What the rules in use say of a plan that is being written.
fn findings(tx: &mut Tx<'_>, plan: &PlanRow) -> Result<Vec<Finding>> {
    let details = Details::read(&plan.details)?;
    let budgets = store::budgets_of(tx, plan.id)?;
    let budget = Fen::total(budgets.iter().map(|line| line.amount_fen))?;
    let (item, edition) = catalogues::find_item(tx, plan.tenant_id, plan.catalogue_item_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let others = purchases::total(tx, plan.tenant_id, plan.unit_id, plan.year, &item.code)?;
    let around = Surroundings { budget, item_total: others.plus(budget)?, item_published: edition.state == EditionState::Published };
    let today = tx.now().date_in_shanghai();
    judge(
        tx,
        (plan.tenant_id, None),
        (today, plan.year),
        |thresholds| rules::facts(plan, &details, around, thresholds),
        &[Gate::Plan, Gate::Submission],
    )
}

/// Judges facts by a rule set, or by the one in use, at some gates; a rule that decides at several is judged once.
pub(super) fn judge(
    db: &mut Db,
    (tenant, set): (TenantId, Option<RuleSetId>),
    (today, year): (NaiveDate, i32),
    facts: impl FnOnce(Option<Thresholds>) -> Facts,
    gates: &[Gate],
) -> Result<Vec<Finding>> {
    let set = match set {
        Some(kept) => kept,
        None => regulations::service::current(db, tenant)?.id,
    };
    let rules = regulations::rules_of(db, set)?;
    let calendar = regulations::calendar(db, tenant)?;
    let facts = facts(regulations::thresholds_of(db, tenant, year, Level::District)?);
    let mut found: Vec<Finding> = Vec::new();
    for gate in gates {
        for finding in law::judge(&rules, &facts, &calendar, *gate, today)? {
            if !found.iter().any(|known| known.rule.rule == finding.rule.rule) {
                found.push(finding);
            }
        }
    }
    Ok(found)
}

/// The lead approves.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>) -> Result<PlanRow> {
    let row = PlanRow { approved_by: Some(granted.by()), ..moved(granted.subject(), PlanState::Approved) };
    keep(tx, granted, "plan.approved", row, json!({}))
}

/// The lead sends it back.
pub fn send_back(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>, reason: &str) -> Result<PlanRow> {
    end(tx, granted, PlanState::Returned, reason, "plan.returned")
}

/// Ends it; not while tenders of it live.
pub fn cancel(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>, reason: &str) -> Result<PlanRow> {
    if store::tenders_of(tx, granted.subject().id)?.iter().any(|tender| tender.state != store::CANCELLED) {
        return Err(rules::PLAN_HAS_TENDERS.error());
    }
    end(tx, granted, PlanState::Cancelled, reason, "plan.cancelled")
}

fn end(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>, state: PlanState, reason: &str, action: &str) -> Result<PlanRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let row = PlanRow { reason: Some(reason.trim().to_owned()), ..moved(granted.subject(), state) };
    keep(tx, granted, action, row, json!({"reason": reason.trim()}))
}

/// Makes the intention public.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>) -> Result<PlanRow> {
    let row = PlanRow { published_at: Some(tx.now()), ..moved(granted.subject(), PlanState::Published) };
    keep(tx, granted, "plan.published", row, json!({}))
}

pub(super) fn moved(before: &PlanRow, state: PlanState) -> PlanRow {
    PlanRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

pub(super) fn keep<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, action: &str, row: PlanRow, content: Value) -> Result<PlanRow> {
    store::save(tx, granted, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn rule_ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.rule.as_str()).collect()
}

fn record(tx: &mut Tx<'_>, action: &str, row: &PlanRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    let (tenant, resource, version, case) = (row.tenant_id, row.id.any(), row.version, Some(row.case_id));
    journal::record(tx, &Event { tenant, action, kind: "plan", resource, version, case, content })?;
    Ok(())
}
