//! Mentoring sessions and assessments over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::assessments::{self, AssessmentRow, NewAssessment};
use super::mentoring::{self, SessionRow, SessionState};
use super::rules::{self, DimensionScore, NewSession};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{AccountId, CapabilityAssessmentId, IncubationId, MentoringSessionId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Subject, Viewer};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_mentoring_sessions)
        .service(record_mentoring_session)
        .service(confirm_mentoring_session)
        .service(dispute_mentoring_session)
        .service(list_assessments)
        .service(assess_capability);
}

/// A mentoring session.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MentoringSessionView {
    /// Id.
    pub id: MentoringSessionId,
    /// The incubation.
    pub incubation_id: IncubationId,
    /// Day.
    pub held_on: NaiveDate,
    /// Minutes.
    #[schema(example = 90)]
    pub minutes: i32,
    /// What it was about.
    #[schema(example = "项目财务制度")]
    pub topic: String,
    /// Who mentored.
    #[schema(example = "周导师")]
    pub mentor: String,
    /// What the organisation says of it.
    pub state: SessionState,
    /// Who answered for the organisation.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<UtcInstant>,
    /// Why it is disputed.
    #[schema(example = json!(null))]
    pub answer_note: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

impl From<SessionRow> for MentoringSessionView {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            incubation_id: row.incubation_id,
            held_on: row.held_on,
            minutes: row.minutes,
            topic: row.topic,
            mentor: row.mentor,
            state: row.state,
            answered_by: row.answered_by,
            answered_at: row.answered_at,
            answer_note: row.answer_note,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: SessionRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&MentoringSessionView::from(row))?.tagged(version))
}

/// 404 unless the reader sees the incubation.
fn seen(db: &mut Db, viewer: &Viewer, id: IncubationId) -> Result<()> {
    let actor = viewer.person()?;
    let row = store::find(db, actor.tenant, id)?.filter(|row| row.visible_to(actor));
    row.map(drop).ok_or_else(|| error::NOT_FOUND.error())
}

/// Page of a list.
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

/// List the mentoring sessions of an incubation
///
/// Oldest first, for whoever reads the incubation.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation"), ListSessions),
    responses((status = 200, description = "A page of sessions", body = Page<MentoringSessionView>)), security(("bearer" = [])))]
#[get("/incubations/{incubation_id}/mentoring-sessions")]
async fn list_mentoring_sessions(call: Call, id: Id<IncubationId>, params: Params<ListSessions>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        seen(snapshot, viewer, id.0)?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("mentoring {:?}", id.0))?;
        let after = request.after_instant()?.map(|(at, id)| (at, MentoringSessionId::new(id)));
        let rows = mentoring::list(snapshot, viewer.tenant, id.0, after, request.rows())?;
        let key = |row: &SessionRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, MentoringSessionView::from), &params.path, &params.raw)
    })
    .await
}

/// A session that took place.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordMentoringSession {
    /// Day, between the admission and today.
    pub held_on: NaiveDate,
    /// Minutes.
    #[schema(minimum = 10, maximum = 600, example = 90)]
    pub minutes: i32,
    /// What it was about.
    #[schema(min_length = 2, max_length = 200, example = "项目财务制度")]
    pub topic: String,
    /// Who mentored.
    #[schema(min_length = 1, max_length = 64, example = "周导师")]
    pub mentor: String,
}

/// Record a mentoring session
///
/// By the base. It counts once the organisation has confirmed it.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")), request_body = RecordMentoringSession,
    responses((status = 201, description = "Recorded", body = MentoringSessionView)), extensions(("x-action" = json!(policy::MENTOR.name))),
    security(("bearer" = [])))]
#[post("/incubations/{incubation_id}/mentoring-sessions")]
async fn record_mentoring_session(call: Call, id: Id<IncubationId>, body: Body<RecordMentoringSession>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::MENTOR, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new =
                NewSession { held_on: asked.held_on, minutes: asked.minutes, topic: asked.topic.clone(), mentor: asked.mentor.clone() };
            let row = mentoring::record(tx, &granted, &new)?;
            let (location, version) = (format!("/api/v1/mentoring-sessions/{}", row.id), row.version);
            Ok(Reply::created(location, &MentoringSessionView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Confirm a mentoring session
///
/// By the organisation: it took place as it was recorded.
#[utoipa::path(tag = "incubations", params(("mentoring_session_id" = MentoringSessionId, Path, description = "The session")),
    responses((status = 200, description = "Confirmed", body = MentoringSessionView)), extensions(("x-action" = json!(policy::ANSWER_SESSION.name))),
    security(("bearer" = [])))]
#[post("/mentoring-sessions/{mentoring_session_id}/confirmation")]
async fn confirm_mentoring_session(call: Call, id: Id<MentoringSessionId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| mentoring::may_answer(tx, actor, id.0),
        |tx, granted| shown(mentoring::answer(tx, &granted, None)?),
    )
    .await
}

