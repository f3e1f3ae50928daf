//! Contract rows in the database. Every query is scoped by tenant; what changes a row is called by the service alone, which holds the proof.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{ContractFilter, ContractRow, ContractState};
use crate::db::schema::{awards, contracts, external_tenders, tenders};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AwardId, ContractId, RuleSetId, TenantId, TenderId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Scope;
use crate::people::scope::seen;

pub fn find(db: &mut Db, tenant: TenantId, id: ContractId) -> Result<Option<ContractRow>> {
    Ok(contracts::table.filter(contracts::tenant_id.eq(tenant).and(contracts::id.eq(id))).first(db).optional()?)
}

/// The contract that fulfils an award.
pub fn of_award(db: &mut Db, tenant: TenantId, award: AwardId) -> Result<Option<ContractRow>> {
    Ok(contracts::table.filter(contracts::tenant_id.eq(tenant).and(contracts::award_id.eq(award))).first(db).optional()?)
}

/// What the reader may see of the filter's rows after the cursor, newest first, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ContractFilter,
    scope: Scope,
    after: Option<(UtcInstant, Uuid)>,
    rows: i64,
) -> Result<Vec<ContractRow>> {
    let mut query = contracts::table.filter(contracts::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        let own = seen!(scope, contracts, made: created_at).or(contracts::organisation_id.eq(scope.organisation));
        // As `ContractRow::is_public`.
        let public = contracts::state
            .eq_any(ContractState::PUBLIC)
            .and(contracts::org_signed_at.is_not_null())
            .and(contracts::purchaser_signed_at.is_not_null());
        query = query.filter(public.or(own));
    }
    if let Some(state) = filter.state {
        query = query.filter(contracts::state.eq(state));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(contracts::unit_id.eq(unit));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(contracts::organisation_id.eq(organisation));
    }
    if let Some((at, id)) = after {
        let id = ContractId::new(id);
        query = query.filter(contracts::created_at.lt(at).or(contracts::created_at.eq(at).and(contracts::id.lt(id))));
    }
    Ok(query.order((contracts::created_at.desc(), contracts::id.desc())).limit(rows).load(db)?)
}

/// The rule set and the procedure that the award was made under; of an imported purchase the procedure that it was run by.
pub fn law_of(db: &mut Db, tenant: TenantId, award: AwardId) -> Result<(RuleSetId, String, Option<String>)> {
    let own = awards::tenant_id.eq(tenant).and(awards::id.eq(award));
    let tender: TenderId = awards::table.filter(own).select(awards::tender_id).first(db)?;
    let (rules, procedure) =
        tenders::table.find(tender).select((tenders::rule_set_id, tenders::procedure)).first::<(RuleSetId, String)>(db)?;
    let run_by = external_tenders::table
        .filter(external_tenders::tender_id.eq(tender))
        .select(external_tenders::procedure_used)
        .first::<String>(db)
        .optional()?;
    Ok((rules, procedure, run_by))
}

pub fn insert(tx: &mut Tx<'_>, row: &ContractRow) -> Result<()> {
    diesel::insert_into(contracts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ContractRow) -> Result<()> {
    diesel::update(contracts::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
