//! Rows of audit notices in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::AuditNoticeRow;
use crate::db::schema::{account_roles, accounts, audit_notice_units, audit_notices, units};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::Result;
use crate::kernel::id::{AccountId, AuditNoticeId, TenantId, UnitId};
use crate::people::{Authorized, Role};

/// Most notices that a list shows.
pub const LIST_MAX: i64 = 200;

pub fn find(db: &mut Db, tenant: TenantId, id: AuditNoticeId) -> Result<Option<AuditNoticeRow>> {
    Ok(audit_notices::table.filter(audit_notices::tenant_id.eq(tenant).and(audit_notices::id.eq(id))).first(db).optional()?)
}

/// Notices, newest first; only those of one auditor when it is given.
pub fn list(db: &mut Db, tenant: TenantId, auditor: Option<AccountId>) -> Result<Vec<AuditNoticeRow>> {
    let mut query = audit_notices::table.filter(audit_notices::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(auditor) = auditor {
        query = query.filter(audit_notices::auditor_id.eq(auditor));
    }
    Ok(query.order((audit_notices::created_at.desc(), audit_notices::id.desc())).limit(LIST_MAX).load(db)?)
}

/// The units of a notice.
pub fn units_of(db: &mut Db, notice: AuditNoticeId) -> Result<Vec<UnitId>> {
    let of = audit_notice_units::table.filter(audit_notice_units::notice_id.eq(notice));
    Ok(of.order(audit_notice_units::unit_id).select(audit_notice_units::unit_id).load(db)?)
}

/// Whether the account is an auditor of the tenant.
pub fn is_auditor(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<bool> {
    let found: Option<AccountId> = accounts::table
        .inner_join(account_roles::table)
        .filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(account)).and(account_roles::role.eq(Role::Auditor)))
        .select(accounts::id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}

/// How many of these units the tenant has.
pub fn known_units(db: &mut Db, tenant: TenantId, ids: &[UnitId]) -> Result<i64> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq_any(ids))).count().get_result(db)?)
}

/// Whether the auditor has a notice of that number.
pub fn is_recorded(db: &mut Db, tenant: TenantId, auditor: AccountId, number: &str) -> Result<bool> {
    let same = audit_notices::tenant_id.eq(tenant).and(audit_notices::auditor_id.eq(auditor)).and(audit_notices::number.eq(number));
    Ok(audit_notices::table.filter(same).count().get_result::<i64>(db)? > 0)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &AuditNoticeRow, units: &[UnitId]) -> Result<()> {
    diesel::insert_into(audit_notices::table).values(row).execute(&mut **tx)?;
    for unit in units {
        let named = (audit_notice_units::notice_id.eq(row.id), audit_notice_units::unit_id.eq(*unit));
        diesel::insert_into(audit_notice_units::table).values(named).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn end(tx: &mut Tx<'_>, granted: &Authorized<AuditNoticeRow>) -> Result<AuditNoticeRow> {
    let now = tx.now();
    Ok(diesel::update(audit_notices::table.find(granted.subject().id))
        .set((audit_notices::ended_at.eq(Some(now)), audit_notices::version.eq(one_more(audit_notices::version))))
        .returning(audit_notices::all_columns)
        .get_result(&mut **tx)?)
}
