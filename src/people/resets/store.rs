//! Rows of password resets. All instants are real time.

use diesel::prelude::*;

use crate::db::schema::password_resets;
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, AnyId, TenantId};
use crate::kernel::{Result, UtcInstant};

/// A reset.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = password_resets, treat_none_as_default_value = false)]
pub struct ResetRow {
    /// Id.
    pub id: AnyId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Account.
    pub account_id: AccountId,
    /// SHA-256 of the token in the mail.
    pub token_hash: Vec<u8>,
    /// When it was asked for.
    pub made_at: UtcInstant,
    /// When it ends.
    pub expires_at: UtcInstant,
    /// When it was used, or made void by a newer one.
    pub used_at: Option<UtcInstant>,
}

pub fn insert(tx: &mut Tx<'_>, row: &ResetRow) -> Result<()> {
    diesel::insert_into(password_resets::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn by_hash(db: &mut Db, hash: &[u8]) -> Result<Option<ResetRow>> {
    Ok(password_resets::table.filter(password_resets::token_hash.eq(hash.to_vec())).first(db).optional()?)
}

/// Uses every open reset of an account up.
pub fn use_up(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    diesel::update(password_resets::table.filter(password_resets::account_id.eq(account).and(password_resets::used_at.is_null())))
        .set(password_resets::used_at.eq(Some(UtcInstant::machine_now())))
        .execute(&mut **tx)?;
    Ok(())
}
