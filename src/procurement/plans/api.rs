//! Plans over HTTP.

use actix_web::{get, post, put};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::details::Details;
use super::model::{INSIDERS, Mode, NewBudget, NewPlan, PlanRow, PlanState};
use super::store::ListFilter;
use super::view::{PlanDetail, PlanView, detail, plan_view, sees_inside, visible};
use super::{policy, service, store};
use crate::db::Tx;
use crate::kernel::id::{AnyId, CatalogueItemId, FundId, PlanId, UnitId};
use crate::kernel::{Money, Result, error};
use crate::law::{Finding, Procedure};
use crate::money::funds::Stream;
use crate::people::scope::Scope;
use crate::people::{self, Action, Authorized};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep public plans.
const CACHE_SECONDS: u32 = 60;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_plan)
        .service(list_plans)
        .service(get_plan)
        .service(rewrite_plan)
        .service(submit_plan)
        .service(approve_plan)
        .service(return_plan)
        .service(publish_plan)
        .service(cancel_plan);
}

/// A new plan.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WritePlan {
    /// Budget year.
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: i32,
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "月河街道居家养老上门服务")]
    pub title: String,
    /// What is needed and why.
    #[schema(min_length = 1, max_length = 10_000, example = "辖区 80 岁以上独居老人 312 人，需要每周上门照料。")]
    pub need: String,
    /// The need it answers, if it came out of one.
    #[serde(default)]
    pub need_id: Option<AnyId>,
    /// What is bought: an item of the guiding catalogue, or the item under which the finance bureau filed what is not in it.
    pub catalogue_item_id: CatalogueItemId,
    /// What is bought off the catalogue; needs the finance bureau's approval before the plan is submitted (R006).
    #[serde(default)]
    pub off_catalogue: Option<OffCatalogue>,
    /// Why and with whom.
    pub mode: Mode,
    /// The intended procedure.
    pub procedure: Procedure,
    /// Number of the approval of another procedure than an open tender, if there is one.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, example = "吴财采〔2026〕9号")]
    pub procedure_approval: Option<String>,
    /// Whether its users are the public; then the public is asked first (R014).
    #[schema(example = true)]
    pub public_service: bool,
    /// Length of the contract in months (R008, R009).
    #[schema(minimum = 1, maximum = 120, example = 12)]
    pub term_months: i32,
    /// When the purchase is expected to begin.
    #[schema(example = "2026-04-15")]
    pub expected_on: NaiveDate,
    /// Objectives, market study, declarations, consultation.
    pub details: Details,
    /// The budget by stream and year; one line at least is of the plan's year.
    #[schema(min_items = 1, max_items = 20)]
    pub budgets: Vec<WriteBudget>,
}

/// Something that is not in the catalogue.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OffCatalogue {
    /// What it is.
    #[schema(min_length = 1, max_length = 200, example = "认知症友好社区营造")]
    pub name: String,
    /// Number of the finance bureau's approval.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, example = "吴财备〔2026〕3号")]
    pub approval_number: Option<String>,
}

/// A budget line of a plan.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteBudget {
    /// Where the money comes from.
    pub stream: Stream,
    /// Budget year.
    #[schema(minimum = 2000, maximum = 2109, example = 2026)]
    pub year: i32,
    /// The unit's fund of that stream and year, when it is there already.
    #[serde(default)]
    pub fund_id: Option<FundId>,
    /// How much.
    pub amount: Money,
}

impl WritePlan {
    fn read(&self) -> NewPlan {
        let line =
            |line: &WriteBudget| NewBudget { stream: line.stream, year: line.year, fund: line.fund_id, amount: line.amount.amount_fen };
        NewPlan {
            year: self.year,
            title: self.title.clone(),
            need: self.need.clone(),
            need_id: self.need_id,
            catalogue_item: self.catalogue_item_id,
            off_catalogue: self.off_catalogue.as_ref().map(|off| (off.name.clone(), off.approval_number.clone())),
            mode: self.mode,
            procedure: self.procedure,
            procedure_approval: self.procedure_approval.clone(),
            public_service: self.public_service,
            term_months: self.term_months,
            expected_on: self.expected_on,
            details: self.details.clone(),
            budgets: self.budgets.iter().map(line).collect(),
        }
    }
}

/// Draft a plan
///
/// Drafts a purchase plan for the purchaser's own unit. The case begins here and is carried by every tender of the plan.
#[utoipa::path(tag = "plans", request_body = WritePlan, responses((status = 201, description = "Drafted", body = PlanDetail)),
    extensions(("x-action" = json!(policy::CREATE.name))), security(("bearer" = [])))]
#[post("/plans")]
async fn create_plan(call: Call, body: Body<WritePlan>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let file = service::create(tx, &granted, &body.get()?.read())?;
            let location = Some(format!("/api/v1/plans/{}", file.plan.id));
            Ok(Reply { status: 201, location, ..detail(tx, file.plan, true, Vec::new())? })
        },
    )
    .await
}

/// Filters and page of the plan list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPlans {
    /// Only this state.
    state: Option<PlanState>,
    /// Only this purchaser.
    unit_id: Option<UnitId>,
    /// Only this budget year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    year: Option<i32>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List plans
