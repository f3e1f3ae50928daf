//! The end of a contract that never came into force: its award was declined or overturned before both parties signed. And the halts of one that did.

use serde_json::json;

use super::model::{ContractRow, ContractState};
use super::{service, store};
use crate::db::Tx;
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::{AccountId, AwardId, TenantId};
use crate::kernel::{Fen, Result};
use crate::money::funding;
use crate::people::Authorized;
use crate::words;

problems! {
    /// The contract is in force.
    CONTRACT_IN_FORCE = "contract_in_force", 409, "合同已生效", "The contract is in force",
        "双方已签订的合同不因定标变动自动终止，请先按合同办理终止。",
        "A contract that both parties signed does not end with its award. End the contract first.";
}

/// Ends the contract of an award that falls away; what finance committed for it is free again. Gives what was freed, or nothing when there is
/// no such contract. It was never public and does not become so. Refuses with `contract_in_force` once both parties signed. The storey that awards
/// holds the proof; `by` is its account.
pub fn void(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, award: AwardId, reason: &str) -> Result<Option<Fen>> {
    let Some(contract) = store::of_award(tx, tenant, award)? else { return Ok(None) };
    match contract.state {
        ContractState::Drafted | ContractState::FinanceApproved => {}
        ContractState::Terminated => return Ok(None),
        state => return Err(CONTRACT_IN_FORCE.because(words!("合同现状为 {state}", "the contract is {state}"))),
    }
    let released = funding::release(tx, by, &contract.owner())?;
    let row = ContractRow { state: ContractState::Terminated, version: contract.version.saturating_add(1), ..contract };
    store::save(tx, &row)?;
    service::record(tx, "contract.voided", &row, json!({"reason": reason, "released_fen": released}))?;
    Ok(Some(released))
}

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// Suspends a contract in force with a reason.
pub fn suspend(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>, reason: &str) -> Result<ContractRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, REASON_MAX);
    fields.finish()?;
    let halt_reason = Some(reason.trim().to_owned());
    let row = ContractRow { halt_reason, ..service::moved(granted.subject(), ContractState::Suspended) };
    service::keep(tx, "contract.suspended", row, json!({"reason": reason.trim()}))
}

/// Resumes a suspended contract; it is completed at once when the last of it was paid meanwhile.
pub fn resume(tx: &mut Tx<'_>, granted: &Authorized<ContractRow>) -> Result<ContractRow> {
    let row = ContractRow { halt_reason: None, ..service::moved(granted.subject(), ContractState::Active) };
    let row = service::keep(tx, "contract.resumed", row, json!({}))?;
    service::complete_when_paid(tx, &row)?;
    service::find(tx, row.tenant_id, row.id)
}
