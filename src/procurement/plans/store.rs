//! Plan rows in the database. Every query is scoped by tenant.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{BudgetRow, PlanFile, PlanRow, PlanState, PlanTenderRow};
use super::policy::UnitDesk;
use crate::db::schema::{catalogue_items, external_tenders, funding_lines, lots, plan_budgets, plan_tenders, plans, tenders};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AnyId, PlanId, TenantId, TenderId, UnitId};
use crate::kernel::{CatalogueCode, Fen, Result, UtcInstant};
use crate::law::Procedure;
use crate::people::Authorized;
use crate::people::policy::Subject;
use crate::people::scope::Scope;
use crate::people::scope::seen;

/// States of a lot that ended without an award, in the words of the slice above: their ceilings bind nothing.
pub(super) const FAILED_LOTS: [&str; 2] = ["failed", "failed_unopened"];
/// State of a tender that ended before its publication or for a grave cause after it.
pub(super) const CANCELLED: &str = "cancelled";
/// Kind of a lot as the owner of funding, in the words of the slice above.
const LOT: &str = "lot";

pub fn find(db: &mut Db, tenant: TenantId, id: PlanId) -> Result<Option<PlanRow>> {
    Ok(plans::table.filter(plans::tenant_id.eq(tenant).and(plans::id.eq(id))).first(db).optional()?)
}

pub fn budgets_of(db: &mut Db, plan: PlanId) -> Result<Vec<BudgetRow>> {
    Ok(plan_budgets::table.filter(plan_budgets::plan_id.eq(plan)).order(plan_budgets::position).load(db)?)
}

/// The budgets of some plans in one query.
pub fn files(db: &mut Db, rows: Vec<PlanRow>) -> Result<Vec<PlanFile>> {
    let ids: Vec<PlanId> = rows.iter().map(|row| row.id).collect();
    let all: Vec<BudgetRow> =
        plan_budgets::table.filter(plan_budgets::plan_id.eq_any(ids)).order((plan_budgets::plan_id, plan_budgets::position)).load(db)?;
    Ok(rows
        .into_iter()
        .map(|plan| {
            let budgets = all.iter().filter(|line| line.plan_id == plan.id).cloned().collect();
            PlanFile { plan, budgets }
        })
        .collect())
}

/// What a list of plans asks for.
#[derive(Debug, Clone)]
pub struct ListFilter {
    /// Which of those that are not public the reader sees.
    pub scope: Scope,
    /// Only this state.
    pub state: Option<PlanState>,
    /// Only this unit.
    pub unit: Option<UnitId>,
    /// Only this budget year.
    pub year: Option<i32>,
}

