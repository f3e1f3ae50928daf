//! Incubations over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{IncubationRow, IncubationState, sight};
use super::{policy, service, store};
use crate::kernel::id::{IncubationId, OrganisationId, UnitId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_incubations)
        .service(get_incubation)
        .service(apply_for_incubation)
        .service(admit_incubation)
        .service(start_incubation)
        .service(graduate_incubation)
        .service(exit_incubation)
        .configure(super::practice_api::routes)
        .configure(super::base_api::routes);
}

/// An incubation of an organisation at a base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IncubationView {
    /// Id.
    pub id: IncubationId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The base.
    pub base_unit_id: UnitId,
    /// State.
    pub state: IncubationState,
    /// Why it was admitted.
    #[schema(example = "场地与导师与其服务方向相符")]
    pub admission_reason: Option<String>,
    /// When it was admitted.
    pub admitted_at: Option<UtcInstant>,
    /// When it began.
    pub started_at: Option<UtcInstant>,
    /// When it ended, well or not.
    pub ended_at: Option<UtcInstant>,
    /// Why it ended before graduation.
    #[schema(example = json!(null))]
    pub exit_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was applied for.
    pub created_at: UtcInstant,
}

impl From<IncubationRow> for IncubationView {
    fn from(row: IncubationRow) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            base_unit_id: row.base_unit_id,
            state: row.state,
            admission_reason: row.admission_reason,
            admitted_at: row.admitted_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            exit_reason: row.exit_reason,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: IncubationRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&IncubationView::from(row))?.tagged(version))
}

/// Filters and page of the incubation list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListIncubations {
    /// Only this state.
    state: Option<IncubationState>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List incubations
///
/// Those of one's own organisation or base; all of them for the platform's administrator, purchasers, finance officers, third-party evaluators
/// and auditors. Oldest first.
#[utoipa::path(tag = "incubations", params(ListIncubations),
    responses((status = 200, description = "A page of incubations", body = Page<IncubationView>)), security(("bearer" = [])))]
#[get("/incubations")]
async fn list_incubations(call: Call, params: Params<ListIncubations>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let sight = sight(viewer.person()?);
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("incubations {:?} {sight:?}", asked.state))?;
        let after = request.after_instant()?.map(|(at, id)| (at, IncubationId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, sight, asked.state, after, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), IncubationView::from);
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Read an incubation
///
/// For its organisation, its base, the platform's administrator, purchasers, finance officers, third-party evaluators and auditors.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")),
    responses((status = 200, description = "The incubation", body = IncubationView)), security(("bearer" = [])))]
#[get("/incubations/{incubation_id}")]
async fn get_incubation(call: Call, id: Id<IncubationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor));
        shown(row.ok_or_else(|| error::NOT_FOUND.error())?)
    })
    .await
}

/// An application.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyForIncubation {
    /// One's own organisation.
    pub organisation_id: OrganisationId,
    /// A unit of kind `incubation_base`.
    pub base_unit_id: UnitId,
}

/// Apply for incubation
///
/// The administrator of a verified organisation applies at an incubation base.
#[utoipa::path(tag = "incubations", request_body = ApplyForIncubation, responses((status = 201, description = "Applied", body = IncubationView)),
    extensions(("x-action" = json!(policy::APPLY.name)), ("x-problems" = json!(["incubation_under_way"]))), security(("bearer" = [])))]
#[post("/incubations")]
async fn apply_for_incubation(call: Call, body: Body<ApplyForIncubation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |tx, actor| service::may_apply(tx, actor),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::apply(tx, &granted, asked.organisation_id, asked.base_unit_id)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/incubations/{id}"), &IncubationView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Why an organisation is taken in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmitIncubation {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "场地与导师与其服务方向相符")]
    pub reason: String,
}

/// Admit an organisation
///
/// The base takes the organisation in for a reason. It must still be verified, and the base must have a free place, if its places are counted.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")), request_body = AdmitIncubation,
    responses((status = 200, description = "Admitted", body = IncubationView)),
    extensions(("x-action" = json!(policy::ADMIT.name)), ("x-problems" = json!(["organisation_not_verified", "base_full"]))), security(("bearer" = [])))]
#[post("/incubations/{incubation_id}/admission")]
async fn admit_incubation(call: Call, id: Id<IncubationId>, body: Body<AdmitIncubation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::ADMIT, id.0),
        move |tx, granted| shown(service::admit(tx, &granted, &body.get()?.reason)?),
    )
    .await
}

/// Start an incubation
///
/// From now on the organisation counts as incubated.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")),
    responses((status = 200, description = "Started", body = IncubationView)),
    extensions(("x-action" = json!(policy::START.name)), ("x-problems" = json!(["organisation_not_verified"]))), security(("bearer" = [])))]
#[post("/incubations/{incubation_id}/start")]
async fn start_incubation(call: Call, id: Id<IncubationId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::START, id.0),
        |tx, granted| shown(service::start(tx, &granted)?),
    )
    .await
}

/// Graduate an organisation
///
/// Ends the incubation well, once its capability was assessed; the organisation goes on counting as incubated.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")),
    responses((status = 200, description = "Graduated", body = IncubationView)),
    extensions(("x-action" = json!(policy::GRADUATE.name)), ("x-problems" = json!(["assessment_missing"]))), security(("bearer" = [])))]
#[post("/incubations/{incubation_id}/graduation")]
async fn graduate_incubation(call: Call, id: Id<IncubationId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::GRADUATE, id.0),
        |tx, granted| shown(service::graduate(tx, &granted)?),
    )
    .await
}

/// Why an incubation ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExitIncubation {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "申请材料不齐")]
    pub reason: String,
}

/// End an incubation
///
/// Ends an incubation before graduation, or refuses an application, for a reason.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")), request_body = ExitIncubation,
    responses((status = 200, description = "Ended", body = IncubationView)),
    extensions(("x-action" = json!(policy::EXIT.name))), security(("bearer" = [])))]
#[post("/incubations/{incubation_id}/exit")]
async fn exit_incubation(call: Call, id: Id<IncubationId>, body: Body<ExitIncubation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::EXIT, id.0),
        move |tx, granted| shown(service::exit(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
