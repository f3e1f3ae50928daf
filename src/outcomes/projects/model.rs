//! Project and indicator rows, states and commands.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::{indicator_versions, indicators, project_agreements, projects};
use crate::kernel::id::{AccountId, AnyId, AreaId, CaseId, IndicatorId, OrganisationId, ProjectId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Subject};
use crate::words;

crate::text_enum! {
    /// Where a project stands.
    pub enum ProjectState {
        /// Put forward by a unit.
        Proposed = "proposed",
        /// Has a number of the cohort.
        Selected = "selected",
        /// Fed by an active agreement.
        Delivering = "delivering",
        /// Its final outcome report was verified, and none waits.
        Verified = "verified",
        /// Counted in the yearly brand.
        Honoured = "honoured",
        /// Given up.
        Dropped = "dropped",
    }
}

crate::text_enum! {
    /// What an indicator's number means.
    pub enum IndicatorKind {
        /// A whole number of things or people.
        Count = "count",
        /// A share in basis points, 0 to 10 000.
        Ratio = "ratio",
        /// Points of a scale that the unit label names.
        Score = "score",
    }
}

crate::text_enum! {
    /// Which way an indicator gets better.
    pub enum IndicatorDirection {
        /// More is better.
        Up = "up",
        /// Less is better.
        Down = "down",
    }
}

crate::text_enum! {
    /// How the values of several periods go together.
    pub enum Accumulation {
        /// Each period's value stands for itself.
        Periodic = "periodic",
        /// The value so far: the last reported one is the total.
        Cumulative = "cumulative",
    }
}

crate::text_enum! {
    /// How often an indicator is reported.
    pub enum Frequency {
        /// Every month.
        Month = "month",
        /// Every quarter.
        Quarter = "quarter",
        /// Every half year.
        Half = "half",
        /// Every year.
        Year = "year",
    }
}

/// A stored project.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = projects, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ProjectRow {
    /// Id.
    pub id: ProjectId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Unit that puts it forward.
    pub unit_id: UnitId,
    /// Year of the brand.
    pub cohort: i32,
    /// Number in the cohort, 1 to 100, once selected.
    pub number: Option<i32>,
    /// 中文 name.
    pub name_zh: String,
    /// What it is for and whom it helps.
    pub story: String,
    /// Where it happens.
    pub area_id: Option<AreaId>,
    /// State.
    pub state: ProjectState,
    /// The case of the first agreement that feeds it.
    pub case_id: Option<CaseId>,
    /// The first agreement that feeds it.
    pub agreement_id: Option<AnyId>,
    /// The organisation that delivers it.
    pub payee_id: Option<OrganisationId>,
    /// Who put it forward.
    pub created_by: AccountId,
    /// Version.
    pub version: i64,
    /// When it was put forward.
    pub created_at: UtcInstant,
    /// The name by which people know it (品牌).
    pub brand: Option<String>,
}

/// An agreement that feeds a project.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = project_agreements, treat_none_as_default_value = false)]
pub struct AgreementRow {
    /// Project.
    pub project_id: ProjectId,
    /// Agreement.
    pub agreement_id: AnyId,
    /// Its case.
    pub case_id: CaseId,
    /// Whom it pays.
    pub payee_id: OrganisationId,
    /// Place among the project's agreements, from 1.
    pub position: i32,
}

impl Subject for ProjectRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.cohort)
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

    fn organisation(&self) -> Option<OrganisationId> {
        self.payee_id
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.is_public() || actor.sees(policy::READERS, self)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == policy::SELECT.name && account == self.created_by)
            .then(|| words!("项目由您申报，入选须由他人决定", "you proposed this project; somebody else must select it"))
    }
}

impl ProjectRow {
    /// Whether it was ever selected; a proposal that never was stays inside.
    pub const fn is_public(&self) -> bool {
        self.number.is_some()
    }
}

/// A stored indicator.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = indicators, treat_none_as_default_value = false)]
pub struct IndicatorRow {
    /// Id.
    pub id: IndicatorId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Project.
    pub project_id: ProjectId,
    /// Place among the project's indicators, from 1.
    pub position: i32,
    /// 中文 name.
    pub name_zh: String,
    /// Unit of the number, such as 人次.
    pub unit_label: String,
    /// What the number means.
    pub kind: IndicatorKind,
    /// Which way it gets better.
    pub direction: IndicatorDirection,
    /// Number before the project.
    pub baseline: i64,
    /// Number to be reached.
    pub target: i64,
    /// How the values of several periods go together.
    pub accumulation: Accumulation,
    /// Whether the values of several projects may be added up.
    pub aggregatable: bool,
    /// How it is measured.
    pub method: Option<String>,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// How often it is reported.
    pub frequency: Frequency,
    /// Version; a revised target or method makes the next.
    pub version: i64,
}

/// What an indicator was before it was revised.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = indicator_versions, treat_none_as_default_value = false)]
pub struct IndicatorVersionRow {
    /// Indicator.
    pub indicator_id: IndicatorId,
    /// Version.
    pub version: i64,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Number that was to be reached.
    pub target: i64,
    /// How it was measured.
    pub method: Option<String>,
    /// Why it was revised.
    pub reason: String,
    /// Who revised it.
    pub replaced_by: AccountId,
    /// When.
    pub replaced_at: UtcInstant,
}

/// The desk of a unit, as the subject of a proposal.
#[derive(Debug, Clone, Copy)]
pub struct UnitDesk {
    /// Tenant.
    pub tenant: TenantId,
    /// The unit named; `None` when the body names none that can be read.
    pub unit: Option<UnitId>,
}

impl Subject for UnitDesk {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn unit(&self) -> Option<UnitId> {
        self.unit
    }
}

/// What is needed to put a project forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// Unit.
    pub unit: UnitId,
    /// Year of the brand.
    pub cohort: i32,
    /// 中文 name.
    pub name_zh: String,
    /// The name by which people know it.
    pub brand: Option<String>,
    /// What it is for.
    pub story: String,
    /// Where.
    pub area: Option<AreaId>,
    /// What is measured.
    pub indicators: Vec<NewIndicator>,
}

/// What is to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIndicator {
    /// 中文 name.
    pub name_zh: String,
    /// Unit of the number.
    pub unit_label: String,
    /// What the number means.
    pub kind: IndicatorKind,
    /// Which way it gets better.
    pub direction: IndicatorDirection,
    /// Number before.
    pub baseline: i64,
    /// Number to be reached.
    pub target: i64,
    /// How the values of several periods go together.
    pub accumulation: Accumulation,
    /// Whether the values of several projects may be added up.
    pub aggregatable: bool,
    /// How it is measured.
    pub method: Option<String>,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// How often it is reported.
    pub frequency: Frequency,
}

/// What a list asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFilter {
    /// Only this year of the brand.
    pub cohort: Option<i32>,
    /// Only this state.
    pub state: Option<ProjectState>,
    /// Only of this unit.
    pub unit: Option<UnitId>,
}
