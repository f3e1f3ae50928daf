//! Thresholds by year and level over HTTP, and the procedures that are lawful for an amount.

use actix_web::{get, put, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::configure::{self, THRESHOLDS_MISSING};
use super::model::{NewThresholds, ThresholdsRow};
use super::{policy, store};
use crate::db::Db;
use crate::kernel::fen::Currency;
use crate::kernel::id::TenantId;
use crate::kernel::{Fen, Money, Result, error};
use crate::law::{self, Confidence, Finding, Level, Procedure, Thresholds};
use crate::people;
use crate::web::{Answer, Body, Call, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_thresholds).service(set_thresholds).service(lawful_procedures);
}

fn money(amount: Fen) -> Money {
    Money { amount_fen: amount, currency: Currency::Cny }
}

/// Thresholds of a year and level.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ThresholdsView {
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Level of the budget.
    pub level: Level,
    /// Version; 0 when the year has none of its own and the floors of R036 stand in.
    #[schema(example = 1)]
    pub version: i64,
    /// 公开招标数额标准: from here an open tender is the rule.
    pub open_tender: Money,
    /// 分散采购限额标准: from here a statutory procedure.
    pub statutory: Money,
    /// From here a selection (比选) at least.
    pub selection_from: Money,
    /// From here quotes (三家比价) at least; below it a direct commission does.
    pub quotes_from: Money,
    /// From here the collective decision needs minutes.
    pub minutes_from: Money,
    /// How sure the numbers are; unconfirmed ones warn.
    pub confidence: Confidence,
    /// Where they stand.
    #[schema(example = "浙江省政府集中采购目录及标准")]
    pub source: String,
    /// What R036 says of them, when they were set just now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub warnings: Vec<ThresholdsWarning>,
}

/// A rule that the thresholds break without being refused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ThresholdsWarning {
    /// Rule.
    #[schema(example = "R036")]
    pub rule: String,
    /// Statute and article.
    #[schema(example = "财库〔2019〕69号")]
    pub legal_basis: String,
    /// What was found.
    #[schema(example = "200000.00 元")]
    pub found: String,
    /// What is required.
    #[schema(example = "≥ 300000.00 元")]
    pub required: String,
}

impl From<Finding> for ThresholdsWarning {
    fn from(finding: Finding) -> Self {
        Self { rule: finding.rule.rule, legal_basis: finding.rule.legal_basis, found: finding.found, required: finding.required }
    }
}

fn view(row: ThresholdsRow, warnings: Vec<Finding>) -> ThresholdsView {
    ThresholdsView {
        year: row.year,
        level: row.level,
        version: row.version,
        open_tender: money(row.open_tender_fen),
        statutory: money(row.statutory_fen),
        selection_from: money(row.selection_from_fen),
        quotes_from: money(row.quotes_from_fen),
        minutes_from: money(row.minutes_from_fen),
        confidence: row.confidence,
        source: row.source,
        warnings: warnings.into_iter().map(ThresholdsWarning::from).collect(),
    }
}

/// The floors of R036 in place of thresholds that nobody set.
fn floors(year: i32, thresholds: &Thresholds) -> ThresholdsView {
    ThresholdsView {
        year,
        level: thresholds.level,
        version: 0,
        open_tender: money(thresholds.open_tender),
        statutory: money(thresholds.statutory),
        selection_from: money(thresholds.selection),
        quotes_from: money(thresholds.quotes),
        minutes_from: money(thresholds.minutes),
        confidence: Confidence::Unconfirmed,
        source: "R036".to_owned(),
        warnings: Vec::new(),
    }
}

fn asked_year(year: &str) -> Result<i32> {
    year.parse().map_err(|_| error::NOT_FOUND.error())
}

fn thresholds(db: &mut Db, tenant: TenantId, year: i32, level: Level) -> Result<Thresholds> {
    let missing = || THRESHOLDS_MISSING.because(words!("{year} 年 {level}", "{year}, {level}"));
    configure::thresholds_of(db, tenant, year, level)?.ok_or_else(missing)
}

/// Which level is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskedLevel {
    /// Level of the budget; the district when absent.
    #[param(inline)]
    level: Option<Level>,
}

/// Read a year's thresholds
///
/// The amounts from which another procedure begins. A year that has none shows the floors of R036, version 0 and unconfirmed.
#[utoipa::path(tag = "regulations", params(("year" = i32, Path, description = "The budget year", example = 2026), AskedLevel),
    responses((status = 200, description = "The thresholds", body = ThresholdsView)), extensions(("x-problems" = json!(["thresholds_missing"]))))]
#[get("/thresholds/{year}")]
async fn get_thresholds(call: Call, year: web::Path<String>, params: Params<AskedLevel>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let (year, level) = (asked_year(&year)?, params.get()?.level.unwrap_or(Level::District));
        let shown = match store::find_thresholds(snapshot, viewer.tenant, year, level)? {
            Some(row) => view(row, Vec::new()),
            None => floors(year, &thresholds(snapshot, viewer.tenant, year, level)?),
        };
        Reply::ok(&shown)
    })
    .await
}

