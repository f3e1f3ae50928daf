//! Steps of the demo from the contract to its last payment.

use chrono::{Days, NaiveDate};

use super::drive::{Made, Scene, missing, need};
use super::plan::Step;
use crate::delivery::acceptances::model::{Conclusion, Verdict};
use crate::delivery::agreements::model::{ContractPaper, ContractParty};
use crate::delivery::agreements::{self, NewMilestone};
use crate::delivery::changes::model::{ChangeKind, NewChange};
use crate::delivery::payments::rules::{Invoice, SeenInvoice};
use crate::delivery::payments::service::Receipt;
use crate::delivery::{acceptances, changes, milestones, payments};
use crate::kernel::id::{ContractId, MilestoneId};
use crate::kernel::{Fen, Result};
use crate::money::funds::Stream;
use crate::parties::organisations;
use crate::procurement::awards;
use crate::procurement::awards::service::ContractTerms;

/// Drafts the contract with its two milestones.
pub async fn contract(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let award = need(made.award, "an award")?;
    let starts_on = scene.at.date_in_shanghai();
    let after = |days| starts_on.checked_add_days(Days::new(days)).unwrap_or(starts_on);
    let [first, second] = scene.case.milestones();
    let part = |title: &str, due_on: NaiveDate, amount| NewMilestone {
        title: title.to_owned(),
        due_on,
        amount,
        deliverables: ["服务台账", "满意度调查报告"].map(str::to_owned).to_vec(),
    };
    let terms = ContractTerms {
        title: format!("{}服务合同", scene.subject()),
        starts_on,
        ends_on: after(180),
        milestones: vec![part("首期服务", after(30), first), part("末期服务", after(150), second)],
    };
    let (row, planned) = scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = awards::service::may(tx, actor, &awards::policy::CONTRACT, award)?;
            awards::service::draft_contract(tx, &granted, &terms)
        })
        .await?;
    made.contract = Some(row.id);
    made.milestones = planned.iter().map(|milestone| milestone.id).collect();
    Ok(())
}

/// Finance countersigns, then both parties sign.
pub async fn sign(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    use agreements::{policy, service};
    let id = need(made.contract, "a contract")?;
    let (by, party) = match step {
        Step::Countersign => (scene.cast.finance, None),
        Step::SignOrganisation => (scene.winner()?, Some(ContractParty::Organisation)),
        _ => (scene.buyer.lead, Some(ContractParty::Purchaser)),
    };
    if step == Step::Countersign {
        stamped(scene, id).await?;
    }
    scene
        .stage
        .act(by, move |tx, actor| match party {
            None => {
                let granted = service::may(tx, actor, &policy::APPROVE, id)?;
                service::approve(tx, &granted).map(drop)
            }
            Some(party) => {
                let granted = service::may_sign(tx, actor, id, Some(party))?;
                service::sign(tx, &granted, party, None).map(drop)
            }
        })
        .await
}

/// The scan of the stamped original, one page that says whose it is.
async fn stamped(scene: &Scene<'_>, id: ContractId) -> Result<()> {
    let documents = need(scene.stage.documents.as_ref(), "a place for documents")?;
    let file = documents.keep(page(&format!("Contract {id}, case {}", scene.case.number))).await?;
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = agreements::service::may(tx, actor, &agreements::policy::ATTACH, id)?;
            agreements::service::attach(tx, &granted, ContractPaper::StampedContract, "合同盖章扫描件.pdf", &file).map(drop)
        })
        .await
}

