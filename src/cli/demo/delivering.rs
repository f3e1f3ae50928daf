//! Steps of the demo from the contract to the acceptance of what was delivered, and the review at its end.

use chrono::{Datelike, Days, NaiveDate};

use super::drive::{Made, Scene, need};
use super::scans;
use super::ways::Step;
use crate::delivery::acceptances::model::{Conclusion, Verdict};
use crate::delivery::agreements::model::{ContractPaper, ContractParty};
use crate::delivery::agreements::{self, NewMilestone};
use crate::delivery::filings::model::{FilingKind, NewFiling};
use crate::delivery::reviews::model::NewReview;
use crate::delivery::{acceptances, filings, milestones, reviews};
use crate::kernel::Result;
use crate::kernel::id::{ContractId, MilestoneId};
use crate::procurement::awards;
use crate::procurement::awards::service::ContractTerms;

/// Working days from a claim to its payment, where a contract names them.
const PAYMENT_TERM_DAYS: i32 = 20;

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
    // Most units say within how many working days they pay.
    if scene.case.number.checked_rem(3) == Some(2) { Ok(()) } else { agree_term(scene, row.id).await }
}

async fn agree_term(scene: &Scene<'_>, id: ContractId) -> Result<()> {
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = agreements::service::may(tx, actor, &agreements::policy::TERM, id)?;
            agreements::payment_term::set(tx, &granted, PAYMENT_TERM_DAYS).map(drop)
        })
        .await
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

/// The scan of the stamped original.
async fn stamped(scene: &Scene<'_>, id: ContractId) -> Result<()> {
    let file = scans::scan(scene, &format!("Contract {id}, case {}", scene.case.number)).await?;
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = agreements::service::may(tx, actor, &agreements::policy::ATTACH, id)?;
            agreements::service::attach(tx, &granted, ContractPaper::StampedContract, "合同盖章扫描件.pdf", &file).map(drop)
        })
        .await
}

/// The contract is published and filed with the finance bureau.
pub async fn file(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let (id, done_on) = (need(made.contract, "a contract")?, scene.at.date_in_shanghai());
    let number = scene.case.number;
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            for (kind, reference) in [
                (FilingKind::Publication, format!("https://zfcg.example/contracts/{number}")),
                (FilingKind::Filing, format!("吴财采备〔{}〕{number}号", done_on.year())),
            ] {
                let granted = filings::service::may(tx, actor, &filings::policy::RECORD, id)?;
                filings::service::file(tx, &granted, &NewFiling { kind, done_on, reference, late_reason: None })?;
            }
            Ok(())
        })
        .await
}

/// The lead says how the supplier worked, once the contract is completed; the supplier replies to every third review.
pub async fn judge(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let (id, number) = (need(made.contract, "a contract")?, scene.case.number);
    let points = |step: usize| i32::try_from(number.saturating_mul(step).checked_rem(18).unwrap_or(0)).unwrap_or(0).saturating_add(80);
    let comment = scene.pick(&["按期完成，台账规范。", "服务对象评价好，个别月份报表迟交。", "人员稳定，能主动发现并转介需求。"]);
    let new = NewReview { quality: points(5), timeliness: points(7), satisfaction: points(11), comment: comment.to_owned() };
    let review = scene
        .stage
        .act(scene.buyer.lead, move |tx, actor| {
            let granted = reviews::service::may_review(tx, actor, id)?;
            reviews::service::review(tx, &granted, &new).map(|row| row.id)
        })
        .await?;
    if number.checked_rem(3) != Some(0) {
        return Ok(());
    }
    scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = reviews::service::may_reply(tx, actor, review)?;
            reviews::service::reply(tx, &granted, "感谢评价，报表报送已指定专人负责。").map(drop)
        })
        .await
}

/// The milestone of a part.
pub fn milestone_of(made: &Made, part: usize) -> Result<MilestoneId> {
    need(made.milestones.get(part).copied(), "a milestone")
}

/// Delivered, accepted or refused.
pub async fn milestone(scene: &Scene<'_>, made: &Made, step: Step, part: usize) -> Result<()> {
    use milestones::{policy, service};
    let opinion = scene.pick(&[
        "居民普遍满意，建议增加周末服务。",
        "走访二十户，十九户表示愿意继续接受服务。",
        "座谈会上老人代表认为探访及时、态度好。",
        "家长反映孩子愿意参加，希望延长开放时间。",
        "电话回访三十人，满意度百分之九十三。",
    ]);
    let accepted = Conclusion { beneficiaries_opinion: opinion.to_owned(), ..Conclusion::default() };
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
