//! Organisations over HTTP: DTOs, handlers, routes.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{OrganisationFilter, OrganisationKind, OrganisationRow, OrganisationState, Registration, sees_all};
use super::{policy, rules, service, store};
use crate::kernel::id::OrganisationId;
use crate::kernel::{Result, Uscc, UtcInstant, error};
use crate::people::{self, Role, Viewer, factors, password};
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply, Tag};

/// Seconds that shared caches may keep what the public sees.
const CACHE_SECONDS: u32 = 60;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_organisations)
        .service(get_organisation)
        .service(register_organisation)
        .service(verify_organisation)
        .service(suspend_organisation)
        .configure(super::standings::api::routes)
        .configure(super::relations::api::routes);
}

/// An organisation. What the reader may not see is null.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrganisationView {
    /// Id.
    pub id: OrganisationId,
    /// 统一社会信用代码.
    pub uscc: Uscc,
    /// 中文 name.
    #[schema(example = "湖州市吴兴区示例社会工作服务中心")]
    pub name_zh: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// 法定代表人.
    #[schema(example = "沈示例")]
    pub legal_representative: String,
    /// Where mail goes; shown to its own members and to people of public bodies.
    #[schema(example = "office@shili.example")]
    pub contact_email: Option<String>,
    /// State.
    pub state: OrganisationState,
    /// Why it is in this state; shown like the contact.
    #[schema(example = json!(null))]
    pub state_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it registered.
    pub created_at: UtcInstant,
}

fn view(row: OrganisationRow, whole: bool) -> OrganisationView {
    OrganisationView {
        id: row.id,
        uscc: row.uscc,
        name_zh: row.name_zh,
        kind: row.kind,
        legal_representative: row.legal_representative,
        contact_email: Some(row.contact_email).filter(|_| whole),
        state: row.state,
        state_reason: row.state_reason.filter(|_| whole),
        version: row.version,
        created_at: row.created_at,
    }
}

fn tag(version: i64, whole: bool) -> Tag<'static> {
    Tag { version, phase: "", view: if whole { "whole" } else { "public" } }
}

fn whole(row: OrganisationRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&view(row, true))?.tagged(tag(version, true)))
}

/// Filters and page of the organisation list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOrganisations {
    /// Only this state. The public sees verified, abnormal and blacklisted ones.
    state: Option<OrganisationState>,
    /// Only this kind.
    kind: Option<OrganisationKind>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

fn filter(asked: &ListOrganisations, viewer: &Viewer) -> OrganisationFilter {
    let own = viewer.actor.as_ref().and_then(|actor| actor.organisation);
    OrganisationFilter { state: asked.state, kind: asked.kind, all: sees_all(viewer), own }
}

/// List organisations
///
/// Verified and listed organisations for everybody; in every state and with their contacts for the platform's administrator, purchasers, finance
/// officers and auditors, and one's own for its members. In the order of registration.
#[utoipa::path(tag = "organisations", params(ListOrganisations), responses((status = 200, description = "A page of organisations", body = Page<OrganisationView>)))]
#[get("/organisations")]
async fn list_organisations(call: Call, params: Params<ListOrganisations>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let asked = params.get()?;
        let filter = filter(asked, viewer);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("organisations {filter:?}"))?;
        let after = request.after_instant()?.map(|(at, id)| (at, OrganisationId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, &filter, after, request.rows())?;
        let key = |row: &OrganisationRow| (row.created_at.to_string(), row.id.uuid());
        let page = request.page(rows, key, |row| {
            let whole = row.whole_for(viewer);
            view(row, whole)
        });
        Ok(Reply::page(&page, &params.path, &params.raw)?.public(CACHE_SECONDS))
    })
    .await
}

/// Read an organisation
///
/// A verified or listed organisation for everybody; in any state and with its contact for its members and for the platform's administrator,
/// purchasers, finance officers and auditors.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "The organisation", body = OrganisationView)))]
#[get("/organisations/{organisation_id}")]
async fn get_organisation(call: Call, id: Id<OrganisationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let row = store::find(snapshot, viewer.tenant, id.0)?.filter(|row| row.visible_for(viewer));
        let row = row.ok_or_else(|| error::NOT_FOUND.error())?;
        let (version, whole) = (row.version, row.whole_for(viewer));
        Ok(Reply::ok(&view(row, whole))?.tagged(tag(version, whole)).public(CACHE_SECONDS))
    })
    .await
}