/// The smallest PDF of one page with a line of text (ISO 32000-1).
fn page(line: &str) -> Vec<u8> {
    let text = format!("BT /F1 14 Tf 72 760 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
    for (object, number) in objects.iter().zip(1_usize..) {
        places.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let at = file.len();
    file.push_str(&format!("xref\n0 6\n0000000000 65535 f \n{places}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"));
    file.into_bytes()
}

/// A contract in force is suspended, or ended by both before anything was delivered.
pub async fn halt(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let id = need(made.contract, "a contract")?;
    if step == Step::Suspend {
        let lead = scene.buyer.lead;
        return scene
            .stage
            .act(lead, move |tx, actor| {
                let granted = agreements::service::may(tx, actor, &agreements::policy::SUSPEND, id)?;
                agreements::ending::suspend(tx, &granted, "服务场所装修，暂停两个月").map(drop)
            })
            .await;
    }
    let ending = NewChange {
        kind: ChangeKind::Termination,
        amount: Fen::ZERO,
        fund: None,
        milestone: None,
        title: None,
        due_on: None,
        reason: "服务对象搬迁安置，双方协商一致".to_owned(),
        beneficiaries_opinion: None,
        unilateral_ground: None,
    };
    for (by, action) in [
        (scene.buyer.purchaser, &changes::policy::PROPOSE),
        (scene.winner()?, &changes::policy::CONSENT),
        (scene.cast.finance, &changes::policy::APPROVE),
    ] {
        let ending = ending.clone();
        scene
            .stage
            .act(by, move |tx, actor| {
                let granted = changes::service::may(tx, actor, action, id)?;
                match action.name {
                    name if name == changes::policy::PROPOSE.name => changes::service::propose(tx, &granted, &ending),
                    name if name == changes::policy::CONSENT.name => changes::service::consent(tx, &granted),
                    _ => changes::service::approve(tx, &granted),
                }
                .map(drop)
            })
            .await?;
    }
    Ok(())
}

fn milestone_of(made: &Made, part: usize) -> Result<MilestoneId> {
    need(made.milestones.get(part).copied(), "a milestone")
}

/// Delivered, accepted or refused.
pub async fn milestone(scene: &Scene<'_>, made: &Made, step: Step, part: usize) -> Result<()> {
    use milestones::{policy, service};
    let accepted =
        Conclusion { beneficiaries_opinion: "居民普遍满意，建议增加周末服务。".to_owned(), ..Conclusion::default() };
    let id = milestone_of(made, part)?;
    let by = if matches!(step, Step::Deliver(_)) { scene.winner()? } else { scene.buyer.purchaser };
    let visits = scene.case.number.saturating_mul(7).saturating_add(240);
    if matches!(step, Step::Accept(_)) {
        // Two persons accept where the contract does not say otherwise.
        let found = Verdict { score: None, opinion: "抽查二十户，记录与台账一致。".to_owned() };
        scene
            .stage
            .act(scene.buyer.lead, move |tx, actor| {
                let granted = service::may(tx, actor, &policy::SIGN, id)?;
                acceptances::service::sign(tx, &granted, &found).map(drop)
            })
            .await?;
    }
    scene
        .stage
        .act(by, move |tx, actor| match step {
            Step::Deliver(_) => {
                let granted = service::may(tx, actor, &policy::DELIVER, id)?;
                service::deliver(tx, &granted, &format!("服务 {visits} 人次，台账附后。")).map(drop)
            }
            Step::Reject(_) => {
                let granted = service::may(tx, actor, &policy::REJECT, id)?;
                service::reject(tx, &granted, "台账缺少两个社区的签到记录").map(drop)
            }
            _ => {
                let granted = service::may(tx, actor, &policy::ACCEPT, id)?;
                acceptances::service::conclude(tx, &granted, &accepted).map(drop)
            }
        })
        .await
}

/// The winner claims what was accepted.
pub async fn claim(scene: &Scene<'_>, made: &mut Made, part: usize) -> Result<()> {
    let id = milestone_of(made, part)?;
    let (year, number) = (scene.case.year, scene.case.number);
    let row = scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = payments::service::may_claim(tx, actor, id)?;
            payments::service::claim(tx, &granted, Invoice::digital(&format!("{year}3370000{number:06}{part:03}")))
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
    let bank_reference = format!("HZYH{}-{:04}-{part}", scene.case.year, scene.case.number);
    let donation_receipt = (scene.case.stream == Stream::Social).then(|| format!("JZ{}{:05}{part}", scene.case.year, scene.case.number));
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
                _ => service::give_back(tx, &granted, "发票抬头有误，请重新开具"),
            }
            .map(drop)
        })
        .await
}
