//! Use cases of audit notices: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{AuditNoticeRow, NewAuditNotice};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{AuditNoticeId, UnitId};
use crate::kernel::{Error, Result, error};
use crate::people::policy::{District, authorize};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor record a notice?
pub fn may_issue(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::ISSUE, District(actor.tenant))
}

/// May the actor end this one?
pub fn may_end(db: &mut Db, actor: &Actor, id: AuditNoticeId) -> Result<Authorized<AuditNoticeRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::END, row)
}

/// Records a notice of the audit office for one auditor.
///
/// Errors: `invalid` with the pointers of what does not fit; `duties_not_separate` for a notice to oneself.
pub fn issue(tx: &mut Tx<'_>, granted: &Authorized<District>, new: &NewAuditNotice) -> Result<AuditNoticeRow> {
    let tenant = granted.subject().0;
    rules::check(new)?;
    if granted.person() == Some(new.auditor) {
        return Err(crate::people::policy::DUTIES_NOT_SEPARATE.because(words!("不得向本人开放", "not to oneself")));
    }
    if !store::is_auditor(tx, tenant, new.auditor)? {
        return Err(Error::field("/auditor_id", words!("须为本区的审计人员账户", "must be an auditor's account of the district")));
    }
    let known = usize::try_from(store::known_units(tx, tenant, &new.units)?).ok();
    if known != Some(new.units.len()) {
        return Err(Error::field("/unit_ids", words!("有单位不属于本区", "a unit is not of the district")));
    }
    let number = new.number.trim();
    if store::is_recorded(tx, tenant, new.auditor, number)? {
        return Err(Error::field("/number", words!("该文号已登记", "the number is recorded already")));
    }
    let row = AuditNoticeRow {
        id: tx.new_id(),
        tenant_id: tenant,
        number: number.to_owned(),
        subject: new.subject.trim().to_owned(),
        auditor_id: new.auditor,
        from_year: new.from_year,
        to_year: new.to_year,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        issued_by: granted.by(),
        ended_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row, &new.units)?;
    record(tx, "audit_notice.issued", &row, &new.units)?;
    Ok(row)
}

/// Ends a notice; from this moment it opens nothing.
pub fn end(tx: &mut Tx<'_>, granted: &Authorized<AuditNoticeRow>) -> Result<AuditNoticeRow> {
    let row = store::end(tx, granted)?;
    let units = store::units_of(tx, row.id)?;
    record(tx, "audit_notice.ended", &row, &units)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &AuditNoticeRow, units: &[UnitId]) -> Result<()> {
    let content = json!({
        "number": row.number, "subject": row.subject, "auditor_id": row.auditor_id, "unit_ids": units, "from_year": row.from_year,
        "to_year": row.to_year, "valid_from": row.valid_from, "valid_until": row.valid_until,
    });
    let event =
        Event { tenant: row.tenant_id, action, kind: "audit_notice", resource: row.id.any(), version: row.version, case: None, content };
    journal::record(tx, &event).map(drop)
}
