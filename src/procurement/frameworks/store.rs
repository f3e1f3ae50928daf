//! Framework, supplier and order rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{CallDesk, FrameworkRow, FrameworkState, FrameworkTenderRow, OrderRow, SupplierRow};
use crate::db::schema::{
    awards, framework_orders, framework_suppliers, framework_tenders, frameworks, lots, opened_bids, rankings, tenders,
};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{CatalogueItemId, FrameworkId, OrganisationId, TenantId, TenderId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::people::Authorized;
use crate::people::policy::Subject;
use crate::people::scope::Scope;
use crate::people::scope::seen;
use crate::procurement::awards::model::AwardState;
use crate::procurement::plans::policy::UnitDesk;
use crate::procurement::tenders::TenderState;

pub fn find(db: &mut Db, tenant: TenantId, id: FrameworkId) -> Result<Option<FrameworkRow>> {
    Ok(frameworks::table.filter(frameworks::tenant_id.eq(tenant).and(frameworks::id.eq(id))).first(db).optional()?)
}

pub fn suppliers_of(db: &mut Db, framework: FrameworkId) -> Result<Vec<SupplierRow>> {
    Ok(framework_suppliers::table
        .filter(framework_suppliers::framework_id.eq(framework))
        .order((framework_suppliers::unit_price_fen, framework_suppliers::organisation_id))
        .load(db)?)
}

/// The admitted supplier, if the framework admits it.
pub fn supplier_admitted(db: &mut Db, framework: FrameworkId, organisation: OrganisationId) -> Result<Option<SupplierRow>> {
    Ok(framework_suppliers::table.find((framework, organisation)).first(db).optional()?)
}

/// The framework under which a tender was drafted.
pub fn of_tender(db: &mut Db, tenant: TenantId, tender: TenderId) -> Result<Option<FrameworkRow>> {
    Ok(frameworks::table
        .inner_join(framework_tenders::table)
        .filter(frameworks::tenant_id.eq(tenant).and(framework_tenders::tender_id.eq(tender)))
        .select(frameworks::all_columns)
        .first(db)
        .optional()?)
}

/// What a list of frameworks asks for.
#[derive(Debug, Clone)]
pub struct ListFilter {
    /// Which drafts the reader sees.
    pub scope: Scope,
    /// Only this state.
    pub state: Option<FrameworkState>,
    /// Only this item.
    pub item: Option<CatalogueItemId>,
}

/// Newest first.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ListFilter,
    before: Option<(UtcInstant, FrameworkId)>,
    rows: i64,
) -> Result<Vec<FrameworkRow>> {
    let mut query = frameworks::table.filter(frameworks::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !filter.scope.whole {
        query = query.filter(frameworks::state.ne(FrameworkState::Drafted).or(seen!(filter.scope, frameworks, made: created_at)));
    }
    if let Some(state) = filter.state {
        query = query.filter(frameworks::state.eq(state));
    }
    if let Some(item) = filter.item {
        query = query.filter(frameworks::catalogue_item_id.eq(item));
    }
    if let Some((at, id)) = before {
        query = query.filter(frameworks::created_at.lt(at).or(frameworks::created_at.eq(at).and(frameworks::id.lt(id))));
    }
    Ok(query.order((frameworks::created_at.desc(), frameworks::id.desc())).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<UnitDesk>, row: &FrameworkRow, suppliers: &[SupplierRow]) -> Result<()> {
    diesel::insert_into(frameworks::table).values(row).execute(&mut **tx)?;
    for supplier in suppliers {
        diesel::insert_into(framework_suppliers::table).values(supplier).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn save(tx: &mut Tx<'_>, _granted: &Authorized<FrameworkRow>, row: &FrameworkRow) -> Result<()> {
    diesel::update(frameworks::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

pub fn link<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &FrameworkTenderRow) -> Result<()> {
    diesel::insert_into(framework_tenders::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_order(tx: &mut Tx<'_>, _granted: &Authorized<CallDesk>, row: &OrderRow) -> Result<()> {
    diesel::insert_into(framework_orders::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What a supplier was ordered for under a framework, without orders whose tender was cancelled.
pub fn ordered(db: &mut Db, framework: FrameworkId, organisation: OrganisationId) -> Result<Fen> {
    let amounts: Vec<Fen> = framework_orders::table
        .inner_join(tenders::table)
        .filter(framework_orders::framework_id.eq(framework).and(framework_orders::organisation_id.eq(organisation)))
        .filter(tenders::state.ne(TenderState::Cancelled))
        .select(framework_orders::amount_fen)
        .load(db)?;
    Fen::total(amounts)
}

/// The orders under a framework, newest first, at most `rows`.
pub fn orders_of(db: &mut Db, framework: FrameworkId, rows: i64) -> Result<Vec<OrderRow>> {
    Ok(framework_orders::table
        .filter(framework_orders::framework_id.eq(framework))
        .order((framework_orders::created_at.desc(), framework_orders::id.desc()))
        .limit(rows)
        .load(db)?)
}

/// The organisations that a concluded tender ranked or awarded: those that a framework may admit from it.
pub fn concluded_with(db: &mut Db, tenant: TenantId, tender: TenderId) -> Result<Vec<OrganisationId>> {
    let standing = [AwardState::Confirmed, AwardState::Contracting];
    let awarded: Vec<OrganisationId> = awards::table
        .filter(awards::tenant_id.eq(tenant).and(awards::tender_id.eq(tender)).and(awards::state.eq_any(standing)))
        .select(awards::organisation_id)
        .load(db)?;
    if awarded.is_empty() {
        return Ok(awarded);
    }
    let mut found: Vec<OrganisationId> = rankings::table
        .inner_join(lots::table)
        .inner_join(opened_bids::table.on(opened_bids::bid_id.eq(rankings::bid_id)))
        .filter(lots::tenant_id.eq(tenant).and(lots::tender_id.eq(tender)))
        .select(opened_bids::organisation_id)
        .load(db)?;
    found.extend(awarded);
    Ok(found)
}
