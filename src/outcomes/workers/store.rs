//! Social workers in the database. Every query is scoped by tenant; what writes is called by the service alone, which holds the proof.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{GrowthRow, WorkerRow};
use crate::db::schema::{growth_entries, project_workers, social_workers};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{OrganisationId, ProjectId, SocialWorkerId, TenantId};
use crate::kernel::{Result, UtcInstant};

/// Most entries of a growth card that are shown.
pub const GROWTH_MAX: i64 = 500;

pub fn find(db: &mut Db, tenant: TenantId, id: SocialWorkerId) -> Result<Option<WorkerRow>> {
    Ok(social_workers::table.filter(social_workers::tenant_id.eq(tenant).and(social_workers::id.eq(id))).first(db).optional()?)
}

/// Workers after the cursor in the order of entry; only those of one organisation when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    of: Option<OrganisationId>,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<WorkerRow>> {
    let mut query = social_workers::table.filter(social_workers::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(of) = of {
        query = query.filter(social_workers::organisation_id.eq(of));
    }
    if let Some((at, id)) = after {
        let id = SocialWorkerId::new(id);
        query = query.filter(social_workers::created_at.gt(at).or(social_workers::created_at.eq(at).and(social_workers::id.gt(id))));
    }
    Ok(query.order((social_workers::created_at, social_workers::id)).limit(rows).load(db)?)
}

/// Whether another worker has this certificate.
pub fn certificate_taken(db: &mut Db, tenant: TenantId, number: &str, but: SocialWorkerId) -> Result<bool> {
    let same = social_workers::tenant_id.eq(tenant).and(social_workers::certificate_number.eq(Some(number)));
    Ok(social_workers::table.filter(same.and(social_workers::id.ne(but))).count().get_result::<i64>(db)? > 0)
}

pub fn insert(tx: &mut Tx<'_>, row: &WorkerRow) -> Result<()> {
    diesel::insert_into(social_workers::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &WorkerRow) -> Result<()> {
    diesel::update(social_workers::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// The growth card of a worker, newest first.
pub fn growth_of(db: &mut Db, tenant: TenantId, worker: SocialWorkerId) -> Result<Vec<GrowthRow>> {
    let of = growth_entries::tenant_id.eq(tenant).and(growth_entries::worker_id.eq(worker));
    let newest = (growth_entries::happened_on.desc(), growth_entries::id.desc());
    Ok(growth_entries::table.filter(of).order(newest).limit(GROWTH_MAX).load(db)?)
}

pub fn insert_growth(tx: &mut Tx<'_>, row: &GrowthRow) -> Result<()> {
    diesel::insert_into(growth_entries::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The workers of a project by id.
pub fn of_project(db: &mut Db, tenant: TenantId, project: ProjectId) -> Result<Vec<WorkerRow>> {
    Ok(social_workers::table
        .inner_join(project_workers::table)
        .filter(social_workers::tenant_id.eq(tenant).and(project_workers::project_id.eq(project)))
        .order(social_workers::id)
        .select(social_workers::all_columns)
        .load(db)?)
}

/// Those of these workers that the organisation employs.
pub fn employed(db: &mut Db, tenant: TenantId, organisation: OrganisationId, ids: &[SocialWorkerId]) -> Result<Vec<SocialWorkerId>> {
    let of = social_workers::tenant_id.eq(tenant).and(social_workers::organisation_id.eq(organisation));
    Ok(social_workers::table.filter(of.and(social_workers::id.eq_any(ids))).select(social_workers::id).load(db)?)
}

/// Names these workers for the project in the place of those before.
pub fn link(tx: &mut Tx<'_>, project: ProjectId, workers: &[SocialWorkerId]) -> Result<()> {
    diesel::delete(project_workers::table.filter(project_workers::project_id.eq(project))).execute(&mut **tx)?;
    for worker in workers {
        let row = (project_workers::project_id.eq(project), project_workers::worker_id.eq(*worker));
        diesel::insert_into(project_workers::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}
