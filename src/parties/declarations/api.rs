//! Declarations over HTTP.

use actix_web::{get, post};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{DeclarationFilter, DeclarationKind, DeclarationRow, NewDeclaration};
use super::{policy, rules, service, store};
use crate::kernel::id::{DeclarationId, OrganisationId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_declarations).service(declare).service(withdraw_declaration);
}

/// A declaration of an organisation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeclarationView {
    /// Id.
    pub id: DeclarationId,
    /// Who declares.
    pub organisation_id: OrganisationId,
    /// What is declared.
    pub kind: DeclarationKind,
    /// The words.
    #[schema(example = "本组织参加采购前三年内，在经营活动中没有重大违法记录。")]
    pub statement: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; null when open.
    pub valid_to: Option<NaiveDate>,
    /// Days to the last day, negative when it is over.
    #[schema(example = 300)]
    pub expires_in_days: Option<i64>,
    /// Whether it holds today.
    pub valid: bool,
    /// When it was withdrawn.
    pub withdrawn_at: Option<UtcInstant>,
    /// Why.
    #[schema(example = json!(null))]
    pub withdraw_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was declared.
    pub created_at: UtcInstant,
}

fn view(row: DeclarationRow, today: NaiveDate) -> DeclarationView {
    DeclarationView {
        expires_in_days: rules::expires_in_days(&row, today),
        valid: rules::holds_on(&row, today),
        id: row.id,
        organisation_id: row.organisation_id,
        kind: row.kind,
        statement: row.statement,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        withdrawn_at: row.withdrawn_at,
        withdraw_reason: row.withdraw_reason,
        version: row.version,
        created_at: row.created_at,
    }
}

/// Filters and page of an organisation's file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDeclarations {
    /// Only this kind.
    kind: Option<DeclarationKind>,
    /// Only what holds today.
    valid: Option<bool>,
    /// Only what holds on this day, such as a deadline: what a bid of that day may reuse.
    valid_on: Option<NaiveDate>,
    /// Only what holds today and expires within so many days, 0 to 366.
    #[param(minimum = 0, maximum = 366, example = 30)]
    expires_in_days: Option<u64>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

fn filter(asked: &ListDeclarations, today: NaiveDate) -> Result<DeclarationFilter> {
    let expires_by = match asked.expires_in_days {
        None => None,
        Some(days) if days > 366 => return Err(Error::field("?expires_in_days", words!("须为 0 到 366", "must lie between 0 and 366"))),
        Some(days) => today.checked_add_days(Days::new(days)),
    };
    let now = (asked.valid == Some(true) || expires_by.is_some()).then_some(today);
    if asked.valid_on.is_some() && now.is_some() {
        return Err(Error::field("?valid_on", words!("不与 valid、expires_in_days 同用", "does not go with valid or expires_in_days")));
    }
    let valid_on = asked.valid_on.or(now);
    Ok(DeclarationFilter { kind: asked.kind, valid_on, expires_by })
}

/// List the declarations of an organisation
///
/// The file that is entered once and reused in bids, oldest first: for the organisation's people, people of public bodies and auditors.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation"), ListDeclarations),
    responses((status = 200, description = "A page of declarations", body = Page<DeclarationView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/declarations")]
async fn list_declarations(call: Call, id: Id<OrganisationId>, params: Params<ListDeclarations>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        service::may(snapshot, actor, &policy::READ, id.0)?;
        let asked = params.get()?;
        let filter = filter(asked, today)?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("declarations {:?} {filter:?}", id.0))?;
        let after = request.after_instant()?.map(|(at, id)| (at, DeclarationId::new(id)));
        let rows = store::list(snapshot, actor.tenant, id.0, &filter, after, request.rows())?;
        let key = |row: &DeclarationRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, |row| view(row, today)), &params.path, &params.raw)
    })
    .await
}

/// A new declaration.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declare {
    /// What is declared.
    pub kind: DeclarationKind,
    /// The words.
    #[schema(min_length = 2, max_length = 2000, example = "本组织参加采购前三年内，在经营活动中没有重大违法记录。")]
    pub statement: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open when absent.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
}

/// Declare
///
/// The organisation's administrator enters a declaration, to be reused in bids while it holds. A mail warns thirty days before the last day.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "One's own organisation")), request_body = Declare,
    responses((status = 201, description = "Declared", body = DeclarationView)),
    extensions(("x-action" = json!(policy::DECLARE.name))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/declarations")]
async fn declare(call: Call, id: Id<OrganisationId>, body: Body<Declare>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::DECLARE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewDeclaration {
                kind: asked.kind,
                statement: asked.statement.clone(),
                valid_from: asked.valid_from,
                valid_to: asked.valid_to,
            };
            let row = service::declare(tx, &granted, &new)?;
            let (version, today) = (row.version, tx.now().date_in_shanghai());
            let location = format!("/api/v1/organisations/{}/declarations", row.organisation_id);
            Ok(Reply::created(location, &view(row, today))?.tagged(version))
        },
    )
    .await
}

/// Why a declaration is withdrawn.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawDeclaration {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "证书已换发")]
    pub reason: String,
}

/// Withdraw a declaration
///
/// From today on it serves no bid. Bids made before keep what they said.
#[utoipa::path(tag = "organisations", params(("declaration_id" = DeclarationId, Path, description = "The declaration")), request_body = WithdrawDeclaration,
    responses((status = 200, description = "Withdrawn", body = DeclarationView)),
    extensions(("x-action" = json!(policy::WITHDRAW.name))), security(("bearer" = [])))]
#[post("/declarations/{declaration_id}/withdrawal")]
async fn withdraw_declaration(call: Call, id: Id<DeclarationId>, body: Body<WithdrawDeclaration>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_withdraw(tx, actor, id.0),
        move |tx, granted| -> Result<Reply> {
            let row = service::withdraw(tx, &granted, &body.get()?.reason)?;
            let (version, today) = (row.version, tx.now().date_in_shanghai());
            Ok(Reply::ok(&view(row, today))?.tagged(version))
        },
    )
    .await
}
