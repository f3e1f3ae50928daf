//! Catalogue editions over HTTP: DTOs, handlers, and the routes of the slice.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{EditionRow, EditionState, sees_drafts};
use super::{import_edition, policy, service, store};
use crate::db::Db;
use crate::kernel::id::EditionId;
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Viewer};
use crate::web::limits::IMPORT_BYTES;
use crate::web::{Answer, Call, Id, Page, PageRequest, Params, RawBody, Reply};
use crate::words;

/// Seconds that shared caches may keep what was published: it changes once a year or so.
pub(super) const CACHE_SECONDS: u32 = 300;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_editions)
        .service(get_edition)
        .service(import_catalogue)
        .service(publish_edition)
        .configure(super::items_api::routes);
}

/// An edition of the guiding catalogue.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EditionView {
    /// Id.
    pub id: EditionId,
    /// Name.
    #[schema(example = "2026")]
    pub name: String,
    /// State.
    pub state: EditionState,
    /// Items in it.
    #[schema(example = 179)]
    pub items: i64,
    /// Items of it that await confirmation against the published text.
    #[schema(example = 179)]
    pub unconfirmed_items: i64,
    /// When it came into use.
    pub published_at: Option<UtcInstant>,
    /// When another took its place.
    pub superseded_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

fn edition_views(db: &mut Db, rows: Vec<EditionRow>) -> Result<Vec<EditionView>> {
    let ids: Vec<EditionId> = rows.iter().map(|row| row.id).collect();
    let counts = store::counts(db, &ids)?;
    Ok(rows.into_iter().map(|row| view(counts.get(&row.id).copied().unwrap_or_default(), row)).collect())
}

fn edition_view(db: &mut Db, row: EditionRow) -> Result<EditionView> {
    let counts = store::counts(db, &[row.id])?;
    Ok(view(counts.get(&row.id).copied().unwrap_or_default(), row))
}

fn view((items, unconfirmed_items): (i64, i64), row: EditionRow) -> EditionView {
    EditionView {
        id: row.id,
        name: row.name,
        state: row.state,
        items,
        unconfirmed_items,
        published_at: row.published_at,
        superseded_at: row.superseded_at,
        version: row.version,
    }
}

/// Page of the edition list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEditions {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List catalogue editions
///
/// Published and superseded editions for everybody, drafts too for catalogue editors, the platform's administrator and auditors. Oldest first.
#[utoipa::path(tag = "catalogues", params(ListEditions), responses((status = 200, description = "A page of editions", body = Page<EditionView>)))]
#[get("/catalogue-editions")]
async fn list_editions(call: Call, params: Params<ListEditions>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let drafts = sees_drafts(viewer);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("catalogue-editions {drafts}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, EditionId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, drafts, after, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| row);
        let items = edition_views(snapshot, page.items)?;
        Ok(Reply::page(&Page { items, next: page.next }, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a catalogue edition
///
/// One edition; a draft only for catalogue editors, the platform's administrator and auditors.
#[utoipa::path(tag = "catalogues", params(("edition_id" = EditionId, Path, description = "The edition")),
    responses((status = 200, description = "The edition", body = EditionView)))]
#[get("/catalogue-editions/{edition_id}")]
async fn get_edition(call: Call, id: Id<EditionId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = visible_edition(snapshot, viewer, id.0)?;
        let version = row.version;
        Ok(Reply::ok(&edition_view(snapshot, row)?)?.tagged(version).public(CACHE_SECONDS))
    })
    .await
}

pub(super) fn visible_edition(db: &mut Db, viewer: &Viewer, id: EditionId) -> Result<EditionRow> {
    store::find(db, viewer.tenant, id)?.filter(|row| row.visible_for(viewer)).ok_or_else(|| error::NOT_FOUND.error())
}

/// The name of a new edition.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportCatalogue {
    /// Name, unique in the district.
    #[param(min_length = 1, max_length = 32, example = "2026")]
    name: String,
}

/// Import a catalogue edition
///
/// Makes a draft edition from a UTF-8 CSV with the columns `code,parent_code,level,name_zh,name_en,origin`. Every bad row is reported with
/// its line; all rows come in or none.
#[utoipa::path(tag = "catalogues", params(ImportCatalogue),
    request_body(content = String, content_type = "text/csv", description = "The table, at most 2 MiB"),
    responses((status = 201, description = "Drafted", body = EditionView)),
    extensions(("x-action" = json!(policy::IMPORT.name)), ("x-problems" = json!(["edition_name_taken", "unsupported_media_type"])),
        ("x-body-example" = json!("code,parent_code,level,name_zh,name_en,origin\nA,,1,公共服务,Public services,central_2020_unconfirmed\n"))),
    security(("bearer" = [])))]
#[post("/catalogue-editions")]
async fn import_catalogue(call: Call, params: Params<ImportCatalogue>, body: RawBody<IMPORT_BYTES>) -> Answer {
    // The name is part of what makes two requests the same.
    let fingerprint = Sha256::new().chain_update(body.fingerprint).chain_update(params.raw.as_bytes()).finalize().into();
    people::command(
        call,
        fingerprint,
        |_, actor| service::may_import(actor),
        move |tx, granted| {
            let asked = params.get()?;
            if body.media_type != "text/csv" {
                return Err(error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 text/csv", "expected text/csv")));
            }
            let (row, _) = import_edition(tx, &granted, &asked.name, body.get()?)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/catalogue-editions/{id}"), &edition_view(tx, row)?)?.tagged(version))
        },
    )
    .await
}

/// Publish a catalogue edition
///
/// Puts a draft into use; the edition in use until then is superseded. Purchases start from items of the edition in use only.
#[utoipa::path(tag = "catalogues", params(("edition_id" = EditionId, Path, description = "The edition")),
    responses((status = 200, description = "Published", body = EditionView)),
    extensions(("x-action" = json!(policy::PUBLISH.name))), security(("bearer" = [])))]
#[post("/catalogue-editions/{edition_id}/publication")]
async fn publish_edition(call: Call, id: Id<EditionId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_publish(tx, actor, id.0),
        |tx, granted| {
            let row = service::publish(tx, &granted)?;
            let version = row.version;
            Ok(Reply::ok(&edition_view(tx, row)?)?.tagged(version))
        },
    )
    .await
}
