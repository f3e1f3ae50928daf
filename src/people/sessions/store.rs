//! Session and refresh-token rows.

use diesel::prelude::*;

use crate::db::schema::{refresh_tokens, sessions};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, AnyId, SessionId, TenantId};
use crate::kernel::{Result, UtcInstant};

/// A login session.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Id.
    pub id: SessionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Account.
    pub account_id: AccountId,
    /// Sign-in, real time.
    pub created_at: UtcInstant,
    /// End without another refresh, real time.
    pub expires_at: UtcInstant,
    /// When it was ended.
    pub revoked_at: Option<UtcInstant>,
    /// Why it was ended.
    pub revoked_because: Option<String>,
    /// When it last proved who it is.
    pub proved_at: Option<UtcInstant>,
    /// When it did so with the second factor.
    pub factor_at: Option<UtcInstant>,
}

/// A refresh token; only its hash is stored.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub struct RefreshRow {
    /// Id.
    pub id: AnyId,
    /// Session.
    pub session_id: SessionId,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Issued, real time.
    pub issued_at: UtcInstant,
    /// Expiry, real time.
    pub expires_at: UtcInstant,
    /// When it was exchanged.
    pub used_at: Option<UtcInstant>,
}

pub fn insert_session(tx: &mut Tx<'_>, row: &SessionRow) -> Result<()> {
    diesel::insert_into(sessions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_refresh(tx: &mut Tx<'_>, row: &RefreshRow) -> Result<()> {
    diesel::insert_into(refresh_tokens::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn refresh_by_hash(db: &mut Db, hash: &[u8]) -> Result<Option<RefreshRow>> {
    Ok(refresh_tokens::table.filter(refresh_tokens::token_hash.eq(hash)).first(db).optional()?)
}

pub fn find(db: &mut Db, id: SessionId) -> Result<Option<SessionRow>> {
    Ok(sessions::table.find(id).first(db).optional()?)
}

pub fn mark_used(tx: &mut Tx<'_>, id: AnyId, at: UtcInstant) -> Result<()> {
    diesel::update(refresh_tokens::table.find(id)).set(refresh_tokens::used_at.eq(Some(at))).execute(&mut **tx)?;
    Ok(())
}

pub fn extend(tx: &mut Tx<'_>, id: SessionId, until: UtcInstant) -> Result<()> {
    diesel::update(sessions::table.find(id)).set(sessions::expires_at.eq(until)).execute(&mut **tx)?;
    Ok(())
}

/// Notes a proof of identity, by the second factor or by the password.
pub fn prove(tx: &mut Tx<'_>, id: SessionId, by_factor: bool) -> Result<()> {
    let now = Some(UtcInstant::machine_now());
    diesel::update(sessions::table.find(id)).set(sessions::proved_at.eq(now)).execute(&mut **tx)?;
    if by_factor {
        diesel::update(sessions::table.find(id)).set(sessions::factor_at.eq(now)).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn revoke(tx: &mut Tx<'_>, id: SessionId, because: &str) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::id.eq(id).and(sessions::revoked_at.is_null())))
        .set((sessions::revoked_at.eq(Some(UtcInstant::machine_now())), sessions::revoked_because.eq(Some(because))))
        .execute(&mut **tx)?;
    Ok(())
}

pub fn revoke_all(tx: &mut Tx<'_>, account: AccountId, because: &str) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::account_id.eq(account).and(sessions::revoked_at.is_null())))
        .set((sessions::revoked_at.eq(Some(UtcInstant::machine_now())), sessions::revoked_because.eq(Some(because))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends every session of an account but one.
pub fn revoke_others(tx: &mut Tx<'_>, account: AccountId, kept: SessionId, because: &str) -> Result<()> {
    let others = sessions::account_id.eq(account).and(sessions::id.ne(kept)).and(sessions::revoked_at.is_null());
    diesel::update(sessions::table.filter(others))
        .set((sessions::revoked_at.eq(Some(UtcInstant::machine_now())), sessions::revoked_because.eq(Some(because))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Live sessions of an account, newest first, at most 100.
pub fn live(db: &mut Db, account: AccountId) -> Result<Vec<SessionRow>> {
    Ok(sessions::table
        .filter(
            sessions::account_id.eq(account).and(sessions::revoked_at.is_null()).and(sessions::expires_at.gt(UtcInstant::machine_now())),
        )
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .limit(100)
        .load(db)?)
}
