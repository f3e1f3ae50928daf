//! Rows of the directory in the database. Every query is scoped by tenant.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::model::{ApplicationRow, ApplicationState, CallRow, CallState, EntryFilter};
use crate::db::schema::{directory_applications as applications, directory_calls as calls, organisations};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, DirectoryApplicationId, DirectoryCallId, OrganisationId, TenantId};
use crate::kernel::{CatalogueCode, Result, UtcInstant};
use crate::parties::organisations::records::Grade;
use crate::people::Authorized;

pub fn find_call(db: &mut Db, tenant: TenantId, id: DirectoryCallId) -> Result<Option<CallRow>> {
    Ok(calls::table.filter(calls::tenant_id.eq(tenant).and(calls::id.eq(id))).first(db).optional()?)
}

pub fn call_by_edition(db: &mut Db, tenant: TenantId, edition: &str) -> Result<Option<CallRow>> {
    Ok(calls::table.filter(calls::tenant_id.eq(tenant).and(calls::edition.eq(edition))).first(db).optional()?)
}

/// Calls after the cursor, oldest first, at most `rows`.
pub fn list_calls(
    db: &mut Db,
    tenant: TenantId,
    state: Option<CallState>,
    after: Option<(UtcInstant, DirectoryCallId)>,
    rows: i64,
) -> Result<Vec<CallRow>> {
    let mut query = calls::table.filter(calls::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(state) = state {
        query = query.filter(calls::state.eq(state));
    }
    if let Some((at, id)) = after {
        query = query.filter(calls::created_at.gt(at).or(calls::created_at.eq(at).and(calls::id.gt(id))));
    }
    Ok(query.order((calls::created_at, calls::id)).limit(rows).load(db)?)
}

/// An application with its call.
pub fn find(db: &mut Db, tenant: TenantId, id: DirectoryApplicationId) -> Result<Option<(ApplicationRow, CallRow)>> {
    Ok(applications::table
        .inner_join(calls::table.on(calls::id.eq(applications::call_id)))
        .filter(applications::tenant_id.eq(tenant).and(applications::id.eq(id)))
        .first(db)
        .optional()?)
}

/// The applications of a call in a state.
pub fn in_state(db: &mut Db, call: DirectoryCallId, state: ApplicationState) -> Result<Vec<ApplicationRow>> {
    Ok(applications::table
        .filter(applications::call_id.eq(call).and(applications::state.eq(state)))
        .order((applications::created_at, applications::id))
        .load(db)?)
}

/// Whether the organisation applied to the call for the item already, and did not take it back.
pub fn applied(db: &mut Db, call: DirectoryCallId, organisation: OrganisationId, item: &CatalogueCode) -> Result<bool> {
    let found: i64 = applications::table
        .filter(applications::call_id.eq(call).and(applications::organisation_id.eq(organisation)).and(applications::item_code.eq(item)))
        .filter(applications::state.ne(ApplicationState::Withdrawn))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Whether an account assessed anything in a call.
pub fn assessed_in(db: &mut Db, call: DirectoryCallId, account: AccountId) -> Result<bool> {
    let found: i64 = applications::table
        .filter(applications::call_id.eq(call).and(applications::assessed_by.eq(Some(account))))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Whether the organisation is in an edition that is in force on the day for exactly this item.
pub fn is_listed(db: &mut Db, tenant: TenantId, organisation: OrganisationId, item: &CatalogueCode, day: NaiveDate) -> Result<bool> {
    let found: i64 = applications::table
        .inner_join(calls::table.on(calls::id.eq(applications::call_id)))
        .filter(applications::tenant_id.eq(tenant).and(applications::organisation_id.eq(organisation)))
        .filter(applications::item_code.eq(item).and(applications::state.eq(ApplicationState::Listed)))
        .filter(calls::state.eq(CallState::Published).and(calls::year.eq(day.year())))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Applications after the cursor, oldest first; only of one organisation when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    own: Option<OrganisationId>,
    filter: (Option<DirectoryCallId>, Option<ApplicationState>),
    after: Option<(UtcInstant, DirectoryApplicationId)>,
    rows: i64,
) -> Result<Vec<ApplicationRow>> {
    let mut query = applications::table.filter(applications::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(own) = own {
        query = query.filter(applications::organisation_id.eq(own));
    }
    if let Some(call) = filter.0 {
        query = query.filter(applications::call_id.eq(call));
    }
    if let Some(state) = filter.1 {
        query = query.filter(applications::state.eq(state));
    }
    if let Some((at, id)) = after {
        query = query.filter(applications::created_at.gt(at).or(applications::created_at.eq(at).and(applications::id.gt(id))));
    }
    Ok(query.order((applications::created_at, applications::id)).limit(rows).load(db)?)
}

/// What everybody sees after the cursor: application, call and the organisation's name.
pub fn entries(
    db: &mut Db,
    tenant: TenantId,
    filter: &EntryFilter,
    after: Option<(UtcInstant, DirectoryApplicationId)>,
    rows: i64,
) -> Result<Vec<(ApplicationRow, CallRow, String)>> {
    let mut query = applications::table
        .inner_join(calls::table.on(calls::id.eq(applications::call_id)))
        .inner_join(organisations::table.on(organisations::id.eq(applications::organisation_id)))
        .filter(applications::tenant_id.eq(tenant))
        .filter(calls::state.eq_any([CallState::Publicised, CallState::Published]))
        .filter(applications::state.eq_any(ApplicationState::PUBLIC.iter().copied()))
        .select((applications::all_columns, calls::all_columns, organisations::name_zh))
        .into_boxed::<Backend>();
    if let Some(year) = filter.year {
        query = query.filter(calls::year.eq(year));
    }
    if let Some(call) = filter.call {
        query = query.filter(calls::id.eq(call));
    }
    if let Some(item) = &filter.item {
        query = query.filter(applications::item_code.eq(item));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(applications::organisation_id.eq(organisation));
    }
    if filter.listed {
        query = query.filter(applications::state.eq(ApplicationState::Listed).and(calls::state.eq(CallState::Published)));
    }
    if let Some((at, id)) = after {
        query = query.filter(applications::created_at.gt(at).or(applications::created_at.eq(at).and(applications::id.gt(id))));
    }
    Ok(query.order((applications::created_at, applications::id)).limit(rows).load(db)?)
}

pub fn insert_call<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &CallRow) -> Result<()> {
    diesel::insert_into(calls::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn publicise(tx: &mut Tx<'_>, granted: &Authorized<CallRow>, until: NaiveDate) -> Result<CallRow> {
    Ok(diesel::update(calls::table.find(granted.subject().id))
        .set((calls::state.eq(CallState::Publicised), calls::publicity_until.eq(Some(until)), calls::version.eq(one_more(calls::version))))
        .returning(calls::all_columns)
        .get_result(&mut **tx)?)
}

pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<CallRow>) -> Result<CallRow> {
    let now = tx.now();
    Ok(diesel::update(calls::table.find(granted.subject().id))
        .set((
            calls::state.eq(CallState::Published),
            calls::published_by.eq(granted.person()),
            calls::published_at.eq(Some(now)),
            calls::version.eq(one_more(calls::version)),
        ))
        .returning(calls::all_columns)
        .get_result(&mut **tx)?)
}

pub fn cancel(tx: &mut Tx<'_>, granted: &Authorized<CallRow>, reason: &str) -> Result<CallRow> {
    Ok(diesel::update(calls::table.find(granted.subject().id))
        .set((calls::state.eq(CallState::Cancelled), calls::cancel_reason.eq(Some(reason)), calls::version.eq(one_more(calls::version))))
        .returning(calls::all_columns)
        .get_result(&mut **tx)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ApplicationRow) -> Result<()> {
    diesel::insert_into(applications::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Moves an application to a state that needs no words.
pub fn set_state<T>(
    tx: &mut Tx<'_>,
    _granted: &Authorized<T>,
    id: DirectoryApplicationId,
    state: ApplicationState,
) -> Result<ApplicationRow> {
    Ok(diesel::update(applications::table.find(id))
        .set((applications::state.eq(state), applications::version.eq(one_more(applications::version))))
        .returning(applications::all_columns)
        .get_result(&mut **tx)?)
}

pub fn assess<T>(
    tx: &mut Tx<'_>,
    granted: &Authorized<T>,
    id: DirectoryApplicationId,
    state: ApplicationState,
    reason: &str,
    grade: Option<Grade>,
) -> Result<ApplicationRow> {
    let now = tx.now();
    Ok(diesel::update(applications::table.find(id))
        .set((
            applications::state.eq(state),
            applications::assessed_by.eq(granted.person()),
            applications::assessed_at.eq(Some(now)),
            applications::assessment.eq(Some(reason)),
            applications::counted_grade.eq(grade),
            applications::version.eq(one_more(applications::version)),
        ))
        .returning(applications::all_columns)
        .get_result(&mut **tx)?)
}

pub fn remove<T>(tx: &mut Tx<'_>, granted: &Authorized<T>, id: DirectoryApplicationId, reason: &str) -> Result<ApplicationRow> {
    let now = tx.now();
    Ok(diesel::update(applications::table.find(id))
        .set((
            applications::state.eq(ApplicationState::Removed),
            applications::removed_by.eq(granted.person()),
            applications::removed_at.eq(Some(now)),
            applications::removal_reason.eq(Some(reason)),
            applications::version.eq(one_more(applications::version)),
        ))
        .returning(applications::all_columns)
        .get_result(&mut **tx)?)
}
