//! Steps of the demo from a claim to the receipt of the bank, and back.

use super::delivering::milestone_of;
use super::drive::{Made, Scene, missing, need};
use super::ways::{ADVANCE, Step};
use crate::delivery::payments;
use crate::delivery::payments::rules::{Invoice, SeenInvoice};
use crate::delivery::payments::service::{Receipt, Refund};
use crate::kernel::{Fen, Result};
use crate::parties::organisations;

/// The number of an invoice, which no other payment of the demo has.
fn invoice(scene: &Scene<'_>, part: usize) -> String {
    format!("{}3370000{:06}{part:03}", scene.case.year, scene.case.number)
}

/// The winner claims three tenths of the first milestone before it is delivered.
pub async fn advance(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (id, number) = (milestone_of(made, 0)?, invoice(scene, ADVANCE));
    let [first, _] = scene.case.milestones();
    let amount = Fen::new(first.get().checked_div(10).unwrap_or(0).saturating_mul(3));
    let row = scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = payments::service::may_claim_advance(tx, actor, id)?;
            payments::service::claim_advance(tx, &granted, amount, Invoice::digital(&number))
        })
        .await?;
    made.payments.insert(ADVANCE, row.id);
    Ok(())
}

/// The winner claims what was accepted.
pub async fn claim(scene: &Scene<'_>, made: &mut Made, part: usize) -> Result<()> {
    let (id, number) = (milestone_of(made, part)?, invoice(scene, part));
    let row = scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = payments::service::may_claim(tx, actor, id)?;
            payments::service::claim(tx, &granted, Invoice::digital(&number))
        })
        .await?;
    made.payments.insert(part, row.id);
    Ok(())
}

/// A payment goes from desk to desk.
pub async fn payment(scene: &Scene<'_>, made: &Made, step: Step, part: usize) -> Result<()> {
    use payments::{policy, service};
    let id = need(made.payments.get(&part).copied(), "a payment")?;
    let cast = scene.cast;
    let by = match step {
        Step::Agree(_) => scene.buyer.lead,
        Step::Release(_) | Step::Instruct(_) => cast.second_finance,
        _ => cast.finance,
    };
    let bank_reference = format!("HZYH{}-{:04}-{part}", scene.at.date_in_shanghai().format("%Y%m%d"), scene.case.number);
    let donation_receipt = scene.case.is_donated().then(|| format!("JZ{}{:05}{part}", scene.case.year, scene.case.number));
    let [paid, _] = scene.case.milestones();
    scene
        .stage
        .act(by, move |tx, actor| {
            let action = match step {
                Step::Check(_) => &policy::CHECK,
                Step::Agree(_) => &policy::ACCEPT,
                Step::Release(_) => &policy::APPROVE,
                Step::Instruct(_) => &policy::INSTRUCT,
                Step::Receipt(_) => &policy::RECEIPT,
                Step::Bounce(_) => &policy::BOUNCE,
                Step::Correct(_) => &policy::CORRECT,
                Step::Refund(_) => &policy::REFUND,
                _ => &policy::RETURN,
            };
            let granted = service::may(tx, actor, action, id)?;
            match step {
                Step::Check(_) => {
                    let claim = granted.subject().payment.clone();
                    let payee = organisations::store::find(tx, claim.tenant_id, claim.organisation_id)?;
                    let seller = payee.ok_or_else(|| missing("the payee"))?.uscc;
                    let seen = SeenInvoice { code: claim.invoice_code, number: claim.invoice_number, seller, amount: claim.amount_fen };
                    service::check_invoice(tx, &granted, &seen)
                }
                Step::Agree(_) => service::accept(tx, &granted),
                Step::Release(_) => service::approve(tx, &granted, None),
                Step::Instruct(_) => service::instruct(tx, &granted),
                Step::Receipt(_) => {
                    let receipt = Receipt { bank_reference: bank_reference.clone(), donation_receipt: donation_receipt.clone() };
                    service::receive_receipt(tx, &granted, actor.unit, &receipt)
                }
                Step::Bounce(_) => service::bounce(tx, &granted, "收款账户户名不符", &format!("T{bank_reference}")),
                Step::Correct(_) => service::correct(tx, &granted, "经核对，账户户名无误，系银行录入差错", true),
                Step::Refund(_) => {
                    let amount = Fen::new(paid.get().checked_div(50).unwrap_or(0));
                    let reason = "绩效复核核减未完成的服务人次".to_owned();
                    service::refund(tx, &granted, &Refund { amount, reason, bank_reference: format!("R{bank_reference}"), legs: None })
                }
                _ => service::give_back(tx, &granted, "发票抬头有误，请重新开具"),
            }
            .map(drop)
        })
        .await
}
