//! Areas over HTTP: DTOs, handlers, routes.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{AreaChange, AreaFilter, AreaKind, AreaRow, AreaSort, NewArea};
use super::{import_csv, policy, service, store};
use crate::kernel::error;
use crate::kernel::id::AreaId;
use crate::kernel::{AreaCode, Result, UtcInstant};
use crate::people;
use crate::web::limits::IMPORT_BYTES;
use crate::web::table::Imported;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, RawBody, Reply};
use crate::words;

/// Seconds that shared caches may keep areas: they change a few times a year.
const CACHE_SECONDS: u32 = 300;
/// Largest number that `count=true` counts to.
const COUNT_MAX: i64 = 10_000;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_areas).service(get_area).service(create_area).service(import_areas).service(change_area);
}

/// An area.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AreaView {
    /// Id.
    pub id: AreaId,
    /// Division code.
    pub code: AreaCode,
    /// 中文 name.
    #[schema(example = "月河街道")]
    pub name_zh: String,
    /// Name in Latin letters.
    #[schema(example = "Yuehe")]
    pub name_en: String,
    /// Kind.
    pub kind: AreaKind,
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    /// First day it exists; null when unknown.
    pub valid_from: Option<NaiveDate>,
    /// Last day it exists; null when open.
    pub valid_to: Option<NaiveDate>,
    /// The body that runs it for the district.
    #[schema(example = "湖州经济技术开发区管委会")]
    pub entrusted_to: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was last changed.
    pub updated_at: UtcInstant,
}

impl From<AreaRow> for AreaView {
    fn from(row: AreaRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
            kind: row.kind,
            parent_id: row.parent_id,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            entrusted_to: row.entrusted_to,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// A page of areas, with the number of all when asked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AreaPage {
    /// The page.
    #[serde(flatten)]
    pub page: Page<AreaView>,
    /// How many areas the filter finds, counted up to 10 000; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 20)]
    pub count: Option<i64>,
}

/// Filters, order and page of the area list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAreas {
    /// Only areas that lie in this one.
    parent_id: Option<AreaId>,
    /// Only this kind.
    kind: Option<AreaKind>,
    /// Only areas that exist on this day.
    #[param(example = "2026-03-02")]
    on: Option<NaiveDate>,
    /// Order; by code when absent.
    #[param(inline)]
    sort: Option<AreaSort>,
    /// Also count what the filter finds, up to 10 000.
    count: Option<bool>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List areas
///
/// The areas of the district in keyset pages, readable by everybody.
#[utoipa::path(tag = "areas", params(ListAreas), responses((status = 200, description = "A page of areas", body = AreaPage)))]
#[get("/areas")]
async fn list_areas(call: Call, params: Params<ListAreas>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let filter = AreaFilter { parent: asked.parent_id, kind: asked.kind, on: asked.on, sort: asked.sort.unwrap_or(AreaSort::Code) };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("areas {filter:?}"))?;
        let rows = store::list(snapshot, viewer.tenant, &filter, request.after.as_ref(), request.rows())?;
        let key = |row: &AreaRow| match filter.sort {
            AreaSort::Code => (row.code.to_string(), row.id.uuid()),
            AreaSort::NameEn => (row.name_en.clone(), row.id.uuid()),
        };
        let page = request.page(rows, key, AreaView::from);
        let count = asked.count.unwrap_or(false).then(|| store::count(snapshot, viewer.tenant, &filter, COUNT_MAX)).transpose()?;
        let next = Reply::page(&page, &params.path, &params.raw)?.next;
        Ok(Reply { next, ..Reply::ok(&AreaPage { page, count })? }.public(CACHE_SECONDS))
    })
    .await
}

/// Read an area
///
/// One area with its version, readable by everybody.
#[utoipa::path(tag = "areas", params(("area_id" = AreaId, Path, description = "The area")), responses((status = 200, description = "The area", body = AreaView)))]
#[get("/areas/{area_id}")]
async fn get_area(call: Call, id: Id<AreaId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let version = row.version;
        Ok(Reply::ok(&AreaView::from(row))?.tagged(version).public(CACHE_SECONDS))
    })
    .await
}

