//! How reports, their values and their evidence are shown.

use serde::Serialize;

use super::model::{ReportRow, ReportState, ValueRow};
use super::store;
use crate::db::Db;
use crate::kernel::id::{CaseId, IndicatorId, OutcomeReportId, ProjectId};
use crate::kernel::{Result, UtcInstant};
use crate::trust::attachments::DocumentView;
use crate::trust::documents;
use crate::web::{Reply, Tag};

/// An outcome report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OutcomeReportView {
    /// Id.
    pub id: OutcomeReportId,
    /// Project.
    pub project_id: ProjectId,
    /// Case.
    pub case_id: CaseId,
    /// Period.
    #[schema(example = "2026-Q1")]
    pub period: String,
    /// What was reached, in words.
    #[schema(example = "服务独居老人 812 人次，满意率 97%。")]
    pub summary: String,
    /// State.
    pub state: ReportState,
    /// Why it was returned.
    #[schema(example = "缺少签到表。")]
    pub reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was first submitted.
    pub created_at: UtcInstant,
}

impl From<ReportRow> for OutcomeReportView {
    fn from(row: ReportRow) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            case_id: row.case_id,
            period: row.period,
            summary: row.summary,
            state: row.state,
            reason: row.reason,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// What an indicator reached.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OutcomeValueView {
    /// Indicator.
    pub indicator_id: IndicatorId,
    /// Number reached; a ratio in basis points.
    #[schema(example = 812)]
    pub actual: i64,
    /// How it was counted.
    #[schema(example = "按签到表去重")]
    pub note: String,
}

impl From<ValueRow> for OutcomeValueView {
    fn from(row: ValueRow) -> Self {
        Self { indicator_id: row.indicator_id, actual: row.actual, note: row.note }
    }
}

/// A report with its values and, for those who may see them, its evidence files.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OutcomeReportDetail {
    /// The report.
    #[serde(flatten)]
    pub report: OutcomeReportView,
    /// One value per indicator.
    #[schema(max_items = 20)]
    pub values: Vec<OutcomeValueView>,
    /// Evidence files; always empty for the public, because they may name residents.
    #[schema(max_items = 100)]
    pub evidence: Vec<DocumentView>,
}

/// The report as one who may (`open`) or may not see its evidence reads it. The tag counts the files, which do not change the version.
pub fn detail(db: &mut Db, row: ReportRow, open: bool) -> Result<Reply> {
    let values = store::values_of(db, &row)?.into_iter().map(OutcomeValueView::from).collect();
    let files = if open { documents::of_owner(db, row.tenant_id, row.id.any())? } else { Vec::new() };
    let (version, phase) = (row.version, if open { format!("e{}", files.len()) } else { String::new() });
    let evidence = files.into_iter().map(DocumentView::from).collect();
    let view = OutcomeReportDetail { report: row.into(), values, evidence };
    Ok(Reply::ok(&view)?.tagged(Tag { version, phase: &phase, view: "" }))
}
