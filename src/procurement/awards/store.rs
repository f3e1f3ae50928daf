//! Award rows in the database.

use diesel::prelude::*;

use super::model::{AwardRow, AwardState};
use crate::db::schema::{awards, tenders};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{AwardId, LotId, TenantId};
use crate::people::{Authorized, Subject};
use crate::procurement::tenders::TenderState;

pub fn find(db: &mut Db, tenant: TenantId, id: AwardId) -> Result<Option<AwardRow>> {
    Ok(awards::table.filter(awards::tenant_id.eq(tenant).and(awards::id.eq(id))).first(db).optional()?)
}

/// The awards of a lot, oldest first; of those made at the same instant the one that stands comes last.
pub fn of_lot(db: &mut Db, lot: LotId) -> Result<Vec<AwardRow>> {
    let order = (awards::created_at, awards::ended_at.is_null(), awards::ended_at, awards::id);
    Ok(awards::table.filter(awards::lot_id.eq(lot)).order(order).load(db)?)
}

/// The award of a lot that stands.
pub fn living(db: &mut Db, lot: LotId) -> Result<Option<AwardRow>> {
    Ok(awards::table.filter(awards::lot_id.eq(lot).and(awards::state.eq_any(AwardState::LIVING))).first(db).optional()?)
}

pub fn insert<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &AwardRow) -> Result<()> {
    diesel::insert_into(awards::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as a service that holds the proof changed it.
pub fn save<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &AwardRow) -> Result<()> {
    diesel::update(awards::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// The states of the tenders that run this lot again.
pub fn successors(db: &mut Db, lot: LotId) -> Result<Vec<TenderState>> {
    Ok(tenders::table.filter(tenders::predecessor_lot_id.eq(lot)).select(tenders::state).load(db)?)
}
