//! Service sessions in the database. Every query is scoped by tenant; what writes is called by the service alone, which holds the proof.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::model::{SessionRow, SessionState, Totals};
use crate::db::schema::{project_workers, service_sessions};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{ProjectId, ServiceSessionId, SocialWorkerId, TenantId};
use crate::kernel::{Result, UtcInstant};

pub fn find(db: &mut Db, tenant: TenantId, id: ServiceSessionId) -> Result<Option<SessionRow>> {
    Ok(service_sessions::table.filter(service_sessions::tenant_id.eq(tenant).and(service_sessions::id.eq(id))).first(db).optional()?)
}

/// Sessions of a project after the cursor, in the order of recording, at most `rows`.
pub fn of_project(
    db: &mut Db,
    tenant: TenantId,
    project: ProjectId,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<SessionRow>> {
    let of = service_sessions::tenant_id.eq(tenant).and(service_sessions::project_id.eq(project));
    let mut query = service_sessions::table.filter(of).into_boxed::<Backend>();
    if let Some((at, id)) = after {
        let id = ServiceSessionId::new(id);
        query = query.filter(service_sessions::created_at.gt(at).or(service_sessions::created_at.eq(at).and(service_sessions::id.gt(id))));
    }
    Ok(query.order((service_sessions::created_at, service_sessions::id)).limit(rows).load(db)?)
}

/// The totals of what both sides confirmed.
pub fn totals(db: &mut Db, tenant: TenantId, project: ProjectId) -> Result<Totals> {
    let of = service_sessions::tenant_id.eq(tenant).and(service_sessions::project_id.eq(project));
    let (sessions, persons, minutes) = service_sessions::table
        .filter(of.and(service_sessions::state.eq(SessionState::Confirmed)))
        .select((
            diesel::dsl::count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(persons), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(minutes), 0) AS BIGINT)"),
        ))
        .first(db)?;
    Ok(Totals { sessions, persons, minutes })
}

/// Whether the worker is named for the project.
pub fn works_for(db: &mut Db, project: ProjectId, worker: SocialWorkerId) -> Result<bool> {
    let named = project_workers::project_id.eq(project).and(project_workers::worker_id.eq(worker));
    Ok(project_workers::table.filter(named).count().get_result::<i64>(db)? > 0)
}

pub fn insert(tx: &mut Tx<'_>, row: &SessionRow) -> Result<()> {
    diesel::insert_into(service_sessions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &SessionRow) -> Result<()> {
    diesel::update(service_sessions::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
