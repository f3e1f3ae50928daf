//! Reports over HTTP: as JSON, and as a file.

use actix_web::get;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::contracts::{self, ContractRegister};
use super::funding::{self, FundingReport};
use super::policy;
use super::projects::{self, ProjectBoard};
use crate::db::Db;
use crate::kernel::Result;
use crate::kernel::error::{self, Error, Fields};
use crate::kernel::id::{TenantId, UnitId};
use crate::people::{self, Actor, Scope, Viewer};
use crate::web::openapi::Octets;
use crate::web::spreadsheet::{Sheet, SheetFormat, attachment};
use crate::web::{Answer, Call, Failure, Params, Reply};
use crate::words;

/// Most rows of a report: what a person can still read and a request may hold in memory.
pub(super) const ROWS_MAX: i64 = 5_000;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_funding_report)
        .service(get_funding_report_file)
        .service(get_contract_register)
        .service(get_contract_register_file)
        .service(get_project_board)
        .service(get_project_board_file);
}

/// What a report is about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    /// Only this year: of the funds, of the days that a contract runs, of the cohort.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    year: Option<i32>,
    /// Only this unit.
    unit_id: Option<UnitId>,
}

/// What a file is about, and its form.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportFile {
    /// Form of the file.
    #[param(inline)]
    format: SheetFormat,
    /// Only this year: of the funds, of the days that a contract runs, of the cohort.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    year: Option<i32>,
    /// Only this unit.
    unit_id: Option<UnitId>,
}

/// What was asked, checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Year.
    pub year: Option<i32>,
    /// Unit.
    pub unit_id: Option<UnitId>,
}

impl Asked {
    fn new(year: Option<i32>, unit_id: Option<UnitId>) -> Result<Self> {
        let mut fields = Fields::default();
        fields.require(year.is_none_or(|year| (2000..=2100).contains(&year)), "year", || words!("2000 到 2100", "2000 to 2100"));
        fields.finish()?;
        Ok(Self { year, unit_id })
    }

    /// First and last day of the year.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let year = self.year?;
        Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
    }

    fn name(&self, report: &str) -> String {
        self.year.map_or_else(|| report.to_owned(), |year| format!("{report}-{year}"))
    }
}

/// Refuses a report that would be longer than one may be.
pub(super) fn too_long(rows: usize) -> Result<()> {
    if i64::try_from(rows).is_ok_and(|rows| rows <= ROWS_MAX) {
        return Ok(());
    }
    Err(Error::field("year", words!("超过 {ROWS_MAX} 行，请按年度或单位缩小范围", "more than {ROWS_MAX} rows: narrow it by year or unit")))
}

/// 403 for who reads no reports, before its filter is looked at.
fn reads(viewer: &Viewer) -> Result<&Actor> {
    let actor = viewer.person()?;
    if actor.has_any(policy::READ.roles) { Ok(actor) } else { Err(error::FORBIDDEN.error()) }
}

/// How far the viewer sees in a year; 403 for an auditor whose notices do not open the year.
fn scope(viewer: &Viewer, year: Option<i32>) -> Result<Scope> {
    let actor = reads(viewer)?;
    let scope = Scope::in_year(actor, policy::READ.roles, year);
    if scope.is_empty() {
        return Err(
            error::FORBIDDEN.because(words!("审计通知书未开放该年度，请指明年度", "no audit notice opens it; name a year that one does"))
        );
    }
    Ok(scope)
}

type Reader<R> = fn(&mut Db, TenantId, Scope, &Asked) -> Result<R>;

async fn report<R: serde::Serialize + 'static>(call: Call, params: Params<ReportFilter>, read: Reader<R>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        reads(viewer)?;
        let asked = params.get()?;
        let asked = Asked::new(asked.year, asked.unit_id)?;
        let scope = scope(viewer, asked.year)?;
        Reply::ok(&read(snapshot, viewer.tenant, scope, &asked)?)
    })
    .await
}

/// The table is written where the database is read, off the request's worker.
async fn file<R: 'static>(call: Call, params: Params<ReportFile>, name: &'static str, read: Reader<R>, sheet: fn(&R) -> Sheet) -> Answer {
    let (bytes, format, name) = people::desk::fetch(&call, None, move |snapshot, viewer| {
        reads(viewer)?;
        let wanted = params.get()?;
        let asked = Asked::new(wanted.year, wanted.unit_id)?;
        let scope = scope(viewer, asked.year)?;
        let found = read(snapshot, viewer.tenant, scope, &asked)?;
        Ok((sheet(&found).bytes(wanted.format)?, wanted.format, asked.name(name)))
    })
    .await
    .map_err(Failure)?;
    Ok(attachment(bytes, format, &name))
}

/// Read the funding report
///
/// Fund and stream by unit and year: authority, reserved, committed, payable, advanced, paid, returned, free, and the execution rate. Every
/// figure is drilled to its postings by the fund.
#[utoipa::path(tag = "reports", params(ReportFilter), responses((status = 200, description = "The report", body = FundingReport)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/reports/funding")]
async fn get_funding_report(call: Call, params: Params<ReportFilter>) -> Answer {
    report(call, params, funding::read).await
}

/// Download the funding report
///
/// The same figures as a table with their sums in the last row, amounts in yuan.
#[utoipa::path(tag = "reports", params(ReportFile),
    responses((status = 200, description = "The file", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ.name)), ("x-answer-example" = json!("单位 Unit,年度 Year,…"))), security(("bearer" = [])))]
#[get("/reports/funding/file")]
async fn get_funding_report_file(call: Call, params: Params<ReportFile>) -> Answer {
    file(call, params, "funding", funding::read, FundingReport::sheet).await
}

/// Read the contract register
///
/// What was bought from whom, at which price, with which money, what was paid, and which hundred project it feeds. The case leads to
/// everything else.
#[utoipa::path(tag = "reports", params(ReportFilter), responses((status = 200, description = "The register", body = ContractRegister)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/reports/contracts")]
async fn get_contract_register(call: Call, params: Params<ReportFilter>) -> Answer {
    report(call, params, contracts::read).await
}

/// Download the contract register
///
/// The same as a table with the sums in the last row, amounts in yuan.
#[utoipa::path(tag = "reports", params(ReportFile),
    responses((status = 200, description = "The file", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ.name)), ("x-answer-example" = json!("合同 Contract,购买主体 Purchaser,…"))), security(("bearer" = [])))]
#[get("/reports/contracts/file")]
async fn get_contract_register_file(call: Call, params: Params<ReportFile>) -> Answer {
    file(call, params, "contracts", contracts::read, ContractRegister::sheet).await
}

/// Read the board of the hundred projects
///
/// Every project of a cohort with its indicators: where they began, where they should go, and what the last verified report says.
#[utoipa::path(tag = "reports", params(ReportFilter), responses((status = 200, description = "The board", body = ProjectBoard)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/reports/hundred-projects")]
async fn get_project_board(call: Call, params: Params<ReportFilter>) -> Answer {
    report(call, params, projects::read).await
}

/// Download the board of the hundred projects
///
/// The same as a table, a row an indicator, ratios as percentages, amounts in yuan. The totals are in the last row; what adds up over
/// projects stands in the first row of a project alone.
#[utoipa::path(tag = "reports", params(ReportFile),
    responses((status = 200, description = "The file", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ.name)), ("x-answer-example" = json!("年度 Cohort,编号 Number,…"))), security(("bearer" = [])))]
#[get("/reports/hundred-projects/file")]
async fn get_project_board_file(call: Call, params: Params<ReportFile>) -> Answer {
    file(call, params, "hundred-projects", projects::read, ProjectBoard::sheet).await
}
