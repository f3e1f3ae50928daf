//! Rows of bank accounts in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{BankAccountRow, BankAccountState};
use crate::db::schema::bank_accounts;
use crate::db::{Db, Tx, one_more};
use crate::kernel::Result;
use crate::kernel::id::{BankAccountId, OrganisationId, TenantId};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: BankAccountId) -> Result<Option<BankAccountRow>> {
    Ok(bank_accounts::table.filter(bank_accounts::tenant_id.eq(tenant).and(bank_accounts::id.eq(id))).first(db).optional()?)
}

/// Accounts of an organisation, newest first, at most 100.
pub fn of_organisation(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Vec<BankAccountRow>> {
    let mine = bank_accounts::tenant_id.eq(tenant).and(bank_accounts::organisation_id.eq(organisation));
    let newest = (bank_accounts::created_at.desc(), bank_accounts::id.desc());
    Ok(bank_accounts::table.filter(mine).order(newest).limit(100).load(db)?)
}

/// The accounts to which payments of these organisations go.
pub fn confirmed_of(db: &mut Db, tenant: TenantId, organisations: &[OrganisationId]) -> Result<Vec<BankAccountRow>> {
    let confirmed = bank_accounts::tenant_id.eq(tenant).and(bank_accounts::state.eq(BankAccountState::Confirmed));
    Ok(bank_accounts::table.filter(confirmed.and(bank_accounts::organisation_id.eq_any(organisations))).load(db)?)
}

/// These accounts, whatever became of them.
pub fn of_ids(db: &mut Db, tenant: TenantId, ids: &[BankAccountId]) -> Result<Vec<BankAccountRow>> {
    Ok(bank_accounts::table.filter(bank_accounts::tenant_id.eq(tenant).and(bank_accounts::id.eq_any(ids))).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &BankAccountRow) -> Result<()> {
    diesel::insert_into(bank_accounts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The confirmed account of the same organisation gives way to this one; gives it as it is then.
pub fn replace_confirmed(tx: &mut Tx<'_>, granted: &Authorized<BankAccountRow>) -> Result<Option<BankAccountRow>> {
    let row = granted.subject();
    let before = bank_accounts::organisation_id.eq(row.organisation_id).and(bank_accounts::state.eq(BankAccountState::Confirmed));
    Ok(diesel::update(bank_accounts::table.filter(bank_accounts::tenant_id.eq(row.tenant_id).and(before)))
        .set((bank_accounts::state.eq(BankAccountState::Replaced), bank_accounts::version.eq(one_more(bank_accounts::version))))
        .returning(bank_accounts::all_columns)
        .get_result(&mut **tx)
        .optional()?)
}

pub fn decide(tx: &mut Tx<'_>, granted: &Authorized<BankAccountRow>, state: BankAccountState) -> Result<BankAccountRow> {
    let now = tx.now();
    Ok(diesel::update(bank_accounts::table.find(granted.subject().id))
        .set((
            bank_accounts::state.eq(state),
            bank_accounts::decided_by.eq(Some(granted.by())),
            bank_accounts::decided_at.eq(Some(now)),
            bank_accounts::version.eq(one_more(bank_accounts::version)),
        ))
        .returning(bank_accounts::all_columns)
        .get_result(&mut **tx)?)
}
