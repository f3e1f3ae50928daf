//! Evidence files of a report over HTTP: streamed in after the caller is admitted, streamed out under the same authorisation.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::EvidenceFacts;
use super::{policy, service};
use crate::kernel::error;
use crate::kernel::id::{DocumentId, IndicatorId, OutcomeReportId};
use crate::people;
use crate::people::desk::admit;
use crate::people::readings::PERSONAL_DATA;
use crate::trust::attachments::{DocumentView, check_filename, download, fingerprint};
use crate::trust::documents::{self, DocumentStore};
use crate::web::{Answer, Call, Failure, Id, Ids, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(attach_evidence).service(download_evidence);
}

/// The name of an evidence file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadEvidence {
    /// Name of the file.
    #[param(min_length = 1, max_length = 200, example = "签到表.pdf")]
    filename: String,
    /// The value that it proves; absent: the whole report.
    #[serde(default)]
    indicator_id: Option<IndicatorId>,
    /// When it was taken.
    #[serde(default)]
    taken_on: Option<NaiveDate>,
    /// Where.
    #[serde(default)]
    #[param(min_length = 1, max_length = 200, example = "月河社区")]
    place: Option<String>,
}

/// Add evidence
///
/// Streams a file of at most 20 MiB (PDF, PNG, JPEG, DOCX, XLSX; the type is read from the bytes) and adds it to the report.
#[utoipa::path(tag = "outcome reports", params(("report_id" = OutcomeReportId, Path, description = "The report"), UploadEvidence),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, at most 20 MiB"),
    responses((status = 201, description = "Added", body = DocumentView)),
    extensions(("x-action" = json!(policy::ATTACH.name)), ("x-problems" = json!(["document_type_not_allowed"])), ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/outcome-reports/{report_id}/evidence")]
async fn attach_evidence(
    call: Call,
    id: Id<OutcomeReportId>,
    params: Params<UploadEvidence>,
    store: web::Data<DocumentStore>,
    payload: web::Payload,
) -> Answer {
    let report = id.0;
    admit(&call, move |db, actor| service::may(db, actor, &policy::ATTACH, report).map(drop)).await.map_err(Failure)?;
    let asked = params.get().map_err(Failure)?;
    let filename = asked.filename.trim().to_owned();
    let facts = EvidenceFacts { indicator: asked.indicator_id, taken_on: asked.taken_on, place: asked.place.clone() };
    check_filename(&filename).map_err(Failure)?;
    let file = store.receive(payload.into_inner()).await.map_err(Failure)?;
    people::command(
        call,
        fingerprint(&file, &filename, service::EVIDENCE),
        move |tx, actor| service::may(tx, actor, &policy::ATTACH, report),
        move |tx, granted| {
            let row = service::attach(tx, &granted, &filename, &file, &facts)?;
            Reply::created(format!("/api/v1/outcome-reports/{report}/evidence/{}", row.id), &DocumentView::from(row))
        },
    )
    .await
}

/// Download evidence
///
/// The file as an attachment, for the payee, the unit, verifiers and auditors.
#[utoipa::path(tag = "outcome reports",
    params(("report_id" = OutcomeReportId, Path, description = "The report"), ("document_id" = DocumentId, Path, description = "The file")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-answer-example" = json!("%PDF-1.7 …"))), security(("bearer" = [])))]
#[get("/outcome-reports/{report_id}/evidence/{document_id}")]
async fn download_evidence(call: Call, ids: Ids<OutcomeReportId, DocumentId>, store: web::Data<DocumentStore>) -> Answer {
    let row = people::desk::fetch(&call, Some(PERSONAL_DATA), move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = service::file(snapshot, viewer.tenant, ids.0)?;
        let document = documents::find(snapshot, viewer.tenant, ids.1)?;
        let is_its_own = document.owner_kind == service::OWNER_KIND && document.owner_id == file.report.id.any();
        if is_its_own && file.is_open_to(actor) { Ok(document) } else { Err(error::NOT_FOUND.error()) }
    })
    .await
    .map_err(Failure)?;
    download(&store, &row).await.map_err(Failure)
}
