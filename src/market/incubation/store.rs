//! Incubation rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{IncubationRow, IncubationState, Sight};
use crate::db::schema::incubations;
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{IncubationId, OrganisationId, TenantId, UnitId};
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

/// How many places of a base are taken: by those who are admitted or incubating.
pub fn taken(db: &mut Db, tenant: TenantId, base: UnitId) -> Result<i64> {
    Ok(incubations::table
        .filter(incubations::tenant_id.eq(tenant).and(incubations::base_unit_id.eq(base)))
        .filter(incubations::state.eq_any([IncubationState::Admitted, IncubationState::Incubating]))
        .count()
        .get_result(db)?)
}

/// The base at which an organisation is incubating or was.
pub fn bases_of(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<UnitId>> {
    Ok(incubations::table
        .filter(incubations::tenant_id.eq(tenant).and(incubations::organisation_id.eq(organisation)))
        .filter(incubations::state.ne(IncubationState::Exited))
        .select(incubations::base_unit_id)
        .load(db)?)
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

/// Moves to `state`, keeping who admitted and when; the reason is that of the admission or of the end.
pub fn advance(
    tx: &mut Tx<'_>,
    granted: &Authorized<IncubationRow>,
    state: IncubationState,
    reason: Option<&str>,
) -> Result<IncubationRow> {
    let (before, now) = (granted.subject(), tx.now());
    let admits = state == IncubationState::Admitted;
    let ends = matches!(state, IncubationState::Graduated | IncubationState::Exited);
    let (exit_reason, admission_reason) = if admits { (None, reason) } else { (reason, before.admission_reason.as_deref()) };
    Ok(diesel::update(incubations::table.find(before.id))
        .set((
            incubations::state.eq(state),
            incubations::exit_reason.eq(exit_reason),
            incubations::admission_reason.eq(admission_reason),
            incubations::admitted_by.eq(if admits { granted.person() } else { before.admitted_by }),
            incubations::admitted_at.eq(if admits { Some(now) } else { before.admitted_at }),
            incubations::started_at.eq(if state == IncubationState::Incubating { Some(now) } else { before.started_at }),
            incubations::ended_at.eq(if ends { Some(now) } else { None }),
            incubations::version.eq(before.version.saturating_add(1)),
        ))
        .returning(incubations::all_columns)
        .get_result(&mut **tx)?)
}
