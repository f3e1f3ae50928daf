//! Mandates over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{MandateRow, NewMandate, oversees};
use super::{policy, service, store};
use crate::kernel::id::{AccountId, AnyId, MandateId, UnitId};
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_mandates).service(get_mandate).service(grant_mandate).service(revoke_mandate);
}

/// A mandate of an agent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MandateView {
    /// Id.
    pub id: MandateId,
    /// The purchasing unit.
    pub unit_id: UnitId,
    /// The agent's unit.
    pub agent_unit_id: UnitId,
    /// The one account of the agent; null for all of its agents.
    pub account_id: Option<AccountId>,
    /// Kind of the one case or resource.
    #[schema(example = "case")]
    pub case_kind: Option<String>,
    /// The one case or resource; null for every one of the unit.
    pub case_id: Option<AnyId>,
    /// Slices whose actions it covers; empty for every one.
    #[schema(example = json!(["tenders", "lots"]))]
    pub scope: Vec<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// What for.
    #[schema(example = "委托代理居家养老项目的采购")]
    pub reason: String,
    /// When it was revoked.
    pub revoked_at: Option<UtcInstant>,
    /// Why.
    #[schema(example = json!(null))]
    pub revoke_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was granted.
    pub created_at: UtcInstant,
}

impl From<MandateRow> for MandateView {
    fn from(row: MandateRow) -> Self {
        Self {
            scope: row.scope.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            id: row.id,
            unit_id: row.unit_id,
            agent_unit_id: row.agent_unit_id,
            account_id: row.account_id,
            case_kind: row.case_kind,
            case_id: row.case_id,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            reason: row.reason,
            revoked_at: row.revoked_at,
            revoke_reason: row.revoke_reason,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: MandateRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&MandateView::from(row))?.tagged(version))
}

/// Page of the mandate list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMandates {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List mandates
///
/// Those that one's own unit granted or holds; all of the district for the platform's administrator, the supervisor and auditors. Oldest first.
#[utoipa::path(tag = "duties", params(ListMandates), responses((status = 200, description = "A page of mandates", body = Page<MandateView>)),
    security(("bearer" = [])))]
#[get("/mandates")]
async fn list_mandates(call: Call, params: Params<ListMandates>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let asked = params.get()?;
        let own = actor.unit.unwrap_or_else(|| UnitId::new(uuid::Uuid::nil()));
        let filter = (!oversees(actor)).then_some(own);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("mandates {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, MandateId::new(id)));
        let rows = store::list(snapshot, actor.tenant, filter, after, request.rows())?;
        let key = |row: &MandateRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, MandateView::from), &params.path, &params.raw)
    })
    .await
}

/// Read a mandate
///
/// For both units, the platform's administrator, the supervisor and auditors.
#[utoipa::path(tag = "duties", params(("mandate_id" = MandateId, Path, description = "The mandate")),
    responses((status = 200, description = "The mandate", body = MandateView)), security(("bearer" = [])))]
#[get("/mandates/{mandate_id}")]
async fn get_mandate(call: Call, id: Id<MandateId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor));
        shown(row.ok_or_else(|| error::NOT_FOUND.error())?)
    })
    .await
}

/// A slice, as the first part of its actions' names.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 40, pattern = "^[a-z_]+$", example = "tenders")]
pub struct ScopeWord(pub String);

/// A new mandate.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantMandate {
    /// The agent's unit, of kind `agency`.
    pub agent_unit_id: UnitId,
    /// The one account of the agent; all of its agents when absent.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// Kind of the one case or resource, for the reader; with `case_id`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, example = "case")]
    pub case_kind: Option<String>,
    /// The one case or resource; every one of the unit when absent, and then a last day is needed.
    #[serde(default)]
    pub case_id: Option<AnyId>,
    /// Slices whose actions it covers, as actions are named; every one when empty.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub scope: Vec<ScopeWord>,
    /// First day; today when absent.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// What for.
    #[schema(min_length = 2, max_length = 500, example = "委托代理居家养老项目的采购")]
    pub reason: String,
}

impl GrantMandate {
    fn mandate(&self) -> Result<NewMandate> {
        let case = match (self.case_kind.clone(), self.case_id) {
            (Some(kind), Some(id)) => Some((kind, id)),
            (None, None) => None,
            _ => return Err(Error::field("/case_kind", words!("须与 case_id 同时给出", "is given together with case_id"))),
        };
        Ok(NewMandate {
            agent_unit: self.agent_unit_id,
            account: self.account_id,
            case,
            scope: self.scope.iter().map(|word| word.0.clone()).collect(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            reason: self.reason.clone(),
        })
    }
}

/// Mandate an agent
///
/// The lead of a purchasing unit lets an agency, or one account of it, act for the unit: in one case, or until a day, within a scope.
#[utoipa::path(tag = "duties", request_body = GrantMandate, responses((status = 201, description = "Granted", body = MandateView)),
    extensions(("x-action" = json!(policy::GRANT.name))), security(("bearer" = [])))]
#[post("/mandates")]
async fn grant_mandate(call: Call, body: Body<GrantMandate>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_grant(actor),
        move |tx, granted| {
            let row = service::grant(tx, &granted, &body.get()?.mandate()?)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/mandates/{id}"), &MandateView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Why a mandate is revoked.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeMandate {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "项目已完成")]
    pub reason: String,
}

/// Revoke a mandate
///
/// The lead of the purchasing unit ends it; the agent acts no more at once.
#[utoipa::path(tag = "duties", params(("mandate_id" = MandateId, Path, description = "The mandate")), request_body = RevokeMandate,
    responses((status = 200, description = "Revoked", body = MandateView)),
    extensions(("x-action" = json!(policy::REVOKE.name))), security(("bearer" = [])))]
#[post("/mandates/{mandate_id}/revocation")]
async fn revoke_mandate(call: Call, id: Id<MandateId>, body: Body<RevokeMandate>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_revoke(tx, actor, id.0),
        move |tx, granted| shown(service::revoke(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
