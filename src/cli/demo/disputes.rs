//! Steps of the demo where a bidder challenges the result, and complains of the answer.

use super::drive::{Made, Scene, need};
use super::ways::Step;
use crate::kernel::Result;
use crate::procurement::challenges::model::{ChallengeStep, Consequence, NewChallenge};
use crate::procurement::challenges::service::Answer;
use crate::procurement::challenges::{complaints, policy, service};

/// The second bidder challenges, takes it back, or is answered.
pub async fn challenge(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    let (stage, bidder) = (scene.stage, scene.supplier(1)?.account);
    if step == Step::Challenge {
        let lot = need(made.lot, "a lot")?;
        let points = vec![
            ("第一候选人的业绩材料与公示不符。".to_owned(), "重新评审该项得分。".to_owned()),
            ("第一候选人的项目负责人同期任职于另一项目。".to_owned(), "核实人员投入。".to_owned()),
        ];
        let id = stage
            .act(bidder, move |tx, actor| {
                let granted = service::may_file(tx, actor, lot)?;
                let new = NewChallenge { step: ChallengeStep::Result, points: points.clone() };
                service::file(tx, &granted, &new).map(|row| row.id)
            })
            .await?;
        made.challenge = Some(id);
        return Ok(());
    }
    let id = need(made.challenge, "a challenge")?;
    if step == Step::WithdrawChallenge {
        return stage
            .act(bidder, move |tx, actor| {
                let granted = service::may(tx, actor, &policy::WITHDRAW, id)?;
                service::withdraw(tx, &granted).map(drop)
            })
            .await;
    }
    let accepted = step == Step::AcceptChallenge;
    let (text, consequence) = if accepted {
        ("经核实，第一候选人提供的业绩证明不属于本项目要求的期间，质疑成立，撤销成交结果。", Consequence::Overturn)
    } else {
        ("经复核评审材料，业绩得分与采购文件一致，项目负责人无在任项目，质疑不成立。", Consequence::None)
    };
    stage
        .act(scene.buyer.lead, move |tx, actor| {
            let granted = service::may_answer(tx, actor, id, Some(consequence))?;
            service::answer(tx, &granted, &Answer { accepted, text: text.to_owned(), consequence }).map(drop)
        })
        .await
}

/// The bidder complains of the answer, and the supervisor deals with it.
pub async fn complaint(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    let (stage, bidder, supervisor) = (scene.stage, scene.supplier(1)?.account, scene.cast.supervisor);
    if step == Step::Complain {
        let challenge = need(made.challenge, "a challenge")?;
        let id = stage
            .act(bidder, move |tx, actor| {
                let granted = service::may(tx, actor, &policy::COMPLAIN, challenge)?;
                complaints::file(tx, &granted, "对质疑答复不服：答复未说明业绩期间如何认定。", &[1]).map(|row| row.id)
            })
            .await?;
        made.complaint = Some(id);
        return Ok(());
    }
    let id = need(made.complaint, "a complaint")?;
    let by = if step == Step::WithdrawComplaint { bidder } else { supervisor };
    stage
        .act(by, move |tx, actor| match step {
            Step::WithdrawComplaint => {
                let granted = complaints::may(tx, actor, &policy::RETRACT, id)?;
                complaints::withdraw(tx, &granted).map(drop)
            }
            Step::AdmitComplaint => {
                let granted = complaints::may(tx, actor, &policy::REVIEW, id)?;
                complaints::review(tx, &granted, true, None).map(drop)
            }
            Step::RefuseComplaint => {
                let granted = complaints::may(tx, actor, &policy::REVIEW, id)?;
                complaints::review(tx, &granted, false, Some("投诉书未附必要的证明材料，且未在期限内补正。")).map(drop)
            }
            step => {
                let upheld = step == Step::UpholdComplaint;
                let (decision, consequence) = if upheld {
                    ("评审未按采购文件认定业绩期间，投诉事项成立，责令重新评审。", Consequence::ReEvaluate)
                } else {
                    ("经调取评审记录，业绩认定符合采购文件，投诉缺乏事实依据，驳回投诉。", Consequence::None)
                };
                let granted = complaints::may(tx, actor, &policy::DECIDE, id)?;
                complaints::decide(tx, &granted, upheld, decision, consequence).map(drop)
            }
        })
        .await
}
