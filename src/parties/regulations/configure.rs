//! Use cases that change the law as data: confirming a rule, taking that back, setting thresholds.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{ConfirmationChange, NewConfirmation, NewThresholds, RuleConfirmationRow, RuleRow, ThresholdsRow};
use super::{policy, rules, service, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::TenantId;
use crate::kernel::{Fen, Result};
use crate::law::{self, Facts, Finding, Gate, Level, Procedure, Thresholds};
use crate::people::policy::{Action, District, authorize};
use crate::people::{Actor, Authorized};
use crate::words;

/// The rule that says how low a district's thresholds may be.
const FLOORS: &str = "R036";
/// Names that are tried for the set that a change makes.
const NAMES_TRIED: usize = 1000;

problems! {
    /// Nothing would change.
    RULE_UNCHANGED = "rule_unchanged", 409, "规则没有变化", "The rule would not change",
        "该规则已是所述的可信度与力度。",
        "The rule already has this confidence and severity.";
    /// No confirmation to take back.
    RULE_NOT_CONFIRMED = "rule_not_confirmed", 409, "规则未经确认", "The rule was not confirmed",
        "当前规则集中的该规则不是经由确认而得，或其后又导入了新的规则集。",
        "The rule as it stands in the set in use did not come from a confirmation, or another set was imported since.";
    /// The year has no thresholds.
    THRESHOLDS_MISSING = "thresholds_missing", 404, "缺少该年度的限额标准", "The year has no thresholds",
        "该年度该级次没有限额标准，规则集中也没有 R036。请管理员设置：PUT /api/v1/thresholds/{year}。",
        "The year and level have no thresholds, and the rule set has no R036. An administrator sets them: PUT /api/v1/thresholds/{year}.";
    /// Somebody else set them meanwhile.
    THRESHOLDS_CHANGED = "thresholds_changed", 409, "限额标准已被他人修改", "The thresholds were changed by somebody else",
        "replaces_version 不是现行版本。请重新读取后再设置。",
        "replaces_version is not the version that holds. Read again, then set.";
}

/// May the actor say something of a rule's reading?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, rule: &str) -> Result<Authorized<District>> {
    let set = service::current(db, actor.tenant)?;
    if !store::rule_rows(db, set.id)?.iter().any(|row| row.rule_id == rule) {
        return Err(error::NOT_FOUND.error());
    }
    authorize(actor, action, District(actor.tenant))
}

/// May the actor load the law as data?
pub fn may_import(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::IMPORT, District(actor.tenant))
}

/// May the actor set thresholds? They are judged by the rule set, so one must be in use.
pub fn may_set_thresholds(db: &mut Db, actor: &Actor) -> Result<Authorized<District>> {
    service::current(db, actor.tenant)?;
    authorize(actor, &policy::SET_THRESHOLDS, District(actor.tenant))
}

/// Confirms a rule: a new rule set comes into use in which it is as sure as said. What was made under the former set keeps that set.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<District>, rule: &str, new: &NewConfirmation) -> Result<RuleConfirmationRow> {
    rules::check_confirmation(new)?;
    let before = present(tx, granted.subject().0, rule)?;
    let after = RuleRow { confidence: new.confidence, severity: new.severity.unwrap_or(before.severity), ..before.clone() };
    if after == before {
        return Err(RULE_UNCHANGED.error());
    }
    revise(tx, granted, (&before, &after), ConfirmationChange::Confirmed, (&new.source, &new.note))
}

/// Takes the last confirmation of a rule back: it is again as it was before.
pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<District>, rule: &str, reason: &str, note: &str) -> Result<RuleConfirmationRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 200);
    fields.text(note, "/note", 0, 500);
    fields.finish()?;
    let tenant = granted.subject().0;
    let before = present(tx, tenant, rule)?;
    let last = store::last_confirmation(tx, tenant, rule)?
        .filter(|last| last.change == ConfirmationChange::Confirmed)
        .filter(|last| (last.confidence, last.severity) == (before.confidence, before.severity))
        .ok_or_else(|| RULE_NOT_CONFIRMED.error())?;
    let after = RuleRow { confidence: last.former_confidence, severity: last.former_severity, ..before.clone() };
    revise(tx, granted, (&before, &after), ConfirmationChange::Withdrawn, (reason, note))
}

fn present(db: &mut Db, tenant: TenantId, rule: &str) -> Result<RuleRow> {
    let set = service::current(db, tenant)?;
    store::rule_rows(db, set.id)?.into_iter().find(|row| row.rule_id == rule).ok_or_else(|| error::NOT_FOUND.error())
}

