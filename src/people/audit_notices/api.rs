//! Audit notices over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{AuditNoticeRow, AuditNoticeState, NewAuditNotice};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{AccountId, AuditNoticeId, UnitId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Role};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_audit_notices).service(issue_audit_notice).service(end_audit_notice);
}

/// A notice of the audit office.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditNoticeView {
    /// Id.
    pub id: AuditNoticeId,
    /// Document number.
    #[schema(example = "吴审通〔2026〕12号")]
    pub number: String,
    /// What is audited.
    #[schema(example = "政府购买服务专项审计")]
    pub subject: String,
    /// To whom it opens.
    pub auditor_id: AccountId,
    /// The units; every one of the district when empty.
    #[schema(max_items = 200)]
    pub unit_ids: Vec<UnitId>,
    /// First year.
    #[schema(example = 2025)]
    pub from_year: i32,
    /// Last year.
    #[schema(example = 2026)]
    pub to_year: i32,
    /// First day on which it opens.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
    /// State.
    pub state: AuditNoticeState,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

fn view(db: &mut Db, row: AuditNoticeRow) -> Result<AuditNoticeView> {
    let unit_ids = store::units_of(db, row.id)?;
    Ok(AuditNoticeView {
        id: row.id,
        state: row.standing(),
        number: row.number,
        subject: row.subject,
        auditor_id: row.auditor_id,
        unit_ids,
        from_year: row.from_year,
        to_year: row.to_year,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        version: row.version,
        created_at: row.created_at,
    })
}

/// Audit notices.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditNoticesView {
    /// Newest first, at most 200.
    #[schema(max_items = 200)]
    pub items: Vec<AuditNoticeView>,
}

/// List audit notices
///
/// An auditor sees its own; administrators and supervisors see all.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The notices", body = AuditNoticesView)), security(("bearer" = [])))]
#[get("/audit-notices")]
async fn list_audit_notices(call: Call) -> Answer {
    people::query(call, |snapshot, viewer| {
        let actor = viewer.person()?;
        let all = actor.has_any(policy::READERS);
        if !all && !actor.has_any(&[Role::Auditor]) {
            return Err(error::FORBIDDEN.error());
        }
        let rows = store::list(snapshot, actor.tenant, (!all).then_some(actor.account))?;
        let items = rows.into_iter().map(|row| view(snapshot, row)).collect::<Result<_>>()?;
        Reply::ok(&AuditNoticesView { items })
    })
    .await
}

/// A notice to record.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueAuditNotice {
    /// Document number of the audit office.
    #[schema(min_length = 1, max_length = 200, example = "吴审通〔2026〕12号")]
    pub number: String,
    /// What is audited.
    #[schema(min_length = 1, max_length = 200, example = "政府购买服务专项审计")]
    pub subject: String,
    /// To whom it opens: an account with the auditor's role.
    pub auditor_id: AccountId,
    /// The units; every one of the district when empty.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub unit_ids: Vec<UnitId>,
    /// First year.
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    pub from_year: i32,
    /// Last year.
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub to_year: i32,
    /// First day on which it opens.
    pub valid_from: NaiveDate,
    /// Last day, at most three years later.
    pub valid_until: NaiveDate,
}

/// Record an audit notice
///
/// Opens units and years to one auditor on the days that the notice names. Without a notice an auditor sees nothing that is not public.
#[utoipa::path(tag = "accounts", request_body = IssueAuditNotice, responses((status = 201, description = "Recorded", body = AuditNoticeView)),
    extensions(("x-action" = json!(policy::ISSUE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/audit-notices")]
async fn issue_audit_notice(call: Call, body: Body<IssueAuditNotice>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |_, actor| service::may_issue(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewAuditNotice {
                number: asked.number.clone(),
                subject: asked.subject.clone(),
                auditor: asked.auditor_id,
                units: asked.unit_ids.clone(),
                from_year: asked.from_year,
                to_year: asked.to_year,
                valid_from: asked.valid_from,
                valid_until: asked.valid_until,
            };
            let row = service::issue(tx, &granted, &new)?;
            let version = row.version;
            Ok(Reply::created("/api/v1/audit-notices", &view(tx, row)?)?.tagged(version))
        },
    )
    .await
}

/// End an audit notice
///
/// Before its last day; from this moment it opens nothing.
#[utoipa::path(tag = "accounts", params(("audit_notice_id" = AuditNoticeId, Path, description = "The notice")),
    responses((status = 200, description = "Ended", body = AuditNoticeView)),
    extensions(("x-action" = json!(policy::END.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/audit-notices/{audit_notice_id}/end")]
async fn end_audit_notice(call: Call, id: Id<AuditNoticeId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_end(tx, actor, id.0),
        move |tx, granted| {
            let row = service::end(tx, &granted)?;
            let version = row.version;
            Ok(Reply::ok(&view(tx, row)?)?.tagged(version))
        },
    )
    .await
}
