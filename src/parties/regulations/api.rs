//! Regulations, calendars and budget subjects over HTTP, readable by everybody.

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{Acts, FigureRow, RuleProcedure, RuleRow, RuleSetRow, RuleSetState, SubjectKind, SubjectRow};
use super::{rules, service, store};
use crate::kernel::error::Fields;
use crate::kernel::id::RuleSetId;
use crate::kernel::{UtcInstant, error};
use crate::law::{Confidence, DayKind, Gate, Severity, checks};
use crate::people;
use crate::web::{Answer, Call, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep these: they change once a year or so.
const CACHE_SECONDS: u32 = 300;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_regulations).service(get_regulation).service(get_calendar).service(list_budget_subjects);
}

/// A number of a rule.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FigureView {
    /// Its name inside the rule.
    #[schema(example = "min_bid_period")]
    pub name: String,
    /// The number; money is in fen, shares in basis points.
    #[schema(example = 20)]
    pub number: i64,
    /// calendar_day, working_day, day, year, month, hour, minute, fen, basis_point, count or character.
    #[schema(example = "calendar_day")]
    pub unit: String,
}

/// A rule of the set in use.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegulationView {
    /// Rule.
    #[schema(example = "R019")]
    pub rule_id: String,
    /// Topic.
    #[schema(example = "采购-公开招标")]
    pub topic: String,
    /// Summary, to be read together with the figures; not a quotation.
    #[schema(example = "自招标文件开始发出之日起至投标截止之日止不得少于")]
    pub statement_zh: String,
    /// Statute.
    #[schema(example = "政府采购法")]
    pub legal_basis: String,
    /// Article.
    #[schema(example = "第35条")]
    pub article: String,
    /// Procedures it binds; empty when it binds something other than a procedure.
    #[schema(max_items = 10)]
    pub procedures: Vec<RuleProcedure>,
    /// How it acts once its reading is sure.
    pub severity: Severity,
    /// How sure its reading is.
    pub confidence: Confidence,
    /// The steps at which it decides, the first first; empty when people judge it.
    #[schema(max_items = 20)]
    pub gates: Vec<Gate>,
    /// What the check looks at; empty when people judge it.
    #[schema(max_items = 20, example = json!(["notice.published_on", "notice.deadline_on"]))]
    pub looks_at: Vec<&'static str>,
    /// What a breach does today: only a rule that is severe and sure blocks.
    pub acts: Acts,
    /// First day it holds; null when unknown.
    pub effective_from: Option<NaiveDate>,
    /// Last day it holds; null when open.
    pub effective_to: Option<NaiveDate>,
    /// Remarks; nothing in them is a rule.
    #[schema(example = "")]
    pub note: String,
    /// Its numbers.
    pub figures: Vec<FigureView>,
}

pub(super) fn view(row: RuleRow, figures: &[FigureRow]) -> RegulationView {
    let rule = row.read(figures);
    let check = checks::of(&row.rule_id);
    RegulationView {
        gates: check.map(|check| check.gates.to_vec()).unwrap_or_default(),
        looks_at: check.map(|check| check.facts.to_vec()).unwrap_or_default(),
        acts: rules::acts(&rule),
        procedures: rule.procedures.iter().filter_map(|word| word.parse().ok()).collect(),
        figures: rule.figures.into_iter().map(|f| FigureView { name: f.name, number: f.number, unit: f.unit }).collect(),
        rule_id: row.rule_id,
        topic: row.topic,
        statement_zh: row.statement_zh,
        legal_basis: row.legal_basis,
        article: row.article,
        severity: row.severity,
        confidence: row.confidence,
        effective_from: row.effective_from,
        effective_to: row.effective_to,
        note: row.note,
    }
}

/// A rule set.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RuleSetView {
    /// Id.
    pub id: RuleSetId,
    /// Name.
    #[schema(example = "2026-01")]
    pub name: String,
    /// In use, or replaced by a later one and kept for what was made under it.
    pub state: RuleSetState,
    /// Since when it is in use.
    pub published_at: Option<UtcInstant>,
}

impl From<RuleSetRow> for RuleSetView {
    fn from(row: RuleSetRow) -> Self {
        Self { id: row.id, name: row.name, state: row.state, published_at: row.published_at }
    }
}

/// A page of rules with the set they belong to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegulationPage {
    /// The page.
    #[serde(flatten)]
    pub page: Page<RegulationView>,
    /// The set.
    pub rule_set: RuleSetView,
}

/// Filters and page of the rules.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRegulations {
    /// Only rules of exactly this topic.
    #[param(max_length = 64, example = "采购-公开招标")]
    topic: Option<String>,
    /// Only rules that bind this procedure, those that bind all included.
    procedure: Option<RuleProcedure>,
    /// Only rules that decide at this step.
    #[param(inline)]
    gate: Option<Gate>,
    /// The rules of this set, such as the one a tender was made under; those of the set in use when absent.
    rule_set_id: Option<RuleSetId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List regulations
///
/// The rules of the set in use with their numbers, by rule id: what they rest on, how sure their reading is and whether a breach blocks.
/// Rules whose reading is not confirmed warn and never block.
#[utoipa::path(tag = "regulations", params(ListRegulations), responses((status = 200, description = "A page of rules", body = RegulationPage)),
    extensions(("x-problems" = json!(["rule_set_missing", "not_found"]))))]
