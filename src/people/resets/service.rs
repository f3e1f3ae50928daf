//! Use cases of password resets.

use serde_json::json;

use super::store::{self, ResetRow};
use crate::db::{Db, Tx};
use crate::kernel::error::problems;
use crate::kernel::id::{AccountId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::notices::outbox::{self, Message};
use crate::people::accounts::model::AccountState;
use crate::people::accounts::{self, AccountRow};
use crate::people::tokens::{secret, token_hash};
use crate::people::{api_tokens, sessions, tenants};
use crate::trust::journal::{self, Event};

problems! {
    /// The token of the mail does not serve.
    RESET_REFUSED = "reset_refused", 422, "重置令牌无效", "The reset token is not valid",
        "令牌不存在、已用过、已过期，或已申请了新的。请重新申请重置密码。",
        "It does not exist, was used, has expired, or a newer one was asked for. Ask for another.";
}

/// Life of a reset, in seconds.
pub const RESET_SECONDS: i64 = 30 * 60;

/// Mails a reset to the account of that address, when there is an active one. Says nothing to the caller, and keeps an address without one waiting
/// alike: both wait their turn to write, and for the disk at the commit. What remains of the difference is the work on a journal entry and one more
/// row, which is small beside how either wait differs from one request to the next.
pub fn ask(tx: &mut Tx<'_>, district: &str, email: &str) -> Result<()> {
    let Ok(tenant) = tenants::by_code(tx, district) else { return Ok(()) };
    match accounts::store::by_email(tx, tenant, &email.trim().to_lowercase())? {
        Some(row) if row.state == AccountState::Active => send(tx, &row),
        _ => send_nobody(tx, tenant),
    }
}

/// Works as [`send`] does and leaves nothing.
fn send_nobody(tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
    let nobody: AccountId = tx.new_id();
    store::use_up(tx, nobody)?;
    let token = secret(tx);
    let (subject, body) = letter(&token);
    outbox::write_in_vain(tx, Message { tenant, recipient: "", subject, body })
}

/// Mails a reset to an account; older ones stop to serve.
pub fn send(tx: &mut Tx<'_>, account: &AccountRow) -> Result<()> {
    store::use_up(tx, account.id)?;
    let token = secret(tx);
    let now = UtcInstant::machine_now();
    let row = ResetRow {
        id: tx.new_id(),
        tenant_id: account.tenant_id,
        account_id: account.id,
        token_hash: token_hash(&token).to_vec(),
        made_at: now,
        expires_at: now.plus_seconds(RESET_SECONDS),
        used_at: None,
    };
    store::insert(tx, &row)?;
    let (subject, body) = letter(&token);
    outbox::enqueue_secret(tx, Message { tenant: account.tenant_id, recipient: &account.email, subject, body })?;
    record(tx, "account.reset_asked", account)
}

/// Subject and text of the mail with a token.
fn letter(token: &str) -> (String, String) {
    let body = format!(
        "有人申请重置您的密码。令牌三十分钟内有效，只能使用一次：\n\n{token}\n\n如非本人申请，请忽略本邮件。\n\n\
         Somebody asked to reset your password. The token above works once, within thirty minutes. If it was not you, ignore this mail.\n"
    );
    ("重置密码 Reset your password".to_owned(), body)
}

/// The account that a token may set a password for.
pub fn account_of(db: &mut Db, token: &str) -> Result<AccountRow> {
    let row = store::by_hash(db, &token_hash(token))?.filter(|row| row.used_at.is_none() && row.expires_at > UtcInstant::machine_now());
    let row = row.ok_or_else(|| RESET_REFUSED.error())?;
    let account = accounts::store::find(db, row.tenant_id, row.account_id)?.filter(|row| row.state == AccountState::Active);
    account.ok_or_else(|| RESET_REFUSED.error())
}

/// Sets the password and ends every session and machine token of the account. A second factor still counts: the mail alone does not sign anybody in.
pub fn complete(tx: &mut Tx<'_>, token: &str, hash: &str) -> Result<()> {
    let account = account_of(tx, token)?;
    store::use_up(tx, account.id)?;
    let account = accounts::store::set_password(tx, account.id, hash)?;
    sessions::store::revoke_all(tx, account.id, "password_reset")?;
    api_tokens::service::end_all(tx, account.id, "password_reset")?;
    let subject = "密码已重置 Password reset".to_owned();
    let body = "您的账户密码刚被重置，所有登录和接口令牌已失效。如非本人操作，请立即联系管理员。\n\
                The password of your account was reset just now; every session and token has ended. If it was not you, tell the administrator at once.\n"
        .to_owned();
    outbox::enqueue(tx, Message { tenant: account.tenant_id, recipient: &account.email, subject, body })?;
    record(tx, "account.password_reset", &account)
}

fn record(tx: &mut Tx<'_>, action: &str, account: &AccountRow) -> Result<()> {
    journal::record(
        tx,
        &Event {
            tenant: account.tenant_id,
            action,
            kind: "account",
            resource: account.id.any(),
            version: account.version,
            case: None,
            content: json!({}),
        },
    )?;
    Ok(())
}
