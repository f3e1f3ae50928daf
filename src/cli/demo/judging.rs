//! Steps of the demo from the opened bids to the confirmed award.

use super::drawing;
use super::drive::{Made, Scene, missing, need};
use super::ways::{Route, Step};
use crate::kernel::id::AccountId;
use crate::kernel::{BasisPoints, Result};
use crate::procurement::awards::{self, fate, rules::GraveCause};
use crate::procurement::evaluation::service::Filled;
use crate::procurement::review::model::{NewFinding, Stage as Part};
use crate::procurement::tenders::lots;
use crate::procurement::{direct, evaluation, review};

/// Review and evaluation.
pub async fn evaluate(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let (lot, [first, second], purchaser) = (need(made.lot, "a lot")?, scene.cast.evaluators, scene.buyer.purchaser);
    match step {
        Step::Appoint(place) => {
            let account = if place == 0 { first } else { second };
            scene
                .stage
                .act(purchaser, move |tx, actor| {
                    let granted = lots::may(tx, actor, &evaluation::policy::APPOINT, lot)?;
                    evaluation::panel::appoint(tx, &granted, account)
                })
                .await
        }
        Step::Review => examine(scene, made).await,
        Step::Score(place) => score(scene, made, place).await,
        _ => {
            scene
                .stage
                .act(purchaser, move |tx, actor| {
                    let granted = lots::may(tx, actor, &evaluation::policy::RANK, lot)?;
                    evaluation::service::rank(tx, &granted).map(drop)
                })
                .await?;
            if scene.case.route == Route::OpenTender { drawing::sign(scene, made).await } else { Ok(()) }
        }
    }
}

fn findings(bids: &[crate::procurement::bids::BidRow]) -> Vec<NewFinding> {
    let passed = |bid| NewFinding { bid, criterion: "符合采购文件要求".to_owned(), passed: true, ground: None, reason: None };
    bids.iter().map(|bid| passed(bid.id)).collect()
}

/// The purchaser finds every bidder qualified, the first evaluator every bid responsive, the purchaser concludes.
async fn examine(scene: &Scene<'_>, made: &Made) -> Result<()> {
    use review::{policy, service};
    let (lot, purchaser, stage) = (need(made.lot, "a lot")?, scene.buyer.purchaser, scene.stage);
    let first = evaluator(scene, made, 0).await?;
    stage
        .act(purchaser, move |tx, actor| {
            let granted = service::may(tx, actor, &policy::START, lot)?;
            service::start(tx, &granted, None)?;
            let granted = service::may(tx, actor, &policy::QUALIFY, lot)?;
            let found = findings(&service::under_review(tx, lot)?);
            service::find(tx, &granted, Part::Qualification, &found).map(drop)
        })
        .await?;
    stage
        .act(first, move |tx, actor| {
            let granted = service::may_decide(tx, actor, &policy::CHECK, lot)?;
            let found = findings(&service::under_review(tx, lot)?);
            service::find(tx, &granted, Part::Responsiveness, &found).map(drop)
        })
        .await?;
    stage
        .act(purchaser, move |tx, actor| {
            let granted = service::may(tx, actor, &policy::CONCLUDE, lot)?;
            service::conclude(tx, &granted, None).map(drop)
        })
        .await
}

/// Who evaluates at a place: a member of the panel that was drawn, or one of the two who review.
async fn evaluator(scene: &Scene<'_>, made: &Made, place: usize) -> Result<AccountId> {
    if scene.case.route == Route::OpenTender {
        return drawing::member(scene, need(made.lot, "a lot")?, place).await;
    }
    scene.cast.evaluators.get(place).copied().ok_or_else(|| missing("an evaluator"))
}

/// An evaluator scores; the plan's winner is the best.
async fn score(scene: &Scene<'_>, made: &Made, place: usize) -> Result<()> {
    let (lot, account, winner) = (need(made.lot, "a lot")?, evaluator(scene, made, place).await?, scene.supplier(0)?.id);
    let own = i32::try_from(place).unwrap_or(0).saturating_mul(60);
    // Where the lowest price decides, a sheet holds no points.
    let criteria: &[i32] = match scene.case.route {
        Route::OpenTender => &[1, 2],
        Route::Quotes => &[],
        _ => &[1],
    };
    let comment = scene.pick(&[
        "方案具体，人员稳定，测算清楚。",
        "服务频次与需求相符，应急预案完整。",
        "本地服务经验充分，志愿者组织有序。",
        "团队持证比例高，质量控制措施可行。",
    ]);
    scene
        .stage
        .act(account, move |tx, actor| {
            let now = tx.now();
            let granted = evaluation::service::may_as_member(tx, actor, &evaluation::policy::SCORE, lot, now)?;
            let points = |ahead: i32| BasisPoints::new(ahead.saturating_sub(own)).unwrap_or(BasisPoints::WHOLE);
            let offers = evaluation::service::offers(tx, lot)?;
            let sheet = offers.iter().flat_map(|offer| {
                let ahead = if offer.organisation_id == winner { 9_200 } else { 8_400 };
                criteria.iter().map(move |position| (offer.bid_id, *position, points(ahead)))
            });
            let filled = Filled { comment: comment.to_owned(), scores: sheet.collect(), remarks: Vec::new(), nonce: None };
            evaluation::service::score(tx, &granted, &filled).map(drop)
        })
        .await
}

/// The award, and how it may end.
pub async fn award(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    let (lot, stage, buyer) = (need(made.lot, "a lot")?, scene.stage, scene.buyer);
    match step {
        Step::Fail => {
            stage
                .act(buyer.lead, move |tx, actor| {
                    let granted = lots::may(tx, actor, &awards::policy::FAIL, lot)?;
                    fate::fail(tx, &granted, GraveCause::TaskCancelled, "区级统筹实施同类服务，本项目任务取消。").map(drop)
                })
                .await
        }
        Step::Propose => {
            let row = stage
                .act(buyer.purchaser, move |tx, actor| {
                    let granted = lots::may(tx, actor, &awards::policy::PROPOSE, lot)?;
                    awards::service::propose(tx, &granted, None, None).map(|(row, _)| row)
                })
                .await?;
            made.award = Some(row.id);
            Ok(())
        }
        Step::DirectAward => {
            let [price, ..] = scene.case.prices;
            let row = stage
                .act(buyer.purchaser, move |tx, actor| {
                    let granted = direct::service::may(tx, actor, lot)?;
                    direct::service::propose(tx, &granted, price, "参照周边街道同类服务单价，价格合理。")
                })
                .await?;
            made.award = Some(row.id);
            Ok(())
        }
        step => settle(scene, made, step).await,
    }
}

async fn settle(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let award = need(made.award, "an award")?;
    let by = match step {
        Step::Decline => scene.winner()?,
        _ => scene.buyer.lead,
    };
    scene
        .stage
        .act(by, move |tx, actor| match step {
            Step::Decline => {
                let granted = awards::service::may(tx, actor, &awards::policy::DECLINE, award)?;
                fate::decline(tx, &granted, "主要社工离职，本组织无法按期提供服务。").map(drop)
            }
            _ => {
                let granted = awards::service::may(tx, actor, &awards::policy::CONFIRM, award)?;
                awards::service::confirm(tx, &granted).map(drop)
            }
        })
        .await
}
