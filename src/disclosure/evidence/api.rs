//! The evidence of a case over HTTP.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, get, web};
use futures_util::stream;
use tokio::io::AsyncReadExt as _;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::case_file::store;
use super::{archive, policy, read};
use crate::kernel::error::{self, Error};
use crate::kernel::id::CaseId;
use crate::people;
use crate::people::policy::authorize;
use crate::trust::documents::DocumentStore;
use crate::web::openapi::Octets;
use crate::web::{Answer, Call, Failure, Id};

/// Bytes of the archive that are in memory at a time.
const CHUNK: u64 = 64 * 1024;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(export_evidence);
}

/// Take the evidence of a case
///
/// A ZIP file for an auditor: the case's data with a dictionary of every field, the journal's entries with salts and inclusion proofs, the signed checkpoint, every document
/// under its SHA-256, and SHA256SUMS over it all. What would tell of sealed bids before their opening is not in it.
#[utoipa::path(tag = "cases", params(("case_id" = CaseId, Path, description = "The case")),
    responses((status = 200, description = "The archive", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::EXPORT.name)), ("x-problems" = json!(["evidence_too_large"])), ("x-answer-example" = json!("PK …"))),
    security(("bearer" = [])))]
#[get("/cases/{case_id}/evidence")]
async fn export_evidence(call: Call, id: Id<CaseId>, documents: web::Data<DocumentStore>) -> Answer {
    let evidence = people::desk::fetch(&call, Some(people::readings::BID_CONTENT), move |snapshot, viewer| {
        let actor = viewer.person()?;
        let case = store::case(snapshot, actor.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let granted = authorize(actor, &policy::EXPORT, case)?;
        read::read(snapshot, *granted.subject())
    })
    .await
    .map_err(Failure)?;
    let name = format!("case-{}.zip", evidence.file.case_id);
    let file = web::block(move || archive::write(&evidence, &documents))
        .await
        .map_err(|_| Failure(Error::internal("the writer of archives is gone")))?
        .map_err(Failure)?;
    let chunks = stream::unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut chunk = Vec::new();
        match (&mut file).take(CHUNK).read_to_end(&mut chunk).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(web::Bytes::from(chunk)), file)),
            Err(e) => Some((Err(e), file)),
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/zip"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(chunks))
}
