//! Delegations over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{DelegationRow, NewDelegation, oversees};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{AccountId, DelegationId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Role, Subject, posts};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply, Tag};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_delegations).service(get_delegation).service(create_delegation).service(end_delegation);
}

/// A delegation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DelegationView {
    /// Id.
    pub id: DelegationId,
    /// The unit of both.
    pub unit_id: UnitId,
    /// Whose roles are lent.
    pub from_account_id: AccountId,
    /// Who acts.
    pub to_account_id: AccountId,
    /// Posts that the lender holds in a unit today.
    #[schema(max_items = 20, example = json!(["公共服务办公室副主任"]))]
    pub from_posts: Vec<String>,
    /// Posts that the one who acts holds in a unit today.
    #[schema(max_items = 20, example = json!(["公共服务办公室科员"]))]
    pub to_posts: Vec<String>,
    /// The roles.
    pub roles: Vec<Role>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Why.
    #[schema(example = "外出培训一周")]
    pub reason: String,
    /// Who made it.
    pub made_by: AccountId,
    /// When it was ended early.
    pub ended_at: Option<UtcInstant>,
    /// Why it was ended.
    #[schema(example = json!(null))]
    pub end_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// The delegation, with what the two people are among `titles`.
fn view(row: DelegationRow, titles: &[(AccountId, String)]) -> DelegationView {
    let of = |person: AccountId| titles.iter().filter(|(holder, _)| *holder == person).map(|(_, title)| title.clone()).collect();
    DelegationView {
        roles: row.roles(),
        from_posts: of(row.from_account_id),
        to_posts: of(row.to_account_id),
        id: row.id,
        unit_id: row.unit_id,
        from_account_id: row.from_account_id,
        to_account_id: row.to_account_id,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        reason: row.reason,
        made_by: row.made_by,
        ended_at: row.ended_at,
        end_reason: row.end_reason,
        version: row.version,
        created_at: row.created_at,
    }
}

/// What the people of these delegations are on a day.
fn titles(db: &mut Db, tenant: TenantId, rows: &[DelegationRow], day: NaiveDate) -> Result<Vec<(AccountId, String)>> {
    let people: Vec<AccountId> = rows.iter().flat_map(|row| [row.from_account_id, row.to_account_id]).collect();
    posts::titles_on(db, tenant, &people, day)
}

/// One delegation with the posts of its people.
fn one(db: &mut Db, row: DelegationRow, day: NaiveDate) -> Result<DelegationView> {
    let titles = titles(db, row.tenant_id, std::slice::from_ref(&row), day)?;
    Ok(view(row, &titles))
}

/// Page of the delegation list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDelegations {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List delegations
///
/// Those of one's own unit; all of the district for the platform's administrator, the supervisor and auditors. Oldest first.
#[utoipa::path(tag = "duties", params(ListDelegations), responses((status = 200, description = "A page of delegations", body = Page<DelegationView>)),
    security(("bearer" = [])))]
#[get("/delegations")]
async fn list_delegations(call: Call, params: Params<ListDelegations>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let asked = params.get()?;
        let whole = oversees(actor);
        let unit = actor.unit.unwrap_or_else(|| UnitId::new(uuid::Uuid::nil()));
        let filter = (!whole).then_some(unit);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("delegations {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, DelegationId::new(id)));
        let rows = store::list(snapshot, actor.tenant, filter, after, request.rows())?;
        let key = |row: &DelegationRow| (row.created_at.to_string(), row.id.uuid());
        let titles = titles(snapshot, actor.tenant, &rows, today)?;
        Reply::page(&request.page(rows, key, |row| view(row, &titles)), &params.path, &params.raw)
    })
    .await
}

/// Read a delegation
///
/// For the people of its unit, the platform's administrator, the supervisor and auditors.
#[utoipa::path(tag = "duties", params(("delegation_id" = DelegationId, Path, description = "The delegation")),
    responses((status = 200, description = "The delegation", body = DelegationView)), security(("bearer" = [])))]
#[get("/delegations/{delegation_id}")]
async fn get_delegation(call: Call, id: Id<DelegationId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor));
        let row = row.ok_or_else(|| error::NOT_FOUND.error())?;
        let (version, shown) = (row.version, one(snapshot, row, today)?);
        // Posts come and go without the delegation's version, so that the tag names how many there are on the day.
        let phase = format!("{today}-{}", shown.from_posts.len().saturating_add(shown.to_posts.len()));
        Ok(Reply::ok(&shown)?.tagged(Tag { version, phase: &phase, view: "" }))
    })
    .await
}

/// A new delegation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDelegation {
    /// Whose roles are lent; one's own when absent.
    #[serde(default)]
    pub from_account_id: Option<AccountId>,
    /// The colleague who acts.
    pub to_account_id: AccountId,
    /// The roles.
    #[schema(min_items = 1, max_items = 15)]
    pub roles: Vec<Role>,
    /// First day, not before today.
    pub valid_from: NaiveDate,
    /// Last day, within 366 days.
    pub valid_to: NaiveDate,
    /// Why.
    #[schema(min_length = 2, max_length = 500, example = "外出培训一周")]
    pub reason: String,
}

/// Delegate roles to a colleague
///
/// Lends roles in the unit to a colleague for some days (AB角). One lends one's own; the unit's lead lends those of its people, never to itself.
/// The delegate is barred by its own earlier steps and by those of the colleague it acts for; the journal names both.
#[utoipa::path(tag = "duties", request_body = CreateDelegation, responses((status = 201, description = "Made", body = DelegationView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["not_yours_to_delegate", "forbidden"]))), security(("bearer" = [])))]
#[post("/delegations")]
async fn create_delegation(call: Call, body: Body<CreateDelegation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewDelegation {
                from: asked.from_account_id,
                to: asked.to_account_id,
                roles: asked.roles.clone(),
                valid_from: asked.valid_from,
                valid_to: asked.valid_to,
                reason: asked.reason.clone(),
            };
            let row = service::create(tx, &granted, &new)?;
            let (id, version, today) = (row.id, row.version, tx.now().date_in_shanghai());
            Ok(Reply::created(format!("/api/v1/delegations/{id}"), &one(tx, row, today)?)?.tagged(version))
        },
    )
    .await
}

/// Why a delegation ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndDelegation {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "提前返岗")]
    pub reason: String,
}

/// End a delegation
///
/// One of the two, or their unit's lead, ends it early; it acts no more at once.
#[utoipa::path(tag = "duties", params(("delegation_id" = DelegationId, Path, description = "The delegation")), request_body = EndDelegation,
    responses((status = 200, description = "Ended", body = DelegationView)),
    extensions(("x-action" = json!(policy::END.name)), ("x-problems" = json!(["forbidden"]))), security(("bearer" = [])))]
#[post("/delegations/{delegation_id}/end")]
async fn end_delegation(call: Call, id: Id<DelegationId>, body: Body<EndDelegation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_end(tx, actor, id.0),
        move |tx, granted| {
            let row = service::end(tx, &granted, &body.get()?.reason)?;
            let (version, today) = (row.version, tx.now().date_in_shanghai());
            Ok(Reply::ok(&one(tx, row, today)?)?.tagged(version))
        },
    )
    .await
}
