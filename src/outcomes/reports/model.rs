//! Report and value rows, states and commands.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::{outcome_reports, outcome_values};
use crate::kernel::id::{AccountId, CaseId, IndicatorId, OrganisationId, OutcomeReportId, ProjectId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::outcomes::projects::ProjectRow;
use crate::people::{Action, Actor, Subject};
use crate::words;

crate::text_enum! {
    /// Where a report stands.
    pub enum ReportState {
        /// Waits for its verifier.
        Submitted = "submitted",
        /// Sent back with a reason.
        Returned = "returned",
        /// Verified; its period is locked.
        Verified = "verified",
    }
}

/// A stored report.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = outcome_reports, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ReportRow {
    /// Id.
    pub id: OutcomeReportId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Project.
    pub project_id: ProjectId,
    /// Case of the project.
    pub case_id: CaseId,
    /// `2026`, `2026-H1`, `2026-Q1` or `2026-03`; one report per project and period.
    pub period: String,
    /// What was reached, in words.
    pub summary: String,
    /// State.
    pub state: ReportState,
    /// Who submitted it last.
    pub reported_by: AccountId,
    /// Who verified it.
    pub verified_by: Option<AccountId>,
    /// Why it was returned.
    pub reason: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was first submitted.
    pub created_at: UtcInstant,
}

/// A stored value: what an indicator reached in the period.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = outcome_values, treat_none_as_default_value = false)]
pub struct ValueRow {
    /// Report.
    pub report_id: OutcomeReportId,
    /// Indicator.
    pub indicator_id: IndicatorId,
    /// Number reached; a ratio in basis points.
    pub actual: i64,
    /// How it was counted.
    pub note: String,
}

/// A report with its project: what policy needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// The report.
    pub report: ReportRow,
    /// Its project.
    pub project: ProjectRow,
}

impl ReportFile {
    /// Whether the actor reads it before it is verified, and its evidence at any time (which may name residents).
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        actor.reaches(policy::READERS, self.unit(), self.organisation())
    }
}

impl Subject for ReportFile {
    fn tenant(&self) -> TenantId {
        self.report.tenant_id
    }

    fn version(&self) -> Option<i64> {
        Some(self.report.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.report.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.project.unit_id)
    }

    fn organisation(&self) -> Option<OrganisationId> {
        self.project.payee_id
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.report.state == ReportState::Verified || self.is_open_to(actor)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let reviews = action.name == policy::VERIFY.name || action.name == policy::RETURN.name;
        (reviews && account == self.report.reported_by)
            .then(|| words!("报告由您提交，须由他人核验", "you submitted this report; somebody else must verify it"))
    }
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// What was reached, in words.
    pub summary: String,
    /// One value per indicator of the project.
    pub values: Vec<NewValue>,
}

/// What an indicator reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewValue {
    /// Indicator.
    pub indicator: IndicatorId,
    /// Number reached.
    pub actual: i64,
    /// How it was counted.
    pub note: String,
}
