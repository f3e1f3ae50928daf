//! Files of bids over HTTP: streamed in as ciphertext, decrypted on download after the opening only.

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CACHE_CONTROL, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::from_fn;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::hidden_fingerprint;
use super::attachments::{self, AttachmentRow, OpenedAttachmentRow};
use super::model::SealedBy;
use super::reveals::{self, Opening};
use super::{policy, service};
use crate::kernel::id::{AttachmentId, BidId, LotId};
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people;
use crate::people::desk::admit;
use crate::procurement::openers;
use crate::procurement::openers::closings;
use crate::trust::attachments::check_filename;
use crate::trust::documents::DocumentStore;
use crate::trust::sealed_files::Arrival;
use crate::trust::sealing::{BidKey, SealTo, SealingKey};
use crate::trust::unsealing::Unsealed;
use crate::web::{Answer, Call, FILENAME, Failure, Filename, Id, Ids, Page, Params, Reply, hang_up};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(upload_bid_attachment)
        .service(list_kept_attachments)
        .service(remove_bid_attachment)
        .service(list_bid_attachments)
        .service(download_bid_attachment);
}

/// A file of a bid. Name, type and hash of the plaintext are there after the opening only.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AttachmentView {
    /// Id.
    pub id: AttachmentId,
    /// Lot.
    pub lot_id: LotId,
    /// The bid that it goes with; null while it is only kept.
    pub bid_id: Option<BidId>,
    /// Place in the bid, from 1; 0 while it is only kept.
    #[schema(example = 1)]
    pub position: i32,
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// SHA-256 of the ciphertext: the receipt.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
    /// Bytes of the ciphertext.
    #[schema(example = 48_413)]
    pub ciphertext_bytes: i64,
    /// When it came.
    pub uploaded_at: UtcInstant,
    /// What it was found to be at the opening; null before, and when it could not be read.
    pub opened: Option<OpenedAttachmentView>,
    /// Version, also in the ETag of an upload.
    #[schema(example = 1)]
    pub version: i64,
}

/// What a file was found to be at the opening.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OpenedAttachmentView {
    /// Name.
    #[schema(example = "服务方案.pdf")]
    pub filename: String,
    /// Type found in the bytes.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Bytes.
    #[schema(example = 48_213)]
    pub size_bytes: i64,
    /// SHA-256 of the bytes, as the payload binds it.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

fn view(row: AttachmentRow, opened: &[OpenedAttachmentRow]) -> AttachmentView {
    let found = opened.iter().find(|one| one.attachment_id == row.id);
    AttachmentView {
        id: row.id,
        lot_id: row.lot_id,
        bid_id: row.bid_id,
        position: row.position,
        sealed_by: row.sealed_by,
        ciphertext_sha256: row.ciphertext_sha256,
        ciphertext_bytes: row.size_bytes,
        uploaded_at: row.uploaded_at,
        opened: found.map(|one| OpenedAttachmentView {
            filename: one.filename.clone(),
            media_type: one.media_type.clone(),
            size_bytes: one.size_bytes,
            sha256: one.sha256.clone(),
        }),
        version: row.version,
    }
}

/// How a file is sent.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadAttachment {
    /// Whether it is an age file that you sealed to the recipient of `GET /lots/{lot_id}/sealing`. Otherwise it is sealed on arrival.
    #[serde(default)]
    #[param(example = false)]
    sealed: bool,
    /// Whether the age file has a second recipient: your own recovery key.
    #[serde(default)]
    #[param(example = false)]
    recovery_recipient: bool,
}

/// The name in the header, percent-encoded where it is not ASCII; `attachment` when there is none.
fn filename_of(request: &HttpRequest) -> Result<String> {
    let extensions = request.extensions();
    let Some(Filename(value)) = extensions.get() else { return Ok("attachment".to_owned()) };
    let encoded = value
        .to_str()
        .map_err(|_| error::MALFORMED.because(words!("{FILENAME} 含非 ASCII 字符", "{FILENAME} has non-ASCII characters")))?;
    let pair = format!("n={}", encoded.replace('+', "%2B"));
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, name)| name.into_owned()).unwrap_or_default();
    check_filename(&decoded)?;
    Ok(decoded.trim().to_owned())
}

