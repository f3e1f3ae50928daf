//! Papers and invitations of a tender over HTTP.

use actix_web::{get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::visible;
use super::invitations::{self, InvitationRow};
use super::model::TenderRow;
use super::papers::{self, TenderPaper, readable};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{DocumentId, OrganisationId, TenderId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::desk::admit;
use crate::people::{self, Viewer};
use crate::trust::attachments::{DocumentView, check_filename, download, fingerprint};
use crate::trust::documents::{self, DocumentStore};
use crate::web::{Answer, Body, Call, Failure, Id, Ids, Page, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(attach_tender_document)
        .service(list_tender_documents)
        .service(download_tender_document)
        .service(replace_invitations)
        .service(list_invitations);
}

/// The name and purpose of a document.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadTenderPaper {
    /// Name of the file.
    #[param(min_length = 1, max_length = 200, example = "会议纪要.pdf")]
    filename: String,
    /// What it is for.
    #[param(inline)]
    purpose: TenderPaper,
}

/// Add a document to a tender
///
/// Streams a file of at most 20 MiB (PDF, PNG, JPEG, DOCX, XLSX; the type is read from the bytes): the minutes of the decision, the procurement
/// documents, an argument for a single source.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender"), UploadTenderPaper),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, at most 20 MiB"),
    responses((status = 201, description = "Added", body = DocumentView)),
    extensions(("x-action" = json!(policy::ATTACH.name)), ("x-problems" = json!(["document_type_not_allowed"])), ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/documents")]
async fn attach_tender_document(
    call: Call,
    id: Id<TenderId>,
    params: Params<UploadTenderPaper>,
    store: web::Data<DocumentStore>,
    payload: web::Payload,
) -> Answer {
    let tender = id.0;
    admit(&call, move |db, actor| service::may(db, actor, &policy::ATTACH, tender).map(drop)).await.map_err(Failure)?;
    let (filename, purpose) = {
        let asked = params.get().map_err(Failure)?;
        (asked.filename.trim().to_owned(), asked.purpose)
    };
    check_filename(&filename).map_err(Failure)?;
    let file = store.receive(payload.into_inner()).await.map_err(Failure)?;
    people::command(
        call,
        fingerprint(&file, &filename, purpose.as_str()),
        move |tx, actor| service::may(tx, actor, &policy::ATTACH, tender),
        move |tx, granted| {
            let row = papers::attach(tx, &granted, purpose, &filename, &file)?;
            Reply::created(format!("/api/v1/tenders/{tender}/documents/{}", row.id), &DocumentView::from(row))
        },
    )
    .await
}

fn seen(db: &mut Db, viewer: &Viewer, id: TenderId) -> Result<TenderRow> {
    store::find(db, viewer.tenant, id)?.filter(|row| visible(row, viewer)).ok_or_else(|| error::NOT_FOUND.error())
}

/// List the documents of a tender
///
/// Everybody sees the procurement documents of a published tender; minutes and market study only people of the unit, supervisors, auditors.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The documents", body = Page<DocumentView>)))]
#[get("/tenders/{tender_id}/documents")]
async fn list_tender_documents(call: Call, id: Id<TenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let tender = seen(snapshot, viewer, id.0)?;
        let mut rows = documents::of_owner(snapshot, viewer.tenant, tender.id.any())?;
        rows.retain(|row| row.owner_kind == papers::OWNER_KIND && readable(&tender, row, viewer));
        Reply::ok(&Page { items: rows.into_iter().map(DocumentView::from).collect(), next: None })
    })
    .await
}

/// Download a document of a tender
///
/// The file as an attachment, for whoever sees it in the list.
#[utoipa::path(tag = "tenders",
    params(("tender_id" = TenderId, Path, description = "The tender"), ("tender_document_id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-answer-example" = json!("%PDF-1.7 …"))))]
#[get("/tenders/{tender_id}/documents/{tender_document_id}")]
async fn download_tender_document(call: Call, ids: Ids<TenderId, DocumentId>, store: web::Data<DocumentStore>) -> Answer {
    let row = people::desk::fetch(&call, None, move |snapshot, viewer| {
        let tender = seen(snapshot, viewer, ids.0)?;
        let document = documents::find(snapshot, viewer.tenant, ids.1)?;
        let is_its_own = document.owner_kind == papers::OWNER_KIND && document.owner_id == tender.id.any();
        if is_its_own && readable(&tender, &document, viewer) { Ok(document) } else { Err(error::NOT_FOUND.error()) }
    })
    .await
    .map_err(Failure)?;
    download(&store, &row).await.map_err(Failure)
}

/// Whom to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceInvitations {
    /// The suppliers; the list replaces the one before.
    #[schema(max_items = 100)]
    pub organisation_ids: Vec<OrganisationId>,
}

/// An invited supplier.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationView {
    /// The supplier.
    pub organisation_id: OrganisationId,
    /// When it was listed.
    pub invited_at: UtcInstant,
}

/// The invited suppliers of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationList {
    /// Suppliers.
    #[schema(max_items = 100)]
    pub items: Vec<InvitationView>,
}

fn list_view(rows: Vec<InvitationRow>) -> InvitationList {
    let items = rows.into_iter().map(|row| InvitationView { organisation_id: row.organisation_id, invited_at: row.invited_at });
    InvitationList { items: items.collect() }
}

/// List whom to invite
///
/// Replaces the list of invited suppliers before the publication. They are told by mail when the tender is published.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = ReplaceInvitations,
    responses((status = 200, description = "The list", body = InvitationList)),
    extensions(("x-action" = json!(policy::INVITE.name))), security(("bearer" = [])))]
#[put("/tenders/{tender_id}/invitations")]
async fn replace_invitations(call: Call, id: Id<TenderId>, body: Body<ReplaceInvitations>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::INVITE, id.0),
        move |tx, granted| {
            let rows = invitations::replace(tx, &granted, &body.get()?.organisation_ids)?;
            let version = granted.subject().version.saturating_add(1);
            Ok(Reply::ok(&list_view(rows))?.tagged(version))
        },
    )
    .await
}

/// Read whom a tender invites
///
/// For people of the unit, supervisors and auditors.
#[utoipa::path(tag = "tenders", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The list", body = InvitationList)),
    extensions(("x-action" = json!(policy::READ_INVITATIONS.name))), security(("bearer" = [])))]
#[get("/tenders/{tender_id}/invitations")]
async fn list_invitations(call: Call, id: Id<TenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let granted = service::may(snapshot, viewer.person()?, &policy::READ_INVITATIONS, id.0)?;
        Reply::ok(&list_view(invitations::of_tender(snapshot, granted.subject().id)?))
    })
    .await
}
