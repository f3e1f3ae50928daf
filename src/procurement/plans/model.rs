//! Plan rows, states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::details::Details;
use super::policy;
use crate::db::schema::{plan_budgets, plan_tenders, plans};
use crate::kernel::id::{AccountId, CaseId, CatalogueItemId, FundId, PlanId, TenantId, TenderId, UnitId};
use crate::kernel::sql::Doc;
use crate::kernel::{Fen, UtcInstant, Words};
use crate::law::Procedure;
use crate::money::funds::Stream;
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Why and with whom is bought (购买方式).
    pub enum Mode {
        /// 合同外包.
        ContractingOut = "contracting_out",
        /// 项目委托: open to incubated organisations only.
        Entrustment = "entrustment",
    }
}

crate::text_enum! {
    /// Where a plan stands.
    pub enum PlanState {
        /// Being written.
        Drafted = "drafted",
        /// With the lead of the unit.
        Submitted = "submitted",
        /// Back with the purchaser.
        Returned = "returned",
        /// May be made public and tendered.
        Approved = "approved",
        /// The intention is public (意向公开).
        Published = "published",
        /// A tender came out of it; more may.
        Used = "used",
        /// Ended.
        Cancelled = "cancelled",
    }
}

/// A stored plan.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = plans, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PlanRow {
    /// Id.
    pub id: PlanId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The case, born here.
    pub case_id: CaseId,
    /// The purchaser.
    pub unit_id: UnitId,
    /// Budget year.
    pub year: i32,
    /// Title.
    pub title: String,
    /// What is needed and why.
    pub need: String,
    /// The need it answers, whose kind this storey does not know.
    pub need_id: Option<crate::kernel::id::AnyId>,
    /// What is bought, or the item under which the finance bureau filed what is not in the catalogue.
    pub catalogue_item_id: CatalogueItemId,
    /// Name of what is not in the catalogue.
    pub off_catalogue_name: Option<String>,
    /// Number of the finance bureau's approval to buy off the catalogue (R006).
    pub finance_approval: Option<String>,
    /// Why and with whom.
    pub mode: Mode,
    /// The intended procedure.
    pub procedure: Procedure,
    /// Number of the approval of another procedure than an open tender (实施条例 第28条).
    pub procedure_approval: Option<String>,
    /// Whether its users are the public.
    pub public_service: bool,
    /// Length of the contract in months.
    pub term_months: i32,
    /// When the purchase is expected to begin.
    pub expected_on: NaiveDate,
    /// Objectives, study, declarations.
    pub details: Doc,
    /// Where it stands.
    pub state: PlanState,
    /// Why it was returned or cancelled.
    pub reason: Option<String>,
    /// Who wrote it.
    pub drafted_by: AccountId,
    /// Who approved it.
    pub approved_by: Option<AccountId>,
    /// When the intention became public.
    pub published_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// A line of a plan's budget.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = plan_budgets, treat_none_as_default_value = false)]
pub struct BudgetRow {
    /// Plan.
    pub plan_id: PlanId,
    /// Place in the list, from 1.
    pub position: i32,
    /// Where the money comes from.
    pub stream: Stream,
    /// Budget year.
    pub year: i32,
    /// The fund, when it is known.
    pub fund_id: Option<FundId>,
    /// How much.
    pub amount_fen: Fen,
}

/// A tender that came out of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = plan_tenders)]
pub struct PlanTenderRow {
    /// Tender.
    pub tender_id: TenderId,
    /// Plan.
    pub plan_id: PlanId,
}

/// Roles that see what their unit has not published yet.
pub const INSIDERS: &[Role] =
    &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent, Role::Supervisor, Role::Auditor, Role::PlatformAdmin];

impl PlanRow {
    /// Whether tenders may come out of it.
    pub const fn may_be_tendered(&self) -> bool {
        matches!(self.state, PlanState::Approved | PlanState::Published | PlanState::Used)
    }
}

impl Subject for PlanRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.year)
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.published_at.is_some() || actor.sees(INSIDERS, self)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let judges = action.name == policy::APPROVE.name || action.name == policy::RETURN.name;
        (judges && account == self.drafted_by).then(|| words!("起草人不得审批自己的计划", "the drafter may not decide on the plan"))
    }
}

/// A plan with its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The plan.
    pub plan: PlanRow,
    /// Its budget by position.
    pub budgets: Vec<BudgetRow>,
}

/// What is needed to make or rewrite a plan.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// Budget year.
    pub year: i32,
    /// Title.
    pub title: String,
    /// What is needed and why.
    pub need: String,
    /// The need it answers.
    pub need_id: Option<crate::kernel::id::AnyId>,
    /// What is bought, or the item under which the off-catalogue name is filed.
    pub catalogue_item: CatalogueItemId,
    /// What is not in the catalogue, with the approval's number if there is one.
    pub off_catalogue: Option<(String, Option<String>)>,
    /// Why and with whom.
    pub mode: Mode,
    /// The intended procedure.
    pub procedure: Procedure,
    /// Number of the approval of that procedure.
    pub procedure_approval: Option<String>,
    /// Whether its users are the public.
    pub public_service: bool,
    /// Length of the contract in months.
    pub term_months: i32,
    /// When the purchase is expected to begin.
    pub expected_on: NaiveDate,
    /// Objectives, study, declarations.
    pub details: Details,
    /// Budget lines: stream, year, fund, amount.
    pub budgets: Vec<NewBudget>,
}

/// A budget line of a new plan.
#[derive(Debug, Clone, Copy)]
pub struct NewBudget {
    /// Where the money comes from.
    pub stream: Stream,
    /// Budget year.
    pub year: i32,
    /// The fund, when it is known.
    pub fund: Option<FundId>,
    /// How much.
    pub amount: Fen,
}
