//! Report and value rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone, which holds
//! the proof.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{ReportRow, ReportState, ValueRow};
use crate::db::schema::{indicators, outcome_reports as reports, outcome_values as values};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{OutcomeReportId, ProjectId, TenantId};
use crate::kernel::{Result, UtcInstant};

pub fn find(db: &mut Db, tenant: TenantId, id: OutcomeReportId) -> Result<Option<ReportRow>> {
    Ok(reports::table.filter(reports::tenant_id.eq(tenant).and(reports::id.eq(id))).first(db).optional()?)
}

pub fn period_taken(db: &mut Db, tenant: TenantId, project: ProjectId, period: &str) -> Result<bool> {
    let same = reports::tenant_id.eq(tenant).and(reports::project_id.eq(project)).and(reports::period.eq(period));
    Ok(reports::table.filter(same).count().get_result::<i64>(db)? > 0)
}

/// Reports of a project after the cursor, oldest first, at most `rows`.
pub fn of_project(
    db: &mut Db,
    tenant: TenantId,
    project: ProjectId,
    verified_only: bool,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<ReportRow>> {
    let of_project = reports::tenant_id.eq(tenant).and(reports::project_id.eq(project));
    let mut query = reports::table.filter(of_project).into_boxed::<Backend>();
    if verified_only {
        query = query.filter(reports::state.eq(ReportState::Verified));
    }
    if let Some((at, id)) = after {
        let id = OutcomeReportId::new(id);
        query = query.filter(reports::created_at.gt(at).or(reports::created_at.eq(at).and(reports::id.gt(id))));
    }
    Ok(query.order((reports::created_at, reports::id)).limit(rows).load(db)?)
}

/// The values of a report in the order of the project's indicators. The report was found in its tenant before.
pub fn values_of(db: &mut Db, report: &ReportRow) -> Result<Vec<ValueRow>> {
    Ok(values::table
        .inner_join(indicators::table.on(indicators::id.eq(values::indicator_id)))
        .filter(values::report_id.eq(report.id))
        .order(indicators::position)
        .select(values::all_columns)
        .load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, row: &ReportRow, found: &[ValueRow]) -> Result<()> {
    diesel::insert_into(reports::table).values(row).execute(&mut **tx)?;
    insert_values(tx, found)
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ReportRow) -> Result<()> {
    diesel::update(reports::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Replaces the values of a report.
pub fn replace_values(tx: &mut Tx<'_>, report: OutcomeReportId, found: &[ValueRow]) -> Result<()> {
    diesel::delete(values::table.filter(values::report_id.eq(report))).execute(&mut **tx)?;
    insert_values(tx, found)
}

fn insert_values(tx: &mut Tx<'_>, found: &[ValueRow]) -> Result<()> {
    for value in found {
        diesel::insert_into(values::table).values(value).execute(&mut **tx)?;
    }
    Ok(())
}