/// Upload a file for a bid
///
/// At most 200 MiB (PDF, PNG, JPEG, DOCX, XLSX), stored as ciphertext only; 1 GiB of ciphertext in all for a lot. Name it in `attachment_ids` when you submit. The answer's hash is
/// that of the ciphertext; a sealed payload binds the SHA-256 of the plaintext.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot"), UploadAttachment,
        ("Baiyi-Filename" = Option<String>, Header, description = "Name of the file, percent-encoded; it is kept sealed, and not at all of a file that you seal yourself",
            max_length = 600, example = "%E6%96%B9%E6%A1%88.pdf")),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, plain or sealed, at most 200 MiB; 300 MiB when sealed and armored"),
    responses((status = 201, description = "Kept", body = AttachmentView)),
    extensions(("x-action" = json!(policy::ATTACH.name)),
        ("x-problems" = json!(["document_type_not_allowed", "file_not_sealed", "extra_recipients", "truncated_ciphertext", "duplicate_ciphertext", "bidding_closed", "plain_offer_refused", "too_many_attachments"])),
        ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/bid-attachments", wrap = "from_fn(hang_up)")]
async fn upload_bid_attachment(
    call: Call,
    id: Id<LotId>,
    request: HttpRequest,
    params: Params<UploadAttachment>,
    store: web::Data<DocumentStore>,
    key: web::Data<SealingKey>,
    payload: web::Payload,
) -> Answer {
    let (lot, of_server) = (id.0, key.recipient());
    let recipient = admit(&call, move |db, actor| {
        let granted = service::may(db, actor, &policy::ATTACH, lot)?;
        openers::recipient(db, &granted.subject().file.tender, &of_server)
    })
    .await
    .map_err(Failure)?;
    let to = SealTo::parse(&recipient).map_err(Failure)?;
    let asked = params.get().map_err(Failure)?;
    let arrival = if asked.sealed { Arrival::Sealed { recovery: asked.recovery_recipient } } else { Arrival::Plain(&to) };
    let filename = filename_of(&request).map_err(Failure)?;
    let file = store.receive_sealed(payload.into_inner(), arrival, &filename).await.map_err(Failure)?;
    let label = match &file.plain {
        None => None,
        Some(plain) => {
            let text = serde_json::to_string(plain).map_err(|_| Failure(Error::internal("a label could not be written")))?;
            Some(key.seal(&text).map_err(Failure)?)
        }
    };
    people::command(
        call,
        hidden_fingerprint("attachment", lot),
        move |tx, actor| service::may(tx, actor, &policy::ATTACH, lot),
        move |tx, granted| {
            let row = attachments::keep(tx, &granted, &file, label.clone(), &recipient)?;
            let version = row.version;
            Ok(Reply::created(format!("/api/v1/bid-attachments/{}", row.id), &view(row, &[]))?.tagged(version))
        },
    )
    .await
}

/// List the files that my organisation keeps for a lot
///
/// Oldest first, at most 40 in one page; no one else's are ever listed.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Files", body = Page<AttachmentView>)),
    extensions(("x-action" = json!(policy::ATTACH.name))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/bid-attachments")]
async fn list_kept_attachments(call: Call, id: Id<LotId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let granted = service::may(snapshot, viewer.person()?, &policy::ATTACH, id.0)?;
        let rows = attachments::of_bidder(snapshot, id.0, granted.subject().organisation)?;
        Reply::ok(&Page { items: rows.into_iter().map(|row| view(row, &[])).collect(), next: None })
    })
    .await
}

/// Delete a file that no bid holds
///
/// What a bid holds stays with it.
#[utoipa::path(tag = "bids", params(("attachment_id" = AttachmentId, Path, description = "The file")), responses((status = 204, description = "Deleted")),
    extensions(("x-action" = json!(policy::REMOVE_ATTACHMENT.name))), security(("bearer" = [])))]
#[delete("/bid-attachments/{attachment_id}")]
async fn remove_bid_attachment(call: Call, id: Id<AttachmentId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| attachments::may_remove(tx, actor, id.0),
        |tx, granted| {
            attachments::remove(tx, &granted)?;
            Ok(Reply::empty())
        },
    )
    .await
}

