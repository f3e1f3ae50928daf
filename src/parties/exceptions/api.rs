//! Exceptions over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ExceptionFilter, ExceptionRow, ExceptionState, NewException, oversees};
use super::{policy, service, store};
use crate::kernel::id::{AccountId, AnyId, DutyExceptionId, UnitId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_exceptions).service(get_exception).service(record_exception).service(review_exception);
}

/// A marked exception from the separation of duties.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExceptionView {
    /// Id.
    pub id: DutyExceptionId,
    /// The unit whose lead recorded it.
    pub unit_id: UnitId,
    /// The action.
    #[schema(example = "payments.approve")]
    pub action: String,
    /// Kind of the resource.
    #[schema(example = "payment")]
    pub resource_kind: String,
    /// The resource.
    pub resource_id: AnyId,
    /// Who may act.
    pub account_id: AccountId,
    /// Why nobody else can.
    #[schema(example = "另一位财务人员住院，月底前须付款")]
    pub reason: String,
    /// Who recorded it.
    pub made_by: AccountId,
    /// State.
    pub state: ExceptionState,
    /// Last day of the review.
    pub review_due: NaiveDate,
    /// Whether that day is over and nobody reviewed it.
    pub overdue: bool,
    /// What the reviewer says.
    #[schema(example = json!(null))]
    pub review_note: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<AccountId>,
    /// When.
    pub reviewed_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

fn view(row: ExceptionRow, today: NaiveDate) -> ExceptionView {
    ExceptionView {
        overdue: row.state == ExceptionState::Recorded && row.review_due < today,
        id: row.id,
        unit_id: row.unit_id,
        action: row.action,
        resource_kind: row.resource_kind,
        resource_id: row.resource_id,
        account_id: row.account_id,
        reason: row.reason,
        made_by: row.made_by,
        state: row.state,
        review_due: row.review_due,
        review_note: row.review_note,
        reviewed_by: row.reviewed_by,
        reviewed_at: row.reviewed_at,
        version: row.version,
        created_at: row.created_at,
    }
}

/// Filters and page of the exception list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListExceptions {
    /// Only this state.
    state: Option<ExceptionState>,
    /// Only those whose review is overdue.
    overdue: Option<bool>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List exceptions
///
/// Those of one's own unit; all of the district for auditors, the supervisor and the platform's administrator. Oldest first.
#[utoipa::path(tag = "duties", params(ListExceptions), responses((status = 200, description = "A page of exceptions", body = Page<ExceptionView>)),
    security(("bearer" = [])))]
#[get("/duty-exceptions")]
async fn list_exceptions(call: Call, params: Params<ListExceptions>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let asked = params.get()?;
        let own = actor.unit.unwrap_or_else(|| UnitId::new(uuid::Uuid::nil()));
        let overdue_on = (asked.overdue == Some(true)).then_some(today);
        let filter = ExceptionFilter { unit: (!oversees(actor)).then_some(own), state: asked.state, overdue_on };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("exceptions {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, DutyExceptionId::new(id)));
        let rows = store::list(snapshot, actor.tenant, &filter, after, request.rows())?;
        let key = |row: &ExceptionRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, |row| view(row, today)), &params.path, &params.raw)
    })
    .await
}

/// Read an exception
///
/// For its unit, the lead of the unit above, who may act under it, auditors, the supervisor and the platform's administrator.
#[utoipa::path(tag = "duties", params(("exception_id" = DutyExceptionId, Path, description = "The exception")),
    responses((status = 200, description = "The exception", body = ExceptionView)), security(("bearer" = [])))]
#[get("/duty-exceptions/{exception_id}")]
async fn get_exception(call: Call, id: Id<DutyExceptionId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor));
        let row = row.ok_or_else(|| error::NOT_FOUND.error())?;
        let version = row.version;
        Ok(Reply::ok(&view(row, today))?.tagged(version))
    })
    .await
}

/// A new exception.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordException {
    /// The action whose bar is lifted: `contracts.sign` or `payments.approve`.
    #[schema(min_length = 3, max_length = 60, example = "payments.approve")]
    pub action: String,
    /// Kind of the resource, for the reader.
    #[schema(min_length = 1, max_length = 40, example = "payment")]
    pub resource_kind: String,
    /// The one resource.
    pub resource_id: AnyId,
    /// Who may act.
    pub account_id: AccountId,
    /// Why nobody else can.
    #[schema(min_length = 10, max_length = 500, example = "另一位财务人员住院，月底前须付款")]
    pub reason: String,
}

/// Record an exception
///
/// Where the separation of duties bars the only person who could act, the lead of the unit that owns the resource may except one account for one
/// action on one resource, beforehand. It is marked in the journal and reviewed within five working days. Self-approval is never excepted, and
/// nobody excepts itself.
#[utoipa::path(tag = "duties", request_body = RecordException, responses((status = 201, description = "Recorded", body = ExceptionView)),
    extensions(("x-action" = json!(policy::RECORD.name)), ("x-problems" = json!(["review_day_unknown"]))), security(("bearer" = [])))]
#[post("/duty-exceptions")]
async fn record_exception(call: Call, body: Body<RecordException>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_record(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewException {
                action: asked.action.clone(),
                resource_kind: asked.resource_kind.clone(),
                resource: asked.resource_id,
                account: asked.account_id,
                reason: asked.reason.clone(),
            };
            let row = service::record(tx, &granted, &new)?;
            let (id, version, today) = (row.id, row.version, tx.now().date_in_shanghai());
            Ok(Reply::created(format!("/api/v1/duty-exceptions/{id}"), &view(row, today))?.tagged(version))
        },
    )
    .await
}

crate::text_enum! {
    /// What a review finds.
    pub enum ReviewOutcome {
        /// The exception was right.
        Upheld = "upheld",
        /// It was wrong; what was done under it is for the unit above to put right.
        Objected = "objected",
    }
}

/// A review.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewException {
    /// What it finds.
    pub outcome: ReviewOutcome,
    /// The reasons.
    #[schema(min_length = 2, max_length = 500, example = "情况属实，手续齐全")]
    pub note: String,
}

/// Review an exception
///
/// By the supervisor, an auditor or the lead of the unit above; never by who recorded it or acts under it. From then on nobody acts under it.
#[utoipa::path(tag = "duties", params(("exception_id" = DutyExceptionId, Path, description = "The exception")), request_body = ReviewException,
    responses((status = 200, description = "Reviewed", body = ExceptionView)),
    extensions(("x-action" = json!(policy::REVIEW.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/duty-exceptions/{exception_id}/review")]
async fn review_exception(call: Call, id: Id<DutyExceptionId>, body: Body<ReviewException>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_review(tx, actor, id.0),
        move |tx, granted| -> Result<Reply> {
            let asked = body.get()?;
            let row = service::review(tx, &granted, asked.outcome == ReviewOutcome::Upheld, &asked.note)?;
            let (version, today) = (row.version, tx.now().date_in_shanghai());
            Ok(Reply::ok(&view(row, today))?.tagged(version))
        },
    )
    .await
}
