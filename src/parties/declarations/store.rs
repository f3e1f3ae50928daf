//! Declaration rows in the database. Every query is scoped by tenant, but for the job that serves all of them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{DeclarationFilter, DeclarationKind, DeclarationRow};
use crate::db::schema::declarations;
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{DeclarationId, OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: DeclarationId) -> Result<Option<DeclarationRow>> {
    Ok(declarations::table.filter(declarations::tenant_id.eq(tenant).and(declarations::id.eq(id))).first(db).optional()?)
}

/// Declarations of these kinds that were made for a day, withdrawn or not.
pub fn around(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    kinds: &[DeclarationKind],
    day: NaiveDate,
) -> Result<Vec<DeclarationRow>> {
    Ok(declarations::table
        .filter(declarations::tenant_id.eq(tenant).and(declarations::organisation_id.eq(organisation)))
        .filter(declarations::kind.eq_any(kinds).and(declarations::valid_from.le(day)))
        .filter(declarations::valid_to.is_null().or(declarations::valid_to.ge(Some(day))))
        .order((declarations::created_at, declarations::id))
        .limit(500)
        .load(db)?)
}

/// Rows after the cursor in the order of declaring.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    filter: &DeclarationFilter,
    after: Option<(UtcInstant, DeclarationId)>,
    rows: i64,
) -> Result<Vec<DeclarationRow>> {
    let mut query = declarations::table
        .filter(declarations::tenant_id.eq(tenant).and(declarations::organisation_id.eq(organisation)))
        .into_boxed::<Backend>();
    if let Some(kind) = filter.kind {
        query = query.filter(declarations::kind.eq(kind));
    }
    if let Some(day) = filter.valid_on {
        query = query
            .filter(declarations::withdrawn_at.is_null().and(declarations::valid_from.le(day)))
            .filter(declarations::valid_to.is_null().or(declarations::valid_to.ge(Some(day))));
    }
    if let Some(day) = filter.expires_by {
        query = query.filter(declarations::valid_to.le(Some(day)));
    }
    if let Some((at, id)) = after {
        query = query.filter(declarations::created_at.gt(at).or(declarations::created_at.eq(at).and(declarations::id.gt(id))));
    }
    Ok(query.order((declarations::created_at, declarations::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &DeclarationRow) -> Result<()> {
    diesel::insert_into(declarations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<DeclarationRow>, reason: &str) -> Result<DeclarationRow> {
    let now = tx.now();
    Ok(diesel::update(declarations::table.find(granted.subject().id))
        .set((
            declarations::withdrawn_at.eq(Some(now)),
            declarations::withdraw_reason.eq(Some(reason)),
            declarations::version.eq(one_more(declarations::version)),
        ))
        .returning(declarations::all_columns)
        .get_result(&mut **tx)?)
}

/// Declarations of every tenant whose last day lies in the span and of which nobody was warned.
pub fn to_be_warned(db: &mut Db, today: NaiveDate, up_to: NaiveDate, rows: i64) -> Result<Vec<DeclarationRow>> {
    Ok(declarations::table
        .filter(declarations::valid_to.ge(Some(today)).and(declarations::valid_to.le(Some(up_to))))
        .filter(declarations::withdrawn_at.is_null().and(declarations::warned_at.is_null()))
        .order((declarations::valid_to, declarations::id))
        .limit(rows)
        .load(db)?)
}

/// Notes the warning. The version stays: what the organisation declared did not change.
pub fn mark_warned(tx: &mut Tx<'_>, id: DeclarationId) -> Result<()> {
    let now = tx.now();
    diesel::update(declarations::table.find(id)).set(declarations::warned_at.eq(Some(now))).execute(&mut **tx)?;
    Ok(())
}
