//! Rows of machine tokens in the database.

use diesel::prelude::*;

use super::model::ApiTokenRow;
use crate::db::schema::api_tokens;
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, ApiTokenId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn by_hash(db: &mut Db, hash: &[u8]) -> Result<Option<ApiTokenRow>> {
    Ok(api_tokens::table.filter(api_tokens::token_hash.eq(hash.to_vec())).first(db).optional()?)
}

pub fn find(db: &mut Db, id: ApiTokenId) -> Result<Option<ApiTokenRow>> {
    Ok(api_tokens::table.find(id).first(db).optional()?)
}

/// Live tokens of an account, newest first, at most 100.
pub fn live(db: &mut Db, account: AccountId) -> Result<Vec<ApiTokenRow>> {
    let live = api_tokens::account_id.eq(account).and(api_tokens::revoked_at.is_null());
    Ok(api_tokens::table
        .filter(live.and(api_tokens::expires_at.gt(UtcInstant::machine_now())))
        .order((api_tokens::created_at.desc(), api_tokens::id.desc()))
        .limit(100)
        .load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ApiTokenRow) -> Result<()> {
    diesel::insert_into(api_tokens::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<ApiTokenRow>) -> Result<()> {
    diesel::update(api_tokens::table.find(granted.subject().id))
        .set(api_tokens::revoked_at.eq(Some(UtcInstant::machine_now())))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends every token of an account.
pub fn revoke_all(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    diesel::update(api_tokens::table.filter(api_tokens::account_id.eq(account).and(api_tokens::revoked_at.is_null())))
        .set(api_tokens::revoked_at.eq(Some(UtcInstant::machine_now())))
        .execute(&mut **tx)?;
    Ok(())
}
