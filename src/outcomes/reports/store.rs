//! Report and value rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone, which holds
//! the proof.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{EvidenceRow, ReopeningRow, ReportRow, ReportState, Reuse, SplitRow, ValueRow};
use crate::db::schema::{
    documents, evidence_facts, indicators, outcome_reports as reports, outcome_splits as splits, outcome_values as values,
    report_reopenings,
};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{OutcomeReportId, ProjectId, TenantId};
use crate::kernel::{Result, UtcInstant};

pub fn find(db: &mut Db, tenant: TenantId, id: OutcomeReportId) -> Result<Option<ReportRow>> {
    Ok(reports::table.filter(reports::tenant_id.eq(tenant).and(reports::id.eq(id))).first(db).optional()?)
}

/// The periods of a project's reports with their states; they never overlap, so that a project has few.
pub fn periods_of(db: &mut Db, tenant: TenantId, project: ProjectId) -> Result<Vec<(String, ReportState)>> {
    let of_project = reports::tenant_id.eq(tenant).and(reports::project_id.eq(project));
    Ok(reports::table.filter(of_project).order(reports::period).select((reports::period, reports::state)).load(db)?)
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
        query = query.filter(reports::state.eq_any(ReportState::LOCKED));
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

/// The parts of a report's values.
pub fn splits_of(db: &mut Db, report: &ReportRow) -> Result<Vec<SplitRow>> {
    let of = splits::table.filter(splits::report_id.eq(report.id));
    Ok(of.order((splits::indicator_id, splits::dimension, splits::part)).load(db)?)
}

/// What is known of a report's evidence files.
pub fn evidence_of(db: &mut Db, report: &ReportRow) -> Result<Vec<EvidenceRow>> {
    Ok(evidence_facts::table.filter(evidence_facts::report_id.eq(report.id)).order(evidence_facts::document_id).load(db)?)
}

/// Other reports of the tenant that have one of the same files as evidence, at most 100.
pub fn reused(db: &mut Db, report: &ReportRow) -> Result<Vec<Reuse>> {
    let ours: Vec<String> = documents::table
        .filter(documents::tenant_id.eq(report.tenant_id).and(documents::owner_id.eq(report.id.any())))
        .select(documents::sha256)
        .load(db)?;
    Ok(documents::table
        .inner_join(reports::table.on(documents::owner_id.eq(reports::id)))
        .filter(documents::tenant_id.eq(report.tenant_id).and(documents::sha256.eq_any(ours)).and(reports::id.ne(report.id)))
        .order((documents::created_at, documents::id))
        .limit(100)
        .select((documents::sha256, reports::id, reports::project_id, reports::period))
        .load(db)?)
}

/// The exception that waits for its second person.
pub fn open_reopening(db: &mut Db, report: OutcomeReportId) -> Result<Option<ReopeningRow>> {
    let open = report_reopenings::report_id.eq(report).and(report_reopenings::decided_by.is_null());
    Ok(report_reopenings::table.filter(open).first(db).optional()?)
}

pub fn insert_reopening(tx: &mut Tx<'_>, row: &ReopeningRow) -> Result<()> {
    diesel::insert_into(report_reopenings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the exception as the service changed it.
pub fn save_reopening(tx: &mut Tx<'_>, row: &ReopeningRow) -> Result<()> {
    diesel::update(report_reopenings::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_evidence(tx: &mut Tx<'_>, row: &EvidenceRow) -> Result<()> {
    diesel::insert_into(evidence_facts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert(tx: &mut Tx<'_>, row: &ReportRow, found: &[ValueRow], parts: &[SplitRow]) -> Result<()> {
    diesel::insert_into(reports::table).values(row).execute(&mut **tx)?;
    insert_values(tx, found, parts)
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ReportRow) -> Result<()> {
    diesel::update(reports::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Replaces the values of a report.
pub fn replace_values(tx: &mut Tx<'_>, report: OutcomeReportId, found: &[ValueRow], parts: &[SplitRow]) -> Result<()> {
    diesel::delete(splits::table.filter(splits::report_id.eq(report))).execute(&mut **tx)?;
    diesel::delete(values::table.filter(values::report_id.eq(report))).execute(&mut **tx)?;
    insert_values(tx, found, parts)
}

fn insert_values(tx: &mut Tx<'_>, found: &[ValueRow], parts: &[SplitRow]) -> Result<()> {
    for value in found {
        diesel::insert_into(values::table).values(value).execute(&mut **tx)?;
    }
    for part in parts {
        diesel::insert_into(splits::table).values(part).execute(&mut **tx)?;
    }
    Ok(())
}
