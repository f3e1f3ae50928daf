//! Units over HTTP: DTOs, handlers, routes.

use actix_web::{get, post, put};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewUnit, UnitKind, UnitRow};
use super::{policy, service, store};
use crate::kernel::error;
use crate::kernel::id::{AreaId, UnitId};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep units: they change a few times a year.
const CACHE_SECONDS: u32 = 300;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_units).service(get_unit).service(create_unit).service(set_parent);
}

/// A public body.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UnitView {
    /// Id.
    pub id: UnitId,
    /// 中文 name.
    #[schema(example = "月河街道办事处")]
    pub name_zh: String,
    /// Kind.
    pub kind: UnitKind,
    /// The area it serves.
    pub area_id: Option<AreaId>,
    /// The unit above it, whose people co-approve when it has nobody else.
    pub parent_id: Option<UnitId>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

fn view(row: UnitRow, parent_id: Option<UnitId>) -> UnitView {
    UnitView { id: row.id, name_zh: row.name_zh, kind: row.kind, area_id: row.area_id, parent_id, version: row.version }
}

/// Filters and page of the unit list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUnits {
    /// Only this kind.
    kind: Option<UnitKind>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List units
///
/// The public bodies of the district by name, readable by everybody.
#[utoipa::path(tag = "units", params(ListUnits), responses((status = 200, description = "A page of units", body = Page<UnitView>)))]
#[get("/units")]
async fn list_units(call: Call, params: Params<ListUnits>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("units {:?}", asked.kind))?;
        let rows = store::list(snapshot, viewer.tenant, asked.kind, request.after.as_ref(), request.rows())?;
        let ids: Vec<UnitId> = rows.iter().map(|row| row.id).collect();
        let parents = store::parents_of(snapshot, viewer.tenant, &ids)?;
        let above = |id: UnitId| parents.iter().find(|row| row.unit_id == id).map(|row| row.parent_id);
        let key = |row: &UnitRow| (row.name_zh.clone(), row.id.uuid());
        let page = request.page(rows, key, |row| {
            let parent = above(row.id);
            view(row, parent)
        });
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a unit
///
/// One public body, readable by everybody.
#[utoipa::path(tag = "units", params(("unit_id" = UnitId, Path, description = "The unit")), responses((status = 200, description = "The unit", body = UnitView)))]
#[get("/units/{unit_id}")]
async fn get_unit(call: Call, id: Id<UnitId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let version = row.version;
        let parent = store::parent_of(snapshot, viewer.tenant, row.id)?;
        Ok(Reply::ok(&view(row, parent))?.tagged(version).public(CACHE_SECONDS))
    })
    .await
}

/// A new unit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUnit {
    /// 中文 name.
    #[schema(min_length = 1, max_length = 64, example = "月河街道办事处")]
    pub name_zh: String,
    /// Kind.
    pub kind: UnitKind,
    /// The area it serves.
    #[serde(default)]
    pub area_id: Option<AreaId>,
}

/// Create a unit
///
/// Makes a public body, so that accounts can belong to it.
#[utoipa::path(tag = "units", request_body = CreateUnit, responses((status = 201, description = "Made", body = UnitView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["unit_name_taken"]))), security(("bearer" = [])))]
#[post("/units")]
async fn create_unit(call: Call, body: Body<CreateUnit>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewUnit { name_zh: asked.name_zh.clone(), kind: asked.kind, area_id: asked.area_id };
            let row = service::create(tx, &granted, &new)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/units/{id}"), &view(row, None))?.tagged(version))
        },
    )
    .await
}

/// Which unit stands above.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetParent {
    /// The unit above; null for none.
    pub parent_id: Option<UnitId>,
}

/// Set the unit above
///
/// Says which unit stands above a unit. Its lead and finance officers co-approve for the unit below when that has nobody else who may.
#[utoipa::path(tag = "units", params(("unit_id" = UnitId, Path, description = "The unit below")), request_body = SetParent,
    responses((status = 200, description = "Set", body = UnitView)),
    extensions(("x-action" = json!(policy::SET_PARENT.name))), security(("bearer" = [])))]
#[put("/units/{unit_id}/parent")]
async fn set_parent(call: Call, id: Id<UnitId>, body: Body<SetParent>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_set_parent(tx, actor, id.0),
        move |tx, granted| {
            let parent = body.get()?.parent_id;
            let row = service::set_parent(tx, &granted, parent)?;
            let version = row.version;
            Ok(Reply::ok(&view(row, parent))?.tagged(version))
        },
    )
    .await
}
