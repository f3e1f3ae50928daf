//! Payments over HTTP, beyond the plain way: advances, approval by named lines, bounces, corrections and refunds.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{PaymentView, shown};
use super::model::{PaymentEventKind, PaymentEventRow};
use super::rules::Invoice;
use super::{policy, service, store};
use crate::kernel::id::{MilestoneId, PaymentEventId, PaymentId};
use crate::kernel::{Money, UtcInstant, error};
use crate::money::funding::Leg;
use crate::money::funding::views::LegPart;
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(claim_advance)
        .service(approve_by_lines)
        .service(bounce_payment)
        .service(correct_payment)
        .service(refund_payment)
        .service(list_events);
}

/// A claim of an advance.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimAdvance {
    /// How much; at most the milestone's amount.
    pub amount: Money,
    /// Number of the payee's invoice: letters, digits and hyphens.
    #[schema(min_length = 6, max_length = 32, example = "26332000000012345678")]
    pub invoice_number: String,
    /// Code of a paper invoice (发票代码), 10 or 12 digits; a fully digital one has none.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 12, example = "033002100111")]
    pub invoice_code: Option<String>,
}

/// Claim an advance
///
/// The payee claims money before the acceptance of a milestone (预付款). Later acceptances clear it before anything becomes payable.
#[utoipa::path(tag = "payments", params(("milestone_id" = MilestoneId, Path, description = "The milestone")), request_body = ClaimAdvance,
    responses((status = 201, description = "Claimed", body = PaymentView)),
    extensions(("x-action" = json!(policy::ADVANCE.name)), ("x-problems" = json!(["already_claimed", "invoice_used"]))), security(("bearer" = [])))]
#[post("/milestones/{milestone_id}/advances")]
async fn claim_advance(call: Call, id: Id<MilestoneId>, body: Body<ClaimAdvance>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_claim_advance(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let invoice = Invoice { code: asked.invoice_code.as_deref(), number: &asked.invoice_number };
            let row = service::claim_advance(tx, &granted, asked.amount.amount_fen, invoice)?;
            let location = format!("/api/v1/payments/{}", row.id);
            Ok(Reply { status: 201, location: Some(location), ..shown(tx, row)? })
        },
    )
    .await
}

/// An approval that names the lines.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveByLines {
    /// Which funding lines pay how much; they add up to the payment.
    #[schema(min_items = 1, max_items = 12)]
    pub legs: Vec<LegPart>,
}

/// Approve a payment by lines
///
/// As the plain approval, but the officer names which funding lines pay (lottery first, say), each within what is payable on it.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = ApproveByLines,
    responses((status = 200, description = "Approved", body = PaymentView)),
    extensions(("x-action" = json!(policy::APPROVE.name)), ("x-problems" = json!(["duties_not_separate", "legs_do_not_fit"]))),
    security(("bearer" = [])))]
#[post("/payments/{payment_id}/approval-by-lines")]
async fn approve_by_lines(call: Call, id: Id<PaymentId>, body: Body<ApproveByLines>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::APPROVE, id.0),
        move |tx, granted| {
            let legs: Vec<Leg> = body.get()?.legs.iter().copied().map(Leg::from).collect();
            let row = service::approve(tx, &granted, Some(&legs))?;
            shown(tx, row)
        },
    )
    .await
}

/// A bounce.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BouncePayment {
    /// What the bank says.
    #[schema(min_length = 1, max_length = 500, example = "收款账号户名不符")]
    pub reason: String,
    /// Reference on the bank's notice: letters, digits and hyphens.
    #[schema(min_length = 4, max_length = 64, example = "TP20260703-0007")]
    pub bank_reference: String,
}

/// Enter a bounced payment
///
/// 退票: the bank could not pay. Before a receipt nothing has moved; after one the money is payable again (an advance: committed again) on the lines that paid it.
/// Either way it waits for a correction.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = BouncePayment,
    responses((status = 200, description = "Bounced", body = PaymentView)),
    extensions(("x-action" = json!(policy::BOUNCE.name)), ("x-problems" = json!(["refunded_already", "hold_exceeded"]))), security(("bearer" = [])))]
#[post("/payments/{payment_id}/bounce")]
async fn bounce_payment(call: Call, id: Id<PaymentId>, body: Body<BouncePayment>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::BOUNCE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::bounce(tx, &granted, &asked.reason, &asked.bank_reference)?;
            shown(tx, row)
        },
    )
    .await
}

