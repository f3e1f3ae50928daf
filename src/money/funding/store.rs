//! Funding lines in the database. Every query is scoped by tenant; what changes a row is called by the service alone, on behalf of a use case
//! that holds the proof.

use diesel::prelude::*;

use super::model::LineRow;
use crate::db::schema::{funding_lines, funds, payments};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{AnyId, FundId, FundingLineId, HoldId, TenantId, UnitId};
use crate::money::funds::FundRow;
use crate::money::ledger::Cause;

/// Kind of a payment before acceptance, in the words of the storey above.
const ADVANCE: &str = "advance";
/// States in which the bank is told of an advance or will be, in the words of the storey above.
const PROMISED: [&str; 2] = ["approved", "instructed"];

/// Whether an advance of the owner, a contract, has its legs and neither a receipt nor come back.
pub fn advance_under_way(db: &mut Db, tenant: TenantId, owner: AnyId) -> Result<bool> {
    let of = payments::tenant_id.eq(tenant).and(payments::contract_id.eq(owner));
    let promised = payments::kind.eq(ADVANCE).and(payments::state.eq_any(PROMISED));
    Ok(payments::table.filter(of).filter(promised).count().get_result::<i64>(db)? > 0)
}

/// The lines of an owner in their order.
pub fn of_owner(db: &mut Db, tenant: TenantId, cause: Cause<'_>) -> Result<Vec<LineRow>> {
    Ok(funding_lines::table
        .filter(funding_lines::owner_id.eq(cause.id).and(funding_lines::owner_kind.eq(cause.kind)))
        .filter(funding_lines::tenant_id.eq(tenant))
        .order((funding_lines::position, funding_lines::id))
        .load(db)?)
}

/// A line of the tenant.
pub fn find(db: &mut Db, tenant: TenantId, id: FundingLineId) -> Result<Option<LineRow>> {
    Ok(funding_lines::table.filter(funding_lines::tenant_id.eq(tenant).and(funding_lines::id.eq(id))).first(db).optional()?)
}

/// The line that keeps this hold.
pub fn of_hold(db: &mut Db, tenant: TenantId, hold: HoldId) -> Result<Option<LineRow>> {
    let one = funding_lines::tenant_id.eq(tenant).and(funding_lines::hold_id.eq(Some(hold)));
    Ok(funding_lines::table.filter(one).order(funding_lines::created_at.desc()).first(db).optional()?)
}

/// Those of the named funds that the unit has.
pub fn funds_of(db: &mut Db, tenant: TenantId, unit: UnitId, ids: &[FundId]) -> Result<Vec<FundRow>> {
    let own = funds::tenant_id.eq(tenant).and(funds::unit_id.eq(unit));
    Ok(funds::table.filter(own).filter(funds::id.eq_any(ids)).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, row: &LineRow) -> Result<()> {
    diesel::insert_into(funding_lines::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &LineRow) -> Result<()> {
    diesel::update(funding_lines::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Takes away a line that was only planned.
pub fn remove(tx: &mut Tx<'_>, row: &LineRow) -> Result<()> {
    diesel::delete(funding_lines::table.find(row.id)).execute(&mut **tx)?;
    Ok(())
}
