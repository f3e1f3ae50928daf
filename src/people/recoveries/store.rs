//! Rows of recoveries in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{RecoveryRow, RecoveryState};
use crate::db::schema::account_recoveries;
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, RecoveryId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: RecoveryId) -> Result<Option<RecoveryRow>> {
    let mine = account_recoveries::tenant_id.eq(tenant).and(account_recoveries::id.eq(id));
    Ok(account_recoveries::table.filter(mine).first(db).optional()?)
}

/// Whether a recovery of that account waits for its second person.
pub fn is_asked(db: &mut Db, account: AccountId) -> Result<bool> {
    let asked = account_recoveries::account_id.eq(account).and(account_recoveries::state.eq(RecoveryState::Asked));
    Ok(diesel::select(diesel::dsl::exists(account_recoveries::table.filter(asked))).get_result(db)?)
}

/// Rows after the cursor in the order of asking; only of one unit when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    unit: Option<UnitId>,
    after: Option<(UtcInstant, RecoveryId)>,
    rows: i64,
) -> Result<Vec<RecoveryRow>> {
    let mut query = account_recoveries::table.filter(account_recoveries::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(unit) = unit {
        query = query.filter(account_recoveries::unit_id.eq(unit));
    }
    if let Some((at, id)) = after {
        query = query
            .filter(account_recoveries::created_at.gt(at).or(account_recoveries::created_at.eq(at).and(account_recoveries::id.gt(id))));
    }
    Ok(query.order((account_recoveries::created_at, account_recoveries::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &RecoveryRow) -> Result<()> {
    diesel::insert_into(account_recoveries::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn decide(tx: &mut Tx<'_>, granted: &Authorized<RecoveryRow>, state: RecoveryState) -> Result<RecoveryRow> {
    let now = tx.now();
    Ok(diesel::update(account_recoveries::table.find(granted.subject().id))
        .set((
            account_recoveries::state.eq(state),
            account_recoveries::decided_by.eq(Some(granted.by())),
            account_recoveries::decided_at.eq(Some(now)),
            account_recoveries::version.eq(one_more(account_recoveries::version)),
        ))
        .returning(account_recoveries::all_columns)
        .get_result(&mut **tx)?)
}
