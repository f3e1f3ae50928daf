//! Rows of the organisation file in the database. Every query is scoped by tenant, but for the job that serves all of them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{RecordFilter, RecordKind, RecordRow, RecordState};
use crate::db::schema::organisation_records as records;
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{OrganisationId, OrganisationRecordId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;
use crate::trust::documents::DocumentRow;

/// Most entries of a file that are looked at together.
const WHOLE_MAX: i64 = 500;

pub fn find(db: &mut Db, tenant: TenantId, id: OrganisationRecordId) -> Result<Option<RecordRow>> {
    Ok(records::table.filter(records::tenant_id.eq(tenant).and(records::id.eq(id))).first(db).optional()?)
}

/// The newest entries of a file, the latest first.
pub fn of_organisation(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<RecordRow>> {
    Ok(records::table
        .filter(records::tenant_id.eq(tenant).and(records::organisation_id.eq(organisation)))
        .order((records::created_at.desc(), records::id.desc()))
        .limit(WHOLE_MAX)
        .load(db)?)
}

/// These entries of an organisation.
pub fn named(db: &mut Db, tenant: TenantId, organisation: OrganisationId, ids: &[OrganisationRecordId]) -> Result<Vec<RecordRow>> {
    Ok(records::table
        .filter(records::tenant_id.eq(tenant).and(records::organisation_id.eq(organisation)))
        .filter(records::id.eq_any(ids.iter().copied()))
        .order((records::created_at, records::id))
        .load(db)?)
}

/// The verified annual check of a year.
pub fn check_of(db: &mut Db, tenant: TenantId, organisation: OrganisationId, year: i32) -> Result<Option<RecordRow>> {
    Ok(records::table
        .filter(records::tenant_id.eq(tenant).and(records::organisation_id.eq(organisation)).and(records::year.eq(Some(year))))
        .filter(records::kind.eq(RecordKind::AnnualCheck).and(records::state.eq(RecordState::Verified)))
        .first(db)
        .optional()?)
}

/// Rows after the cursor in the order of entering.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    filter: RecordFilter,
    after: Option<(UtcInstant, OrganisationRecordId)>,
    rows: i64,
) -> Result<Vec<RecordRow>> {
    let mut query =
        records::table.filter(records::tenant_id.eq(tenant).and(records::organisation_id.eq(organisation))).into_boxed::<Backend>();
    if let Some(kind) = filter.kind {
        query = query.filter(records::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(records::state.eq(state));
    }
    if let Some((at, id)) = after {
        query = query.filter(records::created_at.gt(at).or(records::created_at.eq(at).and(records::id.gt(id))));
    }
    Ok(query.order((records::created_at, records::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &RecordRow) -> Result<()> {
    diesel::insert_into(records::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Names the scan; a later one takes its place as long as nobody has verified the entry.
pub fn set_scan(tx: &mut Tx<'_>, granted: &Authorized<RecordRow>, document: &DocumentRow) -> Result<RecordRow> {
    Ok(diesel::update(records::table.find(granted.subject().id))
        .set((
            records::document_id.eq(Some(document.id)),
            records::document_sha256.eq(Some(&document.sha256)),
            records::version.eq(one_more(records::version)),
        ))
        .returning(records::all_columns)
        .get_result(&mut **tx)?)
}

pub fn decide(tx: &mut Tx<'_>, granted: &Authorized<RecordRow>, state: RecordState, reason: Option<&str>) -> Result<RecordRow> {
    let now = tx.now();
    Ok(diesel::update(records::table.find(granted.subject().id))
        .set((
            records::state.eq(state),
            records::decided_by.eq(granted.person()),
            records::decided_at.eq(Some(now)),
            records::decide_reason.eq(reason),
            records::version.eq(one_more(records::version)),
        ))
        .returning(records::all_columns)
        .get_result(&mut **tx)?)
}

/// An entry gives way to a newer one; the proof is that of the newer.
pub fn replace<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, id: OrganisationRecordId) -> Result<RecordRow> {
    Ok(diesel::update(records::table.find(id))
        .set((records::state.eq(RecordState::Replaced), records::version.eq(one_more(records::version))))
        .returning(records::all_columns)
        .get_result(&mut **tx)?)
}

/// Verified entries of every tenant whose last day lies in the span and of which nobody was warned.
pub fn to_be_warned(db: &mut Db, today: NaiveDate, up_to: NaiveDate, rows: i64) -> Result<Vec<RecordRow>> {
    Ok(records::table
        .filter(records::valid_to.ge(Some(today)).and(records::valid_to.le(Some(up_to))))
        .filter(records::state.eq(RecordState::Verified).and(records::warned_at.is_null()))
        .order((records::valid_to, records::id))
        .limit(rows)
        .load(db)?)
}

/// Notes the warning. The version stays: what the entry says did not change.
pub fn mark_warned(tx: &mut Tx<'_>, id: OrganisationRecordId) -> Result<()> {
    let now = tx.now();
    diesel::update(records::table.find(id)).set(records::warned_at.eq(Some(now))).execute(&mut **tx)?;
    Ok(())
}
