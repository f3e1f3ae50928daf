//! Organisation rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{OrganisationFilter, OrganisationRow, OrganisationState};
use crate::db::schema::organisations;
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{OrganisationId, TenantId};
use crate::kernel::{Result, Uscc, UtcInstant};
use crate::people::Authorized;

/// An organisation of the tenant, in whatever state.
pub fn find(db: &mut Db, tenant: TenantId, id: OrganisationId) -> Result<Option<OrganisationRow>> {
    Ok(organisations::table.filter(organisations::tenant_id.eq(tenant).and(organisations::id.eq(id))).first(db).optional()?)
}

pub fn by_uscc(db: &mut Db, tenant: TenantId, uscc: &Uscc) -> Result<Option<OrganisationRow>> {
    Ok(organisations::table.filter(organisations::tenant_id.eq(tenant).and(organisations::uscc.eq(uscc))).first(db).optional()?)
}

/// Rows after the cursor in the order of registration, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &OrganisationFilter,
    after: Option<(UtcInstant, OrganisationId)>,
    rows: i64,
) -> Result<Vec<OrganisationRow>> {
    let mut query = organisations::table.filter(organisations::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !filter.all {
        query = match filter.own {
            Some(own) => query.filter(organisations::state.eq_any(OrganisationState::PUBLIC).or(organisations::id.eq(own))),
            None => query.filter(organisations::state.eq_any(OrganisationState::PUBLIC)),
        };
    }
    if let Some(state) = filter.state {
        query = query.filter(organisations::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(organisations::kind.eq(kind));
    }
    if let Some((at, id)) = after {
        query = query.filter(organisations::created_at.gt(at).or(organisations::created_at.eq(at).and(organisations::id.gt(id))));
    }
    Ok(query.order((organisations::created_at, organisations::id)).limit(rows).load(db)?)
}

/// The caller is a registration, which anybody may make.
pub fn insert(tx: &mut Tx<'_>, row: &OrganisationRow) -> Result<()> {
    diesel::insert_into(organisations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn verify(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>) -> Result<OrganisationRow> {
    Ok(diesel::update(organisations::table.find(granted.subject().id))
        .set((
            organisations::state.eq(OrganisationState::Verified),
            organisations::verified_by.eq(granted.person()),
            organisations::version.eq(granted.subject().version.saturating_add(1)),
        ))
        .returning(organisations::all_columns)
        .get_result(&mut **tx)?)
}
