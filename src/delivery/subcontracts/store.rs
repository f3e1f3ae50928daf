//! Subcontracts in the database, and what the published terms say of them. Every query is scoped by tenant; what writes is called by the service alone,
//! which holds the proof.

use diesel::prelude::*;

use super::model::{Allowed, SubcontractRow};
use crate::db::schema::{awards, subcontracts, tender_terms};
use crate::db::{Db, Tx};
use crate::kernel::id::{AwardId, ContractId, SubcontractId, TenantId, TenderId};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Result};

pub fn find(db: &mut Db, tenant: TenantId, id: SubcontractId) -> Result<Option<SubcontractRow>> {
    Ok(subcontracts::table.filter(subcontracts::tenant_id.eq(tenant).and(subcontracts::id.eq(id))).first(db).optional()?)
}

/// The subcontracts of a contract, oldest first.
pub fn of_contract(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Vec<SubcontractRow>> {
    let of = subcontracts::tenant_id.eq(tenant).and(subcontracts::contract_id.eq(contract));
    Ok(subcontracts::table.filter(of).order((subcontracts::created_at, subcontracts::id)).load(db)?)
}

/// What the latest published terms of the award's tender say.
pub fn allowed(db: &mut Db, tenant: TenantId, award: AwardId) -> Result<Allowed> {
    let own = awards::tenant_id.eq(tenant).and(awards::id.eq(award));
    let tender: TenderId = awards::table.filter(own).select(awards::tender_id).first(db)?;
    let latest = tender_terms::table.filter(tender_terms::tender_id.eq(tender)).order(tender_terms::amendment.desc());
    let Some(Doc(terms)) = latest.select(tender_terms::terms).first::<Doc>(db).optional()? else { return Ok(Allowed::Unsaid) };
    let said = terms.get("subcontracting").filter(|said| !said.is_null());
    let Some(said) = said else { return Ok(Allowed::Unsaid) };
    if said.get("allowed").and_then(serde_json::Value::as_bool) == Some(false) {
        return Ok(Allowed::No);
    }
    let share = said.get("max_share_bp").and_then(serde_json::Value::as_i64);
    share.map(Allowed::UpTo).ok_or_else(|| Error::internal(format!("the terms of {tender} allow subcontracting without a share")))
}

pub fn insert(tx: &mut Tx<'_>, row: &SubcontractRow) -> Result<()> {
    diesel::insert_into(subcontracts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &SubcontractRow) -> Result<()> {
    diesel::update(subcontracts::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
