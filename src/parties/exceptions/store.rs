//! Exception rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{ExceptionFilter, ExceptionRow, ExceptionState};
use crate::db::schema::{accounts, duty_exceptions as exceptions};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, DutyExceptionId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: DutyExceptionId) -> Result<Option<ExceptionRow>> {
    Ok(exceptions::table.filter(exceptions::tenant_id.eq(tenant).and(exceptions::id.eq(id))).first(db).optional()?)
}

/// Whether an account of the tenant may sign in.
pub fn is_active(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<bool> {
    let found: i64 = accounts::table
        .filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(account)).and(accounts::state.eq("active")))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Rows after the cursor in the order of recording.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ExceptionFilter,
    after: Option<(UtcInstant, DutyExceptionId)>,
    rows: i64,
) -> Result<Vec<ExceptionRow>> {
    let mut query = exceptions::table.filter(exceptions::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(unit) = filter.unit {
        query = query.filter(exceptions::unit_id.eq(unit));
    }
    if let Some(state) = filter.state {
        query = query.filter(exceptions::state.eq(state));
    }
    if let Some(day) = filter.overdue_on {
        query = query.filter(exceptions::state.eq(ExceptionState::Recorded)).filter(exceptions::review_due.lt(day));
    }
    if let Some((at, id)) = after {
        query = query.filter(exceptions::created_at.gt(at).or(exceptions::created_at.eq(at).and(exceptions::id.gt(id))));
    }
    Ok(query.order((exceptions::created_at, exceptions::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ExceptionRow) -> Result<()> {
    diesel::insert_into(exceptions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn review(tx: &mut Tx<'_>, granted: &Authorized<ExceptionRow>, state: ExceptionState, note: &str) -> Result<ExceptionRow> {
    let now = tx.now();
    Ok(diesel::update(exceptions::table.find(granted.subject().id))
        .set((
            exceptions::state.eq(state),
            exceptions::review_note.eq(Some(note)),
            exceptions::reviewed_by.eq(granted.person()),
            exceptions::reviewed_at.eq(Some(now)),
            exceptions::version.eq(one_more(exceptions::version)),
        ))
        .returning(exceptions::all_columns)
        .get_result(&mut **tx)?)
}
