//! Documents of a contract over HTTP: streamed in after the caller is admitted, listed and streamed out to the parties, finance and auditors.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ContractPaper, ContractRow, OWNER_KIND};
use super::{policy, service};
use crate::db::Db;
use crate::kernel::id::{ContractId, DocumentId};
use crate::kernel::{Result, error};
use crate::people::desk::admit;
use crate::people::{self, Viewer};
use crate::trust::attachments::{DocumentView, check_filename, download, fingerprint};
use crate::trust::documents::{self, DocumentStore};
use crate::web::{Answer, Call, Failure, Id, Ids, Page, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_contract_documents).service(attach_contract_document).service(download_contract_document);
}

/// A contract whose documents the caller may read: 401 without a token, 404 for everybody else.
fn open_to(db: &mut Db, viewer: &Viewer, id: ContractId) -> Result<ContractRow> {
    let actor = viewer.person()?;
    let contract = service::find(db, viewer.tenant, id)?;
    if contract.is_open_to(actor) { Ok(contract) } else { Err(error::NOT_FOUND.error()) }
}

/// The name and purpose of a document.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadPaper {
    /// Name of the file.
    #[param(min_length = 1, max_length = 200, example = "盖章合同.pdf")]
    filename: String,
    /// What it is for.
    #[param(inline)]
    purpose: ContractPaper,
}

/// Add a document to a contract
///
/// Streams a file of at most 20 MiB (PDF, PNG, JPEG, DOCX, XLSX; the type is read from the bytes), such as the scan of the stamped original.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract"), UploadPaper),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, at most 20 MiB"),
    responses((status = 201, description = "Added", body = DocumentView)),
    extensions(("x-action" = json!(policy::ATTACH.name)), ("x-problems" = json!(["document_type_not_allowed"])), ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/contracts/{contract_id}/documents")]
async fn attach_contract_document(
    call: Call,
    id: Id<ContractId>,
    params: Params<UploadPaper>,
    store: web::Data<DocumentStore>,
    payload: web::Payload,
) -> Answer {
    let contract = id.0;
    admit(&call, move |db, actor| service::may(db, actor, &policy::ATTACH, contract).map(drop)).await.map_err(Failure)?;
    let (filename, purpose) = {
        let asked = params.get().map_err(Failure)?;
        (asked.filename.trim().to_owned(), asked.purpose)
    };
    check_filename(&filename).map_err(Failure)?;
    let file = store.receive(payload.into_inner()).await.map_err(Failure)?;
    people::command(
        call,
        fingerprint(&file, &filename, purpose.as_str()),
        move |tx, actor| service::may(tx, actor, &policy::ATTACH, contract),
        move |tx, granted| {
            let row = service::attach(tx, &granted, purpose, &filename, &file)?;
            Reply::created(format!("/api/v1/contracts/{contract}/documents/{}", row.id), &DocumentView::from(row))
        },
    )
    .await
}

/// List the documents of a contract
///
/// Oldest first, at most 100 in one page, for the parties, finance and auditors.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The documents", body = Page<DocumentView>)), security(("bearer" = [])))]
#[get("/contracts/{contract_id}/documents")]
async fn list_contract_documents(call: Call, id: Id<ContractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let contract = open_to(snapshot, viewer, id.0)?;
        let rows = documents::of_owner(snapshot, viewer.tenant, contract.id.any())?;
        Reply::ok(&Page { items: rows.into_iter().map(DocumentView::from).collect(), next: None })
    })
    .await
}

/// Download a document of a contract
///
/// The file as an attachment, for the parties, finance and auditors.
#[utoipa::path(tag = "contracts",
    params(("contract_id" = ContractId, Path, description = "The contract"), ("document_id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-answer-example" = json!("%PDF-1.7 …"))), security(("bearer" = [])))]
#[get("/contracts/{contract_id}/documents/{document_id}")]
async fn download_contract_document(call: Call, ids: Ids<ContractId, DocumentId>, store: web::Data<DocumentStore>) -> Answer {
    let row = people::desk::fetch(&call, Some(people::readings::PERSONAL_DATA), move |snapshot, viewer| {
        let contract = open_to(snapshot, viewer, ids.0)?;
        let document = documents::find(snapshot, viewer.tenant, ids.1)?;
        let is_its_own = document.owner_kind == OWNER_KIND && document.owner_id == contract.id.any();
        if is_its_own { Ok(document) } else { Err(error::NOT_FOUND.error()) }
    })
    .await
    .map_err(Failure)?;
    download(&store, &row).await.map_err(Failure)
}
