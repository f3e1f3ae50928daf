//! Use cases of recoveries.

use serde_json::json;

use super::model::{Lost, RecoveryRow, RecoveryState};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, RecoveryId, UnitId};
use crate::notices::outbox::{self, Message};
use crate::people::accounts::{self, AccountRow};
use crate::people::policy::{District, authorize};
use crate::people::{Action, Actor, Authorized, Role, factors, resets, sessions};
use crate::trust::journal::{self, Event};

problems! {
    /// A recovery of that account waits already.
    RECOVERY_ASKED = "recovery_asked", 409, "该账户已有待确认的恢复申请", "A recovery of the account waits already",
        "请先确认或拒绝已有的申请。",
        "Confirm or refuse the one that waits.";
}

/// May the actor ask for the recovery of this account?
pub fn may_ask(db: &mut Db, actor: &Actor, id: AccountId) -> Result<Authorized<Lost>> {
    let row = accounts::store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    // A lead reaches whatever has no unit; accounts without one are the administrators' alone.
    if row.unit_id.is_none() && !actor.has_any(&[Role::PlatformAdmin]) {
        return Err(error::NOT_FOUND.error());
    }
    authorize(actor, &policy::ASK, Lost(row))
}

/// May the actor do this to the recovery?
pub fn may_decide(db: &mut Db, actor: &Actor, id: RecoveryId, action: &'static Action) -> Result<Authorized<RecoveryRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    if row.unit_id.is_none() && !actor.has_any(&[Role::PlatformAdmin]) && row.account_id != actor.account {
        return Err(error::NOT_FOUND.error());
    }
    authorize(actor, action, row)
}

/// May the actor list recoveries, and of which unit? Leads see those of their own unit.
pub fn may_list(actor: &Actor) -> Result<Option<UnitId>> {
    authorize(actor, &policy::LIST, District(actor.tenant))?;
    if actor.has_any(&[Role::PlatformAdmin, Role::Auditor]) {
        return Ok(None);
    }
    Ok(Some(actor.unit.ok_or_else(|| error::FORBIDDEN.error())?))
}

/// Asks; the owner is told, so that a stranger's request is noticed.
pub fn ask(tx: &mut Tx<'_>, granted: &Authorized<Lost>, reason: &str) -> Result<RecoveryRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 10, 500);
    fields.finish()?;
    let account = granted.subject().0.clone();
    if factors::store::confirmed(tx, account.id)?.is_none() {
        return Err(factors::service::NO_SECOND_FACTOR.error());
    }
    if store::is_asked(tx, account.id)? {
        return Err(RECOVERY_ASKED.error());
    }
    let row = RecoveryRow {
        id: tx.new_id(),
        tenant_id: account.tenant_id,
        account_id: account.id,
        unit_id: account.unit_id,
        state: RecoveryState::Asked,
        reason: reason.trim().to_owned(),
        asked_by: granted.by(),
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    tell(
        tx,
        &account,
        "有人申请恢复您的账户。如非您本人提出，请立即联系管理员拒绝该申请",
        "Somebody asked to recover your account. If you did not ask for it, have an administrator refuse it at once",
    )?;
    record(tx, "account_recovery.asked", &row)?;
    Ok(row)
}

/// Confirms: the second factor is taken away, every session ends, and the owner gets a mail that sets a new password. At the next sign-in a role that needs
/// a second factor can do nothing before another is enrolled.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<RecoveryRow>) -> Result<RecoveryRow> {
    let asked = granted.subject();
    let account = accounts::store::find(tx, asked.tenant_id, asked.account_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    factors::service::take_away(tx, &account, "recovered_by_two_persons")?;
    sessions::service::revoke_all(tx, account.id, "account_recovered")?;
    resets::service::send(tx, &account)?;
    let row = store::decide(tx, granted, RecoveryState::Confirmed)?;
    record(tx, "account_recovery.confirmed", &row)?;
    Ok(row)
}

/// Refuses.
pub fn refuse(tx: &mut Tx<'_>, granted: &Authorized<RecoveryRow>) -> Result<RecoveryRow> {
    let row = store::decide(tx, granted, RecoveryState::Refused)?;
    record(tx, "account_recovery.refused", &row)?;
    Ok(row)
}

fn tell(tx: &mut Tx<'_>, account: &AccountRow, zh: &str, en: &str) -> Result<()> {
    let subject = "账户恢复申请 Account recovery".to_owned();
    outbox::enqueue(tx, Message { tenant: account.tenant_id, recipient: &account.email, subject, body: format!("{zh}。\n{en}.\n") })
}

fn record(tx: &mut Tx<'_>, action: &str, row: &RecoveryRow) -> Result<()> {
    let content = json!({
        "account_id": row.account_id, "state": row.state, "reason": row.reason, "asked_by": row.asked_by, "decided_by": row.decided_by,
    });
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "account_recovery",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content,
        },
    )?;
    Ok(())
}
