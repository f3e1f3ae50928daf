//! Mandate rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::MandateRow;
use crate::db::schema::{accounts, mandates};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, MandateId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: MandateId) -> Result<Option<MandateRow>> {
    Ok(mandates::table.filter(mandates::tenant_id.eq(tenant).and(mandates::id.eq(id))).first(db).optional()?)
}

/// The unit of an active account of the tenant.
pub fn unit_of(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<Option<UnitId>> {
    let row: Option<Option<UnitId>> = accounts::table
        .filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(account)).and(accounts::state.eq("active")))
        .select(accounts::unit_id)
        .first(db)
        .optional()?;
    Ok(row.flatten())
}

/// Rows after the cursor in the order of granting; only of one unit, as purchaser or as agent, when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    unit: Option<UnitId>,
    after: Option<(UtcInstant, MandateId)>,
    rows: i64,
) -> Result<Vec<MandateRow>> {
    let mut query = mandates::table.filter(mandates::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(unit) = unit {
        query = query.filter(mandates::unit_id.eq(unit).or(mandates::agent_unit_id.eq(unit)));
    }
    if let Some((at, id)) = after {
        query = query.filter(mandates::created_at.gt(at).or(mandates::created_at.eq(at).and(mandates::id.gt(id))));
    }
    Ok(query.order((mandates::created_at, mandates::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &MandateRow) -> Result<()> {
    diesel::insert_into(mandates::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<MandateRow>, reason: &str) -> Result<MandateRow> {
    let now = tx.now();
    Ok(diesel::update(mandates::table.find(granted.subject().id))
        .set((
            mandates::revoked_at.eq(Some(now)),
            mandates::revoked_by.eq(granted.person()),
            mandates::revoke_reason.eq(Some(reason)),
            mandates::version.eq(one_more(mandates::version)),
        ))
        .returning(mandates::all_columns)
        .get_result(&mut **tx)?)
}
