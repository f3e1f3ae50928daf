//! How reports, their values and their evidence are shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{ReportRow, ReportState, Reuse, SplitRow, ValueRow};
use super::store;
use crate::db::Db;
use crate::kernel::id::{CaseId, IndicatorId, OutcomeReportId, ProjectId};
use crate::kernel::{Result, UtcInstant};
use crate::trust::attachments::DocumentView;
use crate::trust::documents::{self, DocumentRow};
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
    /// Why it was returned, or verified without evidence.
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
    /// Version of the indicator that it was reported under.
    #[schema(example = 1)]
    pub indicator_version: i64,
    /// Number reached; a ratio in basis points.
    #[schema(example = 812)]
    pub actual: i64,
    /// Of a ratio: how many.
    #[schema(example = 19)]
    pub numerator: Option<i64>,
    /// Of a ratio: of how many.
    #[schema(example = 20)]
    pub denominator: Option<i64>,
    /// Parts of a count; each dimension adds up to it.
    #[schema(max_items = 10)]
    pub splits: Vec<SplitView>,
    /// How it was counted.
    #[schema(example = "按签到表去重")]
    pub note: String,
}

/// The parts of a count along one dimension.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SplitView {
    /// Dimension.
    #[schema(example = "社区")]
    pub dimension: String,
    /// Parts.
    #[schema(max_items = 100)]
    pub parts: Vec<SplitPart>,
    /// What belongs to no part that is known.
    #[schema(example = 0)]
    pub unknown: i64,
}

/// A part of a count.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitPart {
    /// Part.
    #[schema(min_length = 1, max_length = 64, example = "月河社区")]
    pub part: String,
    /// Number.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 500)]
    pub number: i64,
}

fn value(row: ValueRow, splits: &[SplitRow]) -> OutcomeValueView {
    let mut found: Vec<SplitView> = Vec::new();
    for one in splits.iter().filter(|split| split.indicator_id == row.indicator_id) {
        if found.last().is_none_or(|last| last.dimension != one.dimension) {
            found.push(SplitView { dimension: one.dimension.clone(), parts: Vec::new(), unknown: 0 });
        }
        let Some(last) = found.last_mut() else { continue };
        if one.part.is_empty() {
            last.unknown = one.number;
        } else {
            last.parts.push(SplitPart { part: one.part.clone(), number: one.number });
        }
    }
    OutcomeValueView {
        indicator_id: row.indicator_id,
        indicator_version: row.indicator_version,
        actual: row.actual,
        numerator: row.numerator,
        denominator: row.denominator,
        splits: found,
        note: row.note,
    }
}

/// What is known of an evidence file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EvidenceView {
    /// The file.
    #[serde(flatten)]
    pub document: DocumentView,
    /// The value that it proves; null when it is for the whole report.
    pub indicator_id: Option<IndicatorId>,
    /// When it was taken.
    pub taken_on: Option<NaiveDate>,
    /// Where.
    #[schema(example = "月河社区")]
    pub place: Option<String>,
}

/// Another report that has the same file as evidence.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReuseView {
    /// Hash of the file.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// The other report.
    pub report_id: OutcomeReportId,
    /// Its project.
    pub project_id: ProjectId,
    /// Its period.
    #[schema(example = "2026-Q1")]
    pub period: String,
}

impl From<Reuse> for ReuseView {
    fn from(row: Reuse) -> Self {
        Self { sha256: row.sha256, report_id: row.report_id, project_id: row.project_id, period: row.period }
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
    pub evidence: Vec<EvidenceView>,
    /// Other reports that have one of these files as evidence; shown like the evidence.
    #[schema(max_items = 100)]
    pub reused: Vec<ReuseView>,
}

/// The report as one who may (`open`) or may not see its evidence reads it. The tag counts the files, which do not change the version.
pub fn detail(db: &mut Db, row: ReportRow, open: bool) -> Result<Reply> {
    let splits = store::splits_of(db, &row)?;
    let values = store::values_of(db, &row)?.into_iter().map(|one| value(one, &splits)).collect();
    let files = if open { documents::of_owner(db, row.tenant_id, row.id.any())? } else { Vec::new() };
    let facts = if open { store::evidence_of(db, &row)? } else { Vec::new() };
    let reused: Vec<ReuseView> = if open { store::reused(db, &row)?.into_iter().map(ReuseView::from).collect() } else { Vec::new() };
    let (version, phase) = (row.version, if open { format!("e{}r{}", files.len(), reused.len()) } else { String::new() });
    let shown = |file: DocumentRow| {
        let known = facts.iter().find(|fact| fact.document_id == file.id);
        EvidenceView {
            indicator_id: known.and_then(|fact| fact.indicator_id),
            taken_on: known.and_then(|fact| fact.taken_on),
            place: known.and_then(|fact| fact.place.clone()),
            document: file.into(),
        }
    };
    let evidence = files.into_iter().map(shown).collect();
    let view = OutcomeReportDetail { report: row.into(), values, evidence, reused };
    Ok(Reply::ok(&view)?.tagged(Tag { version, phase: &phase, view: "" }))
}
