//! Use cases of payments: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{PaymentFile, PaymentRow, PaymentState};
use super::{notices, policy, rules, store};
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, ContractRow, schedule};
use crate::delivery::milestones::{self, MilestoneFile};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{MilestoneId, PaymentId, TenantId};
use crate::kernel::{Error, Result};
use crate::money::ledger::{self, Cause};
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
}

/// Kind of a payment in the journal and the ledger.
pub const KIND: &str = "payment";

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

/// The payee claims the amount of an accepted milestone.
pub fn claim(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, invoice_number: &str) -> Result<PaymentRow> {
    let MilestoneFile { milestone, contract } = granted.subject();
    agreements::require_active(contract)?;
    let invoice_number = rules::invoice_number(invoice_number)?;
    if store::is_claimed(tx, milestone.tenant_id, milestone.id)? {
        return Err(ALREADY_CLAIMED.error());
    }
    if store::is_invoice_used(tx, milestone.tenant_id, &invoice_number)? {
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
        amount_fen: milestone.amount_fen,
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
    };
    store::insert(tx, &row)?;
    let content = json!({
        "contract_id": row.contract_id, "milestone_id": row.milestone_id, "amount_fen": row.amount_fen, "invoice_number": row.invoice_number,
    });
    record(tx, "payment.claimed", &row, content)?;
    Ok(row)
}

/// A finance officer checked the invoice.
pub fn check_invoice(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>) -> Result<PaymentRow> {
    let row = PaymentRow { checked_by: Some(granted.by()), ..moved(granted, PaymentState::InvoiceChecked) };
    keep(tx, "payment.invoice_checked", row, json!({}))
}

/// The unit's lead accepts it.
pub fn accept(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>) -> Result<PaymentRow> {
    let row = PaymentRow { accepted_by: Some(granted.by()), ..moved(granted, PaymentState::Accepted) };
    keep(tx, "payment.accepted", row, json!({}))
}

/// A second finance officer approves it.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>) -> Result<PaymentRow> {
    let row = PaymentRow { approved_by: Some(granted.by()), ..moved(granted, PaymentState::Approved) };
    keep(tx, "payment.approved", row, json!({}))
}

/// The bank is told.
pub fn instruct(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>) -> Result<PaymentRow> {
    let row = PaymentRow { instructed_by: Some(granted.by()), ..moved(granted, PaymentState::Instructed) };
    keep(tx, "payment.instructed", row, json!({}))
}

/// The bank's receipt is entered: the money leaves the books, and the contract ends with its last milestone paid.
pub fn receive_receipt(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, bank_reference: &str) -> Result<PaymentRow> {
    let bank_reference = rules::bank_reference(bank_reference)?;
    let PaymentFile { payment, contract } = granted.subject();
    let commitment =
        contract.commitment_id.ok_or_else(|| Error::internal(format!("the active contract {} has no commitment", contract.id)))?;
    let cause = Cause { kind: KIND, id: payment.id.any() };
    ledger::pay(tx, granted.by(), payment.tenant_id, commitment, payment.amount_fen, cause)?;
    let content = json!({"bank_reference": bank_reference, "amount_fen": payment.amount_fen});
    let row = PaymentRow { bank_reference: Some(bank_reference), paid_at: Some(tx.now()), ..moved(granted, PaymentState::Paid) };
    let row = keep(tx, "payment.paid", row, content)?;
    complete_when_paid(tx, contract)?;
    Ok(row)
}

/// Sends the claim back; the milestone may be claimed again.
pub fn give_back(tx: &mut Tx<'_>, granted: &Authorized<PaymentFile>, reason: &str) -> Result<PaymentRow> {
    rules::check_reason(reason)?;
    let row = PaymentRow { return_reason: Some(reason.trim().to_owned()), ..moved(granted, PaymentState::Returned) };
    keep(tx, "payment.returned", row, json!({"reason": reason.trim()}))
}

fn complete_when_paid(tx: &mut Tx<'_>, contract: &ContractRow) -> Result<()> {
    let paid = store::paid_milestones(tx, contract.tenant_id, contract.id)?;
    let all = schedule::of_contract(tx, contract.tenant_id, contract.id)?;
    if all.iter().all(|milestone| paid.contains(&milestone.id)) {
        agreements::complete(tx, contract)?;
    }
    Ok(())
}

fn moved(granted: &Authorized<PaymentFile>, state: PaymentState) -> PaymentRow {
    let before = &granted.subject().payment;
    PaymentRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, action: &str, row: PaymentRow, content: Value) -> Result<PaymentRow> {
    store::save(tx, &row)?;
    record(tx, action, &row, content)?;
    notices::tell(tx, &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &PaymentRow, content: Value) -> Result<()> {
    let event =
        Event { tenant: row.tenant_id, action, kind: KIND, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event).map(drop)
}