#[get("/regulations")]
async fn list_regulations(call: Call, params: Params<ListRegulations>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let topic = asked.topic.as_deref();
        if let Some(topic) = topic {
            let mut fields = Fields::default();
            fields.text(topic, "?topic", 1, 64);
            fields.finish()?;
        }
        let set = service::set_asked(snapshot, viewer.tenant, asked.rule_set_id)?;
        let binding = format!("regulations {} {topic:?} {:?} {:?}", set.id, asked.procedure, asked.gate);
        let decides =
            |row: &RuleRow| asked.gate.is_none_or(|gate| checks::of(&row.rule_id).is_some_and(|check| check.gates.contains(&gate)));
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &binding)?;
        let figures = store::figure_rows(snapshot, set.id)?;
        let after = request.after.as_ref().map(|(key, _)| key.as_str());
        let found = store::rule_rows(snapshot, set.id)?
            .into_iter()
            .filter(|row| {
                after.is_none_or(|after| row.rule_id.as_str() > after) && decides(row) && rules::wanted(row, topic, asked.procedure)
            })
            .take(usize::try_from(request.rows()).unwrap_or(0))
            .collect();
        let page = request.page(found, |row| (row.rule_id.clone(), Uuid::nil()), |row| view(row, &figures));
        let next = Reply::page(&page, &params.path, &params.raw)?.next;
        Ok(Reply { next, ..Reply::ok(&RegulationPage { page, rule_set: set.into() })? }.public(CACHE_SECONDS))
    })
    .await
}

/// Read a regulation
///
/// One rule of the set in use.
#[utoipa::path(tag = "regulations", params(("rule_id" = String, Path, description = "The rule", max_length = 8, example = "R019")),
    responses((status = 200, description = "The rule", body = RegulationView)), extensions(("x-problems" = json!(["rule_set_missing"]))))]
#[get("/regulations/{rule_id}")]
async fn get_regulation(call: Call, rule: web::Path<String>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let set = service::current(snapshot, viewer.tenant)?;
        let figures = store::figure_rows(snapshot, set.id)?;
        let row = store::rule_rows(snapshot, set.id)?.into_iter().find(|row| row.rule_id == *rule);
        let row = row.ok_or_else(|| error::NOT_FOUND.error())?;
        Ok(Reply::ok(&view(row, &figures))?.public(CACHE_SECONDS))
    })
    .await
}

/// A day that is not what its weekday says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DayView {
    /// The day.
    pub day: NaiveDate,
    /// Off, or worked.
    pub kind: DayKind,
    /// The holiday it belongs to.
    #[schema(example = "春节")]
    pub name_zh: String,
}

/// A year's calendar.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CalendarView {
    /// The year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Days off and make-up working days; all others are what their weekday says.
    #[schema(max_items = 366)]
    pub days: Vec<DayView>,
}

/// Read a year's calendar
///
/// Days off and make-up working days of a year. A year that is not loaded is refused, because working days cannot be counted in it.
#[utoipa::path(tag = "regulations", params(("year" = i32, Path, description = "The year", example = 2026)),
    responses((status = 200, description = "The calendar", body = CalendarView)), extensions(("x-problems" = json!(["calendar_missing"]))))]
#[get("/calendars/{year}")]
async fn get_calendar(call: Call, year: web::Path<String>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let year: i32 = year.parse().map_err(|_| error::NOT_FOUND.error())?;
        let days = service::year(snapshot, viewer.tenant, year)?;
        let days = days.into_iter().map(|row| DayView { day: row.day, kind: row.kind, name_zh: row.name_zh }).collect();
        Ok(Reply::ok(&CalendarView { year, days })?.public(CACHE_SECONDS))
    })
    .await
}

/// A budget subject.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SubjectView {
    /// Code.
    #[schema(example = "2080299")]
    pub code: String,
    /// 中文 name.
    #[schema(example = "其他民政管理事务支出")]
    pub name_zh: String,
    /// Functional or economic.
    pub kind: SubjectKind,
    /// How sure it is; check the table of the budget year.
    pub confidence: Confidence,
    /// Remarks.
    #[schema(example = "")]
    pub note: String,
}

impl From<SubjectRow> for SubjectView {
    fn from(row: SubjectRow) -> Self {
        Self { code: row.code, name_zh: row.name_zh, kind: row.kind, confidence: row.confidence, note: row.note }
    }
}

/// Filters and page of the budget subjects.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSubjects {
    /// Only this classification.
    kind: Option<SubjectKind>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List budget subjects
///
/// Functional and economic classes of the budget, by code.
#[utoipa::path(tag = "regulations", params(ListSubjects), responses((status = 200, description = "A page of subjects", body = Page<SubjectView>)))]
#[get("/budget-subjects")]
async fn list_budget_subjects(call: Call, params: Params<ListSubjects>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("budget-subjects {:?}", asked.kind))?;
        let after = request.after.as_ref().map(|(key, _)| key.as_str());
        let rows = store::subjects(snapshot, viewer.tenant, asked.kind, after, request.rows())?;
        let page = request.page(rows, |row| (row.code.clone(), Uuid::nil()), SubjectView::from);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}
