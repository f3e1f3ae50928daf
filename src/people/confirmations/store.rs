//! Rows of accounts that wait for their confirmation. Instants are real time.

use diesel::prelude::*;

use crate::db::schema::account_confirmations;
use crate::db::{Db, Tx};
use crate::kernel::id::{AnyId, OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant};

/// An account that waits.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = account_confirmations, treat_none_as_default_value = false)]
pub struct ConfirmationRow {
    /// Id.
    pub id: AnyId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Login name.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// Hash of the password.
    pub password_hash: String,
    /// Names of roles, separated by spaces.
    pub roles: String,
    /// Its organisation.
    pub organisation_id: OrganisationId,
    /// SHA-256 of the token in the mail.
    pub token_hash: Vec<u8>,
    /// When it stops to serve.
    pub expires_at: UtcInstant,
    /// When it was used.
    pub used_at: Option<UtcInstant>,
    /// When it was made.
    pub created_at: UtcInstant,
}

pub fn insert(tx: &mut Tx<'_>, row: &ConfirmationRow) -> Result<()> {
    diesel::insert_into(account_confirmations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn by_hash(db: &mut Db, hash: &[u8]) -> Result<Option<ConfirmationRow>> {
    Ok(account_confirmations::table.filter(account_confirmations::token_hash.eq(hash.to_vec())).first(db).optional()?)
}

/// Uses one up; the hash of its password is forgotten.
pub fn use_up(tx: &mut Tx<'_>, id: AnyId) -> Result<()> {
    diesel::update(account_confirmations::table.find(id))
        .set((account_confirmations::used_at.eq(Some(UtcInstant::machine_now())), account_confirmations::password_hash.eq("")))
        .execute(&mut **tx)?;
    Ok(())
}
