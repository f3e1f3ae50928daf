//! Projects over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{
    Accumulation, Frequency, IndicatorDirection, IndicatorKind, NewIndicator, NewProject, ProjectFilter, ProjectRow, ProjectState,
};
use super::views::{ProjectDetail, ProjectView, detail};
use super::{policy, service, store};
use crate::kernel::error;
use crate::kernel::id::{AreaId, IndicatorId, ProjectId, UnitId};
use crate::people::{self, Scope, Subject};
use crate::web::{Answer, Body, Call, Id, Ids, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep projects.
const CACHE_SECONDS: u32 = 60;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_projects)
        .service(get_project)
        .service(propose_project)
        .service(select_project)
        .service(name_project_area)
        .service(revise_indicator)
        .service(honour_project)
        .service(drop_project);
}

/// Filters and page of the project list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProjects {
    /// Only this year of the brand.
    #[param(example = 2026)]
    cohort: Option<i32>,
    /// Only this state.
    state: Option<ProjectState>,
    /// Only of this unit.
    unit_id: Option<UnitId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List hundred projects
///
/// Selected projects and later, newest first, readable by everybody. A unit's people also see its own proposals; the administrator and
/// auditors see all.
#[utoipa::path(tag = "projects", params(ListProjects), responses((status = 200, description = "A page of projects", body = Page<ProjectView>)))]
#[get("/projects")]
async fn list_projects(call: Call, params: Params<ListProjects>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let filter = ProjectFilter { cohort: asked.cohort, state: asked.state, unit: asked.unit_id };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("projects {filter:?}"))?;
        let scope = Scope::of(viewer.actor.as_ref(), policy::READERS);
        let rows = store::list(snapshot, viewer.tenant, &filter, scope, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), ProjectView::from);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a hundred project
///
/// One project with its indicators and the agreements that feed it. A proposal that was never selected is there only for its unit, the administrator and
/// auditors.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")),
    responses((status = 200, description = "The project", body = ProjectDetail)))]
#[get("/projects/{project_id}")]
async fn get_project(call: Call, id: Id<ProjectId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = service::find(snapshot, viewer.tenant, id.0)?;
        if !row.is_public() && !viewer.actor.as_ref().is_some_and(|actor| row.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        let indicators = store::indicators_of(snapshot, viewer.tenant, row.id)?;
        Ok(detail(snapshot, row, indicators)?.public(CACHE_SECONDS))
    })
    .await
}

/// What is to be measured.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeIndicator {
    /// 中文 name.
    #[schema(min_length = 1, max_length = 64, example = "服务独居老人")]
    pub name_zh: String,
    /// Unit of the number.
    #[schema(min_length = 1, max_length = 16, example = "人次")]
    pub unit_label: String,
    /// What the number means; a ratio is in basis points.
    pub kind: IndicatorKind,
    /// Which way it gets better.
    pub direction: IndicatorDirection,
    /// Number before the project.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 120)]
    pub baseline: i64,
    /// Number to be reached.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 800)]
    pub target: i64,
    /// How the values of several periods go together; cumulative when absent.
    #[serde(default)]
    pub accumulation: Option<Accumulation>,
    /// Whether the values of several projects may be added up; only counts and ratios with numerator and denominator may.
    #[serde(default)]
    pub aggregatable: bool,
    /// How it is measured.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "按签到表去重计数。")]
    pub method: Option<String>,
    /// Where the numbers come from.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "服务台账")]
    pub source: Option<String>,
    /// How often it is reported; yearly when absent.
    #[serde(default)]
    pub frequency: Option<Frequency>,
}

/// A project put forward.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeProject {
    /// The caller's unit.
    pub unit_id: UnitId,
    /// Year of the brand.
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub cohort: i32,
    /// 中文 name.
    #[schema(min_length = 1, max_length = 64, example = "银龄陪伴")]
    pub name_zh: String,
    /// The name by which people know it (品牌).
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "湖小伴")]
    pub brand: Option<String>,
    /// What it is for and whom it helps.
    #[schema(min_length = 1, max_length = 2000, example = "每周两次上门陪伴独居老人。")]
    pub story: String,
    /// Where it happens.
    #[serde(default)]
    pub area_id: Option<AreaId>,
    /// What is measured.
    #[schema(min_items = 1, max_items = 20)]
    pub indicators: Vec<ProposeIndicator>,
}

impl From<&ProposeProject> for NewProject {
    fn from(asked: &ProposeProject) -> Self {
        let measured = |i: &ProposeIndicator| NewIndicator {
            name_zh: i.name_zh.clone(),
            unit_label: i.unit_label.clone(),
            kind: i.kind,
            direction: i.direction,
            baseline: i.baseline,
            target: i.target,
            accumulation: i.accumulation.unwrap_or(Accumulation::Cumulative),
            aggregatable: i.aggregatable,
            method: i.method.clone(),
            source: i.source.clone(),
            frequency: i.frequency.unwrap_or(Frequency::Year),
        };
        Self {
            unit: asked.unit_id,
            cohort: asked.cohort,
            name_zh: asked.name_zh.clone(),
            brand: asked.brand.clone(),
            story: asked.story.clone(),
            area: asked.area_id,
            indicators: asked.indicators.iter().map(measured).collect(),
        }
    }
}

