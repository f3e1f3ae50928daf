//! Calls for the directory over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{CallRow, CallState, NewCall};
use super::{policy, rules, service, store};
use crate::kernel::id::DirectoryCallId;
use crate::kernel::{Result, UtcInstant, error};
use crate::parties::organisations::records::Grade;
use crate::people;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply, Tag};

/// Seconds that shared caches may keep what the public sees.
const CACHE_SECONDS: u32 = 60;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_directory_calls)
        .service(get_directory_call)
        .service(call_for_directory)
        .service(publicise_directory)
        .service(publish_directory)
        .service(cancel_directory_call)
        .configure(super::applications_api::routes)
        .configure(super::decisions_api::routes)
        .configure(super::entries_api::routes);
}

/// A call for applications.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DirectoryCallView {
    /// Id.
    pub id: DirectoryCallId,
    /// Name of the edition.
    #[schema(example = "2026")]
    pub edition: String,
    /// The year in which it is in force.
    #[schema(example = 2026)]
    pub year: i32,
    /// What an organisation must show.
    #[schema(example = "有三名以上专职社工，近两年有同类服务经验。")]
    pub criteria: String,
    /// Lowest rating that is accepted; null for any.
    pub min_grade: Option<Grade>,
    /// First day of applications.
    pub opens_on: NaiveDate,
    /// Last day of applications.
    pub closes_on: NaiveDate,
    /// How many days the publicity lasts.
    #[schema(example = 7)]
    pub publicity_days: i32,
    /// State.
    pub state: CallState,
    /// Whether applications are taken today.
    pub takes_applications: bool,
    /// Whether the edition is in force today.
    pub in_force: bool,
    /// Last day of the publicity.
    pub publicity_until: Option<NaiveDate>,
    /// Why it was cancelled.
    #[schema(example = json!(null))]
    pub cancel_reason: Option<String>,
    /// When it was published.
    pub published_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was called.
    pub created_at: UtcInstant,
}

fn view(row: CallRow, today: NaiveDate) -> DirectoryCallView {
    DirectoryCallView {
        takes_applications: rules::takes_applications(&row, today),
        in_force: rules::in_force(&row, today),
        id: row.id,
        edition: row.edition,
        year: row.year,
        criteria: row.criteria,
        min_grade: row.min_grade,
        opens_on: row.opens_on,
        closes_on: row.closes_on,
        publicity_days: row.publicity_days,
        state: row.state,
        publicity_until: row.publicity_until,
        cancel_reason: row.cancel_reason,
        published_at: row.published_at,
        version: row.version,
        created_at: row.created_at,
    }
}

fn shown(row: CallRow, today: NaiveDate) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&view(row, today))?.tagged(version))
}

/// Filters and page of the calls.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCalls {
    /// Only this state.
    state: Option<CallState>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List calls for the directory
///
/// Oldest first, readable by everybody.
#[utoipa::path(tag = "directory", params(ListCalls), responses((status = 200, description = "A page of calls", body = Page<DirectoryCallView>)))]
#[get("/directory-calls")]
async fn list_directory_calls(call: Call, params: Params<ListCalls>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("directory-calls {:?}", asked.state))?;
        let after = request.after_instant()?.map(|(at, id)| (at, DirectoryCallId::new(id)));
        let rows = store::list_calls(snapshot, viewer.tenant, asked.state, after, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| view(row, today));
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read a call for the directory
///
/// Readable by everybody.
#[utoipa::path(tag = "directory", params(("call_id" = DirectoryCallId, Path, description = "The call")),
    responses((status = 200, description = "The call", body = DirectoryCallView)))]
#[get("/directory-calls/{call_id}")]
async fn get_directory_call(call: Call, id: Id<DirectoryCallId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let row = store::find_call(snapshot, viewer.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        // What it says of today is not in its version, so that the tag names the day.
        let (version, day) = (row.version, today.to_string());
        Ok(Reply::ok(&view(row, today))?.tagged(Tag { version, phase: &day, view: "" }).public(CACHE_SECONDS))
    })
    .await
}

