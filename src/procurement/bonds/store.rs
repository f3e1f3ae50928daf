//! Bond rows and entries in the database. Every query is scoped by tenant.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::LeftJoinQuerySource;
use diesel::prelude::*;

use super::model::{BondFile, BondKind, BondRow, BondState, EntryRow};
use crate::db::schema::{bond_entries, bonds, tenders};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{BondId, ContractId, LotId, OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::scope::Scope;
use crate::people::scope::seen;

type Found = (BondRow, Option<Option<UtcInstant>>);

fn file((bond, opened_at): Found) -> BondFile {
    let opened = bond.kind == BondKind::Performance || opened_at.flatten().is_some();
    BondFile { bond, opened }
}

pub fn find(db: &mut Db, tenant: TenantId, id: BondId) -> Result<Option<BondFile>> {
    let found: Option<Found> = bonds::table
        .left_join(tenders::table)
        .filter(bonds::tenant_id.eq(tenant).and(bonds::id.eq(id)))
        .select((bonds::all_columns, tenders::opened_at.nullable().assume_not_null().nullable()))
        .first::<(BondRow, Option<UtcInstant>)>(db)
        .optional()?
        .map(|(bond, at)| (bond, Some(at)));
    Ok(found.map(file))
}

/// Whose bonds a list shows.
pub struct ListFilter {
    /// What the reader sees at any time.
    pub always: Scope,
    /// What it sees once the bids are opened.
    pub opened: Scope,
    /// Only of this lot.
    pub lot: Option<LotId>,
    /// Only held ones that should have gone back before this day.
    pub overdue_on: Option<NaiveDate>,
}

/// Newest first.
pub fn list(db: &mut Db, tenant: TenantId, filter: &ListFilter, before: Option<(UtcInstant, BondId)>, rows: i64) -> Result<Vec<BondRow>> {
    let open = tenders::opened_at.is_not_null().or(bonds::kind.eq(BondKind::Performance));
    let (always, opened) = (filter.always.clone(), filter.opened.clone());
    let mut query =
        bonds::table.left_join(tenders::table).filter(bonds::tenant_id.eq(tenant)).select(bonds::all_columns).into_boxed::<Backend>();
    if !always.whole {
        let mine = bonds::unit_id.eq_any(always.units.clone()).or(bonds::organisation_id.eq(always.organisation));
        query = match opened.whole {
            true => query.filter(mine.or(open)),
            false => {
                query.filter(mine.or(seen!(opened, bonds, made: lodged_at, LeftJoinQuerySource<bonds::table, tenders::table>).and(open)))
            }
        };
    }
    if let Some(lot) = filter.lot {
        query = query.filter(bonds::lot_id.eq(Some(lot)));
    }
    if let Some(day) = filter.overdue_on {
        query = query.filter(bonds::state.eq(BondState::Held).and(bonds::return_due_on.lt(Some(day))));
    }
    if let Some((at, id)) = before {
        query = query.filter(bonds::lodged_at.lt(at).or(bonds::lodged_at.eq(at).and(bonds::id.lt(id))));
    }
    Ok(query.order((bonds::lodged_at.desc(), bonds::id.desc())).limit(rows).load(db)?)
}

/// Bonds of a lot or contract by an organisation that were not refused.
pub fn standing(db: &mut Db, lot: Option<LotId>, contract: Option<ContractId>, organisation: OrganisationId) -> Result<Vec<BondRow>> {
    let mut query =
        bonds::table.filter(bonds::organisation_id.eq(organisation).and(bonds::state.ne(BondState::Refused))).into_boxed::<Backend>();
    query = match (lot, contract) {
        (_, Some(contract)) => query.filter(bonds::contract_id.eq(Some(contract))),
        (lot, None) => query.filter(bonds::lot_id.eq(lot).and(bonds::kind.eq(BondKind::Bid))),
    };
    Ok(query.order(bonds::lodged_at).load(db)?)
}

/// The bid bonds that finance holds for a lot.
pub fn held_of_lot(db: &mut Db, lot: LotId) -> Result<Vec<BondRow>> {
    let rows = bonds::table.filter(bonds::lot_id.eq(Some(lot)).and(bonds::kind.eq(BondKind::Bid)).and(bonds::state.eq(BondState::Held)));
    Ok(rows.order((bonds::lodged_at, bonds::id)).load(db)?)
}

pub fn entries(db: &mut Db, bond: BondId) -> Result<Vec<EntryRow>> {
    Ok(bond_entries::table.filter(bond_entries::bond_id.eq(bond)).order(bond_entries::position).load(db)?)
}

/// The entries of these bonds, each book by its positions; a bond without entries is left out.
pub fn entries_of(db: &mut Db, ids: &[BondId]) -> Result<BTreeMap<BondId, Vec<EntryRow>>> {
    let rows: Vec<EntryRow> =
        bond_entries::table.filter(bond_entries::bond_id.eq_any(ids)).order((bond_entries::bond_id, bond_entries::position)).load(db)?;
    let mut books: BTreeMap<BondId, Vec<EntryRow>> = BTreeMap::new();
    for row in rows {
        books.entry(row.bond_id).or_default().push(row);
    }
    Ok(books)
}

/// The caller holds the proof of the step.
pub fn insert(tx: &mut Tx<'_>, row: &BondRow) -> Result<()> {
    diesel::insert_into(bonds::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The caller holds the proof of the step.
pub fn save(tx: &mut Tx<'_>, row: &BondRow) -> Result<()> {
    diesel::update(bonds::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// The caller holds the proof of the step.
pub fn insert_entry(tx: &mut Tx<'_>, row: &EntryRow) -> Result<()> {
    diesel::insert_into(bond_entries::table).values(row).execute(&mut **tx)?;
    Ok(())
}
