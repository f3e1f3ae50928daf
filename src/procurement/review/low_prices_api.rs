//! Low prices over HTTP: ask, explain with documents, decide.

use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::NoticeView;
use super::{low_prices, policy, service};
use crate::kernel::error;
use crate::kernel::id::{BidId, DocumentId, LotId, LowPriceNoticeId};
use crate::people;
use crate::people::desk::{admit, fetch};
use crate::people::readings::BID_CONTENT;
use crate::trust::attachments::{DocumentView, check_filename, download, fingerprint};
use crate::trust::documents::{self, DocumentStore};
use crate::web::{Answer, Body, Call, Failure, Id, Ids, Page, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ask_low_price)
        .service(get_low_price)
        .service(explain_low_price)
        .service(decide_low_price)
        .service(attach_explanation)
        .service(list_explanation_documents)
        .service(download_explanation_document);
}

/// Whose price is asked about.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskLowPrice {
    /// The bid.
    pub bid_id: BidId,
    /// Minutes to explain; R047 says how many at least.
    #[schema(minimum = 1, maximum = 10_080, example = 30)]
    pub minutes: i64,
    /// What the panel wants to know.
    #[schema(min_length = 2, max_length = 2000, example = "请说明人员成本的构成。")]
    pub question: String,
}

/// Ask a bidder to explain a low price
///
/// By those who decide on the lot, once every bid has its findings. What R047 triggers is named; R046 lets the panel ask on its own judgement.
/// The bidder is told by mail.
#[utoipa::path(tag = "review", params(("lot_id" = LotId, Path, description = "The lot")), request_body = AskLowPrice,
    responses((status = 201, description = "Asked", body = NoticeView)),
    extensions(("x-action" = json!(policy::ASK.name)), ("x-problems" = json!(["review_not_concluded", "review_concluded", "review_incomplete", "conflict"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/review/low-prices")]
async fn ask_low_price(call: Call, id: Id<LotId>, body: Body<AskLowPrice>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_decide(tx, actor, &policy::ASK, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = low_prices::ask(tx, &granted, asked.bid_id, asked.minutes, &asked.question)?;
            let version = row.version;
            Ok(Reply::created(format!("/api/v1/low-price-notices/{}", row.id), &NoticeView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Read a request to explain a low price
///
/// For the bidder, the purchaser, the lot's evaluators, supervisors and auditors.
#[utoipa::path(tag = "review", params(("notice_id" = LowPriceNoticeId, Path, description = "The request")),
    responses((status = 200, description = "The request", body = NoticeView)), extensions(("x-action" = json!(policy::READ_NOTICE.name))), security(("bearer" = [])))]
#[get("/low-price-notices/{notice_id}")]
async fn get_low_price(call: Call, id: Id<LowPriceNoticeId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = low_prices::may(snapshot, viewer.person()?, &policy::READ_NOTICE, id.0)?.into_subject().row;
        let version = row.version;
        Ok(Reply::ok(&NoticeView::from(row))?.tagged(version).logged(BID_CONTENT))
    })
    .await
}

/// An explanation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainLowPrice {
    /// Why the price is reasonable.
    #[schema(min_length = 2, max_length = 10_000, example = "两名社工由本机构既有项目承担，人员成本已列支。")]
    pub explanation: String,
}

/// Explain a low price
///
/// Once, before the time is over. Add documents first.
#[utoipa::path(tag = "review", params(("notice_id" = LowPriceNoticeId, Path, description = "The request")), request_body = ExplainLowPrice,
    responses((status = 200, description = "Explained", body = NoticeView)),
    extensions(("x-action" = json!(policy::EXPLAIN.name)), ("x-problems" = json!(["explanation_late"]))), security(("bearer" = [])))]
#[post("/low-price-notices/{notice_id}/explanation")]
async fn explain_low_price(call: Call, id: Id<LowPriceNoticeId>, body: Body<ExplainLowPrice>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| low_prices::may(tx, actor, &policy::EXPLAIN, id.0),
        move |tx, granted| {
            let row = low_prices::explain(tx, &granted, &body.get()?.explanation)?;
            let version = row.version;
            Ok(Reply::ok(&NoticeView::from(row))?.tagged(version))
        },
    )
    .await
}

/// A decision on a low price.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideLowPrice {
    /// Whether the price is found reasonable.
    #[schema(example = true)]
    pub accepted: bool,
    /// Why; it is told to the bidder.
    #[schema(min_length = 2, max_length = 2000, example = "证明材料充分，报价合理。")]
    pub reason: String,
}

/// Decide on a low price
///
/// After the explanation, or after the time is over without one. A rejected price makes the bid invalid when the review is concluded.
#[utoipa::path(tag = "review", params(("notice_id" = LowPriceNoticeId, Path, description = "The request")), request_body = DecideLowPrice,
    responses((status = 200, description = "Decided", body = NoticeView)),
    extensions(("x-action" = json!(policy::DECIDE.name)), ("x-problems" = json!(["explanation_awaited", "review_concluded"]))), security(("bearer" = [])))]
