//! Rows of posts in the database. Every query is scoped by tenant.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::PostRow;
use super::rules;
use crate::db::schema::{accounts, unit_posts as posts, units};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, PostId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: PostId) -> Result<Option<PostRow>> {
    Ok(posts::table.filter(posts::tenant_id.eq(tenant).and(posts::id.eq(id))).first(db).optional()?)
}

/// Whether the tenant has the unit.
pub fn has_unit(db: &mut Db, tenant: TenantId, unit: UnitId) -> Result<bool> {
    let found: i64 = units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(unit))).count().get_result(db)?;
    Ok(found > 0)
}

/// Whether the account is an active one of the unit.
pub fn works_in(db: &mut Db, tenant: TenantId, account: AccountId, unit: UnitId) -> Result<bool> {
    let found: i64 = accounts::table
        .filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(account)))
        .filter(accounts::unit_id.eq(Some(unit)).and(accounts::state.eq("active")))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// The posts of a person in a unit.
pub fn of_person(db: &mut Db, tenant: TenantId, account: AccountId, unit: UnitId) -> Result<Vec<PostRow>> {
    let theirs = posts::account_id.eq(account).and(posts::unit_id.eq(unit));
    Ok(posts::table.filter(posts::tenant_id.eq(tenant).and(theirs)).order((posts::created_at, posts::id)).load(db)?)
}

/// What these people are on a day, as it is read: account and title, in the order of appointment.
pub fn titles_on(db: &mut Db, tenant: TenantId, people: &[AccountId], day: NaiveDate) -> Result<Vec<(AccountId, String)>> {
    let rows: Vec<PostRow> = posts::table
        .filter(posts::tenant_id.eq(tenant).and(posts::account_id.eq_any(people.iter().copied())))
        .order((posts::held_from, posts::created_at, posts::id))
        .load(db)?;
    Ok(rows.iter().filter(|row| rules::held_on(row, day)).map(|row| (row.account_id, rules::shown(&row.title, row.acting))).collect())
}

/// Posts of a unit after the cursor with the person's name; only those held on a day when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    unit: UnitId,
    held_on: Option<NaiveDate>,
    after: Option<(UtcInstant, PostId)>,
    rows: i64,
) -> Result<Vec<(PostRow, String)>> {
    let mut query = posts::table
        .inner_join(accounts::table.on(accounts::id.eq(posts::account_id)))
        .filter(posts::tenant_id.eq(tenant).and(posts::unit_id.eq(unit)))
        .select((posts::all_columns, accounts::name))
        .into_boxed::<Backend>();
    if let Some(day) = held_on {
        query = query.filter(posts::held_from.le(day)).filter(posts::held_to.is_null().or(posts::held_to.ge(Some(day))));
    }
    if let Some((at, id)) = after {
        query = query.filter(posts::created_at.gt(at).or(posts::created_at.eq(at).and(posts::id.gt(id))));
    }
    Ok(query.order((posts::created_at, posts::id)).limit(rows).load(db)?)
}

/// The name of a person.
pub fn name_of(db: &mut Db, account: AccountId) -> Result<String> {
    Ok(accounts::table.find(account).select(accounts::name).first(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &PostRow) -> Result<()> {
    diesel::insert_into(posts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn end(tx: &mut Tx<'_>, granted: &Authorized<PostRow>, last: NaiveDate, reason: &str) -> Result<PostRow> {
    Ok(diesel::update(posts::table.find(granted.subject().id))
        .set((
            posts::held_to.eq(Some(last)),
            posts::end_reason.eq(Some(reason)),
            posts::ended_by.eq(Some(granted.by())),
            posts::version.eq(one_more(posts::version)),
        ))
        .returning(posts::all_columns)
        .get_result(&mut **tx)?)
}
