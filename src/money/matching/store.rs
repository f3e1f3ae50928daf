//! Pledge rows in the database. Every query is scoped by tenant; the service, which holds the proof, alone calls what changes rows.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::PledgeRow;
use crate::db::schema::{matching_pledges, units};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{PledgeId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Scope;
use crate::people::scope::seen;

pub fn find(db: &mut Db, tenant: TenantId, id: PledgeId) -> Result<Option<PledgeRow>> {
    Ok(matching_pledges::table.filter(matching_pledges::tenant_id.eq(tenant).and(matching_pledges::id.eq(id))).first(db).optional()?)
}

/// The unit, when the tenant has it.
pub fn unit(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<Option<UnitId>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).select(units::id).first(db).optional()?)
}

/// What the reader may see, newest first, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, scope: Scope, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<PledgeRow>> {
    let mut query = matching_pledges::table.filter(matching_pledges::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(seen!(scope, matching_pledges, made: created_at));
    }
    if let Some((at, id)) = after {
        let earlier = matching_pledges::created_at.eq(at).and(matching_pledges::id.lt(PledgeId::new(id)));
        query = query.filter(matching_pledges::created_at.lt(at).or(earlier));
    }
    Ok(query.order((matching_pledges::created_at.desc(), matching_pledges::id.desc())).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, row: &PledgeRow) -> Result<()> {
    diesel::insert_into(matching_pledges::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save(tx: &mut Tx<'_>, row: &PledgeRow) -> Result<()> {
    diesel::update(matching_pledges::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
