//! Use cases of second factors. Codes are judged outside the transaction and spent inside it, so that a code works once.

use serde_json::json;

use super::model::{FactorRow, RecoveryCodeRow};
use super::rules::{self, Typed};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Result, UtcInstant};
use crate::notices::outbox::{self, Message};
use crate::people::accounts::{self, AccountRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, api_tokens, sessions};
use crate::trust::journal::{self, Event};
use crate::trust::vault::Vault;

problems! {
    /// A role of the account may not go without.
    SECOND_FACTOR_KEPT = "second_factor_kept", 409, "您的角色须保留动态口令", "Your roles must keep a second factor",
        "您的某个角色须使用动态口令，只能更换，不能停用。",
        "One of your roles may only be used with a second factor: replace it, it cannot be ended.";
    /// There is no second factor to act on.
    NO_SECOND_FACTOR = "no_second_factor", 409, "没有可办理的动态口令", "There is no second factor to act on",
        "尚未申请或启用动态口令。请先调用 POST /api/v1/me/second-factor。",
        "None was offered or enrolled. Begin with POST /api/v1/me/second-factor.";
}

/// A code that was judged right, to be spent in the transaction.
#[derive(Debug, Clone)]
pub enum Judged {
    /// A one-time password of this step.
    Step(FactorRow, i64),
    /// A recovery code; whether there is such a one, the spending finds.
    Recovery(FactorRow, [u8; 32]),
}

/// Judges what was typed against the account's factor; `None` when it is wrong.
pub fn judge(vault: &Vault, factor: FactorRow, typed: &str) -> Result<Option<Judged>> {
    match rules::read(typed) {
        None => Ok(None),
        Some(Typed::Recovery(hash)) => Ok(Some(Judged::Recovery(factor, hash))),
        Some(Typed::Digits(digits)) => {
            let secret = vault.open(&factor.account_id.to_string(), &factor.secret)?;
            let step = rules::matching_step(&secret, &digits, UtcInstant::machine_now().unix_seconds(), factor.last_step)?;
            Ok(step.map(|step| Judged::Step(factor, step)))
        }
    }
}

/// Spends a judged code; `false` when it was spent before. The use of a recovery code is told to the person.
pub fn spend(tx: &mut Tx<'_>, judged: &Judged, email: &str) -> Result<bool> {
    match judged {
        Judged::Step(factor, step) => store::spend_step(tx, factor.id, *step),
        Judged::Recovery(factor, hash) => {
            if factor.ended_at.is_some() || !store::spend_code(tx, factor.id, hash)? {
                return Ok(false);
            }
            let left = store::codes_left(tx, factor.id)?;
            let subject = "恢复码已使用 Recovery code used".to_owned();
            let body = format!(
                "您的一个恢复码刚被使用，还剩 {left} 个。如非本人操作，请立即联系管理员。\n\
                 One of your recovery codes was used just now; {left} are left. If it was not you, tell the administrator at once.\n"
            );
            outbox::enqueue(tx, Message { tenant: factor.tenant_id, recipient: email, subject, body })?;
            record(tx, "account.recovery_code_used", factor, json!({"left": left}))?;
            Ok(true)
        }
    }
}

fn record(tx: &mut Tx<'_>, action: &str, factor: &FactorRow, content: serde_json::Value) -> Result<()> {
    let resource = factor.account_id.any();
    journal::record(tx, &Event { tenant: factor.tenant_id, action, kind: "second_factor", resource, version: 1, case: None, content })?;
    Ok(())
}

/// Whether a second factor stands beside the account's password: one counts, or one of its own roles demands it.
pub fn stands_beside(db: &mut Db, account: AccountId, needed_for: &[String]) -> Result<bool> {
    Ok(rules::needs_factor(&accounts::store::roles_of(db, account)?, needed_for) || store::confirmed(db, account)?.is_some())
}

/// The actor's own account, for an action on its own factor.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action) -> Result<Authorized<AccountRow>> {
    let row = accounts::store::find(db, actor.tenant, actor.account)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor offer itself a factor? One that replaces another needs a fresh proof.
pub fn may_offer(db: &mut Db, actor: &Actor) -> Result<Authorized<AccountRow>> {
    let replaces = store::confirmed(db, actor.account)?.is_some();
    may(db, actor, if replaces { &policy::RENEW } else { &policy::ENROL })
}

/// Stores an offered factor whose seed the person is shown once; an older offer ends.
pub fn offer(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>, sealed: &[u8]) -> Result<()> {
    let account = granted.subject();
    store::end(tx, account.id, true, "replaced_by_a_newer_offer")?;
    let row = FactorRow {
        id: tx.new_id(),
        tenant_id: account.tenant_id,
        account_id: account.id,
        secret: sealed.to_vec(),
        made_at: UtcInstant::machine_now(),
        confirmed_at: None,
        ended_at: None,
        ended_because: None,
        last_step: None,
    };
    store::insert(tx, &row)?;
    record(tx, "account.factor_offered", &row, json!({}))
}

