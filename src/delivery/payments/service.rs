//! Use cases of payments: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{PaymentEventKind, PaymentEventRow, PaymentFile, PaymentKind, PaymentRow, PaymentState};
use super::rules::{Invoice, SeenInvoice};
use super::{accounts, desks, notices, policy, rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, MilestoneState};
use crate::delivery::milestones::{self, MilestoneFile};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{MilestoneId, PaymentEventId, PaymentId, TenantId, UnitId};
use crate::kernel::{Error, Fen, Result};
use crate::money::funding::{self, Leg};
use crate::money::funds::Custodian;
use crate::money::ledger::{Cause, Slip};
use crate::parties::organisations;
use crate::parties::organisations::bank_accounts::rules::masked;
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The milestone has a live claim.
    ALREADY_CLAIMED = "already_claimed", 409, "该里程碑已申请付款", "The milestone is claimed already",
        "每个里程碑同时只有一笔有效的付款申请；被退回后才能重新申请。",
        "A milestone has one live claim at a time; claim again only after it was returned.";
    /// The invoice is used by a live payment.
    INVOICE_USED = "invoice_used", 409, "发票号已被使用", "The invoice is used already",
        "同一张发票只能用于一笔有效的付款。请核对发票号。",
        "An invoice serves one live payment. Check its number.";
    /// An advance paid the whole milestone.
    NOTHING_TO_CLAIM = "nothing_to_claim", 409, "预付款已足额", "An advance paid it already",
        "该里程碑已由预付款全额支付，无须再申请。",
        "An advance paid the whole milestone; there is nothing left to claim.";
    /// Money of a charity or foundation needs its receipt.
    DONATION_RECEIPT_MISSING = "donation_receipt_missing", 422, "缺少捐赠票据", "The donation receipt is missing",
        "由慈善组织或基金会保管的资金，付款时须登记捐赠票据号与银行回单。",
        "Money kept by a charity or foundation is paid with its donation receipt and the bank's slip.";
    /// Another unit pays.
    OTHER_PAYER = "other_payer", 403, "须由保管单位支付", "Another unit pays",
        "该资金由其付款单位的财务人员登记支付。",
        "The fund names a unit whose finance officer pays; ask that officer.";
    /// Part of the payment was refunded.
    REFUNDED_ALREADY = "refunded_already", 409, "已有退款", "Part of it was refunded",
        "已登记退款的付款不再退票。",
        "A payment of which part was refunded cannot bounce.";
    /// An advance is cleared or bounces.
    ADVANCE_NOT_REFUNDED = "advance_not_refunded", 409, "预付款不作退款", "An advance is not refunded",
        "预付款由验收冲抵；未验收而退回的，按退票登记。",
        "An advance is cleared by acceptances; one that comes back before that is entered as bounced.";
    /// The milestone was accepted without the advance.
    ADVANCE_OVERTAKEN = "advance_overtaken", 409, "该里程碑已验收或取消", "The milestone is accepted or cancelled",
        "预付款退票后，其里程碑已验收或取消，预付款不再支付；验收的金额按里程碑申请付款。",
        "The advance bounced, and its milestone was accepted or cancelled since, so it is not paid again; what was accepted is claimed as the milestone's payment.";
}

/// Kind of a payment in the journal and the ledger.
pub const KIND: &str = "payment";
/// Kind of a bounce or refund in the ledger.
pub const EVENT_KIND: &str = "payment_event";
/// Most bounces and refunds of one payment that are read.
pub const EVENTS_MAX: i64 = 100;

/// The bank's receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Reference on the slip.
    pub bank_reference: String,
    /// Number of the donation receipt, for money that a charity or foundation keeps.
    pub donation_receipt: Option<String>,
}

/// Money that came back from the payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// How much.
    pub amount: Fen,
    /// Why.
    pub reason: String,
    /// Reference on the slip.
    pub bank_reference: String,
    /// Which of the payment's lines get it back; none: spread over them.
    pub legs: Option<Vec<Leg>>,
}

