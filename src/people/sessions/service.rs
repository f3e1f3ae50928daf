//! Use cases of sessions. Tokens use real time, never the business clock.

use serde_json::json;

use super::store::{self, RefreshRow, SessionRow};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AccountId, SessionId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::accounts::model::AccountState;
use crate::people::accounts::{self, AccountRow};
use crate::people::factors::{self, model::FactorRow};
use crate::people::policy::{Action, Authorized, Subject, authorize};
use crate::people::tokens::{REFRESH_SECONDS, secret, token_hash};
use crate::people::{Actor, tenants};
use crate::trust::journal::{self, Event};

/// End a session of one's own.
pub static REVOKE: Action = Action::new("sessions.revoke", &[]);

/// End every session of one's own.
pub static REVOKE_ALL: Action = Action::new("sessions.revoke_all", &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&REVOKE, &REVOKE_ALL];

/// A session and a fresh refresh token for it.
pub struct Opened {
    /// The account.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// The token, shown once.
    pub refresh_token: String,
}

/// The account that a login names, with the second factor that counts; `None` when there is none or it is suspended (the caller must not learn which).
pub fn account_for_login(db: &mut Db, district: &str, email: &str) -> Result<Option<(AccountRow, Option<FactorRow>)>> {
    let Ok(tenant) = tenants::by_code(db, district) else { return Ok(None) };
    let row = accounts::store::by_email(db, tenant, &email.trim().to_lowercase())?;
    let Some(row) = row.filter(|row| row.state == AccountState::Active) else { return Ok(None) };
    let factor = factors::store::confirmed(db, row.id)?;
    Ok(Some((row, factor)))
}

/// How a person proved who it is at sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proven {
    /// By the password.
    Password,
    /// By the password and the second factor.
    SecondFactor,
}

/// Opens a session for an account whose password was right; `None` when it was suspended meanwhile.
pub fn open(tx: &mut Tx<'_>, tenant: TenantId, account: AccountId, proven: Proven) -> Result<Option<Opened>> {
    let active = accounts::store::find(tx, tenant, account)?.is_some_and(|row| row.state == AccountState::Active);
    if !active {
        return Ok(None);
    }
    let now = UtcInstant::machine_now();
    let session = SessionRow {
        id: tx.new_id(),
        tenant_id: tenant,
        account_id: account,
        created_at: now,
        expires_at: now.plus_seconds(REFRESH_SECONDS),
        revoked_at: None,
        revoked_because: None,
        proved_at: Some(now),
        factor_at: (proven == Proven::SecondFactor).then_some(now),
    };
    store::insert_session(tx, &session)?;
    let refresh_token = issue_refresh(tx, session.id, now)?;
    let content = json!({"account_id": account, "second_factor": proven == Proven::SecondFactor});
    journal::record(
        tx,
        &Event { tenant, action: "session.opened", kind: "session", resource: session.id.any(), version: 1, case: None, content },
    )?;
    Ok(Some(Opened { account, session: session.id, refresh_token }))
}

fn issue_refresh(tx: &mut Tx<'_>, session: SessionId, now: UtcInstant) -> Result<String> {
    let token = secret(tx);
    let row = RefreshRow {
        id: tx.new_id(),
        session_id: session,
        token_hash: token_hash(&token).to_vec(),
        issued_at: now,
        expires_at: now.plus_seconds(REFRESH_SECONDS),
        used_at: None,
    };
    store::insert_refresh(tx, &row)?;
    Ok(token)
}

/// Exchanges a refresh token. A token that was used before ends its whole family, which is committed although the caller is refused:
/// hence `Ok(None)` in place of an error.
pub fn refresh(tx: &mut Tx<'_>, token: &str) -> Result<Option<Opened>> {
    let now = UtcInstant::machine_now();
    let Some(row) = store::refresh_by_hash(tx, &token_hash(token))? else { return Ok(None) };
    let Some(session) = store::find(tx, row.session_id)? else { return Ok(None) };
    if row.used_at.is_some() {
        // An ended session is not ended again: repeating the replay must not fill the journal.
        if session.revoked_at.is_some() {
            return Ok(None);
        }
        store::revoke(tx, session.id, "refresh_token_replayed")?;
        let content = json!({"because": "refresh_token_replayed"});
        journal::record(
            tx,
            &Event {
                tenant: session.tenant_id,
                action: "session.revoked",
                kind: "session",
                resource: session.id.any(),
                version: 2,
                case: None,
                content,
            },
        )?;
        return Ok(None);
    }
    let active = accounts::store::find(tx, session.tenant_id, session.account_id)?.is_some_and(|a| a.state == AccountState::Active);
    if session.revoked_at.is_some() || row.expires_at <= now || session.expires_at <= now || !active {
        return Ok(None);
    }
    store::mark_used(tx, row.id, now)?;
    store::extend(tx, session.id, now.plus_seconds(REFRESH_SECONDS))?;
    let refresh_token = issue_refresh(tx, session.id, now)?;
    Ok(Some(Opened { account: session.account_id, session: session.id, refresh_token }))
}

impl Subject for SessionRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.account_id == actor.account
    }
}

/// May the actor end this session? One that has ended is not there any more.
pub fn may_revoke(db: &mut Db, actor: &Actor, id: SessionId) -> Result<Authorized<SessionRow>> {
    let live = store::find(db, id)?.filter(|row| row.revoked_at.is_none() && row.expires_at > UtcInstant::machine_now());
    authorize(actor, &REVOKE, live.ok_or_else(|| error::NOT_FOUND.error())?)
}

/// Ends a session.
pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<SessionRow>) -> Result<()> {
    let session = granted.subject();
    store::revoke(tx, session.id, "by_owner")?;
    let content = json!({"because": "by_owner"});
    journal::record(
        tx,
        &Event {
            tenant: session.tenant_id,
            action: "session.revoked",
            kind: "session",
            resource: session.id.any(),
            version: 2,
            case: None,
            content,
        },
    )?;
    Ok(())
}

/// May the actor end all its sessions? Its own account is the subject.
pub fn may_revoke_all(db: &mut Db, actor: &Actor) -> Result<Authorized<AccountRow>> {
    let row = accounts::store::find(db, actor.tenant, actor.account)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &REVOKE_ALL, row)
}

/// Ends every session of the person, this one too.
pub fn revoke_own(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>) -> Result<()> {
    let account = granted.subject();
    store::revoke_all(tx, account.id, "by_owner")?;
    let content = json!({"because": "by_owner"});
    journal::record(
        tx,
        &Event {
            tenant: account.tenant_id,
            action: "account.sessions_ended",
            kind: "account",
            resource: account.id.any(),
            version: account.version,
            case: None,
            content,
        },
    )?;
    Ok(())
}

/// Ends every session of an account.
pub fn revoke_all(tx: &mut Tx<'_>, account: AccountId, because: &str) -> Result<()> {
    store::revoke_all(tx, account, because)
}
