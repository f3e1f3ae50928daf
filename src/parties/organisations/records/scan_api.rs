//! Scans of the organisation file over HTTP: streamed in after the caller is admitted, streamed out under the same authorisation.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{policy, service};
use crate::kernel::error;
use crate::kernel::id::OrganisationRecordId;
use crate::people;
use crate::people::desk::admit;
use crate::trust::attachments::{DocumentView, check_filename, download, fingerprint};
use crate::trust::documents::{self, DocumentStore};
use crate::web::{Answer, Call, Failure, Id, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(attach_scan).service(download_scan);
}

/// The name of a scan.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadScan {
    /// Name of the file.
    #[param(min_length = 1, max_length = 200, example = "登记证书.pdf")]
    filename: String,
}

/// Add the scan of an entry
///
/// Streams a file of at most 20 MiB (PDF, PNG, JPEG, DOCX, XLSX; the type is read from the bytes). As long as nobody has decided on the entry, another scan
/// takes its place.
#[utoipa::path(tag = "organisation file", params(("record_id" = OrganisationRecordId, Path, description = "The entry"), UploadScan),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, at most 20 MiB"),
    responses((status = 201, description = "Added", body = DocumentView)),
    extensions(("x-action" = json!(policy::SCAN.name)), ("x-problems" = json!(["document_type_not_allowed"])), ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/organisation-records/{record_id}/scan")]
async fn attach_scan(
    call: Call,
    id: Id<OrganisationRecordId>,
    params: Params<UploadScan>,
    store: web::Data<DocumentStore>,
    payload: web::Payload,
) -> Answer {
    let record = id.0;
    admit(&call, move |db, actor| service::may_on(db, actor, &policy::SCAN, record).map(drop)).await.map_err(Failure)?;
    let filename = params.get().map_err(Failure)?.filename.trim().to_owned();
    check_filename(&filename).map_err(Failure)?;
    let file = store.receive(payload.into_inner()).await.map_err(Failure)?;
    people::command(
        call,
        fingerprint(&file, &filename, service::SCAN),
        move |tx, actor| service::may_on(tx, actor, &policy::SCAN, record),
        move |tx, granted| {
            let row = service::attach(tx, &granted, &filename, &file)?;
            Reply::created(format!("/api/v1/organisation-records/{record}/scan"), &DocumentView::from(row))
        },
    )
    .await
}

/// Download the scan of an entry
///
/// The file as an attachment, for whoever reads the entry.
#[utoipa::path(tag = "organisation file", params(("record_id" = OrganisationRecordId, Path, description = "The entry")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ.name)), ("x-answer-example" = json!("%PDF-1.7 …"))), security(("bearer" = [])))]
#[get("/organisation-records/{record_id}/scan")]
async fn download_scan(call: Call, id: Id<OrganisationRecordId>, store: web::Data<DocumentStore>) -> Answer {
    let row = people::desk::fetch(&call, Some(people::readings::PERSONAL_DATA), move |snapshot, viewer| {
        let record = service::may_on(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject();
        let document = record.document_id.ok_or_else(|| error::NOT_FOUND.error())?;
        documents::find(snapshot, viewer.tenant, document)
    })
    .await
    .map_err(Failure)?;
    download(&store, &row).await.map_err(Failure)
}
