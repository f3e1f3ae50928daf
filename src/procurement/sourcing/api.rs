//! Tenders of a plan over HTTP.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::policy;
use super::service::{self, FromPlan};
use crate::kernel::id::{CatalogueItemId, FundId, OrganisationId, PlanId};
use crate::people;
use crate::procurement::tenders::api::{CreateCriterion, CreateLot};
use crate::procurement::tenders::view::{TenderView, tagged, tender_view};
use crate::procurement::tenders::{Procedure, Solicitation};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(tender_plan);
}

/// A tender that comes out of a plan. What is left out is the plan's.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenderPlan {
    /// The fund that pays for every lot that names no funding of its own; may be left out when all do.
    #[serde(default)]
    pub fund_id: Option<FundId>,
    /// What is bought, when it is not the plan's item: for a plan off the catalogue whose item came into it meanwhile.
    #[serde(default)]
    pub catalogue_item_id: Option<CatalogueItemId>,
    /// Title.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, example = "月河街道居家养老上门服务（第一批）")]
    pub title: Option<String>,
    /// What is needed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, example = "为辖区 80 岁以上独居老人每周两次上门服务，为期一年。")]
    pub description: Option<String>,
    /// How the supplier is found. A framework's call-off and an import have entries of their own.
    #[serde(default)]
    pub procedure: Option<Procedure>,
    /// Who is asked to bid.
    #[serde(default)]
    pub solicitation: Option<Solicitation>,
    /// Why this procedure, where it must be stated.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 2000, example = "服务具有延续性，预算低于限额，经集体研究直接委托。")]
    pub procedure_reason: Option<String>,
    /// The supplier named where nobody competes.
    #[serde(default)]
    pub named_organisation_id: Option<OrganisationId>,
    /// Whether plain offers over TLS are taken and sealed on arrival.
    #[schema(example = true)]
    pub plain_offers: bool,
    /// Lots. When there are none, one lot with the plan's title over all that is left of its budget.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub lots: Vec<CreateLot>,
    /// Criteria of that one lot.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([]))]
    pub criteria: Vec<CreateCriterion>,
}

impl TenderPlan {
    fn read(&self) -> FromPlan {
        FromPlan {
            fund: self.fund_id,
            item: self.catalogue_item_id,
            title: self.title.clone(),
            description: self.description.clone(),
            procedure: self.procedure,
            solicitation: self.solicitation,
            procedure_reason: self.procedure_reason.clone(),
            named_organisation: self.named_organisation_id,
            plain_offers: self.plain_offers,
            lots: self.lots.iter().map(CreateLot::read).collect(),
            criteria: self.criteria.iter().map(CreateCriterion::read).collect(),
        }
    }
}

/// Draft a tender from a plan
///
/// Drafts a tender in the plan's case. The ceilings of all tenders of a plan never add up to more than its budget. `warnings` says when the unit's
/// purchases of the item add up to more than the threshold (R035) and when the intention is not public long enough yet.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), request_body = TenderPlan,
    responses((status = 201, description = "Drafted", body = TenderView)),
    extensions(("x-action" = json!(policy::TENDER.name)), ("x-problems" = json!(["plan_budget_exceeded", "rules_not_loaded"]))), security(("bearer" = [])))]
#[post("/plans/{plan_id}/tenders")]
async fn tender_plan(call: Call, id: Id<PlanId>, body: Body<TenderPlan>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_tender(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?.read();
            let (file, warnings) = service::tender(tx, granted, &asked)?;
            let now = tx.now();
            let made = Reply::created(format!("/api/v1/tenders/{}", file.tender.id), &tender_view(file.clone(), now, warnings))?;
            Ok(tagged(made, &file, now))
        },
    )
    .await
}
