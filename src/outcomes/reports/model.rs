//! Report and value rows, states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::{evidence_facts, outcome_reports, outcome_splits, outcome_values, report_reopenings};
use crate::kernel::id::{
    AccountId, CaseId, DocumentId, IndicatorId, OrganisationId, OutcomeReportId, ProjectId, ReopeningId, TenantId, UnitId,
};
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
        /// Taken over by the unit; its period stays locked.
        Accepted = "accepted",
    }
}

impl ReportState {
    /// States in which everybody reads a report and its period is locked.
    pub const LOCKED: &'static [Self] = &[Self::Verified, Self::Accepted];

    /// Whether the period is locked.
    pub const fn is_locked(self) -> bool {
        matches!(self, Self::Verified | Self::Accepted)
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
    /// Why it was returned, or verified without evidence.
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
    /// Of a ratio: how many.
    pub numerator: Option<i64>,
    /// Of a ratio: of how many.
    pub denominator: Option<i64>,
    /// Version of the indicator that it was reported under.
    pub indicator_version: i64,
}

/// A part of a value by place or another dimension.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = outcome_splits)]
pub struct SplitRow {
    /// Report.
    pub report_id: OutcomeReportId,
    /// Indicator.
    pub indicator_id: IndicatorId,
    /// Dimension.
    pub dimension: String,
    /// Part; empty for what is explicitly unknown.
    pub part: String,
    /// Number.
    pub number: i64,
}

/// An exception that opens a locked period.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = report_reopenings, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ReopeningRow {
    /// Id.
    pub id: ReopeningId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Report.
    pub report_id: OutcomeReportId,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: UtcInstant,
    /// Who agreed.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
}

/// What is known of an evidence file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = evidence_facts, treat_none_as_default_value = false)]
pub struct EvidenceRow {
    /// The file.
    pub document_id: DocumentId,
    /// The report.
    pub report_id: OutcomeReportId,
    /// The value that it proves; none when it is for the whole report.
    pub indicator_id: Option<IndicatorId>,
    /// When it was taken.
    pub taken_on: Option<NaiveDate>,
    /// Where.
    pub place: Option<String>,
}

/// What a payee says of an evidence file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceFacts {
    /// The value that it proves.
    pub indicator: Option<IndicatorId>,
    /// When it was taken.
    pub taken_on: Option<NaiveDate>,
    /// Where.
    pub place: Option<String>,
}

/// Another report that has the same file as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Reuse {
    /// Hash of the file.
    pub sha256: String,
    /// The other report.
    pub report_id: OutcomeReportId,
    /// Its project.
    pub project_id: ProjectId,
    /// Its period.
    pub period: String,
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
        actor.sees(policy::READERS, self)
    }
}

impl Subject for ReportFile {
    fn tenant(&self) -> TenantId {
        self.report.tenant_id
    }

    fn year(&self) -> Option<i32> {
        self.project.year()
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
        self.report.state.is_locked() || self.is_open_to(actor)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let reviews =
            [policy::VERIFY.name, policy::RETURN.name, policy::ACCEPT.name, policy::REOPEN.name, policy::AGREE.name].contains(&action.name);
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
    /// Of a ratio: how many of how many.
    pub share: Option<(i64, i64)>,
    /// Parts of a count by place and other dimensions.
    pub splits: Vec<NewSplit>,
}

impl NewValue {
    /// A bare number.
    pub const fn of(indicator: IndicatorId, actual: i64) -> Self {
        Self { indicator, actual, note: String::new(), share: None, splits: Vec::new() }
    }
}

/// The parts of a count along one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSplit {
    /// Dimension, such as 社区.
    pub dimension: String,
    /// Parts with their numbers.
    pub parts: Vec<(String, i64)>,
    /// What belongs to no part that is known.
    pub unknown: i64,
}
