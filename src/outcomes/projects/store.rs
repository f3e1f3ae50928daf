//! Project and indicator rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone,
//! which holds the proof.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{AgreementRow, IndicatorRow, IndicatorVersionRow, ProjectFilter, ProjectRow, UnitDesk};
use crate::db::schema::{areas, indicator_versions, indicators, project_agreements, project_workers, projects, units};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AreaId, ProjectId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::scope::seen;
use crate::people::{Authorized, Scope};

pub fn find(db: &mut Db, tenant: TenantId, id: ProjectId) -> Result<Option<ProjectRow>> {
    Ok(projects::table.filter(projects::tenant_id.eq(tenant).and(projects::id.eq(id))).first(db).optional()?)
}

pub fn number_taken(db: &mut Db, tenant: TenantId, cohort: i32, number: i32) -> Result<bool> {
    let same = projects::tenant_id.eq(tenant).and(projects::cohort.eq(cohort)).and(projects::number.eq(Some(number)));
    Ok(projects::table.filter(same).count().get_result::<i64>(db)? > 0)
}

pub fn unit_exists(db: &mut Db, tenant: TenantId, unit: UnitId) -> Result<bool> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(unit))).count().get_result::<i64>(db)? > 0)
}

pub fn area_exists(db: &mut Db, tenant: TenantId, area: AreaId) -> Result<bool> {
    Ok(areas::table.filter(areas::tenant_id.eq(tenant).and(areas::id.eq(area))).count().get_result::<i64>(db)? > 0)
}

/// What the reader may see of the filter's rows after the cursor, newest first, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ProjectFilter,
    scope: Scope,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<ProjectRow>> {
    let mut query = projects::table.filter(projects::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(projects::number.is_not_null().or(seen!(scope, projects, year: cohort)));
    }
    if let Some(cohort) = filter.cohort {
        query = query.filter(projects::cohort.eq(cohort));
    }
    if let Some(state) = filter.state {
        query = query.filter(projects::state.eq(state));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(projects::unit_id.eq(unit));
    }
    if let Some((at, id)) = after {
        let id = ProjectId::new(id);
        query = query.filter(projects::created_at.lt(at).or(projects::created_at.eq(at).and(projects::id.lt(id))));
    }
    Ok(query.order((projects::created_at.desc(), projects::id.desc())).limit(rows).load(db)?)
}

/// The agreements that feed a project in the order they were linked, at most 100.
pub fn agreements_of(db: &mut Db, project: ProjectId) -> Result<Vec<AgreementRow>> {
    let of_project = project_agreements::table.filter(project_agreements::project_id.eq(project));
    Ok(of_project.order(project_agreements::position).limit(100).load(db)?)
}

/// Notes an agreement that feeds a project.
pub fn insert_agreement(tx: &mut Tx<'_>, row: &AgreementRow) -> Result<()> {
    diesel::insert_into(project_agreements::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The indicators of a project in the order they were named.
pub fn indicators_of(db: &mut Db, tenant: TenantId, project: ProjectId) -> Result<Vec<IndicatorRow>> {
    let of_project = indicators::tenant_id.eq(tenant).and(indicators::project_id.eq(project));
    Ok(indicators::table.filter(of_project).order(indicators::position).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<UnitDesk>, row: &ProjectRow, measured: &[IndicatorRow]) -> Result<()> {
    diesel::insert_into(projects::table).values(row).execute(&mut **tx)?;
    for indicator in measured {
        diesel::insert_into(indicators::table).values(indicator).execute(&mut **tx)?;
    }
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ProjectRow) -> Result<()> {
    diesel::update(projects::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Whether social workers are named for the project.
pub fn has_workers(db: &mut Db, project: ProjectId) -> Result<bool> {
    Ok(project_workers::table.filter(project_workers::project_id.eq(project)).count().get_result::<i64>(db)? > 0)
}

/// Stores the next version of an indicator and keeps the former one.
pub fn revise(tx: &mut Tx<'_>, row: &IndicatorRow, former: &IndicatorVersionRow) -> Result<()> {
    diesel::insert_into(indicator_versions::table).values(former).execute(&mut **tx)?;
    diesel::update(indicators::table.find(row.id))
        .set((indicators::target.eq(row.target), indicators::method.eq(&row.method), indicators::version.eq(row.version)))
        .execute(&mut **tx)?;
    Ok(())
}
