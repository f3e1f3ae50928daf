//! Publications and filings in the database. Every query is scoped by tenant; what writes is called by the service alone, which holds the proof.

use diesel::prelude::*;

use super::model::FilingRow;
use crate::db::schema::contract_filings;
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{ContractId, TenantId};

/// What was recorded of a contract: at most one of each kind.
pub fn of_contract(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Vec<FilingRow>> {
    let of = contract_filings::tenant_id.eq(tenant).and(contract_filings::contract_id.eq(contract));
    Ok(contract_filings::table.filter(of).order(contract_filings::created_at).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, row: &FilingRow) -> Result<()> {
    diesel::insert_into(contract_filings::table).values(row).execute(&mut **tx)?;
    Ok(())
}