/// Thresholds to be set.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetThresholds {
    /// Level of the budget.
    pub level: Level,
    /// The version that was read; 0 when there was none.
    #[schema(minimum = 0, example = 1)]
    pub replaces_version: i64,
    /// 公开招标数额标准.
    pub open_tender: Money,
    /// 分散采购限额标准.
    pub statutory: Money,
    /// From here a selection (比选) at least; not above `statutory`.
    pub selection_from: Money,
    /// From here quotes (三家比价) at least; not above `selection_from`.
    pub quotes_from: Money,
    /// From here minutes of the collective decision.
    pub minutes_from: Money,
    /// How sure the numbers are.
    pub confidence: Confidence,
    /// Where they stand.
    #[schema(min_length = 1, max_length = 200, example = "浙江省政府集中采购目录及标准")]
    pub source: String,
}

/// Set a year's thresholds
///
/// Makes a new version of the year's thresholds for a level. They rise step by step; below the floors of R036 they are told or refused, as that rule acts.
#[utoipa::path(tag = "regulations", params(("year" = i32, Path, description = "The budget year", example = 2026)), request_body = SetThresholds,
    responses((status = 200, description = "Set", body = ThresholdsView)),
    extensions(("x-action" = json!(policy::SET_THRESHOLDS.name)), ("x-problems" = json!(["rule_set_missing", "thresholds_changed", "rule_broken", "rule_incomplete"]))),
    security(("bearer" = [])))]
#[put("/thresholds/{year}")]
async fn set_thresholds(call: Call, year: web::Path<String>, body: Body<SetThresholds>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |tx, actor| configure::may_set_thresholds(tx, actor),
        move |tx, granted| {
            let (year, asked) = (asked_year(&year)?, body.get()?);
            let new = NewThresholds {
                year,
                level: asked.level,
                open_tender: asked.open_tender.amount_fen,
                statutory: asked.statutory.amount_fen,
                selection_from: asked.selection_from.amount_fen,
                quotes_from: asked.quotes_from.amount_fen,
                minutes_from: asked.minutes_from.amount_fen,
                confidence: asked.confidence,
                source: asked.source.clone(),
            };
            let (row, warnings) = configure::set_thresholds(tx, &granted, &new, asked.replaces_version)?;
            Reply::ok(&view(row, warnings))
        },
    )
    .await
}

/// An amount and a level.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskedAmount {
    /// The amount in fen.
    #[param(minimum = 0, maximum = 1_000_000_000_000_i64, example = 8_000_000)]
    amount_fen: i64,
    /// Level of the budget; the district when absent.
    #[param(inline)]
    level: Option<Level>,
}

/// What is lawful for an amount.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LawfulProcedures {
    /// The amount.
    pub amount: Money,
    /// Lawful without a further approval, the simplest first.
    #[schema(max_items = 10)]
    pub procedures: Vec<Procedure>,
    /// Lawful with the finance bureau's approval or on a ground of the procurement law.
    #[schema(max_items = 10)]
    pub with_approval: Vec<Procedure>,
    /// Whether minutes of the collective decision are needed.
    pub minutes_required: bool,
    /// Whether the thresholds are confirmed; if not, this is advice.
    pub confirmed: bool,
}

/// List the procedures lawful for an amount
///
/// Which procedures a purchase of this amount may take under the year's thresholds (R036), and whether it needs minutes.
#[utoipa::path(tag = "regulations", params(("year" = i32, Path, description = "The budget year", example = 2026), AskedAmount),
    responses((status = 200, description = "The procedures", body = LawfulProcedures)), extensions(("x-problems" = json!(["thresholds_missing"]))))]
#[get("/thresholds/{year}/procedures")]
async fn lawful_procedures(call: Call, year: web::Path<String>, params: Params<AskedAmount>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let year = asked_year(&year)?;
        let asked = match params.get() {
            Ok(asked) => asked,
            // What is not there is said before what is wrong with the query.
            Err(wrong) => return thresholds(snapshot, viewer.tenant, year, Level::District).and(Err(wrong)),
        };
        let mut fields = error::Fields::default();
        let bounded = (0..=crate::kernel::fen::MAX_FEN).contains(&asked.amount_fen);
        fields.require(bounded, "?amount_fen", || words!("须为 0 至 1 万亿分", "must lie between 0 and a trillion fen"));
        fields.finish()?;
        let level = asked.level.unwrap_or(Level::District);
        let amount = Fen::new(asked.amount_fen);
        let lawful = law::recommend(amount, &thresholds(snapshot, viewer.tenant, year, level)?);
        Reply::ok(&LawfulProcedures {
            amount: money(amount),
            procedures: lawful.procedures,
            with_approval: lawful.with_approval,
            minutes_required: lawful.minutes_required,
            confirmed: lawful.confirmed,
        })
    })
    .await
}
