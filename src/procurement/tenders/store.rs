//! Tender, lot and criterion rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{CriterionRow, LotFile, LotRow, LotState, TenderFile, TenderRow, TenderState};
use crate::db::schema::{criteria, lots, tenders};
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{LotId, TenantId, TenderId, UnitId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::people::policy::Subject;
use crate::people::scope::seen;
use crate::people::{Authorized, Scope};

pub fn find(db: &mut Db, tenant: TenantId, id: TenderId) -> Result<Option<TenderRow>> {
    Ok(tenders::table.filter(tenders::tenant_id.eq(tenant).and(tenders::id.eq(id))).first(db).optional()?)
}

pub fn find_lot(db: &mut Db, tenant: TenantId, id: LotId) -> Result<Option<LotFile>> {
    let found: Option<(LotRow, TenderRow)> = lots::table
        .inner_join(tenders::table)
        .filter(lots::tenant_id.eq(tenant).and(lots::id.eq(id)))
        .select((lots::all_columns, tenders::all_columns))
        .first(db)
        .optional()?;
    Ok(found.map(|(lot, tender)| LotFile { lot, tender }))
}

pub fn lots_of(db: &mut Db, tender: TenderId) -> Result<Vec<LotRow>> {
    Ok(lots::table.filter(lots::tender_id.eq(tender)).order(lots::number).load(db)?)
}

pub fn criteria_of(db: &mut Db, lot: LotId) -> Result<Vec<CriterionRow>> {
    Ok(criteria::table.filter(criteria::lot_id.eq(lot)).order(criteria::position).load(db)?)
}

/// The files of some tenders in two queries.
pub fn files(db: &mut Db, rows: Vec<TenderRow>) -> Result<Vec<TenderFile>> {
    let ids: Vec<TenderId> = rows.iter().map(|row| row.id).collect();
    let all_lots: Vec<LotRow> = lots::table.filter(lots::tender_id.eq_any(ids)).order(lots::number).load(db)?;
    let lot_ids: Vec<LotId> = all_lots.iter().map(|lot| lot.id).collect();
    let all_criteria: Vec<CriterionRow> =
        criteria::table.filter(criteria::lot_id.eq_any(lot_ids)).order((criteria::lot_id, criteria::position)).load(db)?;
    Ok(rows
        .into_iter()
        .map(|tender| {
            let lots: Vec<LotRow> = all_lots.iter().filter(|lot| lot.tender_id == tender.id).cloned().collect();
            let criteria = all_criteria.iter().filter(|c| lots.iter().any(|lot| lot.id == c.lot_id)).cloned().collect();
            TenderFile { tender, lots, criteria }
        })
        .collect())
}

/// What a list shows: published tenders, and what the reader sees of those that are not.
pub struct ListFilter {
    /// What the reader sees.
    pub scope: Scope,
    /// Only this state.
    pub state: Option<TenderState>,
    /// Only this unit.
    pub unit: Option<UnitId>,
}

/// Newest first.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ListFilter,
    before: Option<(UtcInstant, TenderId)>,
    rows: i64,
) -> Result<Vec<TenderRow>> {
    let mut query = tenders::table.filter(tenders::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !filter.scope.whole {
        query = query.filter(tenders::published_at.is_not_null().or(seen!(filter.scope, tenders, made: created_at)));
    }
    if let Some(state) = filter.state {
        query = query.filter(tenders::state.eq(state));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(tenders::unit_id.eq(unit));
    }
    if let Some((at, id)) = before {
        query = query.filter(tenders::created_at.lt(at).or(tenders::created_at.eq(at).and(tenders::id.lt(id))));
    }
    Ok(query.order((tenders::created_at.desc(), tenders::id.desc())).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, file: &TenderFile) -> Result<()> {
    diesel::insert_into(tenders::table).values(&file.tender).execute(&mut **tx)?;
    for lot in &file.lots {
        diesel::insert_into(lots::table).values(lot).execute(&mut **tx)?;
    }
    for criterion in &file.criteria {
        diesel::insert_into(criteria::table).values(criterion).execute(&mut **tx)?;
    }
    Ok(())
}

/// Stores the row as a service that holds the proof changed it.
pub fn save(tx: &mut Tx<'_>, _granted: &Authorized<TenderRow>, row: &TenderRow) -> Result<()> {
    diesel::update(tenders::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Writes the lots of a rewritten draft over those before: the same numbers keep their ids, further ones are added.
pub fn rewrite_lots(tx: &mut Tx<'_>, _granted: &Authorized<TenderRow>, file: &TenderFile, known: usize) -> Result<()> {
    for (place, lot) in file.lots.iter().enumerate() {
        if place < known {
            diesel::update(lots::table.find(lot.id))
                .set((lots::title.eq(&lot.title), lots::ceiling_fen.eq(lot.ceiling_fen), lots::version.eq(lot.version)))
                .execute(&mut **tx)?;
        } else {
            diesel::insert_into(lots::table).values(lot).execute(&mut **tx)?;
        }
        diesel::delete(criteria::table.filter(criteria::lot_id.eq(lot.id))).execute(&mut **tx)?;
    }
    for criterion in &file.criteria {
        diesel::insert_into(criteria::table).values(criterion).execute(&mut **tx)?;
    }
    Ok(())
}

/// Notes the opening.
pub fn mark_opened(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<TenderRow> {
    let now = tx.now();
    Ok(diesel::update(tenders::table.find(granted.subject().id))
        .set((tenders::opened_at.eq(Some(now)), tenders::version.eq(one_more(tenders::version))))
        .returning(tenders::all_columns)
        .get_result(&mut **tx)?)
}

/// Moves a lot to a state; the authorised subject is the lot or something that it is part of.
pub fn set_lot_state<T: Subject>(
    tx: &mut Tx<'_>,
    _granted: &Authorized<T>,
    lot: LotId,
    state: LotState,
    because: Option<&str>,
) -> Result<LotRow> {
    Ok(diesel::update(lots::table.find(lot))
        .set((lots::state.eq(state), lots::failed_because.eq(because), lots::version.eq(one_more(lots::version))))
        .returning(lots::all_columns)
        .get_result(&mut **tx)?)
}

/// Gives a lot another ceiling.
pub fn set_ceiling<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, lot: LotId, ceiling: Fen) -> Result<LotRow> {
    Ok(diesel::update(lots::table.find(lot))
        .set((lots::ceiling_fen.eq(ceiling), lots::version.eq(one_more(lots::version))))
        .returning(lots::all_columns)
        .get_result(&mut **tx)?)
}