/// May the actor claim the amount of this milestone?
pub fn may_claim(db: &mut Db, actor: &Actor, milestone: MilestoneId) -> Result<Authorized<MilestoneFile>> {
    authorize(actor, &policy::CLAIM, milestones::file(db, actor.tenant, milestone)?)
}

/// May the actor do this to the payment?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: PaymentId) -> Result<Authorized<PaymentFile>> {
    authorize(actor, action, file(db, actor.tenant, id)?)
}

/// A payment with its contract; 404 when there is none in the tenant.
pub fn file(db: &mut Db, tenant: TenantId, id: PaymentId) -> Result<PaymentFile> {
    let payment = store::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let contract = agreements::find(db, tenant, payment.contract_id)?;
    Ok(PaymentFile { payment, contract })
}

/// May the actor claim an advance on this milestone?
pub fn may_claim_advance(db: &mut Db, actor: &Actor, milestone: MilestoneId) -> Result<Authorized<MilestoneFile>> {
    authorize(actor, &policy::ADVANCE, milestones::file(db, actor.tenant, milestone)?)
}

/// The payee claims what was accepted of a milestone, less what an advance had paid of it.
pub fn claim(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, invoice: Invoice<'_>) -> Result<PaymentRow> {
    let milestone = &granted.subject().milestone;
    let amount = milestone.claimable()?;
    if amount == Fen::ZERO {
        return Err(NOTHING_TO_CLAIM.error());
    }
    open(tx, granted, PaymentKind::Milestone, amount, invoice)
}

/// The payee claims money before the acceptance of a milestone, at most the milestone's amount.
pub fn claim_advance(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, amount: Fen, invoice: Invoice<'_>) -> Result<PaymentRow> {
    let most = granted.subject().milestone.amount_fen;
    if amount <= Fen::ZERO || amount > most {
        return Err(Error::field("/amount", words!("须大于零且不超过 {most} 元", "must be more than zero and at most {most} yuan")));
    }
    open(tx, granted, PaymentKind::Advance, amount, invoice)
}

fn open(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, kind: PaymentKind, amount: Fen, invoice: Invoice<'_>) -> Result<PaymentRow> {
    let MilestoneFile { milestone, contract } = granted.subject();
    match kind {
        PaymentKind::Milestone => agreements::require_owing(contract)?,
        PaymentKind::Advance => agreements::require_active(contract)?,
    }
    let (invoice_code, invoice_number) = invoice.read()?;
    if store::is_claimed(tx, milestone.tenant_id, milestone.id, kind)? {
        return Err(ALREADY_CLAIMED.error());
    }
    if store::is_invoice_used(tx, milestone.tenant_id, &invoice_code, &invoice_number)? {
        return Err(INVOICE_USED.because(words!("发票号 {invoice_number}", "invoice {invoice_number}")));
    }
    let row = PaymentRow {
        id: tx.new_id(),
        tenant_id: milestone.tenant_id,
        case_id: milestone.case_id,
        contract_id: contract.id,
        milestone_id: milestone.id,
        fund_id: contract.fund_id,
        unit_id: contract.unit_id,
        organisation_id: contract.organisation_id,
        amount_fen: amount,
        invoice_number,
        state: PaymentState::Claimed,
        return_reason: None,
        claimed_by: granted.by(),
        checked_by: None,
        accepted_by: None,
        approved_by: None,
        instructed_by: None,
        bank_reference: None,
        paid_at: None,
        version: 1,
        created_at: tx.now(),
        kind,
        donation_receipt: None,
        invoice_code,
        bank_account_id: None,
        bank_account_version: None,
        instructions: 0,
    };
    store::insert(tx, &row)?;
    let content = json!({
        "contract_id": row.contract_id, "milestone_id": row.milestone_id, "kind": row.kind, "amount_fen": row.amount_fen,
        "invoice_code": row.invoice_code, "invoice_number": row.invoice_number,
    });
    desks::enter(tx, &row, None)?;
    record(tx, "payment.claimed", &row, content)?;
    Ok(row)
}

