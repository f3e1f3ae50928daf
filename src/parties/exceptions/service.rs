//! Use cases of exceptions.

use serde_json::json;

use super::model::{ExceptionRow, ExceptionState, NewException};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{DutyExceptionId, TenantId, UnitId};
use crate::kernel::{Error, Result};
use crate::parties::regulations;
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized, Role, Subject};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// No calendar of the year.
    REVIEW_DAY_UNKNOWN = "review_day_unknown", 409, "无法计算复核期限", "The day of the review cannot be counted",
        "缺少该年的工作日历，不能计算复核期限。请由运维人员运行 `baiyi import calendar <文件>`。",
        "The year's working-day calendar is not loaded. The operator loads it with `baiyi import calendar <file>`.";
}

/// The desk of a unit's lead.
#[derive(Debug, Clone, Copy)]
pub struct LeadDesk {
    /// Tenant.
    pub tenant: TenantId,
    /// The lead's unit.
    pub unit: UnitId,
}

impl Subject for LeadDesk {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
}

/// May the actor record an exception for its unit?
pub fn may_record(actor: &Actor) -> Result<Authorized<LeadDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::RECORD, LeadDesk { tenant: actor.tenant, unit })
}

/// May the actor review this exception? The supervisor, an auditor, or the lead of the unit above; never who is involved.
pub fn may_review(db: &mut Db, actor: &Actor, id: DutyExceptionId) -> Result<Authorized<ExceptionRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let unit = row.unit_id;
    let granted = authorize(actor, &policy::REVIEW, row)?;
    let stands_outside = actor.has_any(&[Role::Supervisor, Role::Auditor]) || actor.leads_above(unit);
    if stands_outside { Ok(granted) } else { Err(error::FORBIDDEN.error()) }
}

/// Records an exception; its review is due within [`rules::REVIEW_WORKING_DAYS`].
pub fn record(tx: &mut Tx<'_>, granted: &Authorized<LeadDesk>, new: &NewException) -> Result<ExceptionRow> {
    let LeadDesk { tenant, unit } = *granted.subject();
    let known = store::is_active(tx, tenant, new.account)?;
    rules::check(new, granted.by(), known)?;
    if !journal::knows_resource(tx, tenant, new.resource)? {
        return Err(Error::field("/resource_id", words!("没有该事项", "there is no such thing")));
    }
    let calendar = regulations::calendar(tx, tenant)?;
    let review_due = rules::review_due(&calendar, tx.now().date_in_shanghai())
        .map_err(|missing| REVIEW_DAY_UNKNOWN.because(words!("缺少 {0} 年的日历", "the calendar of {0} is missing", missing.0)))?;
    let row = ExceptionRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit,
        action: new.action.clone(),
        resource_kind: new.resource_kind.trim().to_owned(),
        resource_id: new.resource,
        account_id: new.account,
        reason: new.reason.trim().to_owned(),
        made_by: granted.by(),
        state: ExceptionState::Recorded,
        review_due,
        review_note: None,
        reviewed_by: None,
        reviewed_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    note(tx, "duty_exception.recorded", &row)?;
    Ok(row)
}

/// Reviews an exception. From then on nobody acts under it.
pub fn review(tx: &mut Tx<'_>, granted: &Authorized<ExceptionRow>, upheld: bool, text: &str) -> Result<ExceptionRow> {
    let mut fields = Fields::default();
    fields.text(text, "/note", 2, rules::REASON_MAX);
    fields.finish()?;
    let state = if upheld { ExceptionState::Upheld } else { ExceptionState::Objected };
    let row = store::review(tx, granted, state, text.trim())?;
    note(tx, "duty_exception.reviewed", &row)?;
    Ok(row)
}

fn note(tx: &mut Tx<'_>, action: &str, row: &ExceptionRow) -> Result<()> {
    let content = json!({
        "unit_id": row.unit_id, "action": row.action, "resource_kind": row.resource_kind, "resource_id": row.resource_id, "account_id": row.account_id,
        "reason": row.reason, "review_due": row.review_due, "state": row.state, "review_note": row.review_note,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "duty_exception", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
