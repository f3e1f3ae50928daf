//! Use cases of publications and filings.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{FilingKind, FilingRow, NewFiling};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::law::ContractLaw;
use crate::delivery::agreements::{self, ContractRow};
use crate::kernel::id::ContractId;
use crate::kernel::{Result, error};
use crate::parties::regulations::Clock;
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};

/// May the actor do this to the contract's filings?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ContractId) -> Result<Authorized<ContractRow>> {
    authorize(actor, action, agreements::find(db, actor.tenant, id)?)
}

/// The day of the last signature; none before.
pub fn signed_on(contract: &ContractRow) -> Option<NaiveDate> {
    contract.org_signed_at.zip(contract.purchaser_signed_at).map(|(one, other)| one.max(other).date_in_shanghai())
}

/// The clock of one kind; none where no rule binds or nobody signed.
pub fn clock(book: &ContractLaw, contract: &ContractRow, kind: FilingKind, done_on: Option<NaiveDate>) -> Option<Clock> {
    let (rule, figure) = kind.clock();
    book.clock(rule, figure, signed_on(contract)?, done_on)
}

/// Records that a contract was published or filed.
pub fn file(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>, new: &NewFiling) -> Result<(ContractRow, FilingRow)> {
    let contract = granted.subject();
    // A contract that ended before both signed has nothing to publish.
    let signed = signed_on(contract).ok_or_else(|| error::WRONG_STATE.error())?;
    if store::of_contract(tx, contract.tenant_id, contract.id)?.iter().any(|row| row.kind == new.kind) {
        return Err(rules::FILED_ALREADY.error());
    }
    let today = tx.now().date_in_shanghai();
    let book = ContractLaw::of(tx, contract, today)?;
    let clock = clock(&book, contract, new.kind, Some(new.done_on));
    rules::check(new, signed, today, clock.as_ref())?;
    let row = FilingRow {
        id: tx.new_id(),
        tenant_id: contract.tenant_id,
        contract_id: contract.id,
        case_id: contract.case_id,
        kind: new.kind,
        done_on: new.done_on,
        reference: new.reference.trim().to_owned(),
        due_on: clock.and_then(|clock| clock.due_by),
        late_reason: new.late_reason.as_deref().map(|reason| reason.trim().to_owned()),
        made_by: granted.by(),
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    let content = json!({
        "filing_id": row.id, "kind": row.kind, "done_on": row.done_on, "reference": row.reference, "due_on": row.due_on,
        "late_reason": row.late_reason,
    });
    let contract = agreements::keep(tx, "contract.filed", agreements::moved(contract, contract.state), content)?;
    Ok((contract, row))
}