/// A correction.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectPayment {
    /// Why the bank can pay now.
    #[schema(min_length = 1, max_length = 500, example = "收款人已更正开户行。")]
    pub reason: String,
    /// Whether the account was checked and is right; needed when no other account was confirmed since the bounced instruction.
    #[serde(default)]
    pub account_checked: bool,
}

/// Correct a bounced payment
///
/// The bank is told again, to the payee's confirmed account: another one than the one that bounced, or the same with the statement that it was checked. The receipt
/// follows as for any payment; the instruction goes into a new batch. An advance whose milestone was accepted since is not paid again.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = CorrectPayment,
    responses((status = 200, description = "Instructed again", body = PaymentView)),
    extensions(("x-action" = json!(policy::CORRECT.name)), ("x-problems" = json!(["payee_account_missing", "payee_account_unchanged",
        "advance_overtaken", "funding_exceeded"]))),
    security(("bearer" = [])))]
#[post("/payments/{payment_id}/correction")]
async fn correct_payment(call: Call, id: Id<PaymentId>, body: Body<CorrectPayment>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CORRECT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::correct(tx, &granted, &asked.reason, asked.account_checked)?;
            shown(tx, row)
        },
    )
    .await
}

/// A refund.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPayment {
    /// How much came back.
    pub amount: Money,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "核减未完成的服务人次")]
    pub reason: String,
    /// Reference on the bank's slip: letters, digits and hyphens.
    #[schema(min_length = 4, max_length = 64, example = "20260815-000031")]
    pub bank_reference: String,
    /// Which of the payment's lines get it back; absent: spread over what each paid.
    #[serde(default)]
    #[schema(max_items = 12)]
    pub legs: Option<Vec<LegPart>>,
}

/// Enter a refund
///
/// The payee gave money back. It returns on the legs that paid it: to `free` within the fund's year, to `returned` after it.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")), request_body = RefundPayment,
    responses((status = 200, description = "Refunded", body = PaymentView)),
    extensions(("x-action" = json!(policy::REFUND.name)), ("x-problems" = json!(["funding_exceeded", "legs_do_not_fit", "advance_not_refunded"]))),
    security(("bearer" = [])))]
#[post("/payments/{payment_id}/refunds")]
async fn refund_payment(call: Call, id: Id<PaymentId>, body: Body<RefundPayment>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::REFUND, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let refund = service::Refund {
                amount: asked.amount.amount_fen,
                reason: asked.reason.clone(),
                bank_reference: asked.bank_reference.clone(),
                legs: asked.legs.as_ref().map(|legs| legs.iter().copied().map(Leg::from).collect()),
            };
            let row = service::refund(tx, &granted, &refund)?;
            shown(tx, row)
        },
    )
    .await
}

/// A bounce, refund or correction.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PaymentEventView {
    /// Id.
    pub id: PaymentEventId,
    /// What happened.
    pub kind: PaymentEventKind,
    /// How much.
    pub amount: Money,
    /// Why.
    #[schema(example = "收款账号户名不符")]
    pub reason: String,
    /// The bank's reference; of a correction the account's number, all but its last four digits hidden.
    #[schema(example = "TP20260703-0007")]
    pub bank_reference: String,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl From<PaymentEventRow> for PaymentEventView {
    fn from(row: PaymentEventRow) -> Self {
        let (id, kind, amount) = (row.id, row.kind, row.amount_fen.into());
        Self { id, kind, amount, reason: row.reason, bank_reference: row.reference, created_at: row.created_at }
    }
}

/// What happened to a payment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PaymentEventsView {
    /// Bounces, corrections and refunds, oldest first.
    #[schema(max_items = 100)]
    pub items: Vec<PaymentEventView>,
}

/// List the bounces, corrections and refunds of a payment
///
/// Oldest first, for those who may read the payment.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, description = "What happened", body = PaymentEventsView)), security(("bearer" = [])))]
#[get("/payments/{payment_id}/events")]
async fn list_events(call: Call, id: Id<PaymentId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = service::file(snapshot, viewer.tenant, id.0)?;
        if !file.visible_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        let items = store::events(snapshot, id.0, service::EVENTS_MAX)?.into_iter().map(PaymentEventView::from).collect();
        Reply::ok(&PaymentEventsView { items })
    })
    .await
}
