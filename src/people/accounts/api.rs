//! Accounts over HTTP.

use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{AccountRow, AccountState, NewAccount};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::error::Fields;
use crate::kernel::id::{AccountId, OrganisationId, UnitId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::factors::rules::needs_factor;
use crate::people::password::Chooser;
use crate::people::policy::{District, authorize};
use crate::people::readings::PERSONAL_DATA;
use crate::people::{self, Role, Subject, password};
use crate::web::{Answer, Body, Call, Failure, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(me).service(create_account).service(list_accounts).service(get_account).service(change_account);
}

/// An account as its owner and the administrator see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccountView {
    /// Id.
    pub id: AccountId,
    /// Login name.
    #[schema(example = "lin@yuehe.example")]
    pub email: String,
    /// The person's name.
    #[schema(example = "林经办")]
    pub name: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Unit.
    pub unit_id: Option<UnitId>,
    /// Organisation.
    pub organisation_id: Option<OrganisationId>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

pub(crate) fn view(db: &mut Db, row: AccountRow) -> Result<AccountView> {
    Ok(AccountView {
        roles: store::roles_of(db, row.id)?,
        id: row.id,
        email: row.email,
        name: row.name,
        state: row.state,
        unit_id: row.unit_id,
        organisation_id: row.organisation_id,
        version: row.version,
        created_at: row.created_at,
    })
}

/// A new account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Login name, a mail address.
    #[schema(min_length = 6, max_length = 254, example = "lin@yuehe.example")]
    pub email: String,
    /// The person's name.
    #[schema(min_length = 1, max_length = 64, example = "林经办")]
    pub name: String,
    /// First password: 15 to 128 characters, 12 where one of the roles demands a second factor; not a common one, without login name or name.
    #[schema(min_length = 12, max_length = 128, example = "three quiet river stones")]
    pub password: String,
    /// What it may do.
    #[schema(min_items = 1, max_items = 15)]
    pub roles: Vec<Role>,
    /// Unit, for people of public bodies.
    #[serde(default)]
    pub unit_id: Option<UnitId>,
    /// Organisation, for people of suppliers.
    #[serde(default)]
    pub organisation_id: Option<OrganisationId>,
}

impl CreateAccount {
    /// What makes two requests the same. The password is left out: a stored hash of it could be guessed.
    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let belongs = format!("{:?} {:?} {:?}", self.roles, self.unit_id, self.organisation_id);
        for part in [self.email.as_str(), self.name.as_str(), belongs.as_str()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().into()
    }
}

/// Checks a mail address well enough to send to it.
pub(crate) fn check_email(fields: &mut Fields, email: &str, pointer: &str) {
    let fits = (6..=254).contains(&email.len()) && email.parse::<lettre::Address>().is_ok();
    fields.require(fits, pointer, || words!("不是有效的邮箱地址", "not a mail address"));
}

/// Who am I
///
/// The signed-in account with its roles.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The account", body = AccountView)), security(("bearer" = [])))]
#[get("/me")]
async fn me(call: Call) -> Answer {
    people::query(call, |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, actor.account)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let version = row.version;
        Ok(Reply::ok(&view(snapshot, row)?)?.tagged(version))
    })
    .await
}

/// Create an account
///
/// Makes an account with its roles and first password. The password is checked for length and commonness only (NIST SP 800-63B-4).
#[utoipa::path(tag = "accounts", request_body = CreateAccount, responses((status = 201, description = "Made", body = AccountView)),
    extensions(("x-action" = json!(policy::CREATE.name)), ("x-problems" = json!(["email_taken"]))), security(("bearer" = [])))]
