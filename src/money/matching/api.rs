//! Matching money over HTTP: DTOs, handlers, routes.

use std::sync::Arc;

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewPledge, PledgeRow, PledgeState};
use super::{policy, service, store};
use crate::kernel::id::{CaseId, PledgeId, UnitId};
use crate::kernel::{Money, Result, UtcInstant, error};
use crate::people::{self, Scope};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_pledges).service(create_pledge).service(get_pledge).service(evidence_pledge).service(verify_pledge);
}

/// A pledge of matching money.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PledgeView {
    /// Id.
    pub id: PledgeId,
    /// Unit that notes it.
    pub unit_id: UnitId,
    /// The case it adds to.
    pub case_id: Option<CaseId>,
    /// Who gives.
    #[schema(example = "湖州市示例公益基金会")]
    pub donor_zh: String,
    /// What for.
    #[schema(example = "为老服务配套物资")]
    pub purpose: String,
    /// How much.
    pub amount: Money,
    /// State.
    pub state: PledgeState,
    /// The evidence.
    #[schema(example = "捐赠票据 33020260001234")]
    pub evidence: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was noted.
    pub created_at: UtcInstant,
}

impl From<PledgeRow> for PledgeView {
    fn from(row: PledgeRow) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id,
            case_id: row.case_id,
            donor_zh: row.donor_zh,
            purpose: row.purpose,
            amount: row.amount.into(),
            state: row.state,
            evidence: row.evidence,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: PledgeRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&PledgeView::from(row))?.tagged(version))
}

/// A page of pledges.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPledges {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List pledges of matching money
///
/// Newest first: those of the caller's unit; the finance bureau and auditors see all.
#[utoipa::path(tag = "matching", params(ListPledges), responses((status = 200, description = "A page of pledges", body = Page<PledgeView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/pledges")]
async fn list_pledges(call: Call, params: Params<ListPledges>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        if !actor.has_any(policy::READ.roles) {
            return Err(error::FORBIDDEN.error());
        }
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), "pledges")?;
        let scope = Scope::of(Some(actor), policy::READ.roles);
        let rows = store::list(snapshot, viewer.tenant, scope, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), PledgeView::from);
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// A new pledge.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePledge {
    /// Unit that notes it.
    pub unit_id: UnitId,
    /// The case it adds to.
    #[serde(default)]
    pub case_id: Option<CaseId>,
    /// Who gives.
    #[schema(min_length = 1, max_length = 128, example = "湖州市示例公益基金会")]
    pub donor_zh: String,
    /// What for.
    #[schema(min_length = 1, max_length = 500, example = "为老服务配套物资")]
    pub purpose: String,
    /// How much.
    pub amount: Money,
}

/// Note a pledge of matching money
///
/// A memo of what somebody promises to add (配套资金). It never becomes authority and nothing is posted.
#[utoipa::path(tag = "matching", request_body = CreatePledge, responses((status = 201, description = "Noted", body = PledgeView)),
    extensions(("x-action" = json!(policy::PLEDGE.name))), security(("bearer" = [])))]
#[post("/pledges")]
async fn create_pledge(call: Call, body: Body<CreatePledge>) -> Answer {
    let body = Arc::new(body);
    let sent = Arc::clone(&body);
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_pledge(tx, actor, sent.get().ok().map(|asked| asked.unit_id)),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewPledge {
                case: asked.case_id,
                donor_zh: asked.donor_zh.clone(),
                purpose: asked.purpose.clone(),
                amount: asked.amount.amount_fen,
            };
            let row = service::pledge(tx, &granted, &new)?;
            let (location, version) = (format!("/api/v1/pledges/{}", row.id), row.version);
            Ok(Reply::created(location, &PledgeView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Read a pledge
///
/// One pledge with its version.
#[utoipa::path(tag = "matching", params(("pledge_id" = PledgeId, Path, description = "The pledge")),
    responses((status = 200, description = "The pledge", body = PledgeView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/pledges/{pledge_id}")]
async fn get_pledge(call: Call, id: Id<PledgeId>) -> Answer {
    people::query(call, move |snapshot, viewer| shown(service::may(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject())).await
}

/// The evidence of a pledge.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidencePledge {
    /// Receipt number, bank slip or delivery note.
    #[schema(min_length = 4, max_length = 500, example = "捐赠票据 33020260001234，银行回单 20260701-000123")]
    pub evidence: String,
}

/// Name the evidence of a pledge
///
/// Says by which receipt, slip or delivery note the matching money or the goods can be seen to have come.
#[utoipa::path(tag = "matching", params(("pledge_id" = PledgeId, Path, description = "The pledge")), request_body = EvidencePledge,
    responses((status = 200, description = "Evidenced", body = PledgeView)),
    extensions(("x-action" = json!(policy::EVIDENCE.name))), security(("bearer" = [])))]
#[post("/pledges/{pledge_id}/evidence")]
async fn evidence_pledge(call: Call, id: Id<PledgeId>, body: Body<EvidencePledge>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::EVIDENCE, id.0),
        move |tx, granted| shown(service::evidence(tx, &granted, &body.get()?.evidence)?),
    )
    .await
}

/// Verify a pledge
///
/// A finance officer other than who named the evidence found it to be right.
#[utoipa::path(tag = "matching", params(("pledge_id" = PledgeId, Path, description = "The pledge")),
    responses((status = 200, description = "Verified", body = PledgeView)),
    extensions(("x-action" = json!(policy::VERIFY.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/pledges/{pledge_id}/verification")]
async fn verify_pledge(call: Call, id: Id<PledgeId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::VERIFY, id.0),
        move |tx, granted| shown(service::verify(tx, &granted)?),
    )
    .await
}
