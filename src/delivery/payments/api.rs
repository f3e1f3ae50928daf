//! Payments over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::accounts::{self, PaidTo};
use super::desks::{self, Desk};
use super::model::{PaymentFile, PaymentFilter, PaymentKind, PaymentRow, PaymentState};
use super::rules::{Invoice, SeenInvoice};
use super::{policy, service, store};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{CaseId, ContractId, FundId, MilestoneId, OrganisationId, PaymentId, UnitId};
use crate::kernel::{Money, Result, Uscc, UtcInstant};
use crate::money::funding::Leg;
use crate::money::funding::views::LegPart;
use crate::people::{self, Action, Authorized, Scope, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_payments)
        .service(get_payment)
        .service(claim_payment)
        .service(check_invoice)
        .service(accept_payment)
        .service(approve_payment)
        .service(instruct_payment)
        .service(receive_receipt)
        .service(return_payment)
        .configure(super::batches_api::routes)
        .configure(super::desks_api::routes)
        .configure(super::aftermath::routes);
}

/// A payment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PaymentView {
    /// Id.
    pub id: PaymentId,
    /// Case.
    pub case_id: CaseId,
    /// Contract.
    pub contract_id: ContractId,
    /// Milestone that is paid for.
    pub milestone_id: MilestoneId,
    /// Fund of the contract's first line; the legs have all.
    pub fund_id: FundId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Payee.
    pub organisation_id: OrganisationId,
    /// For what was accepted, or in advance.
    pub kind: PaymentKind,
    /// How much.
    pub amount: Money,
    /// Which funding lines pay how much; empty until the approval.
    #[schema(max_items = 12)]
    pub legs: Vec<LegPart>,
    /// Number of the payee's invoice.
    #[schema(example = "26332000000012345678")]
    pub invoice_number: String,
    /// Code of a paper invoice; null for one that has none.
    #[schema(example = "033002100111")]
    pub invoice_code: Option<String>,
    /// Where the bank was told to pay; null before it is told.
    pub paid_to: Option<PaidTo>,
    /// How often the bank was told.
    #[schema(example = 1)]
    pub instructions: i32,
    /// State.
    pub state: PaymentState,
    /// Whose desk it is on; null once it is paid.
    pub desk: Option<Desk>,
    /// Since when.
    pub desk_since: Option<UtcInstant>,
    /// Why it was returned.
    #[schema(example = "发票抬头有误。")]
    pub return_reason: Option<String>,
    /// Reference on the bank's receipt.
    #[schema(example = "20260701-000123")]
    pub bank_reference: Option<String>,
    /// When the receipt was entered.
    pub paid_at: Option<UtcInstant>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was claimed.
    pub created_at: UtcInstant,
}

impl PaymentView {
    fn new(row: PaymentRow, legs: Vec<Leg>, desk_since: Option<UtcInstant>, paid_to: Option<PaidTo>) -> Self {
        Self {
            paid_to,
            invoice_code: Some(row.invoice_code).filter(|code| !code.is_empty()),
            instructions: row.instructions,
            desk: Desk::of(row.state),
            desk_since,
            kind: row.kind,
            legs: legs.into_iter().map(LegPart::from).collect(),
            id: row.id,
            case_id: row.case_id,
            contract_id: row.contract_id,
            milestone_id: row.milestone_id,
            fund_id: row.fund_id,
            unit_id: row.unit_id,
            organisation_id: row.organisation_id,
            amount: row.amount_fen.into(),
            invoice_number: row.invoice_number,
            state: row.state,
            return_reason: row.return_reason,
            bank_reference: row.bank_reference,
            paid_at: row.paid_at,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

pub(super) fn shown(db: &mut Db, row: PaymentRow) -> Result<Reply> {
    let version = row.version;
    let legs = store::legs_of(db, &[row.id])?.remove(&row.id).unwrap_or_default();
    let since = desks::since(db, &[row.id])?.remove(&row.id);
    let known = accounts::shown(db, std::slice::from_ref(&row))?;
    let paid_to = accounts::paid_to(&row, &known);
    Ok(Reply::ok(&PaymentView::new(row, legs, since, paid_to))?.tagged(version))
}

/// Filters and page of the payment list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPayments {
    /// Only this state.
    state: Option<PaymentState>,
    /// Only of this contract.
    contract_id: Option<ContractId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List payments
///
/// Newest first: those of the caller's organisation or unit; finance of the district and auditors see all.
#[utoipa::path(tag = "payments", params(ListPayments), responses((status = 200, description = "A page of payments", body = Page<PaymentView>)),
    security(("bearer" = [])))]
#[get("/payments")]
async fn list_payments(call: Call, params: Params<ListPayments>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let asked = params.get()?;
        let filter = PaymentFilter { state: asked.state, contract: asked.contract_id };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("payments {filter:?}"))?;
        let scope = Scope::of(Some(actor), policy::READERS);
        let rows = store::list(snapshot, viewer.tenant, &filter, scope, request.after_instant()?, request.rows())?;
        let ids: Vec<PaymentId> = rows.iter().map(|row| row.id).collect();
        let legs = store::legs_of(snapshot, &ids)?;
        let since = desks::since(snapshot, &ids)?;
        let known = accounts::shown(snapshot, &rows)?;
        let page = request.page(
            rows,
            |row| (row.created_at.to_string(), row.id.uuid()),
            |row| {
                let of_row = legs.get(&row.id).cloned().unwrap_or_default();
                let lies = since.get(&row.id).copied();
                let paid_to = accounts::paid_to(&row, &known);
                PaymentView::new(row, of_row, lies, paid_to)
            },
        );
        Reply::page(&page, &params.path, &params.raw)
    })
    .await
}

