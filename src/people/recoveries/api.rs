//! Recoveries over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{RecoveryRow, RecoveryState};
use super::{policy, service, store};
use crate::kernel::id::{AccountId, RecoveryId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::readings::PERSONAL_DATA;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(ask_recovery).service(list_recoveries).service(get_recovery).service(confirm_recovery).service(refuse_recovery);
}

/// A recovery.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveryView {
    /// Id.
    pub id: RecoveryId,
    /// The account whose second factor is lost.
    pub account_id: AccountId,
    /// State.
    pub state: RecoveryState,
    /// Why, and how the asker made sure who it is.
    #[schema(example = "手机遗失，已当面核对工作证")]
    pub reason: String,
    /// Who asked.
    pub asked_by: AccountId,
    /// Who confirmed or refused.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was asked for.
    pub created_at: UtcInstant,
}

impl From<RecoveryRow> for RecoveryView {
    fn from(row: RecoveryRow) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            state: row.state,
            reason: row.reason,
            asked_by: row.asked_by,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: RecoveryRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&RecoveryView::from(row))?.tagged(version))
}

/// Why a recovery is asked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRecovery {
    /// Why, and how the asker made sure who it is.
    #[schema(min_length = 10, max_length = 500, example = "手机遗失，已当面核对工作证")]
    pub reason: String,
}

/// Ask for an account's recovery
///
/// For somebody who lost the second factor and its recovery codes. The platform's administrator for everybody, a unit's lead for its people; another of them
/// confirms. The owner is told by mail.
#[utoipa::path(tag = "accounts", params(("account_id" = AccountId, Path, description = "The account")), request_body = AskRecovery,
    responses((status = 201, description = "Asked", body = RecoveryView)),
    extensions(("x-action" = json!(policy::ASK.name)), ("x-problems" = json!(["recovery_asked", "no_second_factor", "duties_not_separate"]))),
    security(("bearer" = [])))]
#[post("/accounts/{account_id}/recoveries")]
async fn ask_recovery(call: Call, id: Id<AccountId>, body: Body<AskRecovery>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_ask(tx, actor, id.0),
        move |tx, granted| {
            let row = service::ask(tx, &granted, &body.get()?.reason)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/account-recoveries/{id}"), &RecoveryView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Page of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRecoveries {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List recoveries
///
/// Oldest first; a unit's lead sees those of its unit.
#[utoipa::path(tag = "accounts", params(ListRecoveries), responses((status = 200, description = "A page of recoveries", body = Page<RecoveryView>)),
    extensions(("x-action" = json!(policy::LIST.name))), security(("bearer" = [])))]
#[get("/account-recoveries")]
async fn list_recoveries(call: Call, params: Params<ListRecoveries>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let unit = service::may_list(actor)?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("recoveries {unit:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, RecoveryId::new(id)));
        let rows = store::list(snapshot, actor.tenant, unit, after, request.rows())?;
        let key = |row: &RecoveryRow| (row.created_at.to_string(), row.id.uuid());
        Ok(Reply::page(&request.page(rows, key, RecoveryView::from), &params.path, &params.raw)?.logged(PERSONAL_DATA))
    })
    .await
}

/// Read a recovery
///
/// For the account's owner, the administrators, the unit's lead and auditors.
#[utoipa::path(tag = "accounts", params(("recovery_id" = RecoveryId, Path, description = "The recovery")),
    responses((status = 200, description = "The recovery", body = RecoveryView)), security(("bearer" = [])))]
#[get("/account-recoveries/{recovery_id}")]
async fn get_recovery(call: Call, id: Id<RecoveryId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor));
        let row = row.ok_or_else(|| error::NOT_FOUND.error())?;
        let own = row.account_id == actor.account;
        let reply = shown(row)?;
        Ok(if own { reply } else { reply.logged(PERSONAL_DATA) })
    })
    .await
}

/// Confirm a recovery
///
/// By another person than the asker and the owner. The second factor is taken away, every session of the account ends, and its owner gets a mail that sets a
/// new password.
#[utoipa::path(tag = "accounts", params(("recovery_id" = RecoveryId, Path, description = "The recovery")),
    responses((status = 200, description = "Confirmed", body = RecoveryView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate", "no_second_factor"]))),
    security(("bearer" = [])))]
#[post("/account-recoveries/{recovery_id}/confirmation")]
async fn confirm_recovery(call: Call, id: Id<RecoveryId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_decide(tx, actor, id.0, &policy::CONFIRM),
        |tx, granted| shown(service::confirm(tx, &granted)?),
    )
    .await
}

/// Refuse a recovery
///
/// By any of those who may confirm, the asker included.
#[utoipa::path(tag = "accounts", params(("recovery_id" = RecoveryId, Path, description = "The recovery")),
    responses((status = 200, description = "Refused", body = RecoveryView)), extensions(("x-action" = json!(policy::REFUSE.name))), security(("bearer" = [])))]
#[post("/account-recoveries/{recovery_id}/refusal")]
async fn refuse_recovery(call: Call, id: Id<RecoveryId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_decide(tx, actor, id.0, &policy::REFUSE),
        |tx, granted| shown(service::refuse(tx, &granted)?),
    )
    .await
}
