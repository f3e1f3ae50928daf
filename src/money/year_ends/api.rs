//! Year ends over HTTP: DTOs, handlers, routes.

use std::sync::Arc;

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Item, ItemKind, YearEndRow, YearEndState};
use super::{policy, service, store};
use crate::db::Tx;
use crate::kernel::id::{FundId, HoldId, UnitId, YearEndId};
use crate::kernel::{Money, Result, UtcInstant};
use crate::people::{self, Action, Authorized};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(preview_year_end).service(get_year_end).service(execute_year_end).service(reverse_year_end).service(confirm_year_end);
}

/// A year-end run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct YearEndView {
    /// Id.
    pub id: YearEndId,
    /// Unit whose funds close.
    pub unit_id: UnitId,
    /// The year that ends.
    #[schema(example = 2026)]
    pub year: i32,
    /// 文号 of the carry-over.
    #[schema(example = "吴财预〔2026〕结1号")]
    pub document_number: String,
    /// State.
    pub state: YearEndState,
    /// What becomes of every amount.
    #[schema(max_items = 10_000)]
    pub items: Vec<ItemView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was previewed.
    pub created_at: UtcInstant,
}

/// One amount of a run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ItemView {
    /// What becomes of it.
    pub kind: ItemKind,
    /// The fund that closes.
    pub fund_id: FundId,
    /// The hold that is carried or stays.
    pub hold_id: Option<HoldId>,
    /// Where it is carried; null while the next year's fund is missing.
    pub to_fund_id: Option<FundId>,
    /// How much.
    pub amount: Money,
    /// The commitment in the next year's fund, once executed.
    pub new_hold_id: Option<HoldId>,
}

impl From<Item> for ItemView {
    fn from(item: Item) -> Self {
        Self {
            kind: item.kind,
            fund_id: item.fund,
            hold_id: item.hold,
            to_fund_id: item.to_fund,
            amount: item.amount.into(),
            new_hold_id: item.new_hold,
        }
    }
}

impl YearEndView {
    fn new(row: YearEndRow, items: Vec<Item>) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            year: row.year,
            document_number: row.document_number,
            state: row.state,
            items: items.into_iter().map(ItemView::from).collect(),
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown((row, items): (YearEndRow, Vec<Item>)) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&YearEndView::new(row, items))?.tagged(version))
}

/// A year end to preview.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewYearEnd {
    /// Unit whose funds close.
    pub unit_id: UnitId,
    /// The year that ends.
    #[schema(minimum = 2020, maximum = 2099, example = 2026)]
    pub year: i32,
    /// 文号 of the carry-over, new in every fund.
    #[schema(min_length = 1, max_length = 48, example = "吴财预〔2026〕结1号")]
    pub document_number: String,
}

/// Preview a year end
///
/// Shows what becomes of every amount of the unit's funds of a year: open commitments are carried (结转) to the fund of the same stream and name of
/// the next year, what is free goes back to the treasury, reservations stay. Nothing is posted.
#[utoipa::path(tag = "year-ends", request_body = PreviewYearEnd, responses((status = 201, description = "Previewed", body = YearEndView)),
    extensions(("x-action" = json!(policy::PREVIEW.name)), ("x-problems" = json!(["year_end_open"]))), security(("bearer" = [])))]
#[post("/year-ends")]
async fn preview_year_end(call: Call, body: Body<PreviewYearEnd>) -> Answer {
    let body = Arc::new(body);
    let sent = Arc::clone(&body);
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_preview(tx, actor, sent.get().ok().map(|asked| asked.unit_id)),
        move |tx, granted| {
            let asked = body.get()?;
            let (row, items) = service::preview(tx, &granted, asked.year, &asked.document_number)?;
            let (location, version) = (format!("/api/v1/year-ends/{}", row.id), row.version);
            Ok(Reply::created(location, &YearEndView::new(row, items))?.tagged(version))
        },
    )
    .await
}

/// Read a year end
///
/// One run with its items and its version.
#[utoipa::path(tag = "year-ends", params(("year_end_id" = YearEndId, Path, description = "The run")),
    responses((status = 200, description = "The run", body = YearEndView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/year-ends/{year_end_id}")]
async fn get_year_end(call: Call, id: Id<YearEndId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = service::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject();
        let items = store::items(snapshot, row.id)?;
        shown((row, items))
    })
    .await
}

async fn step(
    call: Call,
    id: YearEndId,
    action: &'static Action,
    take: impl Fn(&mut Tx<'_>, &Authorized<YearEndRow>) -> Result<(YearEndRow, Vec<Item>)> + Send + 'static,
) -> Answer {
    people::command(call, [0; 32], move |tx, actor| service::may(tx, actor, action, id), move |tx, granted| shown(take(tx, &granted)?))
        .await
}

/// Execute a year end
///
/// Posts what was previewed; refused when the books moved since. It may be reversed until it is confirmed.
#[utoipa::path(tag = "year-ends", params(("year_end_id" = YearEndId, Path, description = "The run")),
    responses((status = 200, description = "Posted", body = YearEndView)),
    extensions(("x-action" = json!(policy::EXECUTE.name)),
        ("x-problems" = json!(["year_end_open", "year_end_changed", "next_fund_missing", "document_number_taken", "advance_under_way"]))),
    security(("bearer" = [])))]
#[post("/year-ends/{year_end_id}/execution")]
async fn execute_year_end(call: Call, id: Id<YearEndId>) -> Answer {
    step(call, id.0, &policy::EXECUTE, service::execute).await
}

/// Reverse a year end
///
/// Takes an executed run back: commitments return to their funds, what went back is free again. Refused once something carried was used.
#[utoipa::path(tag = "year-ends", params(("year_end_id" = YearEndId, Path, description = "The run")),
    responses((status = 200, description = "Reversed", body = YearEndView)),
    extensions(("x-action" = json!(policy::REVERSE.name)), ("x-problems" = json!(["year_end_in_use", "advance_under_way"]))), security(("bearer" = [])))]
#[post("/year-ends/{year_end_id}/reversal")]
async fn reverse_year_end(call: Call, id: Id<YearEndId>) -> Answer {
    step(call, id.0, &policy::REVERSE, service::reverse).await
}

/// Confirm a year end
///
/// A second officer confirms; from then on the run cannot be reversed.
#[utoipa::path(tag = "year-ends", params(("year_end_id" = YearEndId, Path, description = "The run")),
    responses((status = 200, description = "Confirmed", body = YearEndView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/year-ends/{year_end_id}/confirmation")]
async fn confirm_year_end(call: Call, id: Id<YearEndId>) -> Answer {
    step(call, id.0, &policy::CONFIRM, service::confirm).await
}
