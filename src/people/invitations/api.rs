//! Invitations over HTTP.

use actix_web::{HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{InvitationRow, InvitationState, NewInvitation};
use super::{policy, service, store};
use crate::kernel::error::Fields;
use crate::kernel::id::{AccountId, AccountInvitationId, OrganisationId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people::accounts::api::{AccountView, check_email, view};
use crate::people::readings::PERSONAL_DATA;
use crate::people::{self, Role, actor, factors, password};
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(invite).service(list_account_invitations).service(accept_invitation).service(revoke_invitation);
}

/// An invitation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccountInvitationView {
    /// Id.
    pub id: AccountInvitationId,
    /// Where the mail went.
    #[schema(example = "wang@yuehe.example")]
    pub email: String,
    /// Roles of the account.
    #[schema(max_items = 15)]
    pub roles: Vec<Role>,
    /// Unit.
    pub unit_id: Option<UnitId>,
    /// Organisation.
    pub organisation_id: Option<OrganisationId>,
    /// State; one whose time is over stays open and does not serve.
    pub state: InvitationState,
    /// Who invited.
    pub invited_by: AccountId,
    /// When it stops to serve.
    pub expires_at: UtcInstant,
    /// The account that was made.
    pub account_id: Option<AccountId>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl From<InvitationRow> for AccountInvitationView {
    fn from(row: InvitationRow) -> Self {
        Self {
            roles: row.roles(),
            id: row.id,
            email: row.email,
            unit_id: row.unit_id,
            organisation_id: row.organisation_id,
            state: row.state,
            invited_by: row.invited_by,
            expires_at: row.expires_at,
            account_id: row.account_id,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Where the mail goes: the login name of the account.
    #[schema(min_length = 6, max_length = 254, example = "wang@yuehe.example")]
    pub email: String,
    /// Roles of the account.
    #[schema(min_items = 1, max_items = 15)]
    pub roles: Vec<Role>,
    /// Unit, for people of public bodies.
    #[serde(default)]
    pub unit_id: Option<UnitId>,
    /// Organisation, for people of suppliers.
    #[serde(default)]
    pub organisation_id: Option<OrganisationId>,
}

/// Invite a person
///
/// Mails a code with which the person makes its own account within seven days. The platform's administrator may offer every role, an organisation's
/// administrator those of its organisation, a unit's lead `purchaser` and `agent` in its unit.
#[utoipa::path(tag = "accounts", request_body = Invite, responses((status = 201, description = "Invited", body = AccountInvitationView)),
    extensions(("x-action" = json!(policy::CREATE.name))), security(("bearer" = [])))]
#[post("/account-invitations")]
async fn invite(call: Call, body: Body<Invite>) -> Answer {
    let inner = call.clone();
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let asked = body.get()?;
            let mut fields = Fields::default();
            check_email(&mut fields, &asked.email, "/email");
            fields.finish()?;
            let inviter = actor::identify(tx, &inner)?;
            let new = NewInvitation {
                email: asked.email.clone(),
                roles: asked.roles.clone(),
                unit_id: asked.unit_id,
                organisation_id: asked.organisation_id,
            };
            let row = service::create(tx, &granted, &inviter, &new)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/account-invitations/{id}"), &AccountInvitationView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Page of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInvitations {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List invitations
///
/// One's own, oldest first; all of the district for the platform's administrator and auditors.
#[utoipa::path(tag = "accounts", params(ListInvitations), responses((status = 200, description = "A page of invitations", body = Page<AccountInvitationView>)),
    security(("bearer" = [])))]
#[get("/account-invitations")]
async fn list_account_invitations(call: Call, params: Params<ListInvitations>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let asked = params.get()?;
        let by = (!actor.has_any(&[Role::PlatformAdmin, Role::Auditor])).then_some(actor.account);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("invitations {by:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, AccountInvitationId::new(id)));
        let rows = store::list(snapshot, actor.tenant, by, after, request.rows())?;
        let key = |row: &InvitationRow| (row.created_at.to_string(), row.id.uuid());
        Ok(Reply::page(&request.page(rows, key, AccountInvitationView::from), &params.path, &params.raw)?.logged(PERSONAL_DATA))
    })
    .await
}

/// Who accepts.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The code of the mail.
    #[schema(max_length = 128, example = "pK3v0cV1bYV0y2v8kq9m0d3n5r7t9w1z3x5c7v9b1n0")]
    pub token: String,
    /// The person's name.
    #[schema(min_length = 1, max_length = 64, example = "王社工")]
    pub name: String,
    /// A password of one's own: 15 to 128 characters, 12 where one of the roles demands a second factor; not a common one, without login name or name.
    #[schema(min_length = 12, max_length = 128, example = "seven lanterns on the lake")]
    pub password: String,
}

/// Accept an invitation
///
/// Makes the account with the roles that were offered. The code in the mail proves the address.
#[utoipa::path(tag = "accounts", request_body = AcceptInvitation, responses((status = 201, description = "Made", body = AccountView)),
    extensions(("x-problems" = json!(["invitation_refused", "email_taken", "rate_limited"])), ("x-idempotent" = json!(false))))]
#[post("/account-invitations/acceptance")]
async fn accept_invitation(call: Call, throttle: web::Data<Throttle>, body: Body<AcceptInvitation>) -> Answer {
    let given = body.get()?;
    let mut fields = Fields::default();
    fields.require(given.token.chars().count() <= 128, "/token", || words!("至多 128 个字符", "at most 128 characters"));
    fields.text(&given.name, "/name", 1, 64);
    fields.finish()?;
    password::check(&given.password, "/password")?;
    throttle.admit(&format!("token {}", given.token), call.client)?;
    let token = given.token.clone();
    let offered = call.desk.db.read(move |snapshot| service::by_token(snapshot, &token)).await?;
    let second_factor = factors::rules::needs_factor(&offered.roles(), &call.desk.second_factor_for);
    password::check_for(&given.password, password::Chooser { email: &offered.email, name: &given.name, second_factor }, "/password")?;
    let (token, name, hash) = (given.token.clone(), given.name.clone(), password::hash(given.password.clone()).await?);
    let made = call
        .desk
        .db
        .write(call.facts(), move |tx| {
            let row = service::accept(tx, &token, &name, &hash)?;
            view(tx, row)
        })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header(("cache-control", "no-store"))
        .insert_header(("location", format!("/api/v1/accounts/{}", made.id)))
        .json(made))
}

/// Take an invitation back
///
/// By its inviter or the administrator; the code stops to serve.
#[utoipa::path(tag = "accounts", params(("account_invitation_id" = AccountInvitationId, Path, description = "The invitation")),
    responses((status = 200, description = "Taken back", body = AccountInvitationView)), extensions(("x-action" = json!(policy::REVOKE.name))),
    security(("bearer" = [])))]
#[delete("/account-invitations/{account_invitation_id}")]
async fn revoke_invitation(call: Call, id: Id<AccountInvitationId>) -> Result<HttpResponse, crate::web::Failure> {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_revoke(tx, actor, id.0),
        |tx, granted| {
            let row = service::revoke(tx, &granted)?;
            let version = row.version;
            Ok(Reply::ok(&AccountInvitationView::from(row))?.tagged(version))
        },
    )
    .await
}
