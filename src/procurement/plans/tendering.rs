//! What the tenders of a plan must keep to: its budget, and the days that its intention was public. Called by the slices above.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{PlanRow, PlanState, PlanTenderRow};
use super::{purchases, rules, service, settings, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{CatalogueItemId, RuleSetId, TenantId, TenderId, UnitId};
use crate::kernel::{Fen, Result};
use crate::law::{Finding, Procedure};
use crate::market::catalogues;
use crate::people::policy::{Authorized, Subject};

/// What is left of a plan's budget.
pub fn left(db: &mut Db, plan: &PlanRow) -> Result<Fen> {
    budget(db, plan)?.minus(store::tendered(db, plan.id)?)
}

/// Sum of a plan's budget lines.
pub fn budget(db: &mut Db, plan: &PlanRow) -> Result<Fen> {
    Fen::total(store::budgets_of(db, plan.id)?.iter().map(|line| line.amount_fen))
}

/// Notes that a drafted tender came out of the plan. Refuses with `plan_budget_exceeded` when the ceilings of the plan's tenders, this one
/// included, add up to more than its budget.
pub fn link<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, plan: &PlanRow, tender: TenderId) -> Result<PlanRow> {
    store::link(tx, granted, &PlanTenderRow { tender_id: tender, plan_id: plan.id })?;
    require_budget(tx, plan)?;
    service::keep(tx, granted, "plan.tendered", service::moved(plan, PlanState::Used), json!({"tender_id": tender}))
}

/// Refuses with `plan_budget_exceeded` when a tender's plan is tendered above its budget; a tender without a plan passes.
pub fn within_budget(db: &mut Db, tenant: TenantId, tender: TenderId) -> Result<()> {
    match store::plan_of(db, tenant, tender)? {
        Some(plan) => require_budget(db, &plan),
        None => Ok(()),
    }
}

fn require_budget(db: &mut Db, plan: &PlanRow) -> Result<()> {
    let (tendered, budget) = (store::tendered(db, plan.id)?, budget(db, plan)?);
    rules::require_within(tendered, budget)
}

/// A tender as the checks of its publication and submission need it.
#[derive(Debug, Clone, Copy)]
pub struct Tendered {
    /// Tenant.
    pub tenant: TenantId,
    /// Tender.
    pub tender: TenderId,
    /// The purchaser.
    pub unit: UnitId,
    /// What is bought.
    pub item: CatalogueItemId,
    /// How the supplier is found.
    pub procedure: Procedure,
    /// The rule set it keeps.
    pub rule_set: RuleSetId,
}

/// What R035 says of the unit's purchases of the item in the year of the tender's money, the tender included; nothing when the plan's
/// procedure has an approval of its own.
pub fn splitting(db: &mut Db, tender: &Tendered, today: NaiveDate) -> Result<Option<Finding>> {
    if store::plan_of(db, tender.tenant, tender.tender)?.is_some_and(|plan| plan.procedure_approval.is_some()) {
        return Ok(None);
    }
    let Some((item, _)) = catalogues::find_item(db, tender.tenant, tender.item)? else { return Ok(None) };
    let Some(year) = store::year_of(db, tender.tenant, tender.tender)? else { return Ok(None) };
    let sum = purchases::total(db, tender.tenant, tender.unit, year, &item.code)?;
    purchases::splitting(db, (tender.tenant, Some(tender.rule_set)), (today, year), tender.procedure, sum)
}

/// Whether the intention of the tender's plan was public long enough on the day the tender becomes public. Nothing for a tender without a plan,
/// for a procedure that needs no intention, and where the district has set no days.
pub fn intention(db: &mut Db, tenant: TenantId, tender: TenderId, procedure: Procedure, tendered: NaiveDate) -> Result<Option<Finding>> {
    match store::plan_of(db, tenant, tender)? {
        Some(plan) => intention_of(db, &plan, procedure, tendered),
        None => Ok(None),
    }
}

/// The same for a tender of this plan.
pub fn intention_of(db: &mut Db, plan: &PlanRow, procedure: Procedure, tendered: NaiveDate) -> Result<Option<Finding>> {
    if !rules::needs_intention(procedure) {
        return Ok(None);
    }
    let Some((days, source)) = settings::intention_days(db, plan.tenant_id)? else { return Ok(None) };
    let published = plan.published_at.map(crate::kernel::UtcInstant::date_in_shanghai);
    Ok(Some(rules::intention(published, tendered, days, &source)))
}
