//! The session of an opening over HTTP: remarks of bidders, and its end.

use actix_web::{post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::record::{OpeningView, RemarkView, view};
use super::sessions::{self, RemarkKind};
use super::{policy, service};
use crate::kernel::error;
use crate::kernel::id::TenderId;
use crate::people;
use crate::procurement::tenders;
use crate::trust::checkpoint::JournalKey;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(remark_on_opening).service(close_opening);
}

/// What a bidder says of the record.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeRemark {
    /// Present, confirmed or objected.
    pub kind: RemarkKind,
    /// The objection; only with `objected`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000, example = "开启记录中的报价与我方提交的不一致。")]
    pub text: Option<String>,
}

/// Remark on an opening record
///
/// A bidder says that it is present, confirms the record or objects to it with a reason, until the session is closed or a review begins. Remarks
/// are published with the record.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = MakeRemark,
    responses((status = 201, description = "Recorded", body = RemarkView)),
    extensions(("x-action" = json!(policy::REMARK.name)), ("x-problems" = json!(["opening_session_over", "conflict"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/opening/remarks")]
async fn remark_on_opening(call: Call, id: Id<TenderId>, body: Body<MakeRemark>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| sessions::may_remark(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = sessions::remark(tx, &granted, asked.kind, asked.text.as_deref())?;
            Reply::created(format!("/api/v1/tenders/{}/opening", id.0), &RemarkView::from(row))
        },
    )
    .await
}

/// Close the session of an opening
///
/// No remark is taken afterwards.
#[utoipa::path(tag = "opening", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The record", body = OpeningView)),
    extensions(("x-action" = json!(policy::CLOSE.name)), ("x-problems" = json!(["opening_session_over"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/opening/closing")]
async fn close_opening(call: Call, id: Id<TenderId>, journal: web::Data<JournalKey>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_open(tx, actor, &policy::CLOSE, id.0),
        move |tx, granted| {
            sessions::close(tx, &granted)?;
            let tender = granted.subject();
            let row = tenders::store::find(tx, tender.tenant_id, tender.id)?.ok_or_else(|| error::NOT_FOUND.error())?;
            Ok(Reply::ok(&view(tx, &row, &journal.verifier())?)?.tagged(row.version))
        },
    )
    .await
}
