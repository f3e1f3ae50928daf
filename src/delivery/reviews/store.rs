//! Reviews in the database, and the figures of an organisation's record. Every query is scoped by tenant; what writes is called by the service alone, which
//! holds the proof.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::{Record, ReviewRow};
use crate::db::schema::{contracts, milestones, performance_reviews};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{ContractState, MilestoneState};
use crate::kernel::id::{ContractId, OrganisationId, PerformanceReviewId, TenantId};
use crate::kernel::time::UtcInstant;
use crate::kernel::{Fen, Result};

pub fn find(db: &mut Db, tenant: TenantId, id: PerformanceReviewId) -> Result<Option<ReviewRow>> {
    let one = performance_reviews::tenant_id.eq(tenant).and(performance_reviews::id.eq(id));
    Ok(performance_reviews::table.filter(one).first(db).optional()?)
}

/// The review of a contract.
pub fn of_contract(db: &mut Db, tenant: TenantId, contract: ContractId) -> Result<Option<ReviewRow>> {
    let of = performance_reviews::tenant_id.eq(tenant).and(performance_reviews::contract_id.eq(contract));
    Ok(performance_reviews::table.filter(of).first(db).optional()?)
}

/// The latest reviews of an organisation, newest first.
pub fn of_organisation(db: &mut Db, tenant: TenantId, organisation: OrganisationId, rows: i64) -> Result<Vec<ReviewRow>> {
    let of = performance_reviews::tenant_id.eq(tenant).and(performance_reviews::organisation_id.eq(organisation));
    let newest = (performance_reviews::created_at.desc(), performance_reviews::id.desc());
    Ok(performance_reviews::table.filter(of).order(newest).limit(rows).load(db)?)
}

/// The figures of an organisation's contracts. A milestone is late when its last delivery came after its day in Shanghai.
pub fn record(db: &mut Db, tenant: TenantId, organisation: OrganisationId) -> Result<Record> {
    let of = contracts::tenant_id.eq(tenant).and(contracts::organisation_id.eq(organisation));
    // Void contracts were never signed by both.
    let in_force = contracts::state
        .eq_any(ContractState::PUBLIC)
        .and(contracts::org_signed_at.is_not_null())
        .and(contracts::purchaser_signed_at.is_not_null());
    let states: Vec<(ContractState, i64)> = contracts::table
        .filter(of.and(in_force))
        .group_by(contracts::state)
        .select((contracts::state, diesel::dsl::count_star()))
        .load(db)?;
    let with = |wanted: &[ContractState]| states.iter().filter(|(state, _)| wanted.contains(state)).map(|(_, count)| count).sum();
    let accepted: Vec<(chrono::NaiveDate, Option<UtcInstant>)> = milestones::table
        .inner_join(contracts::table)
        .filter(of.and(milestones::state.eq(MilestoneState::Accepted)))
        .select((milestones::due_on, milestones::delivered_at))
        .load(db)?;
    let (agreed, deducted): (i64, i64) = milestones::table
        .inner_join(contracts::table)
        .filter(of.and(milestones::state.eq(MilestoneState::Accepted)))
        .select((
            sql::<BigInt>("CAST(COALESCE(SUM(milestones.amount_fen), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(milestones.deducted_fen), 0) AS BIGINT)"),
        ))
        .first(db)?;
    let late = accepted.iter().filter(|(due, at)| at.is_some_and(|at| at.date_in_shanghai() > *due)).count();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(Record {
        contracts: with(ContractState::PUBLIC),
        completed: with(&[ContractState::Completed]),
        terminated: with(&[ContractState::Terminated]),
        accepted: count(accepted.len()),
        late: count(late),
        agreed: Fen::new(agreed),
        deducted: Fen::new(deducted),
    })
}

pub fn insert(tx: &mut Tx<'_>, row: &ReviewRow) -> Result<()> {
    diesel::insert_into(performance_reviews::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service changed it.
pub fn save(tx: &mut Tx<'_>, row: &ReviewRow) -> Result<()> {
    diesel::update(performance_reviews::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
