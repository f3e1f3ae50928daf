//! Terms, signatures and conclusions in the database. Every query is scoped by tenant; what writes is called by the service alone, which holds the proof.

use diesel::prelude::*;

use super::model::{AcceptanceRow, PriceRow, SignatureRow, TermsRow};
use crate::db::schema::{acceptance_prices, acceptance_signatures, acceptance_terms, acceptances};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{ContractId, MilestoneId, TenantId};

/// The terms of a contract, if it has its own.
pub fn terms_of(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Option<TermsRow>> {
    let of = acceptance_terms::tenant_id.eq(tenant).and(acceptance_terms::contract_id.eq(contract));
    Ok(acceptance_terms::table.filter(of).first(db).optional()?)
}

/// The unit prices of a contract.
pub fn prices_of(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Vec<PriceRow>> {
    let of = acceptance_prices::tenant_id.eq(tenant).and(acceptance_prices::contract_id.eq(contract));
    Ok(acceptance_prices::table.filter(of).order(acceptance_prices::milestone_id).load(db)?)
}

/// The unit price of a milestone.
pub fn price_of(db: &mut Db, tenant: TenantId, milestone: MilestoneId) -> Result<Option<PriceRow>> {
    let of = acceptance_prices::tenant_id.eq(tenant).and(acceptance_prices::milestone_id.eq(milestone));
    Ok(acceptance_prices::table.filter(of).first(db).optional()?)
}

/// The signatures for one delivery, oldest first.
pub fn signatures(db: &mut Db, tenant: TenantId, milestone: MilestoneId, round: i64) -> Result<Vec<SignatureRow>> {
    let of = acceptance_signatures::tenant_id.eq(tenant).and(acceptance_signatures::milestone_id.eq(milestone));
    let oldest = (acceptance_signatures::created_at, acceptance_signatures::id);
    Ok(acceptance_signatures::table.filter(of.and(acceptance_signatures::round.eq(round))).order(oldest).load(db)?)
}

/// How a milestone was accepted.
pub fn find(db: &mut Db, tenant: TenantId, milestone: MilestoneId) -> Result<Option<AcceptanceRow>> {
    let of = acceptances::tenant_id.eq(tenant).and(acceptances::milestone_id.eq(milestone));
    Ok(acceptances::table.filter(of).first(db).optional()?)
}

/// Puts these terms in the place of the contract's former ones.
pub fn replace_terms(tx: &mut Tx<'_>, terms: &TermsRow, prices: &[PriceRow]) -> Result<()> {
    diesel::delete(acceptance_prices::table.filter(acceptance_prices::contract_id.eq(terms.contract_id))).execute(&mut **tx)?;
    diesel::delete(acceptance_terms::table.find(terms.contract_id)).execute(&mut **tx)?;
    diesel::insert_into(acceptance_terms::table).values(terms).execute(&mut **tx)?;
    for price in prices {
        diesel::insert_into(acceptance_prices::table).values(price).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn insert_signature(tx: &mut Tx<'_>, row: &SignatureRow) -> Result<()> {
    diesel::insert_into(acceptance_signatures::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert(tx: &mut Tx<'_>, row: &AcceptanceRow) -> Result<()> {
    diesel::insert_into(acceptances::table).values(row).execute(&mut **tx)?;
    Ok(())
}
