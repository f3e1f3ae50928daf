//! Decisions on entries of the organisation file over HTTP.

use actix_web::post;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::RecordView;
use super::model::{RecordRow, RecordState};
use super::{policy, service};
use crate::db::Tx;
use crate::kernel::Result;
use crate::kernel::id::OrganisationRecordId;
use crate::people;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(verify_record).service(refuse_record).service(revoke_record);
}

fn shown(tx: &Tx<'_>, row: RecordRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&RecordView::on(row, tx.now().date_in_shanghai()))?.tagged(version))
}

/// Verify an entry
///
/// Compared with the paper or the register, by somebody outside the organisation; an incubator verifies certificates only. What the entry replaces no longer
/// counts. The organisation is told by mail.
#[utoipa::path(tag = "organisation file", params(("record_id" = OrganisationRecordId, Path, description = "The entry")),
    responses((status = 200, description = "Verified", body = RecordView)),
    extensions(("x-action" = json!(policy::VERIFY.name)), ("x-problems" = json!(["duties_not_separate", "scan_missing", "year_checked"]))), security(("bearer" = [])))]
#[post("/organisation-records/{record_id}/verification")]
async fn verify_record(call: Call, id: Id<OrganisationRecordId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_on(tx, actor, &policy::VERIFY, id.0),
        |tx, granted| {
            let row = service::verify(tx, &granted)?;
            shown(tx, row)
        },
    )
    .await
}

/// Why an entry does not count.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectRecord {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "扫描件与登记信息不符")]
    pub reason: String,
}

/// Refuse an entry
///
/// It was not confirmed, for a reason. The organisation is told by mail and may enter it again.
#[utoipa::path(tag = "organisation file", params(("record_id" = OrganisationRecordId, Path, description = "The entry")), request_body = RejectRecord,
    responses((status = 200, description = "Refused", body = RecordView)),
    extensions(("x-action" = json!(policy::REFUSE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/organisation-records/{record_id}/refusal")]
async fn refuse_record(call: Call, id: Id<OrganisationRecordId>, body: Body<RejectRecord>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_on(tx, actor, &policy::REFUSE, id.0),
        move |tx, granted| {
            let row = service::reject(tx, &granted, RecordState::Refused, &body.get()?.reason)?;
            shown(tx, row)
        },
    )
    .await
}

/// Revoke an entry
///
/// Its issuer took it away before its last day: from today on it counts no longer. The organisation is told by mail.
#[utoipa::path(tag = "organisation file", params(("record_id" = OrganisationRecordId, Path, description = "The entry")), request_body = RejectRecord,
    responses((status = 200, description = "Revoked", body = RecordView)),
    extensions(("x-action" = json!(policy::REVOKE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/organisation-records/{record_id}/revocation")]
async fn revoke_record(call: Call, id: Id<OrganisationRecordId>, body: Body<RejectRecord>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_on(tx, actor, &policy::REVOKE, id.0),
        move |tx, granted| {
            let row = service::reject(tx, &granted, RecordState::Revoked, &body.get()?.reason)?;
            shown(tx, row)
        },
    )
    .await
}
