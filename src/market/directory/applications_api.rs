//! Applications for the directory over HTTP: applying and reading.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ApplicationRow, ApplicationState, NewApplication, sight};
use super::{applications, policy, store};
use crate::kernel::id::{AccountId, CatalogueItemId, DirectoryApplicationId, DirectoryCallId, OrganisationId, OrganisationRecordId};
use crate::kernel::{CatalogueCode, Result, UtcInstant};
use crate::parties::organisations::records::{Grade, RecordView, store as records};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply, Tag};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_directory_applications).service(get_directory_application).service(apply_for_directory);
}

/// An application for the directory.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DirectoryApplicationView {
    /// Id.
    pub id: DirectoryApplicationId,
    /// The call.
    pub call_id: DirectoryCallId,
    /// Who applies.
    pub organisation_id: OrganisationId,
    /// Code of the catalogue item.
    pub item_code: CatalogueCode,
    /// 中文 name of the item.
    #[schema(example = "居家养老服务")]
    pub item_name: String,
    /// What the organisation says of itself.
    #[schema(example = "有五名专职社工，2024 年起承接街道居家养老。")]
    pub statement: String,
    /// The entries of its file that it names.
    #[schema(max_items = 20)]
    pub evidence: Vec<OrganisationRecordId>,
    /// State.
    pub state: ApplicationState,
    /// Who assessed.
    pub assessed_by: Option<AccountId>,
    /// When.
    pub assessed_at: Option<UtcInstant>,
    /// Reason of the assessment.
    #[schema(example = "团队与业绩符合条件")]
    pub assessment: Option<String>,
    /// Rating that counted on the day of the assessment.
    pub counted_grade: Option<Grade>,
    /// When it was taken out.
    pub removed_at: Option<UtcInstant>,
    /// Why.
    #[schema(example = json!(null))]
    pub removal_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was applied for.
    pub created_at: UtcInstant,
}

impl From<ApplicationRow> for DirectoryApplicationView {
    fn from(row: ApplicationRow) -> Self {
        Self {
            evidence: row.evidence(),
            id: row.id,
            call_id: row.call_id,
            organisation_id: row.organisation_id,
            item_code: row.item_code,
            item_name: row.item_name,
            statement: row.statement,
            state: row.state,
            assessed_by: row.assessed_by,
            assessed_at: row.assessed_at,
            assessment: row.assessment,
            counted_grade: row.counted_grade,
            removed_at: row.removed_at,
            removal_reason: row.removal_reason,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// The application as an answer, tagged with its version.
pub(super) fn shown(row: ApplicationRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&DirectoryApplicationView::from(row))?.tagged(version))
}

/// Filters and page of the applications.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListApplications {
    /// Only this call.
    call_id: Option<DirectoryCallId>,
    /// Only this state.
    state: Option<ApplicationState>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List applications for the directory
///
/// Those of one's own organisation; all of them for editors of the catalogue, the platform's administrator, assessors, supervisors and auditors. Oldest first.
#[utoipa::path(tag = "directory", params(ListApplications),
    responses((status = 200, description = "A page of applications", body = Page<DirectoryApplicationView>)), security(("bearer" = [])))]
#[get("/directory-applications")]
async fn list_directory_applications(call: Call, params: Params<ListApplications>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let own = sight(viewer.person()?);
        let asked = params.get()?;
        let filter = (asked.call_id, asked.state);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("directory-applications {filter:?} {own:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, DirectoryApplicationId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, own, filter, after, request.rows())?;
        let key = |row: &ApplicationRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, DirectoryApplicationView::from), &params.path, &params.raw)
    })
    .await
}

/// An application with its evidence as it stands today.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DirectoryApplicationFile {
    /// The application.
    pub application: DirectoryApplicationView,
    /// The entries of the file that it names, as they stand today.
    #[schema(max_items = 20)]
    pub evidence: Vec<RecordView>,
}

/// Read an application for the directory
///
/// With its evidence as it stands today, for the organisation's people and for those who keep, assess, supervise and audit the directory.
#[utoipa::path(tag = "directory", params(("application_id" = DirectoryApplicationId, Path, description = "The application")),
    responses((status = 200, description = "The application", body = DirectoryApplicationFile)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/directory-applications/{application_id}")]
async fn get_directory_application(call: Call, id: Id<DirectoryApplicationId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let granted = applications::may(snapshot, viewer.person()?, &policy::READ, id.0)?;
        let row = granted.into_subject().application;
        let named = records::named(snapshot, row.tenant_id, row.organisation_id, &row.evidence())?;
        // The evidence changes by itself and with the days, so that the tag names both.
        let phase = format!("{today}-{}", named.iter().map(|record| record.version).fold(0, i64::saturating_add));
        let evidence = named.into_iter().map(|record| RecordView::on(record, today)).collect();
        let version = row.version;
        let file = DirectoryApplicationFile { application: DirectoryApplicationView::from(row), evidence };
        Ok(Reply::ok(&file)?.tagged(Tag { version, phase: &phase, view: "" }))
    })
    .await
}

/// An application.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyForDirectory {
    /// An item of the edition of the catalogue in use.
    pub catalogue_item_id: CatalogueItemId,
    /// What the organisation says of itself.
    #[schema(min_length = 2, max_length = 4000, example = "有五名专职社工，2024 年起承接街道居家养老。")]
    pub statement: String,
    /// Entries of its own file.
    #[schema(min_items = 1, max_items = 20)]
    pub evidence: Vec<OrganisationRecordId>,
}

/// Apply for the directory
///
/// The administrator of a verified organisation applies for one item, with evidence from its own file.
#[utoipa::path(tag = "directory", params(("call_id" = DirectoryCallId, Path, description = "The call")), request_body = ApplyForDirectory,
    responses((status = 201, description = "Applied", body = DirectoryApplicationView)),
    extensions(("x-action" = json!(policy::APPLY.name)), ("x-problems" = json!(["applications_closed", "already_applied"]))), security(("bearer" = [])))]
#[post("/directory-calls/{call_id}/applications")]
async fn apply_for_directory(call: Call, id: Id<DirectoryCallId>, body: Body<ApplyForDirectory>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| applications::may_apply(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new =
                NewApplication { item: asked.catalogue_item_id, statement: asked.statement.clone(), evidence: asked.evidence.clone() };
            let row = applications::apply(tx, &granted, id.0, &new)?;
            let (location, version) = (format!("/api/v1/directory-applications/{}", row.id), row.version);
            Ok(Reply::created(location, &DirectoryApplicationView::from(row))?.tagged(version))
        },
    )
    .await
}
