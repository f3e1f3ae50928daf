//! Standing rows in the database. Every query is scoped by tenant, but for the job that serves all of them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::super::model::{OrganisationRow, OrganisationState};
use super::model::{StandingFile, StandingFilter, StandingKind, StandingRow};
use crate::db::schema::{organisation_standings as standings, organisations};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{OrganisationId, StandingId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: StandingId) -> Result<Option<StandingRow>> {
    Ok(standings::table.filter(standings::tenant_id.eq(tenant).and(standings::id.eq(id))).first(db).optional()?)
}

/// Every standing of an organisation, earliest first. Few by nature; more than the bound would be a fault of the records.
pub fn of_organisation(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<StandingRow>> {
    Ok(standings::table
        .filter(standings::tenant_id.eq(tenant).and(standings::organisation_id.eq(organisation)))
        .order((standings::valid_from, standings::id))
        .limit(1000)
        .load(db)?)
}

/// Rows after the cursor in the order of recording, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &StandingFilter,
    after: Option<(UtcInstant, StandingId)>,
    rows: i64,
) -> Result<Vec<StandingRow>> {
    let mut query = standings::table.filter(standings::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(organisation) = filter.organisation {
        query = query.filter(standings::organisation_id.eq(organisation));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(standings::kind.eq(kind));
    }
    if filter.public {
        query = query.filter(standings::kind.ne(StandingKind::Suspended));
    }
    if let Some(day) = filter.on {
        query = query
            .filter(standings::valid_from.le(day))
            .filter(standings::valid_to.is_null().or(standings::valid_to.ge(Some(day))))
            .filter(standings::lifted_on.is_null().or(standings::lifted_on.gt(Some(day))));
    }
    if let Some(day) = filter.entered_by {
        query = query.filter(standings::valid_from.le(day));
    }
    if let Some((at, id)) = after {
        query = query.filter(standings::created_at.gt(at).or(standings::created_at.eq(at).and(standings::id.gt(id))));
    }
    Ok(query.order((standings::created_at, standings::id)).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<OrganisationRow>, row: &StandingRow) -> Result<()> {
    diesel::insert_into(standings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn lift(tx: &mut Tx<'_>, granted: &Authorized<StandingFile>, on: NaiveDate, reason: &str) -> Result<StandingRow> {
    Ok(diesel::update(standings::table.find(granted.subject().standing.id))
        .set((
            standings::lifted_on.eq(Some(on)),
            standings::lifted_by.eq(granted.person()),
            standings::lift_reason.eq(Some(reason)),
            standings::version.eq(one_more(standings::version)),
        ))
        .returning(standings::all_columns)
        .get_result(&mut **tx)?)
}

/// Stores the state that the standings give; called by services that hold the proof, and by the job that follows the calendar.
pub fn set_state(
    tx: &mut Tx<'_>,
    organisation: &OrganisationRow,
    state: OrganisationState,
    reason: Option<&str>,
) -> Result<OrganisationRow> {
    Ok(diesel::update(organisations::table.find(organisation.id))
        .set((
            organisations::state.eq(state),
            organisations::state_reason.eq(reason),
            organisations::version.eq(one_more(organisations::version)),
        ))
        .returning(organisations::all_columns)
        .get_result(&mut **tx)?)
}

/// Organisations of every tenant whose stored state may no longer be what their standings say on `day`, at most `rows`.
pub fn unsettled(db: &mut Db, day: NaiveDate, rows: i64) -> Result<Vec<OrganisationRow>> {
    let begun = standings::valid_from
        .le(day)
        .and(standings::valid_to.is_null().or(standings::valid_to.ge(Some(day))))
        .and(organisations::state.eq(OrganisationState::Verified));
    let ended = standings::valid_to.lt(Some(day)).assume_not_null().and(organisations::state.eq(standings::kind));
    let graver = standings::valid_from
        .le(day)
        .and(standings::valid_to.is_null().or(standings::valid_to.ge(Some(day))))
        .and(standings::kind.eq(StandingKind::Blacklisted).and(organisations::state.ne(OrganisationState::Blacklisted)))
        .and(organisations::state.ne(OrganisationState::Registered));
    Ok(organisations::table
        .inner_join(standings::table)
        .filter(standings::lifted_on.is_null())
        .filter(begun.or(ended).or(graver))
        .select(organisations::all_columns)
        .order(organisations::id)
        .distinct()
        .limit(rows)
        .load(db)?)
}
