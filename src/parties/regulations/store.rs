//! Rows of the rule set, the calendar and the budget subjects. Every query is scoped by tenant or by a rule set of it.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{
    CalendarDayRow, FigureRow, RuleConfirmationRow, RuleRow, RuleSetRow, RuleSetState, SubjectKind, SubjectRow, ThresholdsRow,
};
use crate::db::schema::{budget_subjects, calendar_days, rule_confirmations, rule_figures, rule_sets, rules, thresholds};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{RuleSetId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::law::{DayKind, Level, Rule, WorkCalendar};
use crate::people::Authorized;
use crate::people::policy::District;

/// The rule set in use.
pub fn published(db: &mut Db, tenant: TenantId) -> Result<Option<RuleSetRow>> {
    Ok(rule_sets::table.filter(rule_sets::tenant_id.eq(tenant).and(rule_sets::state.eq(RuleSetState::Published))).first(db).optional()?)
}

/// The id of the rule set in use; `None` when none is loaded.
pub fn current_rule_set(db: &mut Db, tenant: TenantId) -> Result<Option<RuleSetId>> {
    Ok(published(db, tenant)?.map(|row| row.id))
}

pub fn set_by_name(db: &mut Db, tenant: TenantId, name: &str) -> Result<Option<RuleSetRow>> {
    Ok(rule_sets::table.filter(rule_sets::tenant_id.eq(tenant).and(rule_sets::name.eq(name))).first(db).optional()?)
}

/// A rule set of the tenant, in use or superseded.
pub fn find_set(db: &mut Db, tenant: TenantId, id: RuleSetId) -> Result<Option<RuleSetRow>> {
    Ok(rule_sets::table.filter(rule_sets::tenant_id.eq(tenant).and(rule_sets::id.eq(id))).first(db).optional()?)
}

/// Rule sets after a cursor, the oldest first, at most `rows`.
pub fn list_sets(db: &mut Db, tenant: TenantId, after: Option<(UtcInstant, RuleSetId)>, rows: i64) -> Result<Vec<RuleSetRow>> {
    let mut query = rule_sets::table.filter(rule_sets::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some((at, id)) = after {
        query = query.filter(rule_sets::created_at.gt(at).or(rule_sets::created_at.eq(at).and(rule_sets::id.gt(id))));
    }
    Ok(query.order((rule_sets::created_at, rule_sets::id)).limit(rows).load(db)?)
}

/// Confirmations and withdrawals of a rule after one of them, the oldest first, at most `rows`.
pub fn list_confirmations(db: &mut Db, tenant: TenantId, rule: &str, after: i64, rows: i64) -> Result<Vec<RuleConfirmationRow>> {
    Ok(rule_confirmations::table
        .filter(rule_confirmations::tenant_id.eq(tenant).and(rule_confirmations::rule_id.eq(rule)))
        .filter(rule_confirmations::sequence.gt(after))
        .order(rule_confirmations::sequence)
        .limit(rows)
        .load(db)?)
}

/// What was last said of a rule's reading.
pub fn last_confirmation(db: &mut Db, tenant: TenantId, rule: &str) -> Result<Option<RuleConfirmationRow>> {
    Ok(rule_confirmations::table
        .filter(rule_confirmations::tenant_id.eq(tenant).and(rule_confirmations::rule_id.eq(rule)))
        .order(rule_confirmations::sequence.desc())
        .first(db)
        .optional()?)
}

/// The thresholds of a year and level that hold.
pub fn find_thresholds(db: &mut Db, tenant: TenantId, year: i32, level: Level) -> Result<Option<ThresholdsRow>> {
    Ok(thresholds::table
        .filter(thresholds::tenant_id.eq(tenant).and(thresholds::year.eq(year)).and(thresholds::level.eq(level)))
        .order(thresholds::version.desc())
        .first(db)
        .optional()?)
}

/// The rows of a set by rule id. A set is small by nature: the importer bounds its file.
pub fn rule_rows(db: &mut Db, set: RuleSetId) -> Result<Vec<RuleRow>> {
    Ok(rules::table.filter(rules::rule_set_id.eq(set)).order(rules::rule_id).load(db)?)
}

pub fn figure_rows(db: &mut Db, set: RuleSetId) -> Result<Vec<FigureRow>> {
    Ok(rule_figures::table.filter(rule_figures::rule_set_id.eq(set)).order((rule_figures::rule_id, rule_figures::figure)).load(db)?)
}

/// The rules of a set as the law reads them, by rule id.
pub fn rules_of(db: &mut Db, set: RuleSetId) -> Result<Vec<Rule>> {
    let figures = figure_rows(db, set)?;
    Ok(rule_rows(db, set)?.iter().map(|row| row.read(&figures)).collect())
}

/// The special days from `from` to `to`.
pub fn days(db: &mut Db, tenant: TenantId, from: NaiveDate, to: NaiveDate) -> Result<Vec<CalendarDayRow>> {
    Ok(calendar_days::table
        .filter(calendar_days::tenant_id.eq(tenant).and(calendar_days::day.between(from, to)))
        .order(calendar_days::day)
        .load(db)?)
}

/// The working-day calendar of every year that is loaded.
pub fn calendar(db: &mut Db, tenant: TenantId) -> Result<WorkCalendar> {
    let days: Vec<(NaiveDate, DayKind)> =
        calendar_days::table.filter(calendar_days::tenant_id.eq(tenant)).select((calendar_days::day, calendar_days::kind)).load(db)?;
    Ok(WorkCalendar::new(days))
}

/// Whether a budget subject of that classification is loaded.
pub fn subject_exists(db: &mut Db, tenant: TenantId, code: &str, kind: SubjectKind) -> Result<bool> {
    let found: i64 = budget_subjects::table
        .filter(budget_subjects::tenant_id.eq(tenant).and(budget_subjects::code.eq(code)).and(budget_subjects::kind.eq(kind)))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Subjects after a code, at most `rows`.
pub fn subjects(db: &mut Db, tenant: TenantId, kind: Option<SubjectKind>, after: Option<&str>, rows: i64) -> Result<Vec<SubjectRow>> {
    let mut query = budget_subjects::table.filter(budget_subjects::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(kind) = kind {
        query = query.filter(budget_subjects::kind.eq(kind));
    }
    if let Some(code) = after {
        query = query.filter(budget_subjects::code.gt(code));
    }
    Ok(query.order(budget_subjects::code).limit(rows).load(db)?)
}

pub fn insert_set(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &RuleSetRow) -> Result<()> {
    diesel::insert_into(rule_sets::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn supersede(tx: &mut Tx<'_>, _granted: &Authorized<District>, former: &RuleSetRow) -> Result<RuleSetRow> {
    Ok(diesel::update(rule_sets::table.find(former.id))
        .set((rule_sets::state.eq(RuleSetState::Superseded), rule_sets::version.eq(former.version.saturating_add(1))))
        .returning(rule_sets::all_columns)
        .get_result(&mut **tx)?)
}

pub fn insert_confirmation(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &RuleConfirmationRow) -> Result<()> {
    diesel::insert_into(rule_confirmations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_thresholds(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &ThresholdsRow) -> Result<()> {
    diesel::insert_into(thresholds::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_rule(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &RuleRow) -> Result<()> {
    diesel::insert_into(rules::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_figure(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &FigureRow) -> Result<()> {
    diesel::insert_into(rule_figures::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Puts the days in place of those from `from` to `to`.
pub fn replace_days(
    tx: &mut Tx<'_>,
    granted: &Authorized<District>,
    from: NaiveDate,
    to: NaiveDate,
    rows: &[CalendarDayRow],
) -> Result<()> {
    let tenant = granted.subject().0;
    diesel::delete(calendar_days::table.filter(calendar_days::tenant_id.eq(tenant).and(calendar_days::day.between(from, to))))
        .execute(&mut **tx)?;
    for row in rows {
        diesel::insert_into(calendar_days::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

/// Puts a subject in place of the one with its code.
pub fn replace_subject(tx: &mut Tx<'_>, granted: &Authorized<District>, row: &SubjectRow) -> Result<()> {
    let same = budget_subjects::tenant_id.eq(granted.subject().0).and(budget_subjects::code.eq(&row.code));
    diesel::delete(budget_subjects::table.filter(same)).execute(&mut **tx)?;
    diesel::insert_into(budget_subjects::table).values(row).execute(&mut **tx)?;
    Ok(())
}