/// The first account of an organisation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAccount {
    /// Login name, a mail address.
    #[schema(min_length = 6, max_length = 254, example = "shen@shili.example")]
    pub email: String,
    /// The person's name.
    #[schema(min_length = 1, max_length = 64, example = "沈示例")]
    pub name: String,
    /// Password, 12 to 128 characters.
    #[schema(min_length = 12, max_length = 128, example = "three quiet river stones")]
    pub password: String,
}

/// A registration.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterOrganisation {
    /// 统一社会信用代码; both check characters are checked.
    #[schema(min_length = 18, max_length = 18, pattern = "^[0-9A-HJ-NPQRTUWXY]{18}$", example = "52330502MJ9000022F")]
    pub uscc: String,
    /// 中文 name.
    #[schema(min_length = 2, max_length = 100, example = "湖州市吴兴区示例社会工作服务中心")]
    pub name_zh: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// 法定代表人.
    #[schema(min_length = 1, max_length = 64, example = "沈示例")]
    pub legal_representative: String,
    /// Where mail goes.
    #[schema(min_length = 6, max_length = 254, example = "office@shili.example")]
    pub contact_email: String,
    /// Its first account, which administers it.
    pub account: FirstAccount,
}

impl RegisterOrganisation {
    /// What makes two requests the same. The password is left out: a stored hash of it could be guessed.
    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let account = &self.account;
        let parts = [&self.uscc, &self.name_zh, &self.legal_representative, &self.contact_email, &account.email, &account.name];
        for part in parts.into_iter().map(String::as_str).chain([self.kind.as_str()]) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().into()
    }

    fn registration(&self, password_hash: &str) -> Result<Registration> {
        Ok(Registration {
            uscc: rules::credit_code(&self.uscc)?,
            name_zh: self.name_zh.clone(),
            kind: self.kind,
            legal_representative: self.legal_representative.clone(),
            contact_email: self.contact_email.clone(),
            account_email: self.account.email.clone(),
            account_name: self.account.name.clone(),
            password_hash: password_hash.to_owned(),
        })
    }
}

/// Register an organisation
///
/// Anybody may register an organisation with its first account, which becomes its administrator and can sign in once its address is confirmed
/// (`POST /account-confirmations` with the code of the mail). The answer is the same whether or not the address has an account. The organisation takes
/// part in nothing before the platform has verified it. Attempts are limited per account name and address.
#[utoipa::path(tag = "organisations", request_body = RegisterOrganisation, responses((status = 201, description = "Registered", body = OrganisationView)),
    extensions(("x-problems" = json!(["organisation_registered", "rate_limited"]))))]
#[post("/organisations")]
async fn register_organisation(call: Call, throttle: web::Data<Throttle>, body: Body<RegisterOrganisation>) -> Answer {
    let asked = body.get()?;
    // Everything that can be refused for nothing is refused before the slow hash, which stays outside the transaction.
    rules::check(&asked.registration("")?)?;
    let second_factor = factors::rules::needs_factor(&[Role::OrgAdmin], &call.desk.second_factor_for);
    let chooser = password::Chooser { email: &asked.account.email, name: &asked.account.name, second_factor };
    password::check_for(&asked.account.password, chooser, "/account/password")?;
    throttle.admit(&asked.account.email, call.client)?;
    let password_hash = password::hash(asked.account.password.clone()).await?;
    let fingerprint = asked.fingerprint();
    people::desk::public_command(call, fingerprint, move |tx, tenant| {
        let row = service::register_by_mail(tx, tenant, &body.get()?.registration(&password_hash)?)?;
        let (id, version) = (row.id, row.version);
        Ok(Reply::created(format!("/api/v1/organisations/{id}"), &view(row, true))?.tagged(tag(version, true)))
    })
    .await
}

/// Verify an organisation
///
/// Confirms that a registered organisation is what it says it is. It is told by mail.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "Verified", body = OrganisationView)),
    extensions(("x-action" = json!(policy::VERIFY.name))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/verification")]
async fn verify_organisation(call: Call, id: Id<OrganisationId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_verify(tx, actor, id.0),
        |tx, granted| whole(service::verify(tx, &granted)?),
    )
    .await
}

/// Why an organisation is suspended.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendOrganisation {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "登记证书已过有效期")]
    pub reason: String,
}

/// Suspend an organisation
///
/// Stops a verified organisation for a reason. It is told by mail.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")), request_body = SuspendOrganisation,
    responses((status = 200, description = "Suspended", body = OrganisationView)),
    extensions(("x-action" = json!(policy::SUSPEND.name))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/suspension")]
async fn suspend_organisation(call: Call, id: Id<OrganisationId>, body: Body<SuspendOrganisation>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_suspend(tx, actor, id.0),
        move |tx, granted| whole(service::suspend(tx, &granted, &body.get()?.reason)?),
    )
    .await
}
