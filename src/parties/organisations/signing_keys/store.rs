//! Rows of signing keys in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{SigningKeyRow, SigningKeyState};
use crate::db::schema::{accounts, signing_keys as keys};
use crate::db::{Db, Tx, one_more};
use crate::kernel::Result;
use crate::kernel::id::{AccountId, OrganisationId, SigningKeyId, TenantId};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: SigningKeyId) -> Result<Option<SigningKeyRow>> {
    Ok(keys::table.filter(keys::tenant_id.eq(tenant).and(keys::id.eq(id))).first(db).optional()?)
}

/// Keys of an organisation, newest first, at most 100.
pub fn of_organisation(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<SigningKeyRow>> {
    let mine = keys::tenant_id.eq(tenant).and(keys::organisation_id.eq(organisation));
    Ok(keys::table.filter(mine).order((keys::created_at.desc(), keys::id.desc())).limit(100).load(db)?)
}

/// Keys whose signatures count.
pub fn confirmed_of(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<SigningKeyRow>> {
    let mine = keys::tenant_id.eq(tenant).and(keys::organisation_id.eq(organisation));
    Ok(keys::table.filter(mine.and(keys::state.eq(SigningKeyState::Confirmed))).order((keys::created_at, keys::id)).load(db)?)
}

/// Whether the district knows this key, of whomever and in whatever state.
pub fn is_known(db: &mut Db, tenant: TenantId, fingerprint: &str) -> Result<bool> {
    let found: i64 = keys::table.filter(keys::tenant_id.eq(tenant).and(keys::fingerprint.eq(fingerprint))).count().get_result(db)?;
    Ok(found > 0)
}

/// Accounts of an organisation that may sign in, with the names of their people; at most two.
pub fn people_of(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<(AccountId, String)>> {
    let active = accounts::tenant_id.eq(tenant).and(accounts::organisation_id.eq(Some(organisation))).and(accounts::state.eq("active"));
    Ok(accounts::table.filter(active).select((accounts::id, accounts::name)).limit(2).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &SigningKeyRow) -> Result<()> {
    diesel::insert_into(keys::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn confirm<T>(tx: &mut Tx<'_>, granted: &Authorized<T>, id: SigningKeyId) -> Result<SigningKeyRow> {
    let now = tx.now();
    Ok(diesel::update(keys::table.find(id))
        .set((
            keys::state.eq(SigningKeyState::Confirmed),
            keys::confirmed_by.eq(Some(granted.by())),
            keys::confirmed_at.eq(Some(now)),
            keys::version.eq(one_more(keys::version)),
        ))
        .returning(keys::all_columns)
        .get_result(&mut **tx)?)
}

pub fn revoke<T>(tx: &mut Tx<'_>, granted: &Authorized<T>, id: SigningKeyId) -> Result<SigningKeyRow> {
    let now = tx.now();
    Ok(diesel::update(keys::table.find(id))
        .set((
            keys::state.eq(SigningKeyState::Revoked),
            keys::revoked_by.eq(Some(granted.by())),
            keys::revoked_at.eq(Some(now)),
            keys::version.eq(one_more(keys::version)),
        ))
        .returning(keys::all_columns)
        .get_result(&mut **tx)?)
}
