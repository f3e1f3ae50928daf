//! The board of a cohort of hundred projects: what each set out to change and what was verified.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::super::papers::spoken;
use super::api::{Asked, ROWS_MAX, too_long};
use crate::db::schema::{
    areas, contracts, indicators, organisations, outcome_reports, outcome_values, projects, service_sessions, social_workers, units,
};
use crate::db::{Backend, Db};
use crate::kernel::id::{AreaId, CaseId, IndicatorId, OrganisationId, ProjectId, TenantId};
use crate::kernel::{Error, Fen, Money, Result};
use crate::outcomes::projects::IndicatorKind;
use crate::outcomes::projects::model::Accumulation;
use crate::outcomes::reports::ReportState;
use crate::outcomes::reports::periods::{Verified, reached};
use crate::outcomes::sessions::model::SessionState;
use crate::outcomes::workers::model::FactState;
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
    /// What the numbers mean; a ratio is in basis points.
    pub kind: IndicatorKind,
    /// Where it began.
    #[schema(example = 0)]
    pub baseline: i64,
    /// Where it should go.
    #[schema(example = 3000)]
    pub target: i64,
    /// How the values of several periods go together.
    pub accumulation: Accumulation,
    /// What was reached by the verified reports: of a cumulative indicator the value of the latest period, of a periodic count the sum over
    /// the periods, of a periodic ratio the share of the sums; null before there is one.
    #[schema(example = 3120)]
    pub actual: Option<i64>,
    /// The latest verified period.
    #[schema(example = "2026-Q4")]
    pub period: Option<String>,
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
    /// The name by which people know it (品牌).
    #[schema(example = "湖小伴")]
    pub brand: Option<String>,
    /// What it is for and whom it helps.
    #[schema(example = "让独居老人有人惦记。")]
    pub story: String,
    /// Its community or other area; null while none is named.
    pub area_id: Option<AreaId>,
    /// Name of that area.
    #[schema(example = "月河社区")]
    pub area_name: Option<String>,
    /// Unit.
    #[schema(example = "月河街道办事处")]
    pub unit_name: String,
    /// Organisation that delivers.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name: Option<String>,
    /// Where it stands.
    #[schema(example = "verified")]
    pub state: String,
    /// Case of the first contract that feeds it.
    pub case_id: Option<CaseId>,
    /// Contracts that feed it.
    #[schema(example = 1)]
    pub contracts: usize,
    /// What they agree on.
    pub agreed: Money,
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
    /// Distinct certificates of the social workers who held a confirmed session of these projects while certified: the certificate seen by a
    /// public body and issued by the day of the session (R096). Certificate and registration are two facts: a registration that no public
    /// body saw takes nothing away, and one that was seen must not have ended by that day.
    #[schema(example = 118)]
    pub certified_workers: i64,
    /// Contracts that feed the projects.
    #[schema(example = 71)]
    pub contracts: usize,
    /// What they agree on together.
    pub agreed: Money,
}

type Head = (ProjectId, i32, Option<i32>, String, String);
type Rest = (Option<OrganisationId>, String, Option<CaseId>, Option<String>, String, Option<AreaId>);

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
            (projects::payee_id, projects::state, projects::case_id, projects::brand, projects::story, projects::area_id),
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
    let places: Vec<AreaId> = found.iter().filter_map(|(_, rest)| rest.5).collect();
    let places: BTreeMap<AreaId, String> = areas::table
        .filter(areas::tenant_id.eq(tenant).and(areas::id.eq_any(&places)))
        .select((areas::id, areas::name_zh))
        .load(db)?
        .into_iter()
        .collect();
    let mut measured = measured(db, &ids)?;
    let agreed = agreed(db, &ids)?;
    let rows: Vec<BoardProject> = found
        .into_iter()
        .map(|((project_id, cohort, number, name, unit_name), (payee, state, case_id, brand, story, area_id))| {
            let prices = agreed.get(&project_id).map(Vec::as_slice).unwrap_or_default();
            Ok(BoardProject {
                organisation_name: payee.and_then(|id| names.get(&id).cloned()),
                area_name: area_id.and_then(|id| places.get(&id).cloned()),
                indicators: measured.remove(&project_id).unwrap_or_default(),
                contracts: prices.len(),
                agreed: Fen::total(prices.iter().copied())?.into(),
                project_id,
                cohort,
                number,
                name,
                brand,
                story,
                area_id,
                unit_name,
                state,
                case_id,
            })
        })
        .collect::<Result<_>>()?;
    let counted: Vec<ProjectId> = rows.iter().filter(|row| row.counts()).map(|row| row.project_id).collect();
    let contracts: usize = rows.iter().map(|row| row.contracts).sum();
    let agreed = Fen::total(rows.iter().map(|row| row.agreed.amount_fen))?;
    let certified_workers = certified(db, &counted)?;
    Ok(ProjectBoard { rows, verified: counted.len(), certified_workers, contracts, agreed: agreed.into() })
}

