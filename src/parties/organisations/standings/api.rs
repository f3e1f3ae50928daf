//! Standings over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewStanding, StandingFilter, StandingKind, StandingRow};
use super::rules::{self, ListLimit};
use super::{policy, service, store};
use crate::kernel::id::{OrganisationId, StandingId};
use crate::kernel::{Result, UtcInstant};
use crate::law::Finding;
use crate::people;
use crate::people::policy::{District, authorize};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_of_organisation).service(impose_standing).service(list_standings).service(lift_standing);
}

/// What stands or stood against an organisation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StandingView {
    /// Id.
    pub id: StandingId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Kind.
    pub kind: StandingKind,
    /// Why.
    #[schema(example = "连续两年未报送年度工作报告")]
    pub reason: String,
    /// The decision, list or notice.
    #[schema(example = "湖州市吴兴区民政局公告〔2026〕3号")]
    pub source: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; null when open.
    pub valid_to: Option<NaiveDate>,
    /// First day on which it stands no more.
    pub lifted_on: Option<NaiveDate>,
    /// Why it was lifted.
    #[schema(example = json!(null))]
    pub lift_reason: Option<String>,
    /// Whether it stands today.
    pub in_force: bool,
    /// Day on which an entry in the abnormal list will have lasted for the rule's years (R093).
    pub serious_list_due_on: Option<NaiveDate>,
    /// Whether that day has come while the entry stands.
    pub due_for_serious_list: bool,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// Day on which the fact behind it was known; null when nobody said.
    pub known_on: Option<NaiveDate>,
    /// What the rules warn of when it is recorded (R092: within five working days); empty at every later reading.
    #[schema(max_items = 10)]
    pub warnings: Vec<StandingWarning>,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

/// A rule that warns of how a standing was recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StandingWarning {
    /// Rule.
    #[schema(example = "R092")]
    pub rule: String,
    /// Statute.
    #[schema(example = "民政部令第60号")]
    pub legal_basis: String,
    /// What was found.
    #[schema(example = "2026-03-10")]
    pub found: String,
    /// What is required.
    #[schema(example = "≤ 2026-03-09 (5 working_day)")]
    pub required: String,
}

impl From<Finding> for StandingWarning {
    fn from(finding: Finding) -> Self {
        Self { rule: finding.rule.rule, legal_basis: finding.rule.legal_basis, found: finding.found, required: finding.required }
    }
}

fn view(row: StandingRow, today: NaiveDate, limit: Option<&ListLimit>) -> StandingView {
    let counted = limit.filter(|_| row.kind == StandingKind::Abnormal);
    StandingView {
        in_force: rules::in_force(&row, today),
        serious_list_due_on: counted.and_then(|limit| limit.due_on(row.valid_from)),
        due_for_serious_list: counted.is_some_and(|limit| limit.is_due(&row, today)),
        id: row.id,
        organisation_id: row.organisation_id,
        kind: row.kind,
        reason: row.reason,
        source: row.source,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        lifted_on: row.lifted_on,
        lift_reason: row.lift_reason,
        version: row.version,
        known_on: row.known_on,
        warnings: Vec::new(),
        created_at: row.created_at,
    }
}

/// Page of an organisation's standings.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOfOrganisation {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the standings of an organisation
///
/// Its history of suspensions and list entries, oldest first. The two lists are public records; suspensions are shown to the organisation
/// itself and to people of public bodies.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation"), ListOfOrganisation),
    responses((status = 200, description = "A page of standings", body = Page<StandingView>)))]
#[get("/organisations/{organisation_id}/standings")]
async fn list_of_organisation(call: Call, id: Id<OrganisationId>, params: Params<ListOfOrganisation>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let whole = service::sight(snapshot, viewer, id.0)?;
        let asked = params.get()?;
        let filter = StandingFilter { organisation: Some(id.0), kind: None, on: None, entered_by: None, public: !whole };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("standings {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, StandingId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, &filter, after, request.rows())?;
        let limit = service::list_limit(snapshot, viewer.tenant)?;
        let key = |row: &StandingRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, |row| view(row, today, limit.as_ref())), &params.path, &params.raw)
    })
    .await
}

/// Filters and page of the district's standings.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListStandings {
    /// Only this kind.
    kind: Option<StandingKind>,
    /// Only what stands today.
    in_force: Option<bool>,
    /// Only entries in the abnormal list whose years are over (R093).
    due_for_serious_list: Option<bool>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List standings
