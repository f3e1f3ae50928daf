//! What the case file shows of what came of it: hundred projects, their service sessions, reports and evidence.

use chrono::NaiveDate;
use serde::Serialize;

use crate::kernel::UtcInstant;
use crate::kernel::id::{DocumentId, OutcomeReportId, ProjectId, ServiceSessionId};

/// A hundred project of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseProject {
    /// Id.
    pub id: ProjectId,
    /// Cohort.
    #[schema(example = 2026)]
    pub cohort: i32,
    /// Number in the cohort.
    #[schema(example = 17)]
    pub number: Option<i32>,
    /// Name.
    #[schema(example = "夕阳不孤单")]
    pub name_zh: String,
    /// State.
    #[schema(example = "verified")]
    pub state: String,
    /// Service sessions by day, without the names of workers and residents.
    #[schema(max_items = 10_000)]
    pub sessions: Vec<CaseSession>,
    /// Outcome reports.
    #[schema(max_items = 100)]
    pub reports: Vec<CaseReport>,
}

/// A service session of a project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseSession {
    /// Id.
    pub id: ServiceSessionId,
    /// Day.
    pub held_on: NaiveDate,
    /// What kind it was.
    #[schema(example = "visit")]
    pub kind: String,
    /// Where.
    #[schema(example = "月河社区党群服务中心")]
    pub place: String,
    /// How long it took, in minutes.
    #[schema(example = 90)]
    pub minutes: i32,
    /// How many persons were served.
    #[schema(example = 24)]
    pub persons: i32,
    /// Whether the unit confirmed it.
    #[schema(example = "confirmed")]
    pub state: String,
    /// Why it is disputed.
    #[schema(example = "当日该场地未开放。")]
    pub reason: Option<String>,
    /// When it was confirmed or disputed.
    pub decided_at: Option<UtcInstant>,
}

/// An outcome report of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseReport {
    /// Id.
    pub id: OutcomeReportId,
    /// Period.
    #[schema(example = "2026")]
    pub period: String,
    /// Summary.
    #[schema(example = "服务 82 位老人 3 120 人次。")]
    pub summary: String,
    /// State.
    #[schema(example = "verified")]
    pub state: String,
    /// Why it was returned, or verified without evidence.
    #[schema(example = "缺少签到表。")]
    pub reason: Option<String>,
    /// Values by indicator.
    #[schema(max_items = 20)]
    pub values: Vec<CaseValue>,
    /// Evidence files with what is known of them.
    #[schema(max_items = 1000)]
    pub evidence: Vec<CaseEvidence>,
}

/// A reported value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseValue {
    /// Indicator.
    #[schema(example = "服务人次")]
    pub indicator_zh: String,
    /// Version of the indicator that it was reported under.
    #[schema(example = 1)]
    pub indicator_version: i64,
    /// Unit.
    #[schema(example = "人次")]
    pub unit_label: String,
    /// What the number means.
    #[schema(example = "count")]
    pub kind: String,
    /// How the values of several periods go together.
    #[schema(example = "cumulative")]
    pub accumulation: String,
    /// Baseline.
    #[schema(example = 0)]
    pub baseline: i64,
    /// Target.
    #[schema(example = 3000)]
    pub target: i64,
    /// Actual.
    #[schema(example = 3120)]
    pub actual: i64,
    /// Of a ratio: how many.
    #[schema(example = 93)]
    pub numerator: Option<i64>,
    /// Of a ratio: of how many.
    #[schema(example = 100)]
    pub denominator: Option<i64>,
    /// How it was counted.
    #[schema(example = "按签到表去重")]
    pub note: String,
    /// Its parts by place and other dimensions.
    #[schema(max_items = 1010)]
    pub splits: Vec<CaseSplit>,
}

/// A part of a reported value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseSplit {
    /// Dimension.
    #[schema(example = "社区")]
    pub dimension: String,
    /// Part; null for what is explicitly unknown.
    #[schema(example = "月河社区")]
    pub part: Option<String>,
    /// Number.
    #[schema(example = 1200)]
    pub number: i64,
}

/// An evidence file of a report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseEvidence {
    /// The file.
    pub document_id: DocumentId,
    /// SHA-256.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// The indicator whose value it proves; null when it is for the whole report.
    #[schema(example = "服务人次")]
    pub indicator_zh: Option<String>,
    /// When it was taken.
    pub taken_on: Option<NaiveDate>,
    /// Where.
    #[schema(example = "月河社区")]
    pub place: Option<String>,
}
