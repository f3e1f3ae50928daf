//! Service sessions over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewSession, SessionKind, SessionRow, SessionState};
use super::{policy, service, store};
use crate::kernel::id::{ProjectId, ServiceSessionId, SocialWorkerId};
use crate::kernel::{Result, UtcInstant, error};
use crate::outcomes::projects;
use crate::people::readings::PERSONAL_DATA;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_service_sessions)
        .service(get_session_totals)
        .service(record_service_session)
        .service(get_service_session)
        .service(confirm_service_session)
        .service(dispute_service_session);
}

/// A session.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ServiceSessionView {
    /// Id.
    pub id: ServiceSessionId,
    /// Project.
    pub project_id: ProjectId,
    /// Worker who held it.
    pub worker_id: SocialWorkerId,
    /// Day.
    pub held_on: NaiveDate,
    /// How long it took, in minutes.
    #[schema(example = 90)]
    pub minutes: i32,
    /// Where.
    #[schema(example = "月河社区党群服务中心")]
    pub place: String,
    /// Kind.
    pub kind: SessionKind,
    /// How many persons were served.
    #[schema(example = 24)]
    pub persons: i32,
    /// What was done.
    #[schema(example = "防诈骗讲座。")]
    pub note: String,
    /// State.
    pub state: SessionState,
    /// Why it is disputed.
    #[schema(example = "当日该场地未开放。")]
    pub reason: Option<String>,
    /// When the unit confirmed or disputed it.
    pub decided_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<SessionRow> for ServiceSessionView {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            worker_id: row.worker_id,
            held_on: row.held_on,
            minutes: row.minutes,
            place: row.place,
            kind: row.kind,
            persons: row.persons,
            note: row.note,
            state: row.state,
            reason: row.reason,
            decided_at: row.decided_at,
            version: row.version,
        }
    }
}

fn shown(row: SessionRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&ServiceSessionView::from(row))?.tagged(version))
}

/// Page of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSessions {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the sessions of a project
///
/// In the order of recording, for the payee, the unit, verifiers and auditors.
#[utoipa::path(tag = "service sessions", params(("project_id" = ProjectId, Path, description = "The project"), ListSessions),
    responses((status = 200, description = "A page of sessions", body = Page<ServiceSessionView>)), security(("bearer" = [])))]
#[get("/projects/{project_id}/service-sessions")]
async fn list_service_sessions(call: Call, id: Id<ProjectId>, params: Params<ListSessions>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let project = projects::find(snapshot, viewer.tenant, id.0)?;
        if !actor.sees(policy::READERS, &project) {
            return Err(error::NOT_FOUND.error());
        }
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("service-sessions {}", id.0))?;
        let rows = store::of_project(snapshot, viewer.tenant, project.id, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), ServiceSessionView::from);
        Ok(Reply::page(&page, &params.path, &params.raw)?.logged(PERSONAL_DATA))
    })
    .await
}

/// The totals of what both sides confirmed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionTotals {
    /// Sessions.
    #[schema(example = 36)]
    pub sessions: i64,
    /// Persons, counted each time.
    #[schema(example = 812)]
    pub persons: i64,
    /// Minutes.
    #[schema(example = 3240)]
    pub minutes: i64,
}

/// Read the totals of a project's sessions
///
/// Only what both sides confirmed, for everybody who may read the project.
#[utoipa::path(tag = "service sessions", params(("project_id" = ProjectId, Path, description = "The project")),
    responses((status = 200, description = "The totals", body = SessionTotals)))]
#[get("/projects/{project_id}/service-sessions/totals")]
async fn get_session_totals(call: Call, id: Id<ProjectId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let project = projects::find(snapshot, viewer.tenant, id.0)?;
        if !project.is_public() && !viewer.actor.as_ref().is_some_and(|actor| project.visible_to(actor)) {
            return Err(error::NOT_FOUND.error());
        }
        let found = store::totals(snapshot, viewer.tenant, project.id)?;
        Reply::ok(&SessionTotals { sessions: found.sessions, persons: found.persons, minutes: found.minutes })
    })
    .await
}

