//! Fund and appropriation rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{AppropriationRow, FundFilter, FundRow, Listed, NewFund, Place};
use crate::db::schema::{appropriations, budget_subjects, funds, units};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AppropriationId, FundId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: FundId) -> Result<Option<FundRow>> {
    Ok(funds::table.filter(funds::tenant_id.eq(tenant).and(funds::id.eq(id))).first(db).optional()?)
}

/// The unit, when the tenant has it.
pub fn unit(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<Option<UnitId>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).select(units::id).first(db).optional()?)
}

/// Whether the unit has a fund of this name, stream and year.
pub fn name_taken(db: &mut Db, tenant: TenantId, unit: UnitId, new: &NewFund) -> Result<bool> {
    let found: i64 = funds::table
        .filter(funds::tenant_id.eq(tenant).and(funds::unit_id.eq(unit)).and(funds::stream.eq(new.stream)))
        .filter(funds::year.eq(new.year).and(funds::name_zh.eq(new.name_zh.trim())))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Rows after the cursor in the order they were made, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, filter: &FundFilter, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<FundRow>> {
    let mut query = funds::table.filter(funds::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(unit) = filter.unit {
        query = query.filter(funds::unit_id.eq(unit));
    }
    if let Some(stream) = filter.stream {
        query = query.filter(funds::stream.eq(stream));
    }
    if let Some(year) = filter.year {
        query = query.filter(funds::year.eq(year));
    }
    if let Some((at, id)) = after {
        let id = FundId::new(id);
        query = query.filter(funds::created_at.gt(at).or(funds::created_at.eq(at).and(funds::id.gt(id))));
    }
    Ok(query.order((funds::created_at, funds::id)).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<Place>, row: &FundRow) -> Result<()> {
    diesel::insert_into(funds::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What the district's budget subjects say of a code of this kind (`func` or `econ`).
pub fn listed(db: &mut Db, tenant: TenantId, code: &str, kind: &str) -> Result<Listed> {
    let of_tenant = budget_subjects::table.filter(budget_subjects::tenant_id.eq(tenant));
    let found: i64 = of_tenant.filter(budget_subjects::code.eq(code).and(budget_subjects::kind.eq(kind))).count().get_result(db)?;
    if found > 0 {
        return Ok(Listed::Yes);
    }
    let any: Option<String> = of_tenant.select(budget_subjects::code).first(db).optional()?;
    Ok(if any.is_some() { Listed::No } else { Listed::NoList })
}

/// Whether the fund has a document of this number.
pub fn document_known(db: &mut Db, fund: &FundRow, number: &str) -> Result<bool> {
    let found: i64 = appropriations::table
        .filter(appropriations::tenant_id.eq(fund.tenant_id).and(appropriations::fund_id.eq(fund.id)))
        .filter(appropriations::document_number.eq(number))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

pub fn insert_appropriation(tx: &mut Tx<'_>, _granted: &Authorized<FundRow>, row: &AppropriationRow) -> Result<()> {
    diesel::insert_into(appropriations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Appropriations of a fund after the cursor in the order they were entered, at most `rows`.
pub fn appropriations_of(db: &mut Db, fund: &FundRow, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<AppropriationRow>> {
    let mut query = appropriations::table
        .filter(appropriations::tenant_id.eq(fund.tenant_id).and(appropriations::fund_id.eq(fund.id)))
        .into_boxed::<Backend>();
    if let Some((at, id)) = after {
        let id = AppropriationId::new(id);
        query = query.filter(appropriations::created_at.gt(at).or(appropriations::created_at.eq(at).and(appropriations::id.gt(id))));
    }
    Ok(query.order((appropriations::created_at, appropriations::id)).limit(rows).load(db)?)
}
