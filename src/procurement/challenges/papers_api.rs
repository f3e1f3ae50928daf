//! Documents of a challenge over HTTP: streamed in by who filed it, streamed out to who may read the challenge.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::ChallengeRow;
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{ChallengeId, DocumentId};
use crate::kernel::{Result, error};
use crate::people::desk::admit;
use crate::people::readings::PERSONAL_DATA;
use crate::people::{self, Viewer};
use crate::trust::attachments::{DocumentView, check_filename, download, fingerprint};
use crate::trust::documents::{self, DocumentStore};
use crate::web::{Answer, Call, Failure, Id, Ids, Page, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_challenge_documents).service(attach_challenge_document).service(download_challenge_document);
}

/// A challenge whose documents the caller may read: 401 without a token, 404 for everybody else.
fn open_to(db: &mut Db, viewer: &Viewer, id: ChallengeId) -> Result<ChallengeRow> {
    let actor = viewer.person()?;
    let row = store::find(db, viewer.tenant, id)?.filter(|row| row.is_open_to(actor));
    row.ok_or_else(|| error::NOT_FOUND.error())
}

/// The name of a document.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadEvidence {
    /// Name of the file.
    #[param(min_length = 1, max_length = 200, example = "质疑函及证明材料.pdf")]
    filename: String,
}

/// Add a document to a challenge
///
/// Streams a file of at most 20 MiB (PDF, PNG, JPEG, DOCX, XLSX; the type is read from the bytes), before the answer.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge"), UploadEvidence),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, at most 20 MiB"),
    responses((status = 201, description = "Added", body = DocumentView)),
    extensions(("x-action" = json!(policy::ATTACH.name)), ("x-problems" = json!(["document_type_not_allowed"])), ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/challenges/{challenge_id}/documents")]
async fn attach_challenge_document(
    call: Call,
    id: Id<ChallengeId>,
    params: Params<UploadEvidence>,
    store: web::Data<DocumentStore>,
    payload: web::Payload,
) -> Answer {
    let challenge = id.0;
    admit(&call, move |db, actor| service::may(db, actor, &policy::ATTACH, challenge).map(drop)).await.map_err(Failure)?;
    let filename = params.get().map_err(Failure)?.filename.trim().to_owned();
    check_filename(&filename).map_err(Failure)?;
    let file = store.receive(payload.into_inner()).await.map_err(Failure)?;
    people::command(
        call,
        fingerprint(&file, &filename, service::KIND),
        move |tx, actor| service::may(tx, actor, &policy::ATTACH, challenge),
        move |tx, granted| {
            let row = service::attach(tx, &granted, &filename, &file)?;
            Reply::created(format!("/api/v1/challenges/{challenge}/documents/{}", row.id), &DocumentView::from(row))
        },
    )
    .await
}

/// List the documents of a challenge
///
/// Oldest first, at most 100 in one page, for who may read the challenge.
#[utoipa::path(tag = "challenges", params(("challenge_id" = ChallengeId, Path, description = "The challenge")),
    responses((status = 200, description = "The documents", body = Page<DocumentView>)), security(("bearer" = [])))]
#[get("/challenges/{challenge_id}/documents")]
async fn list_challenge_documents(call: Call, id: Id<ChallengeId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let challenge = open_to(snapshot, viewer, id.0)?;
        let rows = documents::of_owner(snapshot, viewer.tenant, challenge.id.any())?;
        Reply::ok(&Page { items: rows.into_iter().map(DocumentView::from).collect(), next: None })
    })
    .await
}

/// Download a document of a challenge
///
/// The file as an attachment, for who may read the challenge.
#[utoipa::path(tag = "challenges",
    params(("challenge_id" = ChallengeId, Path, description = "The challenge"), ("document_id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-answer-example" = json!("%PDF-1.7 …"))), security(("bearer" = [])))]
#[get("/challenges/{challenge_id}/documents/{document_id}")]
async fn download_challenge_document(call: Call, ids: Ids<ChallengeId, DocumentId>, store: web::Data<DocumentStore>) -> Answer {
    let row = people::desk::fetch(&call, Some(PERSONAL_DATA), move |snapshot, viewer| {
        let challenge = open_to(snapshot, viewer, ids.0)?;
        let document = documents::find(snapshot, viewer.tenant, ids.1)?;
        let is_its_own = document.owner_kind == service::KIND && document.owner_id == challenge.id.any();
        if is_its_own { Ok(document) } else { Err(error::NOT_FOUND.error()) }
    })
    .await
    .map_err(Failure)?;
    download(&store, &row).await.map_err(Failure)
}