/// The prices of the contracts that feed the projects.
fn agreed(db: &mut Db, ids: &[ProjectId]) -> Result<BTreeMap<ProjectId, Vec<Fen>>> {
    let rows: Vec<(Option<ProjectId>, Fen)> =
        contracts::table.filter(contracts::project_id.eq_any(ids)).select((contracts::project_id, contracts::price_fen)).load(db)?;
    let mut found: BTreeMap<ProjectId, Vec<Fen>> = BTreeMap::new();
    for (project, price) in rows {
        found.entry(project.ok_or_else(|| Error::internal("a contract of a project has none"))?).or_default().push(price);
    }
    Ok(found)
}

/// Distinct certificates of those who were certified on the day of a confirmed session of one of the projects. A certificate counts as in
/// `workers::rules::is_certified`: verified, and issued by that day; it does not end. The registration is a fact of its own and counts as in
/// `is_registered`: where it is verified it must not have ended by that day, where it is not it says nothing.
fn certified(db: &mut Db, projects: &[ProjectId]) -> Result<i64> {
    let held = service_sessions::project_id.eq_any(projects).and(service_sessions::state.eq(SessionState::Confirmed));
    let seen = social_workers::certificate_state.eq(FactState::Verified);
    let issued = social_workers::certificate_issued_on.le(service_sessions::held_on.nullable());
    let unseen = social_workers::registration_state.ne(FactState::Verified);
    let registered = social_workers::registration_until.ge(service_sessions::held_on.nullable());
    Ok(service_sessions::table
        .inner_join(social_workers::table)
        .filter(held.and(seen))
        .filter(issued)
        .filter(unseen.or(registered))
        .select(diesel::dsl::count(social_workers::certificate_number).aggregate_distinct())
        .first(db)?)
}

/// The indicators of the projects with what their verified reports say of each.
fn measured(db: &mut Db, ids: &[ProjectId]) -> Result<BTreeMap<ProjectId, Vec<BoardIndicator>>> {
    type Value = (IndicatorId, String, i64, Option<i64>, Option<i64>);
    let values: Vec<Value> = outcome_values::table
        .inner_join(outcome_reports::table)
        .filter(outcome_reports::project_id.eq_any(ids).and(outcome_reports::state.eq_any(ReportState::LOCKED)))
        .select((
            outcome_values::indicator_id,
            outcome_reports::period,
            outcome_values::actual,
            outcome_values::numerator,
            outcome_values::denominator,
        ))
        .load(db)?;
    let mut verified: BTreeMap<IndicatorId, Vec<Verified>> = BTreeMap::new();
    for (indicator, period, actual, numerator, denominator) in values {
        verified.entry(indicator).or_default().push(Verified { period, actual, share: numerator.zip(denominator) });
    }
    type Row = ((IndicatorId, ProjectId, String, String), (i64, i64, IndicatorKind, Accumulation));
    let rows: Vec<Row> = indicators::table
        .filter(indicators::project_id.eq_any(ids))
        .order((indicators::project_id, indicators::position))
        .select((
            (indicators::id, indicators::project_id, indicators::name_zh, indicators::unit_label),
            (indicators::baseline, indicators::target, indicators::kind, indicators::accumulation),
        ))
        .load(db)?;
    let mut found: BTreeMap<ProjectId, Vec<BoardIndicator>> = BTreeMap::new();
    for ((id, project, name, unit_label), (baseline, target, kind, accumulation)) in rows {
        let (actual, period) = verified.get(&id).and_then(|values| reached(kind, accumulation, values)).unzip();
        let one = BoardIndicator { name, unit_label, kind, baseline, target, accumulation, actual, period };
        found.entry(project).or_default().push(one);
    }
    Ok(found)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn count(number: usize) -> Cell {
    i64::try_from(number).map_or(Cell::Nothing, Cell::Number)
}

impl BoardIndicator {
    /// A number of it: of a ratio as a percentage.
    fn figure(&self, number: i64) -> Cell {
        if self.kind == IndicatorKind::Ratio { Cell::Text(spoken::percent(number)) } else { Cell::Number(number) }
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            text(&self.name),
            text(&self.unit_label),
            self.figure(self.baseline),
            self.figure(self.target),
            self.actual.map_or(Cell::Nothing, |actual| self.figure(actual)),
            Cell::maybe(self.period.clone()),
        ]
    }
}