/// A finance officer checked the invoice.
pub fn check_invoice(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, seen: &SeenInvoice) -> Result<PaymentRow> {
    let payment = &granted.subject().payment;
    let payee = organisations::store::find(tx, payment.tenant_id, payment.organisation_id)?;
    let payee = payee.ok_or_else(|| Error::internal("a payment without its payee"))?;
    rules::compare_invoice(seen, (&payment.invoice_code, &payment.invoice_number, payment.amount_fen), &payee.uscc)?;
    let row = PaymentRow { checked_by: Some(granted.by()), ..moved(granted, PaymentState::InvoiceChecked) };
    keep(tx, "payment.invoice_checked", row, json!({"seller_uscc": seen.seller, "amount_fen": seen.amount}))
}

/// The unit's lead accepts it.
pub fn accept(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>) -> Result<PaymentRow> {
    let row = PaymentRow { accepted_by: Some(granted.by()), ..moved(granted, PaymentState::Accepted) };
    keep(tx, "payment.accepted", row, json!({}))
}

/// A second finance officer approves it, and with it which lines pay how much: as named, or spread over what is payable and not promised to
/// another payment.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, named: Option<&[Leg]>) -> Result<PaymentRow> {
    let payment = &granted.subject().payment;
    let room = room(tx, granted.subject())?;
    let legs = funding::rules::spread(payment.amount_fen, &room, named)?;
    store::insert_legs(tx, payment.id, &legs)?;
    let row = PaymentRow { approved_by: Some(granted.by()), ..moved(granted, PaymentState::Approved) };
    keep(tx, "payment.approved", row, json!({"legs": told(&legs)}))
}

/// What the contract's lines have for a payment of this kind and have not promised to another.
fn room(tx: &mut Tx<'_>, file: &PaymentFile) -> Result<Vec<Leg>> {
    let PaymentFile { payment, contract } = file;
    let mut room = match payment.kind {
        PaymentKind::Milestone => funding::payable(tx, payment.tenant_id, contract.cause())?,
        PaymentKind::Advance => funding::committed(tx, payment.tenant_id, contract.cause())?,
    };
    for (line, part) in store::promised(tx, payment.tenant_id, contract.id, payment.kind)? {
        for leg in room.iter_mut().filter(|leg| leg.0 == line) {
            leg.1 = leg.1.minus(part)?.max(Fen::ZERO);
        }
    }
    Ok(room)
}

/// The bank is told, and to which of the payee's accounts: the one that two persons agreed on.
pub fn instruct(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>) -> Result<PaymentRow> {
    let account = accounts::confirmed(tx, &granted.subject().payment)?;
    let row = PaymentRow { instructed_by: Some(granted.by()), ..moved(granted, PaymentState::Instructed) };
    let row = accounts::pinned(row, &account);
    let content = accounts::told(&row, &account);
    keep(tx, "payment.instructed", row, content)
}

/// The bank's receipt is entered: the money leaves the books, and the contract ends with its last milestone paid. Money that a charity or
/// foundation keeps needs its donation receipt, and a fund with a payer of its own is paid by that unit's officer.
pub fn receive_receipt(
    tx: &mut Tx<'_>,
    granted: &Authorized<PaymentFile>,
    actor_unit: Option<UnitId>,
    receipt: &Receipt,
) -> Result<PaymentRow> {
    let bank_reference = rules::bank_reference(&receipt.bank_reference)?;
    let donation_receipt = receipt.donation_receipt.as_deref().map(rules::donation_receipt).transpose()?;
    let PaymentFile { payment, contract } = granted.subject();
    let legs = store::legs_of(tx, &[payment.id])?.remove(&payment.id).unwrap_or_default();
    let lines: Vec<_> = legs.iter().map(|leg| leg.0).collect();
    for (custodian, payer) in store::custody(tx, &lines)? {
        if custodian == Custodian::CharityOrFoundation && donation_receipt.is_none() {
            return Err(DONATION_RECEIPT_MISSING.error());
        }
        if payer.is_some() && payer != actor_unit {
            return Err(OTHER_PAYER.error());
        }
    }
    // A corrected payment is posted again because of its bounce.
    let cause = match store::open_bounce(tx, payment.id)? {
        None => Cause { kind: KIND, id: payment.id.any() },
        Some(bounce) => Cause { kind: EVENT_KIND, id: bounce.any() },
    };
    let slip = Slip { cause, reference: Some(&bank_reference) };
    let (by, tenant, amount) = (granted.by(), payment.tenant_id, payment.amount_fen);
    match payment.kind {
        PaymentKind::Milestone => funding::pay(tx, by, tenant, contract.cause(), amount, slip, Some(&legs))?,
        PaymentKind::Advance => funding::advance(tx, by, tenant, contract.cause(), amount, slip, Some(&legs))?,
    };
    let content =
        json!({"bank_reference": bank_reference, "donation_receipt": donation_receipt, "amount_fen": amount, "legs": told(&legs)});
    let row = PaymentRow {
        bank_reference: Some(bank_reference),
        donation_receipt,
        paid_at: Some(tx.now()),
        ..moved(granted, PaymentState::Paid)
    };
    let row = keep(tx, "payment.paid", row, content)?;
    agreements::complete_when_paid(tx, contract)?;
    Ok(row)
}