/// Read a payment
///
/// One payment with its version, for the payee, the unit, finance and auditors.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, description = "The payment", body = PaymentView)), security(("bearer" = [])))]
#[get("/payments/{payment_id}")]
async fn get_payment(call: Call, id: Id<PaymentId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = service::file(snapshot, viewer.tenant, id.0)?;
        if file.visible_to(actor) { shown(snapshot, file.payment) } else { Err(error::NOT_FOUND.error()) }
    })
    .await
}

/// A claim.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimPayment {
    /// Number of the payee's invoice: letters, digits and hyphens.
    #[schema(min_length = 6, max_length = 32, example = "26332000000012345678")]
    pub invoice_number: String,
    /// Code of a paper invoice (发票代码), 10 or 12 digits; a fully digital one has none.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 12, example = "033002100111")]
    pub invoice_code: Option<String>,
}

/// Claim a payment
///
/// The payee claims the amount of an accepted milestone with its invoice. A milestone has one live claim; an invoice serves one live payment.
#[utoipa::path(tag = "payments", params(("milestone_id" = MilestoneId, Path, description = "The milestone")), request_body = ClaimPayment,
    responses((status = 201, description = "Claimed", body = PaymentView)),
    extensions(("x-action" = json!(policy::CLAIM.name)), ("x-problems" = json!(["already_claimed", "invoice_used", "nothing_to_claim"]))), security(("bearer" = [])))]
#[post("/milestones/{milestone_id}/payments")]
async fn claim_payment(call: Call, id: Id<MilestoneId>, body: Body<ClaimPayment>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_claim(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let invoice = Invoice { code: asked.invoice_code.as_deref(), number: &asked.invoice_number };
            let row = service::claim(tx, &granted, invoice)?;
            let location = format!("/api/v1/payments/{}", row.id);
            Ok(Reply { status: 201, location: Some(location), ..shown(tx, row)? })
        },
    )
    .await
}

/// A step that needs no body.
pub(super) async fn step(
    call: Call,
    id: PaymentId,
    action: &'static Action,
    take: impl Fn(&mut Tx<'_>, &Authorized<PaymentFile>) -> Result<PaymentRow> + Send + 'static,
) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may(tx, actor, action, id),
        move |tx, granted| {
            let row = take(tx, &granted)?;
            shown(tx, row)
        },
    )
    .await
}

/// An invoice as it lies before the finance officer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInvoice {
    /// Its number.
    #[schema(min_length = 6, max_length = 32, example = "26332000000012345678")]
    pub invoice_number: String,
    /// Its code, where it has one.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 12, example = "033002100111")]
    pub invoice_code: Option<String>,
    /// Credit code of the seller (销售方) on it.
    pub seller_uscc: Uscc,
    /// Its total with tax.
    pub amount: Money,
}

/// Check the invoice of a payment
///
/// A finance officer enters what the invoice itself says; it must be the claim's code, number and amount, and its seller the payee. Every difference is named: return the
/// claim then.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = CheckInvoice,
    responses((status = 200, description = "Checked", body = PaymentView)),
    extensions(("x-action" = json!(policy::CHECK.name))), security(("bearer" = [])))]
