//! Unit rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{ParentRow, UnitKind, UnitRow};
use crate::db::schema::{unit_parents, units};
use crate::db::{Backend, Db, Tx, one_more};
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

/// The unit directly above a unit.
pub fn parent_of(db: &mut Db, tenant: TenantId, unit: UnitId) -> Result<Option<UnitId>> {
    Ok(unit_parents::table
        .filter(unit_parents::tenant_id.eq(tenant).and(unit_parents::unit_id.eq(unit)))
        .select(unit_parents::parent_id)
        .first(db)
        .optional()?)
}

/// Units above a unit that are looked at: far more than a district has.
const LINE_MAX: usize = 8;

/// The unit and all units above it.
pub fn line_of(db: &mut Db, tenant: TenantId, unit: UnitId) -> Result<Vec<UnitId>> {
    let mut line = vec![unit];
    let mut next = parent_of(db, tenant, unit)?;
    while let Some(above) = next.filter(|above| !line.contains(above) && line.len() < LINE_MAX) {
        line.push(above);
        next = parent_of(db, tenant, above)?;
    }
    Ok(line)
}

/// The units directly above these.
pub fn parents_of(db: &mut Db, tenant: TenantId, units: &[UnitId]) -> Result<Vec<ParentRow>> {
    Ok(unit_parents::table.filter(unit_parents::tenant_id.eq(tenant).and(unit_parents::unit_id.eq_any(units))).load(db)?)
}

pub fn set_parent(tx: &mut Tx<'_>, granted: &Authorized<UnitRow>, parent: Option<UnitId>) -> Result<UnitRow> {
    let unit = granted.subject();
    diesel::delete(unit_parents::table.find(unit.id)).execute(&mut **tx)?;
    if let Some(parent_id) = parent {
        let row = ParentRow { unit_id: unit.id, tenant_id: unit.tenant_id, parent_id };
        diesel::insert_into(unit_parents::table).values(&row).execute(&mut **tx)?;
    }
    Ok(diesel::update(units::table.find(unit.id))
        .set(units::version.eq(one_more(units::version)))
        .returning(units::all_columns)
        .get_result(&mut **tx)?)
}