/// 退票: the bank could not pay. An instruction that it rejects has moved nothing, and the money stays payable (of an advance: committed). After a receipt the
/// money is payable again (an advance: committed again) on the lines that paid it, and a completed contract is active again until the corrected payment is there.
pub fn bounce(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, reason: &str, reference: &str) -> Result<PaymentRow> {
    rules::check_reason(reason)?;
    let reference = rules::bank_reference(reference)?;
    let PaymentFile { payment, contract } = granted.subject();
    let legs = store::kept(tx, payment.id)?;
    if Fen::total(legs.iter().map(|leg| leg.1))? != payment.amount_fen {
        return Err(REFUNDED_ALREADY.error());
    }
    let event = note(tx, granted, PaymentEventKind::Bounce, payment.amount_fen, reason, &reference)?;
    let was_paid = payment.state == PaymentState::Paid;
    if was_paid {
        let slip = Slip { cause: Cause { kind: EVENT_KIND, id: event.any() }, reference: Some(&reference) };
        let advance = payment.kind == PaymentKind::Advance;
        funding::bounce(tx, granted.by(), payment.tenant_id, contract.cause(), slip, &legs, advance)?;
        agreements::reopen(tx, contract)?;
    }
    let row = PaymentRow { paid_at: None, ..moved(granted, PaymentState::Bounced) };
    desks::enter(tx, &row, Some(reason))?;
    let content = json!({"reason": reason.trim(), "reference": reference, "was_paid": was_paid, "legs": told(&legs)});
    keep(tx, "payment.bounced", row, content)
}

/// A bounced advance came back, and the contract may have gone on without it: it is paid again only before its milestone is accepted, on the lines that
/// were approved or, where those have the money no more, on those that have it now. Gives its legs.
fn advance_again(tx: &mut Tx<'_>, file: &PaymentFile) -> Result<Vec<Leg>> {
    let payment = &file.payment;
    let milestone = milestones::file(tx, payment.tenant_id, payment.milestone_id)?.milestone;
    if matches!(milestone.state, MilestoneState::Accepted | MilestoneState::Cancelled) {
        return Err(ADVANCE_OVERTAKEN.error());
    }
    let approved = store::kept(tx, payment.id)?;
    store::remove_legs(tx, payment.id)?;
    let room = room(tx, file)?;
    let fits = approved.iter().all(|(line, part)| room.iter().any(|leg| leg.0 == *line && *part <= leg.1));
    let legs = if fits { approved } else { funding::rules::spread(payment.amount_fen, &room, None)? };
    store::insert_legs(tx, payment.id, &legs)?;
    Ok(legs)
}

