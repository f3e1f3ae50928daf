//! The board of a cohort of hundred projects: what each set out to change and what was verified.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::api::{Asked, ROWS_MAX, too_long};
use crate::db::schema::{indicators, organisations, outcome_reports, outcome_values, project_workers, projects, social_workers, units};
use crate::db::{Backend, Db};
use crate::kernel::Result;
use crate::kernel::id::{CaseId, IndicatorId, OrganisationId, OutcomeReportId, ProjectId, TenantId};
use crate::people::Scope;
use crate::web::spreadsheet::{Cell, Sheet};

/// An indicator of a project.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BoardIndicator {
    /// Name.
    #[schema(example = "服务人次")]
    pub name: String,
    /// Unit of measure.
    #[schema(example = "人次")]
    pub unit_label: String,
    /// Where it began.
    #[schema(example = 0)]
    pub baseline: i64,
    /// Where it should go.
    #[schema(example = 3000)]
    pub target: i64,
    /// What the last verified report says; null before there is one.
    #[schema(example = 3120)]
    pub actual: Option<i64>,
}

/// A project on the board.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BoardProject {
    /// Project.
    pub project_id: ProjectId,
    /// Cohort.
    #[schema(example = 2026)]
    pub cohort: i32,
    /// Number among the hundred; null before the selection.
    #[schema(example = 17)]
    pub number: Option<i32>,
    /// Name.
    #[schema(example = "夕阳不孤单")]
    pub name: String,
    /// Unit.
    #[schema(example = "月河街道办事处")]
    pub unit_name: String,
    /// Organisation that delivers.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name: Option<String>,
    /// Where it stands.
    #[schema(example = "verified")]
    pub state: String,
    /// Case of the contract that feeds it.
    pub case_id: Option<CaseId>,
    /// Indicators.
    #[schema(max_items = 100)]
    pub indicators: Vec<BoardIndicator>,
}

/// The board.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProjectBoard {
    /// Projects by cohort and number.
    #[schema(max_items = 5000)]
    pub rows: Vec<BoardProject>,
    /// Distinct projects that are verified or honoured: what counts as one of the hundred.
    #[schema(example = 63)]
    pub verified: usize,
    /// Distinct social workers of these projects whose certificate a public body saw.
    #[schema(example = 118)]
    pub certified_workers: i64,
}

type Head = (ProjectId, i32, Option<i32>, String, String);
type Rest = (Option<OrganisationId>, String, Option<CaseId>);

/// Reads the board; the year is the cohort.
pub fn read(db: &mut Db, tenant: TenantId, scope: Scope, asked: &Asked) -> Result<ProjectBoard> {
    let mut query = projects::table.inner_join(units::table).filter(projects::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(projects::unit_id.eq_any(scope.units.clone()));
    }
    if let Some(unit) = asked.unit_id {
        query = query.filter(projects::unit_id.eq(unit));
    }
    if let Some(cohort) = asked.year {
        query = query.filter(projects::cohort.eq(cohort));
    }
    let found: Vec<(Head, Rest)> = query
        .order((projects::cohort, projects::number, projects::created_at, projects::id))
        .limit(ROWS_MAX.saturating_add(1))
        .select((
            (projects::id, projects::cohort, projects::number, projects::name_zh, units::name_zh),
            (projects::payee_id, projects::state, projects::case_id),
        ))
        .load(db)?;
    too_long(found.len())?;
    let ids: Vec<ProjectId> = found.iter().map(|(head, _)| head.0).collect();
    let payees: Vec<OrganisationId> = found.iter().filter_map(|(_, rest)| rest.0).collect();
    let names: BTreeMap<OrganisationId, String> = organisations::table
        .filter(organisations::id.eq_any(&payees))
        .select((organisations::id, organisations::name_zh))
        .load(db)?
        .into_iter()
        .collect();
    let mut measured = measured(db, &ids)?;
    let rows: Vec<BoardProject> = found
        .into_iter()
        .map(|((project_id, cohort, number, name, unit_name), (payee, state, case_id))| BoardProject {
            organisation_name: payee.and_then(|id| names.get(&id).cloned()),
            indicators: measured.remove(&project_id).unwrap_or_default(),
            project_id,
            cohort,
            number,
            name,
            unit_name,
            state,
            case_id,
        })
        .collect();
    let counted = rows.iter().filter(|row| matches!(row.state.as_str(), "verified" | "honoured"));
    let counted: Vec<ProjectId> = counted.map(|row| row.project_id).collect();
    let certified = project_workers::project_id.eq_any(&counted).and(social_workers::certificate_state.eq("verified"));
    let certified_workers = project_workers::table
        .inner_join(social_workers::table)
        .filter(certified)
        .select(diesel::dsl::count(project_workers::worker_id).aggregate_distinct())
        .first(db)?;
    Ok(ProjectBoard { rows, verified: counted.len(), certified_workers })
}

