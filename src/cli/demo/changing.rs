//! Steps of the demo where a contract rests, grows, shrinks, ends early, or has a part done by somebody else.

use chrono::Days;

use super::delivering::milestone_of;
use super::drive::{Made, Scene, need};
use super::ways::Step;
use crate::delivery::changes::model::{ChangeKind, NewChange};
use crate::delivery::subcontracts::model::NewSubcontract;
use crate::delivery::{agreements, changes, subcontracts};
use crate::kernel::{Fen, Result};

/// A contract in force rests.
pub async fn suspend(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let id = need(made.contract, "a contract")?;
    scene
        .stage
        .act(scene.buyer.lead, move |tx, actor| {
            let granted = agreements::service::may(tx, actor, &agreements::policy::SUSPEND, id)?;
            agreements::ending::suspend(tx, &granted, "服务场所装修，暂停两个月").map(drop)
        })
        .await
}

/// What the unit proposes: a twentieth more for a further service point, a twentieth less of the last milestone, or the end before anything was delivered.
fn proposal(scene: &Scene<'_>, made: &Made, step: Step) -> Result<NewChange> {
    let [price, ..] = scene.case.prices;
    let part = Fen::new(price.get().checked_div(20).unwrap_or(0));
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
    Ok(match step {
        Step::AskMore => NewChange {
            kind: ChangeKind::Increase,
            amount: part,
            fund: Some(scene.fund(scene.case.stream)?),
            title: Some("新增服务点".to_owned()),
            due_on: scene.at.date_in_shanghai().checked_add_days(Days::new(90)),
            reason: "辖区新增一处安置小区，需增设服务点".to_owned(),
            ..ending
        },
        Step::AskLess => NewChange {
            kind: ChangeKind::Decrease,
            amount: part,
            milestone: Some(milestone_of(made, 1)?),
            reason: "服务对象减少，相应核减末期服务".to_owned(),
            ..ending
        },
        _ => ending,
    })
}

/// A change of the contract goes a step further; a termination all of its way.
pub async fn change(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    match step {
        Step::AskMore | Step::AskLess => propose(scene, made, step).await,
        Step::Terminate => {
            propose(scene, made, step).await?;
            decide(scene, made, Step::Consent).await?;
            decide(scene, made, Step::AgreeChange).await
        }
        step => decide(scene, made, step).await,
    }
}

async fn propose(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let (id, new) = (need(made.contract, "a contract")?, proposal(scene, made, step)?);
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = changes::service::may(tx, actor, &changes::policy::PROPOSE, id)?;
            changes::service::propose(tx, &granted, &new).map(drop)
        })
        .await
}

async fn decide(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let id = need(made.contract, "a contract")?;
    let by = if step == Step::Consent { scene.winner()? } else { scene.cast.finance };
    scene
        .stage
        .act(by, move |tx, actor| match step {
            Step::Consent => {
                let granted = changes::service::may(tx, actor, &changes::policy::CONSENT, id)?;
                changes::service::consent(tx, &granted).map(drop)
            }
            Step::RefuseChange => {
                let granted = changes::service::may(tx, actor, &changes::policy::REJECT, id)?;
                changes::service::reject(tx, &granted, "新增服务点应另行申报预算").map(drop)
            }
            _ => {
                let granted = changes::service::may(tx, actor, &changes::policy::APPROVE, id)?;
                changes::service::approve(tx, &granted).map(drop)
            }
        })
        .await
}

/// The winner names who does a part, and the unit's lead agrees or refuses.
pub async fn subcontract(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    let contract = need(made.contract, "a contract")?;
    if step == Step::Subcontract {
        let [price, ..] = scene.case.prices;
        let new = NewSubcontract {
            subcontractor: scene.supplier(1)?.id,
            scope: "助浴与陪诊服务".to_owned(),
            amount: Fen::new(price.get().checked_div(5).unwrap_or(0)),
        };
        let id = scene
            .stage
            .act(scene.winner()?, move |tx, actor| {
                let granted = subcontracts::service::may_propose(tx, actor, contract)?;
                subcontracts::service::propose(tx, &granted, &new).map(|row| row.id)
            })
            .await?;
        made.subcontract = Some(id);
        return Ok(());
    }
    let id = need(made.subcontract, "a subcontract")?;
    scene
        .stage
        .act(scene.buyer.lead, move |tx, actor| {
            if step == Step::AgreeSubcontract {
                let granted = subcontracts::service::may(tx, actor, &subcontracts::policy::CONSENT, id)?;
                return subcontracts::service::consent(tx, &granted).map(drop);
            }
            let granted = subcontracts::service::may(tx, actor, &subcontracts::policy::REFUSE, id)?;
            subcontracts::service::refuse(tx, &granted, "主要服务应由承接主体自行完成").map(drop)
        })
        .await
}
