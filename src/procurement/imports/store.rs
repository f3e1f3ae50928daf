//! Rows of imported purchases in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{ExternalRow, ExternalState, WinnerRow};
use crate::db::schema::{external_lots, external_tenders};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{ExternalTenderId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;
use crate::people::scope::Scope;
use crate::people::scope::seen;
use crate::procurement::plans::policy::UnitDesk;

pub fn find(db: &mut Db, tenant: TenantId, id: ExternalTenderId) -> Result<Option<ExternalRow>> {
    Ok(external_tenders::table.filter(external_tenders::tenant_id.eq(tenant).and(external_tenders::id.eq(id))).first(db).optional()?)
}

pub fn by_notice(db: &mut Db, tenant: TenantId, number: &str) -> Result<Option<ExternalRow>> {
    let own = external_tenders::tenant_id.eq(tenant).and(external_tenders::notice_number.eq(number));
    Ok(external_tenders::table.filter(own).first(db).optional()?)
}

pub fn winners_of(db: &mut Db, id: ExternalTenderId) -> Result<Vec<WinnerRow>> {
    Ok(external_lots::table.filter(external_lots::external_tender_id.eq(id)).order(external_lots::lot_id).load(db)?)
}

/// What a list of imports asks for.
#[derive(Debug, Clone)]
pub struct ListFilter {
    /// Which of those that are not approved the reader sees.
    pub scope: Scope,
    /// Only this state.
    pub state: Option<ExternalState>,
    /// Only this unit.
    pub unit: Option<UnitId>,
}

/// Newest first.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ListFilter,
    before: Option<(UtcInstant, ExternalTenderId)>,
    rows: i64,
) -> Result<Vec<ExternalRow>> {
    let mut query = external_tenders::table.filter(external_tenders::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !filter.scope.whole {
        query =
            query.filter(external_tenders::state.eq(ExternalState::Approved).or(seen!(filter.scope, external_tenders, made: created_at)));
    }
    if let Some(state) = filter.state {
        query = query.filter(external_tenders::state.eq(state));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(external_tenders::unit_id.eq(unit));
    }
    if let Some((at, id)) = before {
        query = query.filter(external_tenders::created_at.lt(at).or(external_tenders::created_at.eq(at).and(external_tenders::id.lt(id))));
    }
    Ok(query.order((external_tenders::created_at.desc(), external_tenders::id.desc())).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<UnitDesk>, row: &ExternalRow, winners: &[WinnerRow]) -> Result<()> {
    diesel::insert_into(external_tenders::table).values(row).execute(&mut **tx)?;
    for winner in winners {
        diesel::insert_into(external_lots::table).values(winner).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn save(tx: &mut Tx<'_>, _granted: &Authorized<ExternalRow>, row: &ExternalRow) -> Result<()> {
    diesel::update(external_tenders::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
