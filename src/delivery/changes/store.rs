//! Change rows in the database, and the law that their contract is under. Every query is scoped by tenant; what changes a row is called by the
//! service alone, which holds the proof.

use diesel::prelude::*;

use super::model::{ChangeRow, ChangeState};
use crate::db::schema::{awards, contract_changes, external_tenders, tenders};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{AwardId, ContractId, RuleSetId, TenantId};

/// The changes of a contract, oldest first.
pub fn of_contract(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Vec<ChangeRow>> {
    let of = contract_changes::tenant_id.eq(tenant).and(contract_changes::contract_id.eq(contract));
    Ok(contract_changes::table.filter(of).order(contract_changes::number).load(db)?)
}

/// The change that waits for a decision.
pub fn open_of(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Option<ChangeRow>> {
    let of = contract_changes::tenant_id.eq(tenant).and(contract_changes::contract_id.eq(contract));
    Ok(contract_changes::table.filter(of.and(contract_changes::state.eq(ChangeState::Proposed))).first(db).optional()?)
}

/// The rule set and the procedure that the award was made under; of an imported purchase the procedure that it was run by.
pub fn law_of(db: &mut Db, tenant: TenantId, award: AwardId) -> Result<(RuleSetId, String, Option<String>)> {
    let own = awards::tenant_id.eq(tenant).and(awards::id.eq(award));
    let tender: crate::kernel::id::TenderId = awards::table.filter(own).select(awards::tender_id).first(db)?;
    let (rules, procedure) =
        tenders::table.find(tender).select((tenders::rule_set_id, tenders::procedure)).first::<(RuleSetId, String)>(db)?;
    let run_by = external_tenders::table
        .filter(external_tenders::tender_id.eq(tender))
        .select(external_tenders::procedure_used)
        .first::<String>(db)
        .optional()?;
    Ok((rules, procedure, run_by))
}

pub fn insert(tx: &mut Tx<'_>, row: &ChangeRow) -> Result<()> {
    diesel::insert_into(contract_changes::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ChangeRow) -> Result<()> {
    diesel::update(contract_changes::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