impl BoardProject {
    /// Whether it counts as one of the hundred.
    fn counts(&self) -> bool {
        matches!(self.state.as_str(), "verified" | "honoured")
    }

    /// What stands in each of its rows.
    fn head(&self) -> Vec<Cell> {
        vec![
            Cell::Number(i64::from(self.cohort)),
            self.number.map_or(Cell::Nothing, |number| Cell::Number(i64::from(number))),
            text(&self.name),
            Cell::maybe(self.brand.clone()),
            text(&self.story),
            Cell::maybe(self.area_name.clone()),
            text(&self.unit_name),
            Cell::maybe(self.organisation_name.clone()),
            text(&self.state),
            Cell::maybe(self.case_id.map(|id| id.to_string())),
        ]
    }

    /// What adds up over the projects. A worker may serve several, so that workers are counted in the totals only.
    fn sums(&self) -> Vec<Cell> {
        vec![count(self.contracts), Cell::Yuan(self.agreed.amount_fen), Cell::Number(i64::from(self.counts())), Cell::Nothing]
    }
}

impl ProjectBoard {
    /// As a table, a row an indicator, the totals in its last row. What adds up stands in the first row of a project alone.
    pub fn sheet(&self) -> Sheet {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for row in &self.rows {
            let mut lines: Vec<Vec<Cell>> = row.indicators.iter().map(BoardIndicator::cells).collect();
            if lines.is_empty() {
                lines.push(Vec::new());
            }
            for (place, line) in lines.into_iter().enumerate() {
                let mut cells = row.head();
                cells.extend(if place == 0 { row.sums() } else { vec![Cell::Nothing; 4] });
                cells.extend(line);
                cells.resize(HEADS.len(), Cell::Nothing);
                rows.push(cells);
            }
        }
        let mut last = vec![text("合计 Total")];
        last.resize(10, Cell::Nothing);
        let workers = Cell::Number(self.certified_workers);
        last.extend([count(self.contracts), Cell::Yuan(self.agreed.amount_fen), count(self.verified), workers]);
        last.resize(HEADS.len(), Cell::Nothing);
        rows.push(last);
        Sheet { name: "百个项目".to_owned(), heads: HEADS, rows }
    }
}

const HEADS: &[&str] = &[
    "年度 Cohort",
    "编号 Number",
    "项目 Project",
    "品牌 Brand",
    "故事 Story",
    "地点 Place",
    "单位 Unit",
    "承接主体 Organisation",
    "状态 State",
    "案号 Case",
    "合同数 Contracts",
    "合同价款 Agreed",
    "已核验项目 Verified",
    "持证社工 Certified workers",
    "指标 Indicator",
    "计量单位 Measure",
    "基线 Baseline",
    "目标 Target",
    "实际 Actual",
    "截至 Period",
];
