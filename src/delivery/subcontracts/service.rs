//! Use cases of subcontracts: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{NewSubcontract, SubcontractRow, SubcontractState};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, ContractRow};
use crate::delivery::milestones;
use crate::kernel::id::{ContractId, SubcontractId};
use crate::kernel::{Fen, Result, error};
use crate::parties::organisations::{self, Supply};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};

/// May the actor name a subcontractor of this contract?
pub fn may_propose(db: &mut Db, actor: &Actor, id: ContractId) -> Result<Authorized<ContractRow>> {
    authorize(actor, &policy::PROPOSE, agreements::find(db, actor.tenant, id)?)
}

/// May the actor decide this one?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: SubcontractId) -> Result<Authorized<SubcontractRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// The supplier names who does a part.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>, new: &NewSubcontract) -> Result<SubcontractRow> {
    let contract = granted.subject();
    let standing = store::of_contract(tx, contract.tenant_id, contract.id)?;
    let counted = standing.iter().filter(|row| row.state != SubcontractState::Refused).map(|row| row.amount_fen);
    let allowed = store::allowed(tx, contract.tenant_id, contract.award_id)?;
    rules::check(new, contract.price_fen, Fen::total(counted)?, allowed)?;
    refuse_ineligible(tx, contract, new)?;
    let row = SubcontractRow {
        id: tx.new_id(),
        tenant_id: contract.tenant_id,
        contract_id: contract.id,
        case_id: contract.case_id,
        unit_id: contract.unit_id,
        organisation_id: contract.organisation_id,
        subcontractor_id: new.subcontractor,
        scope: new.scope.trim().to_owned(),
        amount_fen: new.amount,
        state: SubcontractState::Proposed,
        reason: None,
        proposed_by: granted.by(),
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    record(tx, "subcontract.proposed", &row)?;
    Ok(row)
}

fn refuse_ineligible(tx: &mut Tx<'_>, contract: &ContractRow, new: &NewSubcontract) -> Result<()> {
    let today = tx.now().date_in_shanghai();
    let known = organisations::find(tx, contract.tenant_id, new.subcontractor)?.is_some();
    let itself = new.subcontractor == contract.organisation_id;
    let clear = known && !matches!(organisations::may_supply(tx, contract.tenant_id, new.subcontractor, today)?, Supply::Stopped(_));
    if clear && !itself {
        return Ok(());
    }
    Err(rules::SUBCONTRACTOR_NOT_ELIGIBLE.error())
}

/// The unit consents.
pub fn consent(tx: &mut Tx<'_>, granted: &Authorized<SubcontractRow>) -> Result<SubcontractRow> {
    decide(tx, granted, SubcontractState::Agreed, None)
}

/// The unit refuses with a reason.
pub fn refuse(tx: &mut Tx<'_>, granted: &Authorized<SubcontractRow>, reason: &str) -> Result<SubcontractRow> {
    milestones::rules::check_reason(reason)?;
    decide(tx, granted, SubcontractState::Refused, Some(reason.trim().to_owned()))
}

fn decide(
    tx: &mut Tx<'_>,
    granted: &Authorized<SubcontractRow>,
    state: SubcontractState,
    reason: Option<String>,
) -> Result<SubcontractRow> {
    let before = granted.subject().clone();
    let version = before.version.saturating_add(1);
    let row = SubcontractRow { state, reason, decided_by: Some(granted.by()), decided_at: Some(tx.now()), version, ..before };
    store::save(tx, &row)?;
    record(tx, "subcontract.decided", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &SubcontractRow) -> Result<()> {
    let content = json!({
        "contract_id": row.contract_id, "subcontractor_id": row.subcontractor_id, "scope": row.scope, "amount_fen": row.amount_fen,
        "state": row.state, "reason": row.reason,
    });
    let event = Event {
        tenant: row.tenant_id,
        action,
        kind: "subcontract",
        resource: row.id.any(),
        version: row.version,
        case: Some(row.case_id),
        content,
    };
    journal::record(tx, &event).map(drop)
}
