//! Plans and findings as the API shows them.

use chrono::NaiveDate;
use serde::Serialize;

use super::details::Details;
use super::model::{BudgetRow, INSIDERS, Mode, PlanFile, PlanRow, PlanState};
use super::{store, tendering};
use crate::db::Db;
use crate::kernel::id::{AnyId, CaseId, CatalogueItemId, FundId, PlanId, TenderId, UnitId};
use crate::kernel::{Fen, Money, Result, UtcInstant};
use crate::law::{Finding, Procedure, Standing};
use crate::money::funds::Stream;
use crate::people::{Subject, Viewer};
use crate::web::{Reply, Tag};

/// What everybody may read of an intention.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanView {
    /// Id.
    pub id: PlanId,
    /// The case.
    pub case_id: CaseId,
    /// The purchaser.
    pub unit_id: UnitId,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Title.
    #[schema(example = "月河街道居家养老上门服务")]
    pub title: String,
    /// What is needed and why.
    #[schema(example = "辖区 80 岁以上独居老人 312 人，需要每周上门照料。")]
    pub need: String,
    /// What is bought, or the item under which the off-catalogue name is filed.
    pub catalogue_item_id: CatalogueItemId,
    /// Name of what is not in the catalogue.
    #[schema(example = json!(null))]
    pub off_catalogue_name: Option<String>,
    /// Number of the finance bureau's approval to buy off the catalogue.
    #[schema(example = json!(null))]
    pub finance_approval: Option<String>,
    /// Why and with whom.
    pub mode: Mode,
    /// The intended procedure.
    pub procedure: Procedure,
    /// Length of the contract in months.
    #[schema(example = 12)]
    pub term_months: i32,
    /// When the purchase is expected to begin.
    #[schema(example = "2026-04-15")]
    pub expected_on: NaiveDate,
    /// Sum of the budget lines.
    pub budget: Money,
    /// Where it stands.
    pub state: PlanState,
    /// Why it was returned or cancelled.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// When the intention became public.
    pub published_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 3)]
    pub version: i64,
}

/// A plan with its tenders, and with what only people of the unit, supervisors and auditors read of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanDetail {
    /// What everybody may read.
    #[serde(flatten)]
    pub plan: PlanView,
    /// What only insiders read; absent for the public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<PlanInside>,
    /// Tenders of the plan that the reader may see.
    #[schema(max_items = 100)]
    pub tenders: Vec<PlanTenderView>,
    /// Rules that the last step brushed against without being blocked.
    #[schema(max_items = 100)]
    pub warnings: Vec<FindingView>,
}

/// What only insiders read of a plan.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanInside {
    /// The need it answers.
    pub need_id: Option<AnyId>,
    /// Number of the approval of another procedure than an open tender.
    #[schema(example = json!(null))]
    pub procedure_approval: Option<String>,
    /// Whether its users are the public.
    #[schema(example = true)]
    pub public_service: bool,
    /// Objectives, study, declarations.
    pub details: Details,
    /// The budget by stream, year and fund.
    #[schema(max_items = 20)]
    pub budgets: Vec<BudgetView>,
    /// What is left for further tenders.
    pub left: Money,
}

/// A line of a plan's budget.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BudgetView {
    /// Where the money comes from.
    pub stream: Stream,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// The fund, when it is known.
    pub fund_id: Option<FundId>,
    /// How much.
    pub amount: Money,
}

/// A tender of a plan.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlanTenderView {
    /// Tender.
    pub tender_id: TenderId,
    /// Its state.
    #[schema(example = "published")]
    pub state: String,
    /// When it became public.
    pub published_at: Option<UtcInstant>,
}

/// What a rule found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FindingView {
    /// Rule id.
    #[schema(example = "R025")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "财库〔2014〕214号 第10条")]
    pub legal_basis: String,
    /// `warned` (it does not block because it is unconfirmed or only warns).
    #[schema(example = "warned")]
    pub standing: &'static str,
    /// What was found.
    #[schema(example = "2026-03-11")]
    pub found: String,
    /// What is required.
    #[schema(example = "≥ 2026-03-12 (10 calendar_day)")]
    pub required: String,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule.rule,
            legal_basis: finding.rule.legal_basis,
            standing: match finding.standing {
                Standing::Met => "met",
                Standing::Warned => "warned",
                Standing::Broken => "broken",
            },
            found: finding.found,
            required: finding.required,
        }
    }
}

/// Whether the reader may know of the plan.
pub fn visible(row: &PlanRow, viewer: &Viewer) -> bool {
    viewer.actor.as_ref().map_or(row.published_at.is_some(), |actor| row.visible_to(actor))
}

/// Whether the reader sees all of it.
pub fn sees_inside(row: &PlanRow, viewer: &Viewer) -> bool {
    viewer.actor.as_ref().is_some_and(|actor| actor.sees(INSIDERS, row))
}

/// A plan of a list.
pub fn plan_view(file: PlanFile) -> Result<PlanView> {
    let budget = Fen::total(file.budgets.iter().map(|line| line.amount_fen))?;
    let plan = file.plan;
    Ok(PlanView {
        id: plan.id,
        case_id: plan.case_id,
        unit_id: plan.unit_id,
        year: plan.year,
        title: plan.title,
        need: plan.need,
        catalogue_item_id: plan.catalogue_item_id,
        off_catalogue_name: plan.off_catalogue_name,
        finance_approval: plan.finance_approval,
        mode: plan.mode,
        procedure: plan.procedure,
        term_months: plan.term_months,
        expected_on: plan.expected_on,
        budget: budget.into(),
        state: plan.state,
        reason: plan.reason,
        published_at: plan.published_at,
        version: plan.version,
    })
}

fn inside_of(db: &mut Db, file: &PlanFile) -> Result<PlanInside> {
    let plan = &file.plan;
    let line =
        |line: &BudgetRow| BudgetView { stream: line.stream, year: line.year, fund_id: line.fund_id, amount: line.amount_fen.into() };
    Ok(PlanInside {
        need_id: plan.need_id,
        procedure_approval: plan.procedure_approval.clone(),
        public_service: plan.public_service,
        details: Details::read(&plan.details)?,
        budgets: file.budgets.iter().map(line).collect(),
        left: tendering::left(db, plan)?.into(),
    })
}

/// The tagged answer of one plan with its tenders.
pub fn detail(db: &mut Db, plan: PlanRow, inside: bool, warnings: Vec<Finding>) -> Result<Reply> {
    let tenders = store::tenders_of(db, plan.id)?.into_iter().filter(|tender| inside || tender.published_at.is_some());
    let tenders = tenders.map(|row| PlanTenderView { tender_id: row.id, state: row.state, published_at: row.published_at }).collect();
    let budgets = store::budgets_of(db, plan.id)?;
    let file = PlanFile { plan, budgets };
    let own = if inside { Some(inside_of(db, &file)?) } else { None };
    let version = file.plan.version;
    let warnings = warnings.into_iter().map(FindingView::from).collect();
    let view = PlanDetail { plan: plan_view(file)?, inside: own, tenders, warnings };
    Ok(Reply::ok(&view)?.tagged(Tag { version, phase: "", view: if inside { "inside" } else { "public" } }))
}