///
/// What stands or stood against the organisations of the district, oldest first. With `due_for_serious_list=true` it names those that have
/// been in the abnormal list for the rule's years and are due for the serious list; it is empty while no rule set is loaded.
#[utoipa::path(tag = "organisations", params(ListStandings), responses((status = 200, description = "A page of standings", body = Page<StandingView>)),
    extensions(("x-action" = json!(policy::LIST.name))), security(("bearer" = [])))]
#[get("/standings")]
async fn list_standings(call: Call, params: Params<ListStandings>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::LIST, District(actor.tenant))?;
        let asked = params.get()?;
        let limit = service::list_limit(snapshot, actor.tenant)?;
        let due = asked.due_for_serious_list == Some(true);
        let filter = StandingFilter {
            organisation: None,
            kind: if due { Some(StandingKind::Abnormal) } else { asked.kind },
            on: (due || asked.in_force == Some(true)).then_some(today),
            // Without a rule nothing can be due: no day of entry is early enough.
            entered_by: due.then(|| limit.as_ref().and_then(|limit| limit.latest_entry_due(today)).unwrap_or(NaiveDate::MIN)),
            public: false,
        };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("standings {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, StandingId::new(id)));
        let rows = if due && limit.is_none() { Vec::new() } else { store::list(snapshot, actor.tenant, &filter, after, request.rows())? };
        let key = |row: &StandingRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, |row| view(row, today, limit.as_ref())), &params.path, &params.raw)
    })
    .await
}

/// A new standing.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImposeStanding {
    /// Kind.
    pub kind: StandingKind,
    /// Why.
    #[schema(min_length = 2, max_length = 500, example = "连续两年未报送年度工作报告")]
    pub reason: String,
    /// The decision, list or notice.
    #[schema(min_length = 2, max_length = 200, example = "湖州市吴兴区民政局公告〔2026〕3号")]
    pub source: String,
    /// First day; today when absent.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last day; open when absent.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// Day on which the fact was known: an entry in one of the lists is recorded within five working days of it (R092). Not judged when absent.
    #[serde(default)]
    pub known_on: Option<NaiveDate>,
}

/// Record a standing
///
/// Suspends a verified organisation, or records its entry in the list of abnormal organisations (it may go on, marked for a look by hand) or
/// of serious dishonesty (it is stopped). It is told by mail.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")), request_body = ImposeStanding,
    responses((status = 201, description = "Recorded", body = StandingView)),
    extensions(("x-action" = json!(policy::IMPOSE.name)), ("x-problems" = json!(["standing_in_force", "rule_broken", "calendar_not_loaded"]))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/standings")]
async fn impose_standing(call: Call, id: Id<OrganisationId>, body: Body<ImposeStanding>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_impose(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewStanding {
                kind: asked.kind,
                reason: asked.reason.clone(),
                source: asked.source.clone(),
                valid_from: asked.valid_from,
                valid_to: asked.valid_to,
                known_on: asked.known_on,
            };
            let service::Imposed { standing: row, warnings, .. } = service::impose(tx, &granted, &new)?;
            let limit = service::list_limit(tx, row.tenant_id)?;
            let (organisation, version, today) = (row.organisation_id, row.version, tx.now().date_in_shanghai());
            let location = format!("/api/v1/organisations/{organisation}/standings");
            let warnings = warnings.into_iter().map(StandingWarning::from).collect();
            let shown = StandingView { warnings, ..view(row, today, limit.as_ref()) };
            Ok(Reply::created(location, &shown)?.tagged(version))
        },
    )
    .await
}

/// Why a standing is lifted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftStanding {
    /// The reason, with the decision it rests on.
    #[schema(min_length = 2, max_length = 500, example = "已补报年报，登记管理机关决定移出名录")]
    pub reason: String,
}

/// Lift a standing
///
/// Ends a suspension or a list entry from today on, for a reason. The history keeps it. The organisation is told by mail.
#[utoipa::path(tag = "organisations", params(("standing_id" = StandingId, Path, description = "The standing")), request_body = LiftStanding,
    responses((status = 200, description = "Lifted", body = StandingView)),
    extensions(("x-action" = json!(policy::LIFT.name))), security(("bearer" = [])))]
#[post("/standings/{standing_id}/lifting")]
async fn lift_standing(call: Call, id: Id<StandingId>, body: Body<LiftStanding>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_lift(tx, actor, id.0),
        move |tx, granted| -> Result<Reply> {
            let row = service::lift(tx, &granted, &body.get()?.reason)?;
            let limit = service::list_limit(tx, row.tenant_id)?;
            let (version, today) = (row.version, tx.now().date_in_shanghai());
            Ok(Reply::ok(&view(row, today, limit.as_ref()))?.tagged(version))
        },
    )
    .await
}