#[post("/low-price-notices/{notice_id}/decision")]
async fn decide_low_price(call: Call, id: Id<LowPriceNoticeId>, body: Body<DecideLowPrice>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| low_prices::may(tx, actor, &policy::DECIDE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = low_prices::decide(tx, &granted, asked.accepted, &asked.reason)?;
            let version = row.version;
            Ok(Reply::ok(&NoticeView::from(row))?.tagged(version))
        },
    )
    .await
}

/// The name of a document.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadExplanation {
    /// Name of the file.
    #[param(min_length = 1, max_length = 200, example = "成本测算.pdf")]
    filename: String,
}

/// Add a document to an explanation
///
/// At most 20 MiB (PDF, PNG, JPEG, DOCX, XLSX) and 20 documents, before the explanation is sent.
#[utoipa::path(tag = "review", params(("notice_id" = LowPriceNoticeId, Path, description = "The request"), UploadExplanation),
    request_body(content = crate::web::openapi::Octets, content_type = "application/octet-stream", description = "The file, at most 20 MiB"),
    responses((status = 201, description = "Added", body = DocumentView)),
    extensions(("x-action" = json!(policy::ATTACH.name)), ("x-problems" = json!(["document_type_not_allowed", "explanation_late", "conflict"])),
        ("x-body-example" = json!("%PDF-1.7 …"))),
    security(("bearer" = [])))]
#[post("/low-price-notices/{notice_id}/documents")]
async fn attach_explanation(
    call: Call,
    id: Id<LowPriceNoticeId>,
    params: Params<UploadExplanation>,
    store: web::Data<DocumentStore>,
    payload: web::Payload,
) -> Answer {
    let notice = id.0;
    admit(&call, move |db, actor| low_prices::may(db, actor, &policy::ATTACH, notice).map(drop)).await.map_err(Failure)?;
    let filename = params.get().map_err(Failure)?.filename.trim().to_owned();
    check_filename(&filename).map_err(Failure)?;
    let file = store.receive(payload.into_inner()).await.map_err(Failure)?;
    people::command(
        call,
        fingerprint(&file, &filename, "explanation"),
        move |tx, actor| low_prices::may(tx, actor, &policy::ATTACH, notice),
        move |tx, granted| {
            let row = low_prices::attach(tx, &granted, &filename, &file)?;
            Reply::created(format!("/api/v1/low-price-notices/{notice}/documents/{}", row.id), &DocumentView::from(row))
        },
    )
    .await
}

/// List the documents of an explanation
///
/// Oldest first, at most 20 in one page, for those who read the request.
#[utoipa::path(tag = "review", params(("notice_id" = LowPriceNoticeId, Path, description = "The request")),
    responses((status = 200, description = "The documents", body = Page<DocumentView>)), extensions(("x-action" = json!(policy::READ_NOTICE.name))),
    security(("bearer" = [])))]
#[get("/low-price-notices/{notice_id}/documents")]
async fn list_explanation_documents(call: Call, id: Id<LowPriceNoticeId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let notice = low_prices::may(snapshot, viewer.person()?, &policy::READ_NOTICE, id.0)?.into_subject().row;
        let rows = documents::of_owner(snapshot, notice.tenant_id, notice.id.any())?;
        Ok(Reply::ok(&Page { items: rows.into_iter().map(DocumentView::from).collect(), next: None })?.logged(BID_CONTENT))
    })
    .await
}

/// Download a document of an explanation
///
/// The file as an attachment, for those who read the request.
#[utoipa::path(tag = "review",
    params(("notice_id" = LowPriceNoticeId, Path, description = "The request"), ("document_id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The file", body = crate::web::openapi::Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::READ_NOTICE.name)), ("x-answer-example" = json!("%PDF-1.7 …"))), security(("bearer" = [])))]
#[get("/low-price-notices/{notice_id}/documents/{document_id}")]
async fn download_explanation_document(call: Call, ids: Ids<LowPriceNoticeId, DocumentId>, store: web::Data<DocumentStore>) -> Answer {
    let row = fetch(&call, Some(BID_CONTENT), move |snapshot, viewer| {
        let notice = low_prices::may(snapshot, viewer.person()?, &policy::READ_NOTICE, ids.0)?.into_subject().row;
        let document = documents::find(snapshot, viewer.tenant, ids.1)?;
        let is_its_own = document.owner_kind == low_prices::OWNER_KIND && document.owner_id == notice.id.any();
        if is_its_own { Ok(document) } else { Err(error::NOT_FOUND.error()) }
    })
    .await
    .map_err(Failure)?;
    download(&store, &row).await.map_err(Failure)
}