/// A new area.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateArea {
    /// Division code.
    pub code: AreaCode,
    /// 中文 name.
    #[schema(min_length = 1, max_length = 64, example = "月河街道")]
    pub name_zh: String,
    /// Name in Latin letters.
    #[schema(min_length = 1, max_length = 64, example = "Yuehe")]
    pub name_en: String,
    /// Kind.
    pub kind: AreaKind,
    /// Code of the area it lies in; absent for a district.
    #[serde(default)]
    pub parent_code: Option<AreaCode>,
    /// First day it exists.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last day it exists.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The body that runs it for the district.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "湖州经济技术开发区管委会")]
    pub entrusted_to: Option<String>,
}

/// Create an area
///
/// Makes an area below an existing one.
#[utoipa::path(tag = "areas", request_body = CreateArea, responses((status = 201, description = "Made", body = AreaView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["area_code_taken"]))), security(("bearer" = [])))]
#[post("/areas")]
async fn create_area(call: Call, body: Body<CreateArea>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewArea {
                code: asked.code.clone(),
                name_zh: asked.name_zh.clone(),
                name_en: asked.name_en.clone(),
                kind: asked.kind,
                parent_code: asked.parent_code.clone(),
                valid_from: asked.valid_from,
                valid_to: asked.valid_to,
                entrusted_to: asked.entrusted_to.clone(),
            };
            let row = service::create(tx, &granted, &new)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/areas/{id}"), &AreaView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Import areas
///
/// A UTF-8 CSV with the columns `code,name_zh,name_en,kind,parent_code,valid_from,valid_to,entrusted_to`, parents before children.
/// Every bad row is reported with its line; all rows come in or none.
#[utoipa::path(tag = "areas", request_body(content = String, content_type = "text/csv", description = "The table, at most 2 MiB"),
    responses((status = 200, description = "Imported", body = Imported)),
    extensions(("x-action" = json!(policy::IMPORT.name)), ("x-problems" = json!(["unsupported_media_type"])),
        ("x-body-example" = json!("code,name_zh,name_en,kind,parent_code,valid_from,valid_to,entrusted_to\n330502001001,示例社区,Shili,community,330502001000,,,\n"))),
    security(("bearer" = [])))]
#[post("/areas/import")]
async fn import_areas(call: Call, body: RawBody<IMPORT_BYTES>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_import(actor),
        move |tx, granted| {
            if body.media_type != "text/csv" {
                return Err(error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 text/csv", "expected text/csv")));
            }
            Reply::ok(&import_csv(tx, &granted, body.get()?)?)
        },
    )
    .await
}

/// A change of an area; what is absent stays, what is null is cleared.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeArea {
    /// 中文 name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "月河街道")]
    pub name_zh: Option<String>,
    /// Name in Latin letters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "Yuehe")]
    pub name_en: Option<String>,
    /// Last day it exists.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<NaiveDate>)]
    pub valid_to: Option<Option<NaiveDate>>,
    /// The body that runs it for the district.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "湖州太湖旅游度假区管委会")]
    pub entrusted_to: Option<Option<String>>,
}

/// Tells a null that was sent from a field that was not.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Change an area
///
/// Renames an area, ends it or changes who runs it. Code, kind and parent never change: a reformed area is a new one.
#[utoipa::path(tag = "areas", params(("area_id" = AreaId, Path, description = "The area")), request_body = ChangeArea,
    responses((status = 200, description = "Changed", body = AreaView)), extensions(("x-action" = json!(policy::CHANGE.name))), security(("bearer" = [])))]
#[patch("/areas/{area_id}")]
async fn change_area(call: Call, id: Id<AreaId>, body: Body<ChangeArea>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_change(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let change = AreaChange {
                name_zh: asked.name_zh.clone(),
                name_en: asked.name_en.clone(),
                valid_to: asked.valid_to,
                entrusted_to: asked.entrusted_to.clone(),
            };
            let row = service::change(tx, &granted, &change)?;
            let version = row.version;
            Ok(Reply::ok(&AreaView::from(row))?.tagged(version))
        },
    )
    .await
}
