//! Catalogue items over HTTP: DTOs, handlers, routes.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{CACHE_SECONDS, visible_edition};
use super::model::{ItemFilter, ItemRow, Origin};
use super::store;
use crate::kernel::error::Fields;
use crate::kernel::id::{CatalogueItemId, EditionId};
use crate::kernel::{CatalogueCode, error};
use crate::people;
use crate::web::{Answer, Call, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Longest text searched for, in characters.
const TEXT_MAX: usize = 64;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_items).service(get_item);
}

/// A service that may be bought.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ItemView {
    /// Id.
    pub id: CatalogueItemId,
    /// Its edition.
    pub edition_id: EditionId,
    /// Code.
    pub code: CatalogueCode,
    /// Code of the item above it.
    pub parent_code: Option<CatalogueCode>,
    /// Depth, 1 to 4.
    #[schema(minimum = 1, maximum = 4, example = 4)]
    pub level: i32,
    /// 中文 name.
    #[schema(example = "社区养老服务")]
    pub name_zh: String,
    /// English name; a translation without official standing.
    #[schema(example = "Community care for the old")]
    pub name_en: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it was confirmed against the published text.
    pub confirmed: bool,
    /// What a reader must know while it is not confirmed.
    #[schema(
        example = "待核实：区级建议条目，尚未经有权机关采纳 · Awaiting confirmation: a proposal of the district, not adopted by the authority competent for it"
    )]
    pub notice: Option<&'static str>,
}

impl From<ItemRow> for ItemView {
    fn from(row: ItemRow) -> Self {
        Self {
            id: row.id,
            edition_id: row.edition_id,
            code: row.code,
            parent_code: row.parent_code,
            level: row.level,
            name_zh: row.name_zh,
            name_en: row.name_en,
            origin: row.origin,
            confirmed: row.origin == Origin::Confirmed,
            notice: row.origin.notice(),
        }
    }
}

/// Filters and page of the item list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListItems {
    /// The edition; the one in use when absent.
    edition_id: Option<EditionId>,
    /// Only children of this code.
    parent_code: Option<CatalogueCode>,
    /// Only this depth.
    #[param(minimum = 1, maximum = 4, example = 3)]
    level: Option<i32>,
    /// Only items whose name contains this or whose code begins with it.
    #[param(min_length = 1, max_length = 64, example = "养老")]
    q: Option<String>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List catalogue items
///
/// Items of the edition in use, or of the one named, by code. Empty while no edition is in use. Items that are not confirmed carry a notice.
#[utoipa::path(tag = "catalogues", params(ListItems), responses((status = 200, description = "A page of items", body = Page<ItemView>)),
    extensions(("x-problems" = json!(["not_found"]))))]
#[get("/catalogue-items")]
async fn list_items(call: Call, params: Params<ListItems>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let mut fields = Fields::default();
        fields.require(asked.level.is_none_or(|level| (1..=4).contains(&level)), "?level", || {
            words!("须为 1 到 4", "must lie between 1 and 4")
        });
        if let Some(text) = &asked.q {
            fields.text(text, "?q", 1, TEXT_MAX);
        }
        fields.finish()?;
        let edition = match asked.edition_id {
            Some(id) => Some(visible_edition(snapshot, viewer, id)?),
            None => store::published(snapshot, viewer.tenant)?,
        };
        let Some(edition) = edition else {
            return Reply::ok(&Page::<ItemView> { items: Vec::new(), next: None });
        };
        let text = asked.q.as_deref().map(|text| text.trim().to_owned());
        let filter = ItemFilter { edition: edition.id, parent: asked.parent_code.clone(), level: asked.level, text };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("catalogue-items {filter:?}"))?;
        let after = request.after.as_ref().map(|(key, _)| key.as_str());
        let rows = store::list_items(snapshot, viewer.tenant, &filter, after, request.rows())?;
        let page = request.page(rows, |row| (row.code.to_string(), row.id.uuid()), ItemView::from);
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a catalogue item
///
/// One item of a published or superseded edition; of a draft only for catalogue editors, the platform's administrator and auditors.
#[utoipa::path(tag = "catalogues", params(("item_id" = CatalogueItemId, Path, description = "The item")),
    responses((status = 200, description = "The item", body = ItemView)))]
#[get("/catalogue-items/{item_id}")]
async fn get_item(call: Call, id: Id<CatalogueItemId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let found = store::find_item(snapshot, viewer.tenant, id.0)?.filter(|(_, edition)| edition.visible_for(viewer));
        let (row, _) = found.ok_or_else(|| error::NOT_FOUND.error())?;
        Ok(Reply::ok(&ItemView::from(row))?.public(CACHE_SECONDS))
    })
    .await
}