/// Put a project forward
///
/// A unit proposes a project with what it will measure. It stays inside until it is selected.
#[utoipa::path(tag = "projects", request_body = ProposeProject, responses((status = 201, description = "Proposed", body = ProjectDetail)),
    extensions(("x-action" = json!(policy::PROPOSE.name))), security(("bearer" = [])))]
#[post("/projects")]
async fn propose_project(call: Call, body: Body<ProposeProject>) -> Answer {
    let unit = body.get().ok().map(|asked| asked.unit_id);
    people::command(
        call,
        body.fingerprint,
        move |_, actor| service::may_propose(actor, unit),
        move |tx, granted| {
            let (row, indicators) = service::propose(tx, &granted, &NewProject::from(body.get()?))?;
            let location = format!("/api/v1/projects/{}", row.id);
            Ok(Reply { status: 201, location: Some(location), ..detail(tx, row, indicators)? })
        },
    )
    .await
}

/// A number of the cohort.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectProject {
    /// Number, 1 to 100, given once in a cohort.
    #[schema(minimum = 1, maximum = 100, example = 17)]
    pub number: i32,
}

/// Select a project
///
/// Gives it a number of its cohort. Its proposer may not.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")), request_body = SelectProject,
    responses((status = 200, description = "Selected", body = ProjectView)),
    extensions(("x-action" = json!(policy::SELECT.name)), ("x-problems" = json!(["project_number_taken", "duties_not_separate"]))),
    security(("bearer" = [])))]
#[post("/projects/{project_id}/selection")]
async fn select_project(call: Call, id: Id<ProjectId>, body: Body<SelectProject>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::SELECT, id.0),
        move |tx, granted| changed(service::select(tx, &granted, body.get()?.number)?),
    )
    .await
}

fn changed(row: ProjectRow) -> crate::kernel::Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&ProjectView::from(row))?.tagged(version))
}

/// Where a project happens.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameArea {
    /// Its community or other area.
    pub area_id: AreaId,
}

/// Name the area of a project
///
/// The unit names the community or other area where it happens; one of the three parties that a project names before it is honoured.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")), request_body = NameArea,
    responses((status = 200, description = "Named", body = ProjectView)),
    extensions(("x-action" = json!(policy::PLACE.name))), security(("bearer" = [])))]
#[post("/projects/{project_id}/area")]
async fn name_project_area(call: Call, id: Id<ProjectId>, body: Body<NameArea>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::PLACE, id.0),
        move |tx, granted| changed(service::place(tx, &granted, body.get()?.area_id)?),
    )
    .await
}

/// What an indicator becomes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviseIndicator {
    /// Number to be reached.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 900)]
    pub target: i64,
    /// How it is measured.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "按签到表去重计数。")]
    pub method: Option<String>,
    /// Why, kept with the former version.
    #[schema(min_length = 1, max_length = 500, example = "服务范围增加一个社区。")]
    pub reason: String,
}

/// Revise an indicator
///
/// A lead gives a running project's indicator another target or method, with a reason. The former version is kept; a report names the version that it was made under.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project"), ("indicator_id" = IndicatorId, Path, description = "The indicator")),
    request_body = ReviseIndicator, responses((status = 200, description = "Revised", body = ProjectDetail)),
    extensions(("x-action" = json!(policy::REVISE.name))), security(("bearer" = [])))]
#[post("/projects/{project_id}/indicators/{indicator_id}/revision")]
async fn revise_indicator(call: Call, ids: Ids<ProjectId, IndicatorId>, body: Body<ReviseIndicator>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REVISE, ids.0),
        move |tx, granted| {
            let asked = body.get()?;
            let (row, indicators) = service::revise(tx, &granted, ids.1, asked.target, asked.method.as_deref(), &asked.reason)?;
            detail(tx, row, indicators)
        },
    )
    .await
}

/// Honour a project
///
/// Counts a verified project in the yearly brand, once its community, organisation and social workers are named.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")),
    responses((status = 200, description = "Honoured", body = ProjectView)),
    extensions(("x-action" = json!(policy::HONOUR.name)), ("x-problems" = json!(["linkage_incomplete"]))), security(("bearer" = [])))]
#[post("/projects/{project_id}/honour")]
async fn honour_project(call: Call, id: Id<ProjectId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::HONOUR, id.0),
        move |tx, granted| changed(service::honour(tx, &granted)?),
    )
    .await
}

/// Why a project is given up.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DropProject {
    /// Reason, kept in the journal.
    #[schema(min_length = 1, max_length = 500, example = "承接组织注销，项目无法继续。")]
    pub reason: String,
}

/// Drop a project
///
/// Gives it up with a reason. Its number stays its own.
#[utoipa::path(tag = "projects", params(("project_id" = ProjectId, Path, description = "The project")), request_body = DropProject,
    responses((status = 200, description = "Dropped", body = ProjectView)),
    extensions(("x-action" = json!(policy::DROP.name))), security(("bearer" = [])))]
#[post("/projects/{project_id}/drop")]
async fn drop_project(call: Call, id: Id<ProjectId>, body: Body<DropProject>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::DROP, id.0),
        move |tx, granted| changed(service::give_up(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