#[post("/accounts")]
async fn create_account(call: Call, body: Body<CreateAccount>) -> Answer {
    // Hashing is slow and stays outside the transaction; an unauthorised caller is refused before it costs anything.
    people::desk::admit(&call, |_, actor| service::may_create(actor).map(drop)).await?;
    let password_hash = match body.get() {
        Ok(new) => {
            let second_factor = needs_factor(&new.roles, &call.desk.second_factor_for);
            password::check_for(&new.password, Chooser { email: &new.email, name: &new.name, second_factor }, "/password")?;
            password::hash(new.password.clone()).await?
        }
        Err(_) => String::new(),
    };
    let fingerprint = body.get().map_or(body.fingerprint, CreateAccount::fingerprint);
    people::command(
        call,
        fingerprint,
        |_, actor| service::may_create(actor),
        move |tx, granted| {
            let new = body.get()?;
            let mut fields = Fields::default();
            check_email(&mut fields, &new.email, "/email");
            fields.text(&new.name, "/name", 1, 64);
            fields.finish()?;
            let new = NewAccount {
                email: new.email.clone(),
                name: new.name.clone(),
                password_hash: password_hash.clone(),
                roles: new.roles.clone(),
                unit_id: new.unit_id,
                organisation_id: new.organisation_id,
            };
            let row = service::create(tx, granted.subject().0, &new)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/accounts/{id}"), &view(tx, row)?)?.tagged(version))
        },
    )
    .await
}

/// Filters of the account list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAccounts {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List accounts
///
/// All accounts of the district, oldest first.
#[utoipa::path(tag = "accounts", params(ListAccounts), responses((status = 200, description = "A page of accounts", body = Page<AccountView>)),
    extensions(("x-action" = json!(policy::LIST.name))), security(("bearer" = [])))]
#[get("/accounts")]
async fn list_accounts(call: Call, params: Params<ListAccounts>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::LIST, District(actor.tenant))?;
        let asked = params.get()?;
        let page = PageRequest::parse(asked.limit, asked.after.as_deref(), "accounts")?;
        let after = page.after_instant()?.map(|(at, id)| (at, AccountId::new(id)));
        let rows = store::list(snapshot, actor.tenant, after, page.rows())?;
        let rows = rows.into_iter().map(|row| view(snapshot, row)).collect::<Result<Vec<_>>>()?;
        let page = page.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| row);
        Ok(Reply::page(&page, &params.path, &params.raw)?.logged(PERSONAL_DATA))
    })
    .await
}

/// Read an account
///
/// One's own account, or any account for the administrator.
#[utoipa::path(tag = "accounts", params(("account_id" = AccountId, Path, description = "The account")),
    responses((status = 200, description = "The account", body = AccountView)), security(("bearer" = [])))]
#[get("/accounts/{account_id}")]
async fn get_account(call: Call, id: Id<AccountId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor)).ok_or_else(|| error::NOT_FOUND.error())?;
        let (version, own) = (row.version, row.id == actor.account);
        let reply = Reply::ok(&view(snapshot, row)?)?.tagged(version);
        Ok(if own { reply } else { reply.logged(PERSONAL_DATA) })
    })
    .await
}

/// A change of an account; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// Suspend or reactivate.
    #[serde(default)]
    pub state: Option<AccountState>,
    /// The whole new set of roles.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 15)]
    pub roles: Option<Vec<Role>>,
}

/// Change an account
///
/// Changes roles or suspends; both act at once, also on tokens already issued.
#[utoipa::path(tag = "accounts", params(("account_id" = AccountId, Path, description = "The account")), request_body = ChangeAccount,
    responses((status = 200, description = "Changed", body = AccountView)), extensions(("x-action" = json!(policy::CHANGE.name))), security(("bearer" = [])))]
#[patch("/accounts/{account_id}")]
async fn change_account(call: Call, id: Id<AccountId>, body: Body<ChangeAccount>) -> Result<actix_web::HttpResponse, Failure> {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_change(tx, actor, id.0),
        move |tx, granted| {
            let change = body.get()?;
            let row = service::change(tx, &granted, change.state, change.roles.as_deref())?;
            let version = row.version;
            Ok(Reply::ok(&view(tx, row)?)?.tagged(version))
        },
    )
    .await
}
