//! Change rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone, which holds the proof.

use diesel::prelude::*;

use super::model::{ChangeRow, ChangeState};
use crate::db::schema::contract_changes;
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{ContractId, TenantId};

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

pub fn insert(tx: &mut Tx<'_>, row: &ChangeRow) -> Result<()> {
    diesel::insert_into(contract_changes::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ChangeRow) -> Result<()> {
    diesel::update(contract_changes::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
