//! Incubation rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{IncubationRow, IncubationState, Sight};
use crate::db::schema::incubations;
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{IncubationId, OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::parties::organisations::OrganisationRow;
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: IncubationId) -> Result<Option<IncubationRow>> {
    Ok(incubations::table.filter(incubations::tenant_id.eq(tenant).and(incubations::id.eq(id))).first(db).optional()?)
}

fn any_in(db: &mut Db, tenant: TenantId, organisation: OrganisationId, states: &[IncubationState]) -> Result<bool> {
    let found: i64 = incubations::table
        .filter(incubations::tenant_id.eq(tenant).and(incubations::organisation_id.eq(organisation)))
        .filter(incubations::state.eq_any(states.iter().copied()))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Whether the organisation is incubating or has graduated. Whether it is still verified is not asked here.
pub fn is_incubated(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<bool> {
    any_in(db, tenant, organisation, &[IncubationState::Incubating, IncubationState::Graduated])
}

/// Whether an application or incubation of the organisation is under way.
pub fn under_way(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<bool> {
    any_in(db, tenant, organisation, &[IncubationState::Applied, IncubationState::Admitted, IncubationState::Incubating])
}

/// Rows in sight after the cursor, oldest first, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    sight: Sight,
    state: Option<IncubationState>,
    after: Option<(UtcInstant, IncubationId)>,
    rows: i64,
) -> Result<Vec<IncubationRow>> {
    let mut query = incubations::table.filter(incubations::tenant_id.eq(tenant)).into_boxed::<Backend>();
    query = match sight {
        Sight::All => query,
        Sight::Own(Some(organisation), _) => query.filter(incubations::organisation_id.eq(organisation)),
        Sight::Own(None, Some(unit)) => query.filter(incubations::base_unit_id.eq(unit)),
        Sight::Own(None, None) => return Ok(Vec::new()),
    };
    if let Some(state) = state {
        query = query.filter(incubations::state.eq(state));
    }
    if let Some((at, id)) = after {
        query = query.filter(incubations::created_at.gt(at).or(incubations::created_at.eq(at).and(incubations::id.gt(id))));
    }
    Ok(query.order((incubations::created_at, incubations::id)).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<OrganisationRow>, row: &IncubationRow) -> Result<()> {
    diesel::insert_into(incubations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Moves to `state`, keeping who admitted and why it ended.
pub fn advance(
    tx: &mut Tx<'_>,
    granted: &Authorized<IncubationRow>,
    state: IncubationState,
    reason: Option<&str>,
) -> Result<IncubationRow> {
    let before = granted.subject();
    let admitted_by = if state == IncubationState::Admitted { granted.person() } else { before.admitted_by };
    Ok(diesel::update(incubations::table.find(before.id))
        .set((
            incubations::state.eq(state),
            incubations::exit_reason.eq(reason),
            incubations::admitted_by.eq(admitted_by),
            incubations::version.eq(before.version.saturating_add(1)),
        ))
        .returning(incubations::all_columns)
        .get_result(&mut **tx)?)
}
