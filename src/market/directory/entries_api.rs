//! The public list of the directory over HTTP.

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ApplicationRow, ApplicationState, CallRow, EntryFilter};
use super::{rules, store};
use crate::kernel::id::{DirectoryApplicationId, DirectoryCallId, OrganisationId};
use crate::kernel::{CatalogueCode, UtcInstant};
use crate::people;
use crate::web::{Answer, Call, Page, PageRequest, Params, Reply};

/// Seconds that shared caches may keep what the public sees.
const CACHE_SECONDS: u32 = 60;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_directory_entries);
}

/// An organisation in the directory, or about to be.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DirectoryEntry {
    /// The application.
    pub application_id: DirectoryApplicationId,
    /// The call.
    pub call_id: DirectoryCallId,
    /// Name of the edition.
    #[schema(example = "2026")]
    pub edition: String,
    /// The year in which it is in force.
    #[schema(example = 2026)]
    pub year: i32,
    /// Code of the catalogue item.
    pub item_code: CatalogueCode,
    /// 中文 name of the item.
    #[schema(example = "居家养老服务")]
    pub item_name: String,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Its name.
    #[schema(example = "吴兴区邻里互助协会")]
    pub name_zh: String,
    /// `accepted` during the publicity, then `listed`, or `removed`.
    pub state: ApplicationState,
    /// Whether it is in force today: listed, in an edition of this year.
    pub in_force: bool,
    /// Last day of the publicity.
    pub publicity_until: Option<NaiveDate>,
    /// When it was taken out.
    pub removed_at: Option<UtcInstant>,
    /// Why.
    #[schema(example = json!(null))]
    pub removal_reason: Option<String>,
}

fn entry((row, call, name_zh): (ApplicationRow, CallRow, String), today: NaiveDate) -> DirectoryEntry {
    DirectoryEntry {
        in_force: row.state == ApplicationState::Listed && rules::in_force(&call, today),
        application_id: row.id,
        call_id: call.id,
        edition: call.edition,
        year: call.year,
        item_code: row.item_code,
        item_name: row.item_name,
        organisation_id: row.organisation_id,
        name_zh,
        state: row.state,
        publicity_until: call.publicity_until,
        removed_at: row.removed_at,
        removal_reason: row.removal_reason,
    }
}

/// Filters and page of the directory.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEntries {
    /// Only this year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    year: Option<i32>,
    /// Only this call.
    call_id: Option<DirectoryCallId>,
    /// Only exactly this catalogue item.
    item_code: Option<CatalogueCode>,
    /// Only this organisation.
    organisation_id: Option<OrganisationId>,
    /// Only those who are listed in a published edition.
    listed: Option<bool>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the directory of capable organisations
///
/// By item, year, call or organisation, readable by everybody: who is accepted during a publicity, who is listed in an edition, and who was taken out and why.
#[utoipa::path(tag = "directory", params(ListEntries), responses((status = 200, description = "A page of entries", body = Page<DirectoryEntry>)))]
#[get("/directory-entries")]
async fn list_directory_entries(call: Call, params: Params<ListEntries>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let filter = EntryFilter {
            year: asked.year,
            call: asked.call_id,
            item: asked.item_code.clone(),
            organisation: asked.organisation_id,
            listed: asked.listed == Some(true),
        };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("directory-entries {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, DirectoryApplicationId::new(id)));
        let rows = store::entries(snapshot, viewer.tenant, &filter, after, request.rows())?;
        let key = |row: &(ApplicationRow, CallRow, String)| (row.0.created_at.to_string(), row.0.id.uuid());
        let page = request.page(rows, key, |row| entry(row, today));
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}