#[post("/payments/{payment_id}/invoice-check")]
async fn check_invoice(call: Call, id: Id<PaymentId>, body: Body<CheckInvoice>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CHECK, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let seen = SeenInvoice {
                code: asked.invoice_code.clone().unwrap_or_default(),
                number: asked.invoice_number.clone(),
                seller: asked.seller_uscc.clone(),
                amount: asked.amount.amount_fen,
            };
            let row = service::check_invoice(tx, &granted, &seen)?;
            shown(tx, row)
        },
    )
    .await
}

/// Accept a payment
///
/// The unit's lead accepts that it is paid.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, description = "Accepted", body = PaymentView)),
    extensions(("x-action" = json!(policy::ACCEPT.name))), security(("bearer" = [])))]
#[post("/payments/{payment_id}/acceptance")]
async fn accept_payment(call: Call, id: Id<PaymentId>) -> Answer {
    step(call, id.0, &policy::ACCEPT, service::accept).await
}

/// Approve a payment
///
/// A finance officer who neither checked the invoice nor approved the contract approves it, spread over what is payable on every funding line. To name
/// the lines, use `approval-by-lines`. The payee is told by mail.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, description = "Approved", body = PaymentView)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate", "funding_exceeded"]))),
    security(("bearer" = [])))]
#[post("/payments/{payment_id}/approval")]
async fn approve_payment(call: Call, id: Id<PaymentId>) -> Answer {
    step(call, id.0, &policy::APPROVE, |tx, granted| service::approve(tx, granted, None)).await
}

/// Instruct a payment
///
/// The bank is told to pay to the payee's confirmed account, which the payment names from then on. From here on it cannot be returned.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, description = "Instructed", body = PaymentView)),
    extensions(("x-action" = json!(policy::INSTRUCT.name)), ("x-problems" = json!(["payee_account_missing"]))), security(("bearer" = [])))]
#[post("/payments/{payment_id}/instruction")]
async fn instruct_payment(call: Call, id: Id<PaymentId>) -> Answer {
    step(call, id.0, &policy::INSTRUCT, service::instruct).await
}

/// The bank's receipt.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivePayment {
    /// Reference on the bank's receipt: letters, digits and hyphens.
    #[schema(min_length = 4, max_length = 64, example = "20260701-000123")]
    pub bank_reference: String,
    /// Number of the donation receipt; needed for money that a charity or foundation keeps.
    #[serde(default)]
    #[schema(min_length = 4, max_length = 64, example = "33020260001234")]
    pub donation_receipt: Option<String>,
}

/// Enter the bank's receipt of a payment
///
/// The money leaves the books. When every milestone is paid the contract is completed. The payee is told by mail.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = ReceivePayment,
    responses((status = 200, description = "Paid", body = PaymentView)),
    extensions(("x-action" = json!(policy::RECEIPT.name)),
        ("x-problems" = json!(["donation_receipt_missing", "other_payer", "monthly_ceiling", "hold_exceeded"]))), security(("bearer" = [])))]
#[post("/payments/{payment_id}/receipt")]
async fn receive_receipt(call: Call, id: Id<PaymentId>, body: Body<ReceivePayment>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::RECEIPT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let receipt =
                service::Receipt { bank_reference: asked.bank_reference.clone(), donation_receipt: asked.donation_receipt.clone() };
            let unit = people::actor::of_account(tx, granted.by())?.unit;
            let row = service::receive_receipt(tx, &granted, unit, &receipt)?;
            shown(tx, row)
        },
    )
    .await
}

/// Why a claim is sent back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnPayment {
    /// Reason, shown to the payee.
    #[schema(min_length = 1, max_length = 500, example = "发票抬头有误。")]
    pub reason: String,
}

/// Return a payment
///
/// Sends the claim back with a reason, before the bank is told; the milestone may be claimed again. The payee is told by mail.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = ReturnPayment,
    responses((status = 200, description = "Returned", body = PaymentView)),
    extensions(("x-action" = json!(policy::RETURN.name))), security(("bearer" = [])))]
#[post("/payments/{payment_id}/return")]
async fn return_payment(call: Call, id: Id<PaymentId>, body: Body<ReturnPayment>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::RETURN, id.0),
        move |tx, granted| {
            let row = service::give_back(tx, &granted, &body.get()?.reason)?;
            shown(tx, row)
        },
    )
    .await
}