/// Why a session is disputed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeMentoringSession {
    /// The reason.
    #[schema(min_length = 2, max_length = 1000, example = "当天未到场")]
    pub reason: String,
}

/// Dispute a mentoring session
///
/// By the organisation: it did not take place as it was recorded. It stays on the list and counts nowhere.
#[utoipa::path(tag = "incubations", params(("mentoring_session_id" = MentoringSessionId, Path, description = "The session")), request_body = DisputeMentoringSession,
    responses((status = 200, description = "Disputed", body = MentoringSessionView)), extensions(("x-action" = json!(policy::ANSWER_SESSION.name))),
    security(("bearer" = [])))]
#[post("/mentoring-sessions/{mentoring_session_id}/dispute")]
async fn dispute_mentoring_session(call: Call, id: Id<MentoringSessionId>, body: Body<DisputeMentoringSession>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| mentoring::may_answer(tx, actor, id.0),
        move |tx, granted| shown(mentoring::answer(tx, &granted, Some(&body.get()?.reason))?),
    )
    .await
}

/// An assessment of what an organisation can do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssessmentView {
    /// Id.
    pub id: CapabilityAssessmentId,
    /// The incubation.
    pub incubation_id: IncubationId,
    /// Day.
    pub assessed_on: NaiveDate,
    /// Scores by dimension.
    #[schema(max_items = 5)]
    pub scores: Vec<DimensionScore>,
    /// Their mean in hundredths of a point.
    #[schema(example = 8250)]
    pub mean_hundredths: i64,
    /// What the scores do not say.
    #[schema(example = "财务须有专人")]
    pub remark: Option<String>,
    /// Who assessed.
    pub assessed_by: AccountId,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl From<AssessmentRow> for AssessmentView {
    fn from(row: AssessmentRow) -> Self {
        let scores = row.scores();
        Self {
            id: row.id,
            incubation_id: row.incubation_id,
            assessed_on: row.assessed_on,
            mean_hundredths: rules::mean_hundredths(&scores),
            scores,
            remark: row.remark,
            assessed_by: row.assessed_by,
            created_at: row.created_at,
        }
    }
}

/// Assessments.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssessmentList {
    /// Oldest first.
    #[schema(max_items = 1000)]
    pub items: Vec<AssessmentView>,
}

/// List the assessments of an incubation
///
/// Its history, oldest first, for whoever reads the incubation.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")),
    responses((status = 200, description = "Assessments", body = AssessmentList)), security(("bearer" = [])))]
#[get("/incubations/{incubation_id}/assessments")]
async fn list_assessments(call: Call, id: Id<IncubationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        seen(snapshot, viewer, id.0)?;
        let items = assessments::of(snapshot, viewer.tenant, &[id.0])?.into_iter().map(AssessmentView::from).collect();
        Reply::ok(&AssessmentList { items })
    })
    .await
}

/// An assessment.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessCapability {
    /// Day, between the start of the incubation and today.
    pub assessed_on: NaiveDate,
    /// Scores, each dimension once at most.
    #[schema(min_items = 1, max_items = 5)]
    pub scores: Vec<DimensionScore>,
    /// What the scores do not say.
    #[serde(default)]
    #[schema(min_length = 2, max_length = 1000, example = "财务须有专人")]
    pub remark: Option<String>,
}

/// Assess an organisation's capability
///
/// By the base or a third-party evaluator, never by somebody of the organisation itself, while it is incubating. An assessment is never changed; the
/// next one is added to the history. Without one nobody graduates.
#[utoipa::path(tag = "incubations", params(("incubation_id" = IncubationId, Path, description = "The incubation")), request_body = AssessCapability,
    responses((status = 201, description = "Assessed", body = AssessmentView)),
    extensions(("x-action" = json!(policy::ASSESS.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/incubations/{incubation_id}/assessments")]
async fn assess_capability(call: Call, id: Id<IncubationId>, body: Body<AssessCapability>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_assess(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewAssessment { assessed_on: asked.assessed_on, scores: asked.scores.clone(), remark: asked.remark.clone() };
            let row = assessments::assess(tx, &granted, &new)?;
            Reply::created(format!("/api/v1/incubations/{}/assessments", row.incubation_id), &AssessmentView::from(row))
        },
    )
    .await
}