/// Read a session
///
/// For the payee, the unit, verifiers and auditors.
#[utoipa::path(tag = "service sessions", params(("service_session_id" = ServiceSessionId, Path, description = "The session")),
    responses((status = 200, description = "The session", body = ServiceSessionView)), security(("bearer" = [])))]
#[get("/service-sessions/{service_session_id}")]
async fn get_service_session(call: Call, id: Id<ServiceSessionId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| row.visible_to(actor));
        Ok(shown(row.ok_or_else(|| error::NOT_FOUND.error())?)?.logged(PERSONAL_DATA))
    })
    .await
}

/// What took place.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSession {
    /// Worker who held it, one of the project's.
    pub worker_id: SocialWorkerId,
    /// Day, not after today.
    pub held_on: NaiveDate,
    /// How long it took, in minutes.
    #[schema(minimum = 1, maximum = 1440, example = 90)]
    pub minutes: i32,
    /// Where.
    #[schema(min_length = 1, max_length = 200, example = "月河社区党群服务中心")]
    pub place: String,
    /// Kind.
    pub kind: SessionKind,
    /// How many persons were served.
    #[schema(minimum = 1, maximum = 100_000, example = 24)]
    pub persons: i32,
    /// What was done.
    #[schema(min_length = 1, max_length = 1000, example = "防诈骗讲座。")]
    pub note: String,
}

/// Record a session
///
/// The organisation that delivers the project records it; it counts once the unit confirmed it.
#[utoipa::path(tag = "service sessions", params(("project_id" = ProjectId, Path, description = "The project")), request_body = RecordSession,
    responses((status = 201, description = "Recorded", body = ServiceSessionView)),
    extensions(("x-action" = json!(policy::RECORD.name))), security(("bearer" = [])))]
#[post("/projects/{project_id}/service-sessions")]
async fn record_service_session(call: Call, id: Id<ProjectId>, body: Body<RecordSession>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_record(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewSession {
                worker: asked.worker_id,
                held_on: asked.held_on,
                minutes: asked.minutes,
                place: asked.place.clone(),
                kind: asked.kind,
                persons: asked.persons,
                note: asked.note.clone(),
            };
            let row = service::record(tx, &granted, &new)?;
            let (location, version) = (format!("/api/v1/service-sessions/{}", row.id), row.version);
            Ok(Reply::created(location, &ServiceSessionView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Confirm a session
///
/// A purchaser or lead of the unit confirms that it took place; from then on it counts.
#[utoipa::path(tag = "service sessions", params(("service_session_id" = ServiceSessionId, Path, description = "The session")),
    responses((status = 200, description = "Confirmed", body = ServiceSessionView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/service-sessions/{service_session_id}/confirmation")]
async fn confirm_service_session(call: Call, id: Id<ServiceSessionId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, &policy::CONFIRM, id.0),
        move |tx, granted| shown(service::confirm(tx, &granted)?),
    )
    .await
}

/// Why a session is disputed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeSession {
    /// Reason, shown to the organisation.
    #[schema(min_length = 1, max_length = 500, example = "当日该场地未开放。")]
    pub reason: String,
}

/// Dispute a session
///
/// A purchaser or lead of the unit says why it does not count.
#[utoipa::path(tag = "service sessions", params(("service_session_id" = ServiceSessionId, Path, description = "The session")), request_body = DisputeSession,
    responses((status = 200, description = "Disputed", body = ServiceSessionView)),
    extensions(("x-action" = json!(policy::DISPUTE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/service-sessions/{service_session_id}/dispute")]
async fn dispute_service_session(call: Call, id: Id<ServiceSessionId>, body: Body<DisputeSession>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::DISPUTE, id.0),
        move |tx, granted| shown(service::dispute(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
