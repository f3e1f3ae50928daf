//! Draw rows in the database.

use diesel::prelude::*;

use super::model::{ContributionRow, DrawRow, Hindrance, Outcome, PoolRow, Purpose};
use crate::db::schema::{draw_contributions, draw_pool, draws};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{AnyId, DrawId, LotId, TenantId, UnitId};
use crate::people::Authorized;
use crate::people::policy::Subject;

pub fn find(db: &mut Db, tenant: TenantId, id: DrawId) -> Result<Option<DrawRow>> {
    Ok(draws::table.filter(draws::tenant_id.eq(tenant).and(draws::id.eq(id))).first(db).optional()?)
}

/// The draws of a lot in the order in which they were opened.
pub fn of_lot(db: &mut Db, lot: LotId) -> Result<Vec<DrawRow>> {
    Ok(draws::table.filter(draws::lot_id.eq(lot)).order((draws::opened_at, draws::id)).load(db)?)
}

/// The draws of a lot for the same thing.
pub fn alike(db: &mut Db, lot: LotId, purpose: Purpose, place: Option<i32>) -> Result<Vec<DrawRow>> {
    let mut found = of_lot(db, lot)?;
    found.retain(|row| row.purpose == purpose && row.place == place);
    Ok(found)
}

pub fn insert<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &DrawRow) -> Result<()> {
    diesel::insert_into(draws::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &DrawRow) -> Result<()> {
    diesel::update(draws::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Contributions in the order of the seed; before the freeze in that of the commitments.
pub fn contributions(db: &mut Db, draw: DrawId) -> Result<Vec<ContributionRow>> {
    Ok(draw_contributions::table.filter(draw_contributions::draw_id.eq(draw)).order(draw_contributions::position).load(db)?)
}

pub fn insert_contribution<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ContributionRow) -> Result<()> {
    diesel::insert_into(draw_contributions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save_contribution<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ContributionRow) -> Result<()> {
    let key: (DrawId, UnitId) = (row.draw_id, row.unit_id);
    diesel::update(draw_contributions::table.find(key)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// The frozen pool by place.
pub fn pool(db: &mut Db, draw: DrawId) -> Result<Vec<PoolRow>> {
    Ok(draw_pool::table.filter(draw_pool::draw_id.eq(draw)).order(draw_pool::position).load(db)?)
}

pub fn insert_member<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &PoolRow) -> Result<()> {
    diesel::insert_into(draw_pool::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn set_turn<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, draw: DrawId, position: i32, turn: i32) -> Result<()> {
    diesel::update(draw_pool::table.find((draw, position))).set(draw_pool::turn.eq(Some(turn))).execute(&mut **tx)?;
    Ok(())
}

/// What came of a member's turn, and why, when it was passed over.
pub fn set_outcome<T: Subject>(
    tx: &mut Tx<'_>,
    _granted: &Authorized<T>,
    draw: DrawId,
    member: AnyId,
    (outcome, because): (Outcome, Option<Hindrance>),
) -> Result<()> {
    diesel::update(draw_pool::table.filter(draw_pool::draw_id.eq(draw).and(draw_pool::member_id.eq(member))))
        .set((draw_pool::outcome.eq(Some(outcome)), draw_pool::passed_because.eq(because)))
        .execute(&mut **tx)?;
    Ok(())
}
