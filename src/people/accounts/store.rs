//! Account rows in the database.

use diesel::prelude::*;

use super::model::{AccountRow, AccountState};
use crate::db::schema::{account_roles, accounts, organisations, units};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::{Authorized, Role};

pub fn find(db: &mut Db, tenant: TenantId, id: AccountId) -> Result<Option<AccountRow>> {
    Ok(accounts::table.filter(accounts::tenant_id.eq(tenant).and(accounts::id.eq(id))).first(db).optional()?)
}

/// The account of an address, as it signs in.
pub fn by_email(db: &mut Db, tenant: TenantId, email: &str) -> Result<Option<AccountRow>> {
    Ok(accounts::table.filter(accounts::tenant_id.eq(tenant).and(accounts::email.eq(email))).first(db).optional()?)
}

/// Whether the tenant has this unit.
pub fn has_unit(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<bool> {
    let found: Option<UnitId> =
        units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).select(units::id).first(db).optional()?;
    Ok(found.is_some())
}

/// Whether the tenant has this organisation.
pub fn has_organisation(db: &mut Db, tenant: TenantId, id: OrganisationId) -> Result<bool> {
    let own = organisations::tenant_id.eq(tenant).and(organisations::id.eq(id));
    let found: Option<OrganisationId> = organisations::table.filter(own).select(organisations::id).first(db).optional()?;
    Ok(found.is_some())
}

/// The roles that an account holds itself.
pub fn roles_of(db: &mut Db, id: AccountId) -> Result<Vec<Role>> {
    Ok(account_roles::table.filter(account_roles::account_id.eq(id)).order(account_roles::role).select(account_roles::role).load(db)?)
}

pub fn list(db: &mut Db, tenant: TenantId, after: Option<(UtcInstant, AccountId)>, rows: i64) -> Result<Vec<AccountRow>> {
    let mut query = accounts::table.filter(accounts::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some((at, id)) = after {
        query = query.filter(accounts::created_at.gt(at).or(accounts::created_at.eq(at).and(accounts::id.gt(id))));
    }
    Ok(query.order((accounts::created_at, accounts::id)).limit(rows).load(db)?)
}

/// The caller is a creation authorised on the district, or a registration that makes its own first account.
pub fn insert(tx: &mut Tx<'_>, row: &AccountRow, roles: &[Role]) -> Result<()> {
    diesel::insert_into(accounts::table).values(row).execute(&mut **tx)?;
    insert_roles(tx, row.id, roles)
}

fn insert_roles(tx: &mut Tx<'_>, id: AccountId, roles: &[Role]) -> Result<()> {
    for role in roles {
        diesel::insert_into(account_roles::table)
            .values((account_roles::account_id.eq(id), account_roles::role.eq(*role)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

pub fn change_password(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>, hash: &str) -> Result<AccountRow> {
    set_password(tx, granted.subject().id, hash)
}

/// The caller holds a proof of authorisation, or the secret of a mail to the account.
pub fn set_password(tx: &mut Tx<'_>, id: AccountId, hash: &str) -> Result<AccountRow> {
    Ok(diesel::update(accounts::table.find(id))
        .set((accounts::password_hash.eq(hash), accounts::version.eq(one_more(accounts::version))))
        .returning(accounts::all_columns)
        .get_result(&mut **tx)?)
}

pub fn change(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>, state: AccountState, roles: Option<&[Role]>) -> Result<AccountRow> {
    let id = granted.subject().id;
    if let Some(roles) = roles {
        diesel::delete(account_roles::table.filter(account_roles::account_id.eq(id))).execute(&mut **tx)?;
        insert_roles(tx, id, roles)?;
    }
    Ok(diesel::update(accounts::table.find(id))
        .set((accounts::state.eq(state), accounts::version.eq(one_more(accounts::version))))
        .returning(accounts::all_columns)
        .get_result(&mut **tx)?)
}
