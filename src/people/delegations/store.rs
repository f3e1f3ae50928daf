//! Delegation rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::DelegationRow;
use super::rules::Colleague;
use crate::db::schema::{accounts, delegations};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, DelegationId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;
use crate::people::accounts::store as account_store;

pub fn find(db: &mut Db, tenant: TenantId, id: DelegationId) -> Result<Option<DelegationRow>> {
    Ok(delegations::table.filter(delegations::tenant_id.eq(tenant).and(delegations::id.eq(id))).first(db).optional()?)
}

/// What is known of an account of the tenant.
pub fn colleague(db: &mut Db, tenant: TenantId, id: AccountId) -> Result<Option<Colleague>> {
    let row: Option<(Option<UnitId>, String)> = accounts::table
        .filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(id)))
        .select((accounts::unit_id, accounts::state))
        .first(db)
        .optional()?;
    let Some((unit, state)) = row else { return Ok(None) };
    Ok(Some(Colleague { id, unit, active: state == "active", roles: account_store::roles_of(db, id)? }))
}

/// Rows after the cursor in the order of making; only of one unit when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    unit: Option<UnitId>,
    after: Option<(UtcInstant, DelegationId)>,
    rows: i64,
) -> Result<Vec<DelegationRow>> {
    let mut query = delegations::table.filter(delegations::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(unit) = unit {
        query = query.filter(delegations::unit_id.eq(unit));
    }
    if let Some((at, id)) = after {
        query = query.filter(delegations::created_at.gt(at).or(delegations::created_at.eq(at).and(delegations::id.gt(id))));
    }
    Ok(query.order((delegations::created_at, delegations::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &DelegationRow) -> Result<()> {
    diesel::insert_into(delegations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn end(tx: &mut Tx<'_>, granted: &Authorized<DelegationRow>, reason: &str) -> Result<DelegationRow> {
    let now = tx.now();
    Ok(diesel::update(delegations::table.find(granted.subject().id))
        .set((
            delegations::ended_at.eq(Some(now)),
            delegations::ended_by.eq(granted.person()),
            delegations::end_reason.eq(Some(reason)),
            delegations::version.eq(one_more(delegations::version)),
        ))
        .returning(delegations::all_columns)
        .get_result(&mut **tx)?)
}