/// The bank is told again, with the reason for which it will do now: the payee's account was corrected since, or was checked and is right.
/// Refuses with `advance_overtaken` an advance whose milestone was accepted meanwhile.
pub fn correct(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, reason: &str, account_checked: bool) -> Result<PaymentRow> {
    rules::check_reason(reason)?;
    let payment = &granted.subject().payment;
    let legs = match payment.kind {
        PaymentKind::Milestone => store::kept(tx, payment.id)?,
        PaymentKind::Advance => advance_again(tx, granted.subject())?,
    };
    let account = accounts::corrected(tx, payment, account_checked)?;
    let reference = masked(&account.number);
    let event = note(tx, granted, PaymentEventKind::Correction, payment.amount_fen, reason, &reference)?;
    let row = PaymentRow { instructed_by: Some(granted.by()), bank_reference: None, ..moved(granted, PaymentState::Instructed) };
    let row = accounts::pinned(row, &account);
    let mut content = accounts::told(&row, &account);
    if let Some(fields) = content.as_object_mut() {
        fields.insert("event_id".to_owned(), json!(event));
        fields.insert("reason".to_owned(), json!(reason.trim()));
        fields.insert("account_checked".to_owned(), json!(account_checked));
        fields.insert("legs".to_owned(), json!(told(&legs)));
    }
    keep(tx, "payment.corrected", row, content)
}

/// The payee gave money back: it returns on the legs that paid it, as named or spread over them.
pub fn refund(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, refund: &Refund) -> Result<PaymentRow> {
    rules::check_reason(&refund.reason)?;
    let reference = rules::bank_reference(&refund.bank_reference)?;
    let PaymentFile { payment, contract } = granted.subject();
    if refund.amount <= Fen::ZERO {
        return Err(Error::field("/amount", words!("须大于零", "must be more than zero")));
    }
    if payment.kind == PaymentKind::Advance {
        return Err(ADVANCE_NOT_REFUNDED.error());
    }
    let legs = funding::rules::spread(refund.amount, &store::kept(tx, payment.id)?, refund.legs.as_deref())?;
    let event = note(tx, granted, PaymentEventKind::Refund, refund.amount, &refund.reason, &reference)?;
    let slip = Slip { cause: Cause { kind: EVENT_KIND, id: event.any() }, reference: Some(&reference) };
    funding::refund(tx, granted.by(), payment.tenant_id, contract.cause(), slip, &legs)?;
    store::refund_legs(tx, payment.id, &legs)?;
    let content = json!({"amount_fen": refund.amount, "reason": refund.reason.trim(), "reference": reference, "legs": told(&legs)});
    keep(tx, "payment.refunded", moved(granted, payment.state), content)
}

fn note(
    tx: &mut Tx<'_>,
    granted: &Authorized<PaymentFile>,
    kind: PaymentEventKind,
    amount: Fen,
    reason: &str,
    reference: &str,
) -> Result<PaymentEventId> {
    let payment = &granted.subject().payment;
    let row = PaymentEventRow {
        id: tx.new_id(),
        tenant_id: payment.tenant_id,
        payment_id: payment.id,
        kind,
        amount_fen: amount,
        reason: reason.trim().to_owned(),
        reference: reference.to_owned(),
        made_by: granted.by(),
        created_at: tx.now(),
    };
    store::insert_event(tx, &row)?;
    Ok(row.id)
}

/// Sends the claim back; the milestone may be claimed again.
pub fn give_back(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, reason: &str) -> Result<PaymentRow> {
    rules::check_reason(reason)?;
    store::remove_legs(tx, granted.subject().payment.id)?;
    let row = PaymentRow { return_reason: Some(reason.trim().to_owned()), ..moved(granted, PaymentState::Returned) };
    desks::enter(tx, &row, Some(reason))?;
    keep(tx, "payment.returned", row, json!({"reason": reason.trim()}))
}

fn told(legs: &[Leg]) -> Vec<Value> {
    legs.iter().map(|(line, part)| json!({"line_id": line, "amount_fen": part})).collect()
}

fn moved(granted: &Authorized<PaymentFile>, state: PaymentState) -> PaymentRow {
    let before = &granted.subject().payment;
    PaymentRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, action: &str, row: PaymentRow, content: Value) -> Result<PaymentRow> {
    store::save(tx, &row)?;
    desks::enter(tx, &row, None)?;
    record(tx, action, &row, content)?;
    notices::tell(tx, &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &PaymentRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    let event =
        Event { tenant: row.tenant_id, action, kind: KIND, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event).map(drop)
}
