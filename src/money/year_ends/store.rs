//! Year-end rows in the database. Every query is scoped by tenant; the service, which holds the proof, alone calls what changes rows.

use diesel::prelude::*;

use super::model::{Item, ItemKind, YearEndRow, YearEndState};
use crate::db::schema::{funds, units, year_end_items, year_ends};
use crate::db::{Db, Tx};
use crate::kernel::id::{FundId, HoldId, TenantId, UnitId, YearEndId};
use crate::kernel::{Fen, Result};
use crate::money::funds::FundRow;

pub fn find(db: &mut Db, tenant: TenantId, id: YearEndId) -> Result<Option<YearEndRow>> {
    Ok(year_ends::table.filter(year_ends::tenant_id.eq(tenant).and(year_ends::id.eq(id))).first(db).optional()?)
}

/// Whether the unit has a run of this year that is posted and neither confirmed nor reversed.
pub fn is_open(db: &mut Db, tenant: TenantId, unit: UnitId, year: i32) -> Result<bool> {
    let found: i64 = year_ends::table
        .filter(year_ends::tenant_id.eq(tenant).and(year_ends::unit_id.eq(unit)).and(year_ends::year.eq(year)))
        .filter(year_ends::state.eq(YearEndState::Executed))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// The unit, when the tenant has it.
pub fn unit(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<Option<UnitId>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).select(units::id).first(db).optional()?)
}

/// The unit's funds of a year in the order they were made, at most `rows`.
pub fn funds_of(db: &mut Db, tenant: TenantId, unit: UnitId, year: i32, rows: i64) -> Result<Vec<FundRow>> {
    Ok(funds::table
        .filter(funds::tenant_id.eq(tenant).and(funds::unit_id.eq(unit)).and(funds::year.eq(year)))
        .order((funds::created_at, funds::id))
        .limit(rows)
        .load(db)?)
}

type StoredItem = (ItemKind, FundId, Option<HoldId>, Option<FundId>, Fen, Option<HoldId>);

/// The items of a run in their order.
pub fn items(db: &mut Db, run: YearEndId) -> Result<Vec<Item>> {
    let rows: Vec<StoredItem> = year_end_items::table
        .filter(year_end_items::year_end_id.eq(run))
        .order(year_end_items::position)
        .select((
            year_end_items::kind,
            year_end_items::fund_id,
            year_end_items::hold_id,
            year_end_items::to_fund_id,
            year_end_items::amount_fen,
            year_end_items::new_hold_id,
        ))
        .load(db)?;
    let read = |(kind, fund, hold, to_fund, amount, new_hold)| Item { kind, fund, hold, to_fund, amount, new_hold };
    Ok(rows.into_iter().map(read).collect())
}

pub fn insert(tx: &mut Tx<'_>, row: &YearEndRow) -> Result<()> {
    diesel::insert_into(year_ends::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save(tx: &mut Tx<'_>, row: &YearEndRow) -> Result<()> {
    diesel::update(year_ends::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Puts these items in place of the run's.
pub fn replace_items(tx: &mut Tx<'_>, run: YearEndId, items: &[Item]) -> Result<()> {
    diesel::delete(year_end_items::table.filter(year_end_items::year_end_id.eq(run))).execute(&mut **tx)?;
    for (position, item) in (1_i32..).zip(items) {
        diesel::insert_into(year_end_items::table)
            .values((
                (year_end_items::year_end_id.eq(run), year_end_items::position.eq(position), year_end_items::kind.eq(item.kind)),
                (year_end_items::fund_id.eq(item.fund), year_end_items::hold_id.eq(item.hold), year_end_items::to_fund_id.eq(item.to_fund)),
                (year_end_items::amount_fen.eq(item.amount), year_end_items::new_hold_id.eq(item.new_hold)),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}