/// A call.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallForDirectory {
    /// Name of the edition, unique in the district.
    #[schema(min_length = 1, max_length = 32, example = "2026")]
    pub edition: String,
    /// The year in which it is in force: this one or the next.
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: i32,
    /// What an organisation must show.
    #[schema(min_length = 2, max_length = 4000, example = "有三名以上专职社工，近两年有同类服务经验。")]
    pub criteria: String,
    /// Lowest rating that is accepted; any when absent.
    #[serde(default)]
    pub min_grade: Option<Grade>,
    /// First day of applications.
    pub opens_on: NaiveDate,
    /// Last day of applications, not in the past.
    pub closes_on: NaiveDate,
    /// How many days the publicity lasts, 3 to 60.
    #[schema(minimum = 3, maximum = 60, example = 7)]
    pub publicity_days: i32,
}

/// Call for the directory
///
/// Opens the applications for an edition of a year, with its criteria. The call is public at once.
#[utoipa::path(tag = "directory", request_body = CallForDirectory, responses((status = 201, description = "Called", body = DirectoryCallView)),
    extensions(("x-action" = json!(policy::CALL.name)), ("x-problems" = json!(["directory_edition_taken"]))), security(("bearer" = [])))]
#[post("/directory-calls")]
async fn call_for_directory(call: Call, body: Body<CallForDirectory>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_call(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewCall {
                edition: asked.edition.clone(),
                year: asked.year,
                criteria: asked.criteria.clone(),
                min_grade: asked.min_grade,
                opens_on: asked.opens_on,
                closes_on: asked.closes_on,
                publicity_days: asked.publicity_days,
            };
            let row = service::call(tx, &granted, &new)?;
            let (location, version, today) = (format!("/api/v1/directory-calls/{}", row.id), row.version, tx.now().date_in_shanghai());
            Ok(Reply::created(location, &view(row, today))?.tagged(version))
        },
    )
    .await
}

/// Begin the publicity of an edition
///
/// After the last day of applications, when each is assessed: the accepted ones are shown to everybody for the days that the call names.
#[utoipa::path(tag = "directory", params(("call_id" = DirectoryCallId, Path, description = "The call")),
    responses((status = 200, description = "Publicised", body = DirectoryCallView)),
    extensions(("x-action" = json!(policy::PUBLICISE.name)), ("x-problems" = json!(["applications_not_assessed"]))), security(("bearer" = [])))]
#[post("/directory-calls/{call_id}/publicity")]
async fn publicise_directory(call: Call, id: Id<DirectoryCallId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::PUBLICISE, id.0),
        |tx, granted| {
            let row = service::publicise(tx, &granted)?;
            shown(row, tx.now().date_in_shanghai())
        },
    )
    .await
}

/// Publish an edition of the directory
///
/// From the day after the last day of the publicity. Whoever is still accepted is listed and told by mail. Never by who called for it or assessed in it.
#[utoipa::path(tag = "directory", params(("call_id" = DirectoryCallId, Path, description = "The call")),
    responses((status = 200, description = "Published", body = DirectoryCallView)),
    extensions(("x-action" = json!(policy::PUBLISH.name)), ("x-problems" = json!(["duties_not_separate", "directory_publicity_runs"]))),
    security(("bearer" = [])))]
#[post("/directory-calls/{call_id}/publication")]
async fn publish_directory(call: Call, id: Id<DirectoryCallId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_publish(tx, actor, id.0),
        |tx, granted| {
            let row = service::publish(tx, &granted)?;
            shown(row, tx.now().date_in_shanghai())
        },
    )
    .await
}

/// Why a call ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelDirectoryCall {
    /// The reason.
    #[schema(min_length = 2, max_length = 1000, example = "征集条件有误，重新发布")]
    pub reason: String,
}

/// Cancel a call for the directory
///
/// Ends it without an edition, for a reason that everybody reads.
#[utoipa::path(tag = "directory", params(("call_id" = DirectoryCallId, Path, description = "The call")), request_body = CancelDirectoryCall,
    responses((status = 200, description = "Cancelled", body = DirectoryCallView)),
    extensions(("x-action" = json!(policy::CANCEL.name))), security(("bearer" = [])))]
#[post("/directory-calls/{call_id}/cancellation")]
async fn cancel_directory_call(call: Call, id: Id<DirectoryCallId>, body: Body<CancelDirectoryCall>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CANCEL, id.0),
        move |tx, granted| {
            let row = service::cancel(tx, &granted, &body.get()?.reason)?;
            shown(row, tx.now().date_in_shanghai())
        },
    )
    .await
}
