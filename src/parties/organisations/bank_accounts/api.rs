//! Bank accounts over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{BankAccountRow, BankAccountState};
use super::{policy, service, store};
use crate::kernel::id::{AccountId, BankAccountId, OrganisationId};
use crate::kernel::{Result, UtcInstant};
use crate::people;
use crate::people::readings::PERSONAL_DATA;
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_bank_accounts).service(propose_bank_account).service(confirm_bank_account).service(refuse_bank_account);
}

/// A bank account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BankAccountView {
    /// Id.
    pub id: BankAccountId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// 户名.
    #[schema(example = "吴兴区邻里互助协会")]
    pub holder: String,
    /// 开户行.
    #[schema(example = "湖州银行月河支行")]
    pub bank: String,
    /// 账号.
    #[schema(example = "810000123456")]
    pub number: String,
    /// State.
    pub state: BankAccountState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who confirmed or refused it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl From<BankAccountRow> for BankAccountView {
    fn from(row: BankAccountRow) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            holder: row.holder,
            bank: row.bank,
            number: row.number,
            state: row.state,
            proposed_by: row.proposed_by,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn shown(row: BankAccountRow) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&BankAccountView::from(row))?.tagged(version))
}

/// Bank accounts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BankAccountList {
    /// Newest first.
    #[schema(max_items = 100)]
    pub items: Vec<BankAccountView>,
}

/// List the bank accounts of an organisation
///
/// Its own people, finance officers and auditors; the reading is logged. At most one is confirmed, and one proposed.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    responses((status = 200, description = "Accounts", body = BankAccountList)), extensions(("x-action" = json!(policy::READ.name))),
    security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/bank-accounts")]
async fn list_bank_accounts(call: Call, id: Id<OrganisationId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        service::may(snapshot, actor, id.0, &policy::READ)?;
        let items = store::of_organisation(snapshot, actor.tenant, id.0)?.into_iter().map(BankAccountView::from).collect();
        Ok(Reply::ok(&BankAccountList { items })?.logged(PERSONAL_DATA))
    })
    .await
}

/// A bank account to be proposed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeBankAccount {
    /// 户名: the registered name of the organisation.
    #[schema(min_length = 2, max_length = 100, example = "吴兴区邻里互助协会")]
    pub holder: String,
    /// 开户行.
    #[schema(min_length = 2, max_length = 100, example = "湖州银行月河支行")]
    pub bank: String,
    /// 账号: 8 to 30 digits; spaces and hyphens do not count.
    #[schema(min_length = 8, max_length = 64, example = "8100 0012 3456")]
    pub number: String,
}

/// Propose a bank account
///
/// By an administrator of the organisation. It counts only after another administrator of it, or a finance officer who saw the bank's paper, confirmed it; until
/// then payments go to the account before. The organisation's contact is told by mail.
#[utoipa::path(tag = "organisations", params(("organisation_id" = OrganisationId, Path, description = "The organisation")),
    request_body = ProposeBankAccount, responses((status = 201, description = "Proposed", body = BankAccountView)),
    extensions(("x-action" = json!(policy::PROPOSE.name)), ("x-problems" = json!(["bank_account_proposed"]))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/bank-accounts")]
async fn propose_bank_account(call: Call, id: Id<OrganisationId>, body: Body<ProposeBankAccount>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, id.0, &policy::PROPOSE),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::propose(tx, &granted, &asked.holder, &asked.bank, &asked.number)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/bank-accounts/{id}"), &BankAccountView::from(row))?.tagged(version))
        },
    )
    .await
}

/// Confirm a bank account
///
/// By another person than its proposer. From now on payments go there; the account before it is replaced.
#[utoipa::path(tag = "organisations", params(("bank_account_id" = BankAccountId, Path, description = "The account")),
    responses((status = 200, description = "Confirmed", body = BankAccountView)),
    extensions(("x-action" = json!(policy::CONFIRM.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/bank-accounts/{bank_account_id}/confirmation")]
async fn confirm_bank_account(call: Call, id: Id<BankAccountId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_decide(tx, actor, id.0, &policy::CONFIRM),
        |tx, granted| shown(service::confirm(tx, &granted)?),
    )
    .await
}

/// Refuse a bank account
///
/// By any of those who may confirm, its proposer included.
#[utoipa::path(tag = "organisations", params(("bank_account_id" = BankAccountId, Path, description = "The account")),
    responses((status = 200, description = "Refused", body = BankAccountView)), extensions(("x-action" = json!(policy::REFUSE.name))),
    security(("bearer" = [])))]
#[post("/bank-accounts/{bank_account_id}/refusal")]
async fn refuse_bank_account(call: Call, id: Id<BankAccountId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_decide(tx, actor, id.0, &policy::REFUSE),
        |tx, granted| shown(service::refuse(tx, &granted)?),
    )
    .await
}