/// List the files of a bid
///
/// At most 20 in one page. Before the opening only for its own organisation and without names; after it for the purchaser, the lot's
/// evaluators, supervisors and auditors too.
#[utoipa::path(tag = "bids", params(("bid_id" = BidId, Path, description = "The bid")), responses((status = 200, description = "Files", body = Page<AttachmentView>)),
    extensions(("x-action" = json!(policy::READ_ATTACHMENTS.name))), security(("bearer" = [])))]
#[get("/bids/{bid_id}/attachments")]
async fn list_bid_attachments(call: Call, id: Id<BidId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let (bid, _) = attachments::readable(snapshot, viewer.person()?, id.0)?;
        let opened = attachments::opened_of_bid(snapshot, bid.id)?;
        let rows = attachments::of_bid(snapshot, bid.id)?;
        Ok(Reply::ok(&Page { items: rows.into_iter().map(|row| view(row, &opened)).collect(), next: None })?
            .logged(people::readings::BID_CONTENT))
    })
    .await
}

/// Download a file of an opened bid
///
/// Decrypted on the way out, piece by piece; no plaintext is stored. The answer breaks off before its end if the file is not the one that was opened. Nobody reads it before the opening, nor when the file was not what its bid had bound.
#[utoipa::path(tag = "bids",
    params(("bid_id" = BidId, Path, description = "The bid"), ("attachment_id" = AttachmentId, Path, description = "The file")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ_ATTACHMENTS.name)), ("x-answer-example" = json!("%PDF-1.7 …"))), security(("bearer" = [])))]
#[get("/bids/{bid_id}/attachments/{attachment_id}")]
async fn download_bid_attachment(
    call: Call,
    ids: Ids<BidId, AttachmentId>,
    store: web::Data<DocumentStore>,
    key: web::Data<SealingKey>,
) -> Answer {
    let (row, found, opening) = people::desk::fetch(&call, Some(people::readings::BID_CONTENT), move |snapshot, viewer| {
        let actor = viewer.person()?;
        let hidden = || error::NOT_FOUND.error();
        let (bid, opened) = attachments::readable(snapshot, actor, ids.0)?;
        let row = attachments::of_bid(snapshot, bid.id)?.into_iter().find(|row| row.id == ids.1).ok_or_else(hidden)?;
        let found = attachments::opened_of_bid(snapshot, bid.id)?.into_iter().find(|one| one.attachment_id == row.id);
        if !opened {
            return Err(hidden());
        }
        let opening = match closings::reopened(snapshot, bid.tender_id)? {
            None => None,
            Some(gathered) => Some(reveals::opening(snapshot, bid.tender_id, gathered, None)?),
        };
        Ok((row, found.ok_or_else(hidden)?, opening))
    })
    .await
    .map_err(Failure)?;
    let opens = match opening {
        None => BidKey::Server(key.into_inner()),
        Some(opening) => combined(opening).await.map_err(Failure)?,
    };
    let lost = || Failure(Error::internal(format!("the file {} of an opened bid is lost", row.id)));
    let opened = store.unseal(&row.ciphertext_sha256, &opens).await.map_err(Failure)?.ok_or_else(lost)?;
    Ok(respond(&found, opened))
}

/// Joining contributions is slow, so that it keeps no worker.
async fn combined(opening: Opening) -> Result<BidKey> {
    let joined = tokio::task::spawn_blocking(move || opening.keys()).await;
    Ok(joined.map_err(|e| Error::internal(format!("decryption: {e}")))??.opens)
}

fn respond(found: &OpenedAttachmentRow, opened: Unsealed) -> HttpResponse {
    let size = u64::try_from(found.size_bytes).unwrap_or_default();
    let name = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: found.filename.clone().into_bytes() };
    let disposition =
        ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::FilenameExt(name)] };
    HttpResponse::Ok()
        .insert_header(disposition)
        .insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-store")))
        .insert_header((HeaderName::from_static("vary"), HeaderValue::from_static("Authorization")))
        .content_type(found.media_type.as_str())
        .body(SizedStream::new(size, opened.content(size, &found.sha256)))
}
