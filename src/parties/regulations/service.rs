//! Use cases of the law as data: what is in use, and loading anew.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::model::{CalendarDayRow, RuleSetRow, RuleSetState};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AnyId, RuleSetId, TenantId};
use crate::kernel::{Error, Result};
use crate::people::Authorized;
use crate::people::policy::District;
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The year's calendar is not loaded.
    CALENDAR_MISSING = "calendar_missing", 404, "缺少该年的工作日历", "The year's working-day calendar is not loaded",
        "没有当年的节假日及调休表，就不能计算工作日。请由管理员导入：POST /api/v1/calendars，或运行 `baiyi import calendar <文件>`。",
        "Working days cannot be counted without the year's table of holidays. An administrator loads it with POST /api/v1/calendars or `baiyi import calendar <file>`.";
    /// No rule set is loaded.
    RULE_SET_MISSING = "rule_set_missing", 404, "缺少规则集", "No rule set is loaded",
        "请由管理员导入：POST /api/v1/rule-sets，或运行 `baiyi import rules <文件> --figures <文件> --name <名称>`。",
        "An administrator loads it with POST /api/v1/rule-sets or `baiyi import rules <file> --figures <file> --name <name>`.";
    /// The rule set's name is taken.
    RULE_SET_NAME_TAKEN = "rule_set_name_taken", 409, "规则集名称已存在", "The rule set's name exists already",
        "已发布的规则集不再修改。请用新名称导入。",
        "A published rule set never changes. Import under a new name.";
}

/// The rule set in use, or `rule_set_missing`.
pub fn current(db: &mut Db, tenant: TenantId) -> Result<RuleSetRow> {
    store::published(db, tenant)?.ok_or_else(|| RULE_SET_MISSING.error())
}

/// The rule set that is asked for, or the one in use.
pub fn set_asked(db: &mut Db, tenant: TenantId, asked: Option<RuleSetId>) -> Result<RuleSetRow> {
    match asked {
        Some(id) => store::find_set(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error()),
        None => current(db, tenant),
    }
}

/// The special days of a year, or `calendar_missing`.
pub fn year(db: &mut Db, tenant: TenantId, year: i32) -> Result<Vec<CalendarDayRow>> {
    let missing = || CALENDAR_MISSING.because(words!("{year} 年", "year {year}"));
    let (from, to) = span(year).ok_or_else(missing)?;
    let days = store::days(db, tenant, from, to)?;
    if days.is_empty() { Err(missing()) } else { Ok(days) }
}

fn span(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
}

/// Makes an empty rule set that replaces the one in use; its rules follow in the same transaction.
pub fn open_set(tx: &mut Tx<'_>, granted: &Authorized<District>, name: &str) -> Result<RuleSetRow> {
    let tenant = granted.subject().0;
    let mut fields = Fields::default();
    fields.text(name, "/name", 1, rules::NAME_MAX);
    fields.finish()?;
    let name = name.trim().to_owned();
    if store::set_by_name(tx, tenant, &name)?.is_some() {
        return Err(RULE_SET_NAME_TAKEN.because(words!("名称 {name}", "name {name}")));
    }
    if let Some(former) = store::published(tx, tenant)? {
        let former = store::supersede(tx, granted, &former)?;
        record(tx, tenant, "rule_set.superseded", ("rule_set", former.id.any(), former.version), json!({"by": name}))?;
    }
    let row = RuleSetRow {
        id: tx.new_id(),
        tenant_id: tenant,
        name,
        state: RuleSetState::Published,
        published_at: Some(tx.now()),
        version: 1,
        created_at: tx.now(),
    };
    store::insert_set(tx, granted, &row)?;
    Ok(row)
}

/// Puts the special days in place of the present ones, year by year: a corrected notice replaces its whole year.
pub fn load_days(tx: &mut Tx<'_>, granted: &Authorized<District>, days: Vec<CalendarDayRow>) -> Result<()> {
    let tenant = granted.subject().0;
    let mut years: BTreeMap<i32, Vec<CalendarDayRow>> = BTreeMap::new();
    for day in days {
        years.entry(day.day.year()).or_default().push(day);
    }
    for (year, days) in years {
        let (from, to) = span(year).ok_or_else(|| Error::internal(format!("year {year} is out of range")))?;
        store::replace_days(tx, granted, from, to, &days)?;
        let listed: Vec<Value> = days.iter().map(|day| json!({"day": day.day, "kind": day.kind})).collect();
        record(tx, tenant, "calendar.loaded", ("calendar", tenant.any(), 1), json!({"year": year, "days": listed}))?;
    }
    Ok(())
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    action: &str,
    (kind, resource, version): (&str, AnyId, i64),
    content: Value,
) -> Result<()> {
    journal::record(tx, &Event { tenant, action, kind, resource, version, case: None, content })?;
    Ok(())
}
