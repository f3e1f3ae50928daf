//! Use cases between plans and tenders.

use super::policy;
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error;
use crate::kernel::id::{CatalogueItemId, FundId, OrganisationId, PlanId};
use crate::law::Finding;
use crate::people::Actor;
use crate::people::policy::{Authorized, authorize};
use crate::procurement::plans::policy::UnitDesk;
use crate::procurement::plans::tendering::{self, Tendered};
use crate::procurement::plans::{self, PlanRow};
use crate::procurement::tenders::model::{NewCriterion, NewLot, NewTender};
use crate::procurement::tenders::{self, Procedure, Solicitation, TenderFile};

/// What is said of a tender that comes out of a plan; the rest is the plan's.
#[derive(Debug, Clone)]
pub struct FromPlan {
    /// The fund that pays for every lot without funding lines of its own.
    pub fund: Option<FundId>,
    /// What is bought, for a plan off the catalogue whose item came into it meanwhile.
    pub item: Option<CatalogueItemId>,
    /// Title; the plan's when absent.
    pub title: Option<String>,
    /// What is needed; the plan's when absent.
    pub description: Option<String>,
    /// How the supplier is found; as planned when absent.
    pub procedure: Option<Procedure>,
    /// Who is asked.
    pub solicitation: Option<Solicitation>,
    /// Why this procedure.
    pub procedure_reason: Option<String>,
    /// The supplier named without competition.
    pub named_organisation: Option<OrganisationId>,
    /// Whether plain offers are taken.
    pub plain_offers: bool,
    /// Lots; one over the whole of what is left when empty.
    pub lots: Vec<NewLot>,
    /// Criteria of that one lot.
    pub criteria: Vec<NewCriterion>,
}

/// May the actor draft tenders from this plan?
pub fn may_tender(db: &mut Db, actor: &Actor, id: PlanId) -> Result<Authorized<PlanRow>> {
    let row = plans::store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::TENDER, row)
}

/// Drafts a tender in the plan's case. Refuses with `plan_budget_exceeded` when the ceilings of the plan's tenders add up to more than its
/// budget; warns of splitting (R035) and says from which day the intention was public long enough.
pub fn tender(tx: &mut Tx<'_>, granted: Authorized<PlanRow>, asked: &FromPlan) -> Result<(TenderFile, Vec<Finding>)> {
    let plan = granted.subject().clone();
    let new = written(tx, &plan, asked)?;
    let desk = granted.narrow(|plan| UnitDesk { tenant: plan.tenant_id, unit: plan.unit_id });
    let file = tenders::service::create_in_case(tx, &desk, plan.case_id, &new, None)?;
    tendering::link(tx, &desk, &plan, file.tender.id)?;
    let warnings = warnings(tx, &plan, &file)?;
    Ok((file, warnings))
}

fn written(tx: &mut Tx<'_>, plan: &PlanRow, asked: &FromPlan) -> Result<NewTender> {
    let procedure = asked.procedure.unwrap_or(plan.procedure);
    tenders::rules::require_open_entry(procedure)?;
    let lots = if asked.lots.is_empty() {
        vec![NewLot {
            title: plan.title.clone(),
            ceiling: tendering::left(tx, plan)?,
            funding: Vec::new(),
            criteria: asked.criteria.clone(),
        }]
    } else {
        asked.lots.clone()
    };
    Ok(NewTender {
        catalogue_item: asked.item.unwrap_or(plan.catalogue_item_id),
        fund: asked.fund,
        title: asked.title.clone().unwrap_or_else(|| plan.title.clone()),
        description: asked.description.clone().unwrap_or_else(|| plan.need.clone()),
        mode: plan.mode,
        procedure,
        solicitation: asked.solicitation,
        procedure_reason: asked.procedure_reason.clone(),
        named_organisation: asked.named_organisation,
        plain_offers: asked.plain_offers,
        lots,
    })
}

/// What is not as it should be, without being forbidden: splitting, and an intention that is not public long enough today.
fn warnings(tx: &mut Tx<'_>, plan: &PlanRow, file: &TenderFile) -> Result<Vec<Finding>> {
    let tender = &file.tender;
    let today = tx.now().date_in_shanghai();
    let tendered = Tendered {
        tenant: tender.tenant_id,
        tender: tender.id,
        unit: tender.unit_id,
        item: tender.catalogue_item_id,
        procedure: tender.procedure,
        rule_set: tender.rule_set_id,
    };
    let found = [tendering::splitting(tx, &tendered, today)?, tendering::intention_of(tx, plan, tender.procedure, today)?];
    Ok(found.into_iter().flatten().filter(|finding| finding.standing != crate::law::Standing::Met).collect())
}