/// Makes the offered factor count, ends the one before it, and gives fresh recovery codes, which are shown once. The session that proved it counts as
/// signed in with it; every other session and every token ends.
pub fn confirm(
    tx: &mut Tx<'_>,
    granted: &Authorized<AccountRow>,
    offered: &FactorRow,
    step: i64,
    session: SessionId,
) -> Result<Option<Vec<String>>> {
    let account = granted.subject();
    // Another offer came between the look and now.
    if store::offered(tx, account.id)?.is_none_or(|row| row.id != offered.id) {
        return Ok(None);
    }
    let confirmed = store::confirmed(tx, account.id)?;
    if let Some(before) = &confirmed {
        store::end_one(tx, before.id, "replaced")?;
    }
    store::confirm(tx, offered.id, step)?;
    sessions::store::revoke_others(tx, account.id, session, "second_factor_enrolled")?;
    sessions::store::prove(tx, session, true)?;
    api_tokens::service::end_all(tx, account.id, "second_factor_enrolled")?;
    let codes = renew_codes(tx, offered)?;
    tell(
        tx,
        account,
        "动态口令已启用 Second factor enrolled",
        "您的账户已启用新的动态口令",
        "A new second factor of your account counts from now on",
    )?;
    record(tx, "account.factor_enrolled", offered, json!({"replaced": confirmed.is_some()}))?;
    Ok(Some(codes))
}

/// New recovery codes in place of the old ones.
pub fn renew_codes(tx: &mut Tx<'_>, factor: &FactorRow) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..rules::RECOVERY_CODES).map(|_| rules::recovery_code(&tx.salt())).collect();
    let rows: Vec<RecoveryCodeRow> = codes
        .iter()
        .map(|code| RecoveryCodeRow {
            id: tx.new_id(),
            factor_id: factor.id,
            code_hash: rules::recovery_hash(code).to_vec(),
            used_at: None,
        })
        .collect();
    store::replace_codes(tx, factor.id, &rows)?;
    record(tx, "account.recovery_codes_made", factor, json!({"codes": codes.len()}))?;
    Ok(codes)
}

/// Ends the person's own factor, unless one of its roles needs one.
pub fn end(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>, needed_for: &[String]) -> Result<()> {
    let account = granted.subject();
    if rules::needs_factor(&accounts::store::roles_of(tx, account.id)?, needed_for) {
        return Err(SECOND_FACTOR_KEPT.error());
    }
    take_away(tx, account, "ended_by_owner")
}

/// Takes every factor of an account away, and its tokens, and tells the person; its own end, or a recovery by two others.
pub fn take_away(tx: &mut Tx<'_>, account: &AccountRow, because: &str) -> Result<()> {
    let Some(row) = store::confirmed(tx, account.id)? else { return Err(NO_SECOND_FACTOR.error()) };
    store::end(tx, account.id, false, because)?;
    api_tokens::service::end_all(tx, account.id, because)?;
    tell(
        tx,
        account,
        "动态口令已停用 Second factor ended",
        "您账户的动态口令已停用",
        "The second factor of your account does not count any more",
    )?;
    record(tx, "account.factor_ended", &row, json!({"because": because}))
}

/// Notes that the session proved itself again.
pub fn step_up(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>, session: SessionId, by_factor: bool) -> Result<()> {
    sessions::store::prove(tx, session, by_factor)?;
    let (tenant, content) = (granted.subject().tenant_id, json!({"second_factor": by_factor}));
    journal::record(
        tx,
        &Event { tenant, action: "session.stepped_up", kind: "session", resource: session.any(), version: 1, case: None, content },
    )?;
    Ok(())
}

/// What the person may see of its own factor.
pub fn state(db: &mut Db, account: AccountId) -> Result<(Option<FactorRow>, i64)> {
    let row = store::confirmed(db, account)?;
    let left = row.as_ref().map(|row| store::codes_left(db, row.id)).transpose()?.unwrap_or(0);
    Ok((row, left))
}

fn tell(tx: &mut Tx<'_>, account: &AccountRow, subject: &str, zh: &str, en: &str) -> Result<()> {
    let body = format!("{zh}。如非本人操作，请立即联系管理员。\n{en}. If it was not you, tell the administrator at once.\n");
    outbox::enqueue(tx, Message { tenant: account.tenant_id, recipient: &account.email, subject: subject.to_owned(), body })
}
