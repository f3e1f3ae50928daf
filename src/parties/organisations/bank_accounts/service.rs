//! Use cases of bank accounts.

use serde_json::json;

use super::model::{BankAccountRow, BankAccountState};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, problems};
use crate::kernel::id::{BankAccountId, OrganisationId};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::{self, OrganisationRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};

problems! {
    /// An account waits for its second person.
    BANK_ACCOUNT_PROPOSED = "bank_account_proposed", 409, "已有待确认的账户", "An account waits for confirmation",
        "请先由另一人确认或拒绝已提出的账户。",
        "Have another person confirm or refuse the one that was proposed.";
}

/// May the actor read the accounts of this organisation, or propose one?
pub fn may(db: &mut Db, actor: &Actor, id: OrganisationId, action: &'static Action) -> Result<Authorized<OrganisationRow>> {
    let row = organisations::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor do this to the account?
pub fn may_decide(db: &mut Db, actor: &Actor, id: BankAccountId, action: &'static Action) -> Result<Authorized<BankAccountRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Proposes an account; the organisation's contact is told, so that a stranger's is noticed before it counts.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, holder: &str, bank: &str, number: &str) -> Result<BankAccountRow> {
    let organisation = granted.subject();
    rules::check(&organisation.name_zh, holder, bank, number)?;
    let known = store::of_organisation(tx, organisation.tenant_id, organisation.id)?;
    if known.iter().any(|row| row.state == BankAccountState::Proposed) {
        return Err(BANK_ACCOUNT_PROPOSED.error());
    }
    let row = BankAccountRow {
        id: tx.new_id(),
        tenant_id: organisation.tenant_id,
        organisation_id: organisation.id,
        holder: holder.trim().to_owned(),
        bank: bank.trim().to_owned(),
        number: rules::digits(number),
        state: BankAccountState::Proposed,
        proposed_by: granted.by(),
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    tell(tx, organisation, &row, "提出变更，待另一人确认", "was proposed and waits for a second person")?;
    record(tx, "bank_account.proposed", &row)?;
    Ok(row)
}

/// Confirms: from now on payments go there, and the account before it is replaced.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<BankAccountRow>) -> Result<BankAccountRow> {
    if let Some(before) = store::replace_confirmed(tx, granted)? {
        record(tx, "bank_account.replaced", &before)?;
    }
    decided(tx, granted, BankAccountState::Confirmed)
}

/// Refuses.
pub fn refuse(tx: &mut Tx<'_>, granted: &Authorized<BankAccountRow>) -> Result<BankAccountRow> {
    decided(tx, granted, BankAccountState::Refused)
}

fn decided(tx: &mut Tx<'_>, granted: &Authorized<BankAccountRow>, state: BankAccountState) -> Result<BankAccountRow> {
    let row = store::decide(tx, granted, state)?;
    let organisation = organisations::find(tx, row.tenant_id, row.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let (zh, en, action) = match state {
        BankAccountState::Confirmed => {
            ("已确认，今后款项付至该账户", "was confirmed; payments go there from now on", "bank_account.confirmed")
        }
        _ => ("已被拒绝", "was refused", "bank_account.refused"),
    };
    tell(tx, &organisation, &row, zh, en)?;
    record(tx, action, &row)?;
    Ok(row)
}

fn tell(tx: &mut Tx<'_>, organisation: &OrganisationRow, row: &BankAccountRow, zh: &str, en: &str) -> Result<()> {
    let number = rules::masked(&row.number);
    let subject = "收款账户 Bank account".to_owned();
    let body = format!(
        "收款账户 {number} {zh}。如有疑问，请立即联系财政部门。\nThe bank account {number} {en}. If that is not right, tell finance at once.\n"
    );
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })
}

/// The journal keeps the last four digits: enough to recognise the account, not enough to be of use to a thief.
fn record(tx: &mut Tx<'_>, action: &str, row: &BankAccountRow) -> Result<()> {
    let content = json!({
        "organisation_id": row.organisation_id, "bank": row.bank, "number": rules::masked(&row.number), "state": row.state,
        "proposed_by": row.proposed_by, "decided_by": row.decided_by,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "bank_account", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