/// Copies the set in use with one rule changed, and puts the copy into use.
fn revise(
    tx: &mut Tx<'_>,
    granted: &Authorized<District>,
    (before, after): (&RuleRow, &RuleRow),
    change: ConfirmationChange,
    (source, note): (&str, &str),
) -> Result<RuleConfirmationRow> {
    let tenant = granted.subject().0;
    let former = service::current(tx, tenant)?;
    let (rows, figures) = (store::rule_rows(tx, former.id)?, store::figure_rows(tx, former.id)?);
    let mut name = rules::revised_name(&former.name);
    for _ in 0..NAMES_TRIED {
        if store::set_by_name(tx, tenant, &name)?.is_none() {
            break;
        }
        name = rules::revised_name(&name);
    }
    let set = service::open_set(tx, granted, &name)?;
    for row in rows {
        let row = if row.rule_id == after.rule_id { after.clone() } else { row };
        store::insert_rule(tx, granted, &RuleRow { rule_set_id: set.id, ..row })?;
    }
    for figure in figures {
        store::insert_figure(tx, granted, &super::model::FigureRow { rule_set_id: set.id, ..figure })?;
    }
    let row = RuleConfirmationRow {
        id: tx.new_id(),
        tenant_id: tenant,
        rule_set_id: set.id,
        former_set_id: former.id,
        rule_id: after.rule_id.clone(),
        sequence: store::last_confirmation(tx, tenant, &after.rule_id)?.map_or(0, |last| last.sequence).saturating_add(1),
        change,
        severity: after.severity,
        confidence: after.confidence,
        former_severity: before.severity,
        former_confidence: before.confidence,
        source: source.trim().to_owned(),
        note: note.trim().to_owned(),
        made_by: granted.by(),
        made_at: tx.now(),
    };
    store::insert_confirmation(tx, granted, &row)?;
    let content = json!({"name": set.name, "rule_id": row.rule_id, "change": change, "former_set_id": former.id, "severity": row.severity,
        "confidence": row.confidence, "former_severity": row.former_severity, "former_confidence": row.former_confidence,
        "source": row.source, "note": row.note});
    let action = if change == ConfirmationChange::Confirmed { "rule.confirmed" } else { "rule.confirmation_withdrawn" };
    service::record(tx, tenant, action, ("rule_set", set.id.any(), set.version), content)?;
    Ok(row)
}

/// Sets thresholds in place of the version that was read; 0 where there was none. Returns the warnings of R036.
pub fn set_thresholds(
    tx: &mut Tx<'_>,
    granted: &Authorized<District>,
    new: &NewThresholds,
    replaces_version: i64,
) -> Result<(ThresholdsRow, Vec<Finding>)> {
    let tenant = granted.subject().0;
    let version = store::find_thresholds(tx, tenant, new.year, new.level)?.map_or(0, |row| row.version);
    if version != replaces_version {
        return Err(THRESHOLDS_CHANGED.because(words!("现行版本为 {version}", "version {version} holds")));
    }
    let row = replace_thresholds(tx, granted, new)?;
    let warnings = law::refuse_broken(judge_floors(tx, tenant, row.read(), row.created_at.date_in_shanghai())?)?;
    Ok((row, warnings))
}

/// Sets thresholds in place of those that hold.
pub fn replace_thresholds(tx: &mut Tx<'_>, granted: &Authorized<District>, new: &NewThresholds) -> Result<ThresholdsRow> {
    rules::check_thresholds(new)?;
    let tenant = granted.subject().0;
    let version = store::find_thresholds(tx, tenant, new.year, new.level)?.map_or(0, |row| row.version);
    let row = ThresholdsRow {
        id: tx.new_id(),
        tenant_id: tenant,
        year: new.year,
        level: new.level,
        version: version.saturating_add(1),
        open_tender_fen: new.open_tender,
        statutory_fen: new.statutory,
        selection_from_fen: new.selection_from,
        quotes_from_fen: new.quotes_from,
        minutes_from_fen: new.minutes_from,
        confidence: new.confidence,
        source: new.source.trim().to_owned(),
        created_at: tx.now(),
    };
    store::insert_thresholds(tx, granted, &row)?;
    let content = json!({"year": row.year, "level": row.level, "open_tender_fen": row.open_tender_fen, "statutory_fen": row.statutory_fen,
        "selection_from_fen": row.selection_from_fen, "quotes_from_fen": row.quotes_from_fen, "minutes_from_fen": row.minutes_from_fen,
        "confidence": row.confidence, "source": row.source});
    service::record(tx, tenant, "thresholds.set", ("thresholds", row.id.any(), row.version), content)?;
    Ok(row)
}

/// What R036 says of thresholds, as for a purchase of nothing by open tender, which fits every amount.
fn judge_floors(db: &mut Db, tenant: TenantId, thresholds: Thresholds, today: NaiveDate) -> Result<Vec<Finding>> {
    let set = service::current(db, tenant)?;
    let rules: Vec<_> = store::rules_of(db, set.id)?.into_iter().filter(|rule| rule.id == FLOORS).collect();
    let mut facts = Facts { thresholds: Some(thresholds), ..Facts::default() };
    facts.purchase.procedure = Some(Procedure::OpenTender);
    facts.purchase.budget = Some(Fen::ZERO);
    Ok(law::judge(&rules, &facts, &store::calendar(db, tenant)?, Gate::Plan, today)?)
}

/// The thresholds of a year and level: the district's own, or else the floors of R036, which nobody confirmed; `None` when no rule set gives those.
pub fn thresholds_of(db: &mut Db, tenant: TenantId, year: i32, level: Level) -> Result<Option<Thresholds>> {
    if let Some(row) = store::find_thresholds(db, tenant, year, level)? {
        return Ok(Some(row.read()));
    }
    let Some(set) = store::current_rule_set(db, tenant)? else { return Ok(None) };
    let rules = store::rules_of(db, set)?;
    Ok(rules.iter().find(|rule| rule.id == FLOORS).and_then(|rule| Thresholds::of_directory(rule, level)))
}
