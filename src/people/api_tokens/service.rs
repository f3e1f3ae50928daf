//! Use cases of machine tokens.

use serde_json::json;

use super::model::ApiTokenRow;
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, ApiTokenId};
use crate::kernel::{Result, UtcInstant};
use crate::people::accounts::{self, AccountRow};
use crate::people::policy::authorize;
use crate::people::tokens::{MACHINE_PREFIX, secret, token_hash};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};

problems! {
    /// The account has as many tokens as it may.
    TOO_MANY_TOKENS = "too_many_tokens", 409, "令牌过多", "Too many tokens",
        "每个账户至多有 20 个有效令牌。请先停用不再需要的令牌。",
        "An account has at most twenty live tokens. End one that is not needed any more.";
}

const DAY_SECONDS: i64 = 86_400;

/// May the actor make tokens for itself?
pub fn may_create(db: &mut Db, actor: &Actor) -> Result<Authorized<AccountRow>> {
    let row = accounts::store::find(db, actor.tenant, actor.account)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::CREATE, row)
}

/// May the actor end this token?
pub fn may_revoke(db: &mut Db, actor: &Actor, id: ApiTokenId) -> Result<Authorized<ApiTokenRow>> {
    let live = store::find(db, id)?.filter(|row| row.revoked_at.is_none());
    authorize(actor, &policy::REVOKE, live.ok_or_else(|| error::NOT_FOUND.error())?)
}

/// Makes a token; the second value is the token itself, which is shown once. What it may do is never more than what its account may do at that time.
pub fn create(
    tx: &mut Tx<'_>,
    granted: &Authorized<AccountRow>,
    known: &rules::Scopes,
    name: &str,
    scopes: &[String],
    days: i64,
) -> Result<(ApiTokenRow, String)> {
    let account = granted.subject();
    let own = accounts::store::roles_of(tx, account.id)?;
    known.check_holder(scopes, &own)?;
    let live = i64::try_from(store::live(tx, account.id)?.len()).unwrap_or(i64::MAX);
    if live >= rules::TOKENS_MAX {
        return Err(TOO_MANY_TOKENS.error());
    }
    let token = format!("{MACHINE_PREFIX}{}", secret(tx));
    let now = UtcInstant::machine_now();
    let row = ApiTokenRow {
        id: tx.new_id(),
        tenant_id: account.tenant_id,
        account_id: account.id,
        name: name.trim().to_owned(),
        token_hash: token_hash(&token).to_vec(),
        scopes: scopes.join(" "),
        created_at: now,
        expires_at: now.plus_seconds(days.saturating_mul(DAY_SECONDS)),
        revoked_at: None,
    };
    store::insert(tx, granted, &row)?;
    record(tx, "api_token.made", &row, None)?;
    Ok((row, token))
}

/// Ends a token at once.
pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<ApiTokenRow>) -> Result<()> {
    store::revoke(tx, granted)?;
    record(tx, "api_token.ended", granted.subject(), Some("by_owner"))
}

/// Ends every token of an account at once: it is suspended, or what proves who it is was changed.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId, because: &str) -> Result<()> {
    let ended = store::live(tx, account)?;
    store::revoke_all(tx, account)?;
    for row in ended {
        record(tx, "api_token.ended", &row, Some(because))?;
    }
    Ok(())
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ApiTokenRow, because: Option<&str>) -> Result<()> {
    let mut content = json!({"account_id": row.account_id, "name": row.name, "scopes": row.scopes(), "expires_at": row.expires_at});
    if let (Some(because), Some(fields)) = (because, content.as_object_mut()) {
        fields.insert("because".to_owned(), json!(because));
    }
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "api_token", resource: row.id.any(), version: 1, case: None, content },
    )?;
    Ok(())
}
