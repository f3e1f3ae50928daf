//! What the payee is told by mail: approved, paid, returned.

use super::model::{PaymentRow, PaymentState};
use super::store;
use crate::db::Tx;
use crate::kernel::Result;
use crate::notices::outbox::{self, Message};

/// Tells the payee of the payment's new state; other states are not told.
pub fn tell(tx: &mut Tx<'_>, payment: &PaymentRow) -> Result<()> {
    let Some((subject, body)) = letter(payment) else { return Ok(()) };
    let Some(recipient) = store::contact_email(tx, payment.tenant_id, payment.organisation_id)? else { return Ok(()) };
    outbox::enqueue(tx, Message { tenant: payment.tenant_id, recipient: &recipient, subject, body })
}

fn letter(payment: &PaymentRow) -> Option<(String, String)> {
    let (amount, invoice) = (payment.amount_fen, payment.invoice_number.as_str());
    let (zh, en) = match payment.state {
        PaymentState::Approved => (
            format!("发票 {invoice} 的付款 {amount} 元已审批，将通知银行付款。"),
            format!("The payment of {amount} yuan for invoice {invoice} is approved; the bank will be instructed."),
        ),
        PaymentState::Paid => {
            let reference = payment.bank_reference.as_deref().unwrap_or_default();
            (
                format!("发票 {invoice} 的付款 {amount} 元已支付，银行凭证号 {reference}。"),
                format!("The payment of {amount} yuan for invoice {invoice} is paid; bank reference {reference}."),
            )
        }
        PaymentState::Returned => {
            let reason = payment.return_reason.as_deref().unwrap_or_default();
            (
                format!("发票 {invoice} 的付款申请 {amount} 元被退回：{reason}\n更正后请重新申请。"),
                format!("The claim of {amount} yuan for invoice {invoice} was returned: {reason}\nCorrect it and claim again."),
            )
        }
        PaymentState::Bounced => (
            format!("发票 {invoice} 的付款 {amount} 元被银行退回，请核对收款账户；更正后将重新付款。"),
            format!("The bank could not pay {amount} yuan for invoice {invoice}. Check your account; it is paid again once corrected."),
        ),
        PaymentState::Claimed | PaymentState::InvoiceChecked | PaymentState::Accepted | PaymentState::Instructed => return None,
    };
    let subject = match payment.state {
        PaymentState::Approved => "付款已审批 / Payment approved",
        PaymentState::Paid => "款项已支付 / Payment made",
        PaymentState::Bounced => "付款被银行退回 / Payment bounced",
        _ => "付款申请被退回 / Claim returned",
    };
    Some((subject.to_owned(), format!("{zh}\n\n{en}\n")))
}