/// Newest first.
pub fn list(db: &mut Db, tenant: TenantId, filter: &ListFilter, before: Option<(UtcInstant, PlanId)>, rows: i64) -> Result<Vec<PlanRow>> {
    let mut query = plans::table.filter(plans::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !filter.scope.whole {
        query = query.filter(plans::published_at.is_not_null().or(seen!(filter.scope, plans, year: year)));
    }
    if let Some(state) = filter.state {
        query = query.filter(plans::state.eq(state));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(plans::unit_id.eq(unit));
    }
    if let Some(year) = filter.year {
        query = query.filter(plans::year.eq(year));
    }
    if let Some((at, id)) = before {
        query = query.filter(plans::created_at.lt(at).or(plans::created_at.eq(at).and(plans::id.lt(id))));
    }
    Ok(query.order((plans::created_at.desc(), plans::id.desc())).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<UnitDesk>, file: &PlanFile) -> Result<()> {
    diesel::insert_into(plans::table).values(&file.plan).execute(&mut **tx)?;
    insert_budgets(tx, &file.budgets)
}

fn insert_budgets(tx: &mut Tx<'_>, budgets: &[BudgetRow]) -> Result<()> {
    for line in budgets {
        diesel::insert_into(plan_budgets::table).values(line).execute(&mut **tx)?;
    }
    Ok(())
}

/// Keeps a moved plan; the authorised subject is the plan or something that it is part of.
pub fn save<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &PlanRow) -> Result<()> {
    diesel::update(plans::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

/// Puts the budget lines in place of those before.
pub fn replace_budgets(tx: &mut Tx<'_>, granted: &Authorized<PlanRow>, budgets: &[BudgetRow]) -> Result<()> {
    diesel::delete(plan_budgets::table.filter(plan_budgets::plan_id.eq(granted.subject().id))).execute(&mut **tx)?;
    insert_budgets(tx, budgets)
}

pub fn link<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &PlanTenderRow) -> Result<()> {
    diesel::insert_into(plan_tenders::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The plan that a tender came out of.
pub fn plan_of(db: &mut Db, tenant: TenantId, tender: TenderId) -> Result<Option<PlanRow>> {
    Ok(plans::table
        .inner_join(plan_tenders::table)
        .filter(plans::tenant_id.eq(tenant).and(plan_tenders::tender_id.eq(tender)))
        .select(plans::all_columns)
        .first(db)
        .optional()?)
}

/// A tender of a plan, as far as a plan must know of it.
#[derive(Debug, Clone, Queryable)]
pub struct PlannedTender {
    /// Tender.
    pub id: TenderId,
    /// Its state, in its own words.
    pub state: String,
    /// When it became public.
    pub published_at: Option<UtcInstant>,
}

/// The tenders of a plan, oldest first.
pub fn tenders_of(db: &mut Db, plan: PlanId) -> Result<Vec<PlannedTender>> {
    Ok(tenders::table
        .inner_join(plan_tenders::table)
        .filter(plan_tenders::plan_id.eq(plan))
        .order((tenders::created_at, tenders::id))
        .select((tenders::id, tenders::state, tenders::published_at))
        .load(db)?)
}

/// Sum of the ceilings of the plan's tenders, without those that were cancelled and lots that failed.
pub fn tendered(db: &mut Db, plan: PlanId) -> Result<Fen> {
    let ceilings: Vec<Fen> = lots::table
        .inner_join(tenders::table.inner_join(plan_tenders::table))
        .filter(plan_tenders::plan_id.eq(plan).and(tenders::state.ne(CANCELLED)).and(lots::state.ne_all(FAILED_LOTS)))
        .select(lots::ceiling_fen)
        .load(db)?;
    Fen::total(ceilings)
}

/// Most tenders or plans of one unit and year that are counted; far above what a unit buys.
const COUNTED_MAX: i64 = 10_000;

/// What is counted: a unit's year, or one item of it by its code, which stays the same from edition to edition.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// Tenant.
    pub tenant: TenantId,
    /// The purchaser.
    pub unit: UnitId,
    /// Budget year.
    pub year: i32,
    /// Only this item.
    pub item: Option<&'a CatalogueCode>,
}

/// A tender or plan as it is counted.
#[derive(Debug, Clone, Queryable)]
pub struct CountedRow {
    /// Its id.
    pub id: AnyId,
    /// Its procedure.
    pub procedure: Procedure,
    /// Code of the item.
    pub code: CatalogueCode,
    /// Name of the item.
    pub name_zh: String,
    /// When it became public.
    pub published_at: Option<UtcInstant>,
}

/// The tenders of a unit whose money begins in the year, without cancelled ones. One over several years counts whole in its first.
pub fn counted_tenders(db: &mut Db, what: &Counted<'_>) -> Result<Vec<CountedRow>> {
    let years: Vec<(TenderId, i32)> = funding_lines::table
        .inner_join(lots::table.on(lots::id.eq(funding_lines::owner_id)))
        .inner_join(tenders::table.on(tenders::id.eq(lots::tender_id)))
        .filter(tenders::tenant_id.eq(what.tenant).and(tenders::unit_id.eq(what.unit)))
        .filter(funding_lines::tenant_id.eq(what.tenant).and(funding_lines::owner_kind.eq(LOT)))
        .filter(funding_lines::year.le(what.year).and(tenders::state.ne(CANCELLED)))
        .select((tenders::id, funding_lines::year))
        .distinct()
        .order((funding_lines::year.desc(), tenders::id))
        .limit(COUNTED_MAX)
        .load(db)?;
    let first_years: BTreeMap<TenderId, i32> = years.into_iter().collect();
    let begun: Vec<TenderId> = first_years.into_iter().filter(|(_, year)| *year == what.year).map(|(id, _)| id).collect();
    let mut query = tenders::table
        .inner_join(catalogue_items::table)
        .filter(tenders::tenant_id.eq(what.tenant).and(tenders::id.eq_any(begun)))
        .select((tenders::id, tenders::procedure, catalogue_items::code, catalogue_items::name_zh, tenders::published_at))
        .into_boxed::<Backend>();
    if let Some(code) = what.item {
        query = query.filter(catalogue_items::code.eq(code));
    }
    Ok(query.order(tenders::id).limit(COUNTED_MAX).load(db)?)
}

/// The budget year in which a tender's money begins.
pub fn year_of(db: &mut Db, tenant: TenantId, tender: TenderId) -> Result<Option<i32>> {
    Ok(funding_lines::table
        .inner_join(lots::table.on(lots::id.eq(funding_lines::owner_id)))
        .filter(lots::tender_id.eq(tender).and(funding_lines::owner_kind.eq(LOT)).and(funding_lines::tenant_id.eq(tenant)))
        .order(funding_lines::year)
        .select(funding_lines::year)
        .first(db)
        .optional()?)
}

/// The procedures by which imported tenders were run.
pub fn procedures_used(db: &mut Db, tenders: &[AnyId]) -> Result<Vec<(AnyId, Procedure)>> {
    Ok(external_tenders::table
        .filter(external_tenders::tender_id.eq_any(tenders.to_vec()))
        .select((external_tenders::tender_id, external_tenders::procedure_used))
        .load(db)?)
}

/// The ceilings of the tenders' lots, without failed ones.
pub fn ceilings_of(db: &mut Db, tenders: &[AnyId]) -> Result<Vec<(AnyId, Fen)>> {
    Ok(lots::table
        .filter(lots::tender_id.eq_any(tenders.to_vec()).and(lots::state.ne_all(FAILED_LOTS)))
        .select((lots::tender_id, lots::ceiling_fen))
        .load(db)?)
}

/// The plans of a unit and year that stand and of which nothing is tendered yet.
pub fn counted_plans(db: &mut Db, what: &Counted<'_>) -> Result<Vec<CountedRow>> {
    let standing = [PlanState::Submitted, PlanState::Approved, PlanState::Published];
    let mut query = plans::table
        .inner_join(catalogue_items::table)
        .filter(plans::tenant_id.eq(what.tenant).and(plans::unit_id.eq(what.unit)))
        .filter(plans::year.eq(what.year).and(plans::state.eq_any(standing)))
        .select((plans::id, plans::procedure, catalogue_items::code, catalogue_items::name_zh, plans::published_at))
        .into_boxed::<Backend>();
    if let Some(code) = what.item {
        query = query.filter(catalogue_items::code.eq(code));
    }
    Ok(query.order(plans::id).limit(COUNTED_MAX).load(db)?)
}

/// The budget lines of some plans.
pub fn amounts_of(db: &mut Db, plans: &[AnyId]) -> Result<Vec<(AnyId, Fen)>> {
    Ok(plan_budgets::table
        .filter(plan_budgets::plan_id.eq_any(plans.to_vec()))
        .select((plan_budgets::plan_id, plan_budgets::amount_fen))
        .load(db)?)
}