/// The indicators of the projects with what the last verified report says of each. Reports come in the order they were made, so the last one stays.
fn measured(db: &mut Db, ids: &[ProjectId]) -> Result<BTreeMap<ProjectId, Vec<BoardIndicator>>> {
    let reports: Vec<OutcomeReportId> = outcome_reports::table
        .filter(outcome_reports::project_id.eq_any(ids).and(outcome_reports::verified_by.is_not_null()))
        .order((outcome_reports::created_at, outcome_reports::id))
        .select(outcome_reports::id)
        .load(db)?;
    let values: Vec<(OutcomeReportId, IndicatorId, i64)> = outcome_values::table
        .filter(outcome_values::report_id.eq_any(&reports))
        .select((outcome_values::report_id, outcome_values::indicator_id, outcome_values::actual))
        .load(db)?;
    let mut last: BTreeMap<IndicatorId, i64> = BTreeMap::new();
    for report in &reports {
        last.extend(values.iter().filter(|(of, ..)| of == report).map(|(_, indicator, actual)| (*indicator, *actual)));
    }
    type Row = (IndicatorId, ProjectId, String, String, i64, i64);
    let rows: Vec<Row> = indicators::table
        .filter(indicators::project_id.eq_any(ids))
        .order((indicators::project_id, indicators::position))
        .select((
            indicators::id,
            indicators::project_id,
            indicators::name_zh,
            indicators::unit_label,
            indicators::baseline,
            indicators::target,
        ))
        .load(db)?;
    let mut found: BTreeMap<ProjectId, Vec<BoardIndicator>> = BTreeMap::new();
    for (id, project, name, unit_label, baseline, target) in rows {
        let actual = last.get(&id).copied();
        found.entry(project).or_default().push(BoardIndicator { name, unit_label, baseline, target, actual });
    }
    Ok(found)
}

impl ProjectBoard {
    /// As a table, a row an indicator.
    pub fn sheet(&self) -> Sheet {
        let text = |text: &str| Cell::Text(text.to_owned());
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for row in &self.rows {
            let head = [
                Cell::Number(i64::from(row.cohort)),
                row.number.map_or(Cell::Nothing, |number| Cell::Number(i64::from(number))),
                text(&row.name),
                text(&row.unit_name),
                Cell::maybe(row.organisation_name.clone()),
                text(&row.state),
            ];
            let lines = row.indicators.iter().map(|one| {
                let actual = one.actual.map_or(Cell::Nothing, Cell::Number);
                vec![text(&one.name), text(&one.unit_label), Cell::Number(one.baseline), Cell::Number(one.target), actual]
            });
            let lines: Vec<Vec<Cell>> = if row.indicators.is_empty() { vec![vec![Cell::Nothing; 5]] } else { lines.collect() };
            rows.extend(lines.into_iter().map(|line| head.iter().cloned().chain(line).collect()));
        }
        Sheet { name: "百个项目".to_owned(), heads: HEADS, rows }
    }
}

const HEADS: &[&str] = &[
    "年度 Cohort",
    "编号 Number",
    "项目 Project",
    "单位 Unit",
    "承接主体 Organisation",
    "状态 State",
    "指标 Indicator",
    "计量单位 Measure",
    "基线 Baseline",
    "目标 Target",
    "实际 Actual",
];
