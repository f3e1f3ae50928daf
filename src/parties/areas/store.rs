//! Area rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{AreaChange, AreaFilter, AreaRow, AreaSort};
use crate::db::schema::areas;
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AreaId, TenantId};
use crate::kernel::{AreaCode, Result};
use crate::people::Authorized;
use crate::people::policy::District;

pub fn find(db: &mut Db, tenant: TenantId, id: AreaId) -> Result<Option<AreaRow>> {
    Ok(areas::table.filter(areas::tenant_id.eq(tenant).and(areas::id.eq(id))).first(db).optional()?)
}

pub fn by_code(db: &mut Db, tenant: TenantId, code: &AreaCode) -> Result<Option<AreaRow>> {
    Ok(areas::table.filter(areas::tenant_id.eq(tenant).and(areas::code.eq(code))).first(db).optional()?)
}

/// Rows after the cursor in the filter's order, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, filter: &AreaFilter, after: Option<&(String, Uuid)>, rows: i64) -> Result<Vec<AreaRow>> {
    let mut query = areas::table.filter(areas::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(parent) = filter.parent {
        query = query.filter(areas::parent_id.eq(Some(parent)));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(areas::kind.eq(kind));
    }
    if let Some(day) = filter.on {
        query = query
            .filter(areas::valid_from.is_null().or(areas::valid_from.le(Some(day))))
            .filter(areas::valid_to.is_null().or(areas::valid_to.ge(Some(day))));
    }
    query = match filter.sort {
        AreaSort::Code => query.order((areas::code, areas::id)),
        AreaSort::NameEn => query.order((areas::name_en, areas::id)),
    };
    if let Some((key, id)) = after {
        let id = AreaId::new(*id);
        query = match filter.sort {
            AreaSort::Code => query.filter(areas::code.gt(key).or(areas::code.eq(key).and(areas::id.gt(id)))),
            AreaSort::NameEn => query.filter(areas::name_en.gt(key).or(areas::name_en.eq(key).and(areas::id.gt(id)))),
        };
    }
    Ok(query.limit(rows).load(db)?)
}

/// How many rows the filter finds, counted up to `cap`.
pub fn count(db: &mut Db, tenant: TenantId, filter: &AreaFilter, cap: i64) -> Result<i64> {
    Ok(i64::try_from(list(db, tenant, filter, None, cap)?.len()).unwrap_or(cap))
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &AreaRow) -> Result<()> {
    diesel::insert_into(areas::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn change(tx: &mut Tx<'_>, granted: &Authorized<AreaRow>, change: &AreaChange) -> Result<AreaRow> {
    let before = granted.subject();
    let now = tx.now();
    Ok(diesel::update(areas::table.find(before.id))
        .set((
            areas::name_zh.eq(change.name_zh.as_ref().unwrap_or(&before.name_zh)),
            areas::name_en.eq(change.name_en.as_ref().unwrap_or(&before.name_en)),
            areas::valid_to.eq(change.valid_to.unwrap_or(before.valid_to)),
            areas::entrusted_to.eq(change.entrusted_to.as_ref().unwrap_or(&before.entrusted_to)),
            areas::version.eq(one_more(areas::version)),
            areas::updated_at.eq(now),
        ))
        .returning(areas::all_columns)
        .get_result(&mut **tx)?)
}