///
/// Public intentions of purchase (意向公开), newest first, for everybody; people of a unit also see what it has not published.
#[utoipa::path(tag = "plans", params(ListPlans), responses((status = 200, description = "A page of plans", body = Page<PlanView>)))]
#[get("/plans")]
async fn list_plans(call: Call, params: Params<ListPlans>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let scope = Scope::of(viewer.actor.as_ref(), INSIDERS);
        let filter = ListFilter { scope, state: asked.state, unit: asked.unit_id, year: asked.year };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("plans {filter:?}"))?;
        let before = request.after_instant()?.map(|(at, id)| (at, PlanId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, &filter, before, request.rows())?;
        let files = store::files(snapshot, rows)?;
        let mut views = Vec::with_capacity(files.len());
        for file in files {
            let key = (file.plan.created_at.to_string(), file.plan.id.uuid());
            views.push((key, plan_view(file)?));
        }
        let page = request.page(views, |(key, _)| key.clone(), |(_, view)| view);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a plan
///
/// A published intention is public: title, need, budget, procedure, expected month. Budget lines, objectives and study are for people of the unit,
/// finance officers, supervisors and auditors.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), responses((status = 200, description = "The plan", body = PlanDetail)))]
#[get("/plans/{plan_id}")]
async fn get_plan(call: Call, id: Id<PlanId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| visible(row, viewer)).ok_or_else(|| error::NOT_FOUND.error())?;
        let inside = sees_inside(&row, viewer);
        Ok(detail(snapshot, row, inside, Vec::new())?.public(CACHE_SECONDS))
    })
    .await
}

/// Runs a step that answers with the plan.
async fn step(
    call: Call,
    fingerprint: [u8; 32],
    id: PlanId,
    action: &'static Action,
    effect: impl Fn(&mut Tx<'_>, &Authorized<PlanRow>) -> Result<(PlanRow, Vec<Finding>)> + Send + 'static,
) -> Answer {
    people::command(
        call,
        fingerprint,
        move |tx, actor| service::may(tx, actor, action, id),
        move |tx, granted| {
            let (row, warnings) = effect(tx, &granted)?;
            detail(tx, row, true, warnings)
        },
    )
    .await
}

/// Write a plan anew
///
/// Replaces the content of a draft or of a plan that was returned.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), request_body = WritePlan,
    responses((status = 200, description = "Rewritten", body = PlanDetail)),
    extensions(("x-action" = json!(policy::REWRITE.name))), security(("bearer" = [])))]
#[put("/plans/{plan_id}")]
async fn rewrite_plan(call: Call, id: Id<PlanId>, body: Body<WritePlan>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::REWRITE, move |tx, granted| {
        Ok((service::rewrite(tx, granted, &body.get()?.read())?, Vec::new()))
    })
    .await
}

/// Submit a plan
///
/// Sends it to the lead of the unit. Refused when a blocking rule is broken: forbidden content (R004), off the catalogue without the finance
/// bureau's approval (R006), a public service about which the public was not asked (R014). Rules that only warn are listed: the term (R008, R009), the
/// evaluation of the objectives (R012), splitting (R035), the procedure for the amount (R036).
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), responses((status = 200, description = "Submitted", body = PlanDetail)),
    extensions(("x-action" = json!(policy::SUBMIT.name)), ("x-problems" = json!(["rule_broken", "rule_set_missing"]))), security(("bearer" = [])))]
#[post("/plans/{plan_id}/submission")]
async fn submit_plan(call: Call, id: Id<PlanId>) -> Answer {
    step(call, [0; 32], id.0, &policy::SUBMIT, service::submit).await
}

/// Approve a plan
///
/// The lead of the unit, never the drafter.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), responses((status = 200, description = "Approved", body = PlanDetail)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/plans/{plan_id}/approval")]
async fn approve_plan(call: Call, id: Id<PlanId>) -> Answer {
    step(call, [0; 32], id.0, &policy::APPROVE, |tx, granted| Ok((service::approve(tx, granted)?, Vec::new()))).await
}

/// Why a plan is sent back or ended.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanReason {
    /// The reason; of a public intention it is public.
    #[schema(min_length = 1, max_length = 1000, example = "市场调研来源不足，请补充。")]
    pub reason: String,
}

/// Return a plan
///
/// The lead sends it back with a reason.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), request_body = PlanReason,
    responses((status = 200, description = "Returned", body = PlanDetail)),
    extensions(("x-action" = json!(policy::RETURN.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/plans/{plan_id}/return")]
async fn return_plan(call: Call, id: Id<PlanId>, body: Body<PlanReason>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::RETURN, move |tx, granted| {
        Ok((service::send_back(tx, granted, &body.get()?.reason)?, Vec::new()))
    })
    .await
}

/// Publish an intention
///
/// Makes the approved plan public as an intention of purchase (意向公开). Its tenders warn when they become public sooner than the district's days after it.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), responses((status = 200, description = "Public", body = PlanDetail)),
    extensions(("x-action" = json!(policy::PUBLISH.name))), security(("bearer" = [])))]
#[post("/plans/{plan_id}/publication")]
async fn publish_plan(call: Call, id: Id<PlanId>) -> Answer {
    step(call, [0; 32], id.0, &policy::PUBLISH, |tx, granted| Ok((service::publish(tx, granted)?, Vec::new()))).await
}

/// Cancel a plan
///
/// Ends a plan none of whose tenders is alive.
#[utoipa::path(tag = "plans", params(("plan_id" = PlanId, Path, description = "The plan")), request_body = PlanReason,
    responses((status = 200, description = "Cancelled", body = PlanDetail)),
    extensions(("x-action" = json!(policy::CANCEL.name)), ("x-problems" = json!(["plan_has_tenders"]))), security(("bearer" = [])))]
#[post("/plans/{plan_id}/cancellation")]
async fn cancel_plan(call: Call, id: Id<PlanId>, body: Body<PlanReason>) -> Answer {
    step(call, body.fingerprint, id.0, &policy::CANCEL, move |tx, granted| {
        Ok((service::cancel(tx, granted, &body.get()?.reason)?, Vec::new()))
    })
    .await
}
