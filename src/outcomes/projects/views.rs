//! How projects and indicators are shown.

use serde::Serialize;

use super::model::{Accumulation, Frequency, IndicatorDirection, IndicatorKind, IndicatorRow, ProjectRow, ProjectState};
use super::store;
use crate::db::Db;
use crate::kernel::id::{AnyId, AreaId, CaseId, IndicatorId, OrganisationId, ProjectId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::web::Reply;

/// A hundred project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProjectView {
    /// Id.
    pub id: ProjectId,
    /// Unit that puts it forward.
    pub unit_id: UnitId,
    /// Year of the brand.
    #[schema(example = 2026)]
    pub cohort: i32,
    /// Number in the cohort, 1 to 100; null before the selection.
    #[schema(example = 17)]
    pub number: Option<i32>,
    /// 中文 name.
    #[schema(example = "银龄陪伴")]
    pub name_zh: String,
    /// The name by which people know it (品牌).
    #[schema(example = "湖小伴")]
    pub brand: Option<String>,
    /// What it is for and whom it helps.
    #[schema(example = "每周两次上门陪伴独居老人。")]
    pub story: String,
    /// Where it happens.
    pub area_id: Option<AreaId>,
    /// State.
    pub state: ProjectState,
    /// The case of the first agreement that feeds it.
    pub case_id: Option<CaseId>,
    /// The organisation that delivers it.
    pub payee_id: Option<OrganisationId>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was put forward.
    pub created_at: UtcInstant,
}

impl From<ProjectRow> for ProjectView {
    fn from(row: ProjectRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            cohort: row.cohort,
            number: row.number,
            name_zh: row.name_zh,
            brand: row.brand,
            story: row.story,
            area_id: row.area_id,
            state: row.state,
            case_id: row.case_id,
            payee_id: row.payee_id,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// What a project measures.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IndicatorView {
    /// Id.
    pub id: IndicatorId,
    /// 中文 name.
    #[schema(example = "服务独居老人")]
    pub name_zh: String,
    /// Unit of the number.
    #[schema(example = "人次")]
    pub unit_label: String,
    /// What the number means; a ratio is in basis points.
    pub kind: IndicatorKind,
    /// Which way it gets better.
    pub direction: IndicatorDirection,
    /// Number before the project.
    #[schema(example = 120)]
    pub baseline: i64,
    /// Number to be reached.
    #[schema(example = 800)]
    pub target: i64,
    /// How the values of several periods go together.
    pub accumulation: Accumulation,
    /// Whether the values of several projects may be added up.
    #[schema(example = true)]
    pub aggregatable: bool,
    /// How it is measured.
    #[schema(example = "按签到表去重计数。")]
    pub method: Option<String>,
    /// Where the numbers come from.
    #[schema(example = "服务台账")]
    pub source: Option<String>,
    /// How often it is reported.
    pub frequency: Frequency,
    /// Version; a revision makes the next.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<IndicatorRow> for IndicatorView {
    fn from(row: IndicatorRow) -> Self {
        Self {
            id: row.id,
            name_zh: row.name_zh,
            unit_label: row.unit_label,
            kind: row.kind,
            direction: row.direction,
            baseline: row.baseline,
            target: row.target,
            accumulation: row.accumulation,
            aggregatable: row.aggregatable,
            method: row.method,
            source: row.source,
            frequency: row.frequency,
            version: row.version,
        }
    }
}

/// A project with what it measures.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProjectDetail {
    /// The project.
    #[serde(flatten)]
    pub project: ProjectView,
    /// What it measures.
    #[schema(max_items = 20)]
    pub indicators: Vec<IndicatorView>,
    /// The agreements that feed it, the first one first.
    #[schema(max_items = 100)]
    pub agreements: Vec<AgreementView>,
}

/// An agreement that feeds a project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProjectAgreement)]
pub struct AgreementView {
    /// The contract.
    pub agreement_id: AnyId,
    /// Its case.
    pub case_id: CaseId,
    /// Whom it pays.
    pub payee_id: OrganisationId,
}

/// The project with its indicators and agreements.
pub fn detail(db: &mut Db, row: ProjectRow, indicators: Vec<IndicatorRow>) -> Result<Reply> {
    let version = row.version;
    let agreements = store::agreements_of(db, row.id)?.into_iter().map(|one| AgreementView {
        agreement_id: one.agreement_id,
        case_id: one.case_id,
        payee_id: one.payee_id,
    });
    let (agreements, indicators) = (agreements.collect(), indicators.into_iter().map(IndicatorView::from).collect());
    Ok(Reply::ok(&ProjectDetail { project: row.into(), indicators, agreements })?.tagged(version))
}
