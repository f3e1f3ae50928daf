//! Unit rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{UnitKind, UnitRow};
use crate::db::schema::units;
use crate::db::{Backend, Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{TenantId, UnitId};
use crate::people::Authorized;
use crate::people::policy::District;

/// A unit of the tenant.
pub fn find(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<Option<UnitRow>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).first(db).optional()?)
}

pub fn by_name(db: &mut Db, tenant: TenantId, name_zh: &str) -> Result<Option<UnitRow>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::name_zh.eq(name_zh))).first(db).optional()?)
}

/// Rows after the cursor by name, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, kind: Option<UnitKind>, after: Option<&(String, Uuid)>, rows: i64) -> Result<Vec<UnitRow>> {
    let mut query = units::table.filter(units::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(kind) = kind {
        query = query.filter(units::kind.eq(kind));
    }
    if let Some((name, id)) = after {
        query = query.filter(units::name_zh.gt(name).or(units::name_zh.eq(name).and(units::id.gt(UnitId::new(*id)))));
    }
    Ok(query.order((units::name_zh, units::id)).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &UnitRow) -> Result<()> {
    diesel::insert_into(units::table).values(row).execute(&mut **tx)?;
    Ok(())
}
