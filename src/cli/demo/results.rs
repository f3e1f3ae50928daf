//! Steps of the demo around the hundred projects and what came of them.

use super::drive::{Made, Scene, need};
use super::plan::Step;
use crate::delivery::agreements;
use crate::kernel::Result;
use crate::outcomes::projects::model::{IndicatorDirection, NewIndicator, NewProject};
use crate::outcomes::projects::{self, IndicatorKind};
use crate::outcomes::reports;
use crate::outcomes::reports::model::{Findings, NewValue};

/// The purchaser puts a project forward.
pub async fn propose(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (unit, subject, case) = (scene.buyer.unit, scene.subject(), scene.case);
    let new = NewProject {
        unit,
        cohort: case.year,
        name_zh: format!("{subject}行动 {}", case.number.saturating_add(1)),
        story: format!("让需要{subject}的居民有人惦记、有人上门。"),
        area: None,
        indicators: vec![NewIndicator {
            name_zh: "服务人次".to_owned(),
            unit_label: "人次".to_owned(),
            kind: IndicatorKind::Count,
            direction: IndicatorDirection::Up,
            baseline: 0,
            target: target(scene),
        }],
    };
    let (project, indicators) = scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = projects::service::may_propose(actor, Some(unit))?;
            projects::service::propose(tx, &granted, &new)
        })
        .await?;
    made.project = Some(project.id);
    made.indicator = indicators.first().map(|indicator| indicator.id);
    Ok(())
}

/// One visit for about a hundred yuan.
fn target(scene: &Scene<'_>) -> i64 {
    scene.case.ceiling.get().checked_div(10_000).unwrap_or(0).max(1)
}

/// The lead gives it a number of the year's hundred.
pub async fn select(scene: &Scene<'_>, made: &Made, number: i32) -> Result<()> {
    let id = need(made.project, "a project")?;
    scene
        .stage
        .act(scene.buyer.lead, move |tx, actor| {
            let granted = projects::service::may(tx, actor, &projects::policy::SELECT, id)?;
            projects::service::select(tx, &granted, number).map(drop)
        })
        .await
}

/// The contract feeds it.
pub async fn link(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let (id, contract) = (need(made.project, "a project")?, need(made.contract, "a contract")?);
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = agreements::service::may(tx, actor, &agreements::policy::LINK, contract)?;
            agreements::service::link_project(tx, &granted, id).map(drop)
        })
        .await
}

/// It is honoured or given up.
pub async fn end(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let id = need(made.project, "a project")?;
    scene
        .stage
        .act(scene.buyer.lead, move |tx, actor| {
            if step == Step::Honour {
                let granted = projects::service::may(tx, actor, &projects::policy::HONOUR, id)?;
                return projects::service::honour(tx, &granted).map(drop);
            }
            let granted = projects::service::may(tx, actor, &projects::policy::DROP, id)?;
            projects::service::give_up(tx, &granted, "与上年项目重复，不再单列").map(drop)
        })
        .await
}

/// The winner reports; somebody else verifies it or sends it back.
pub async fn report(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    use reports::{policy, service};
    if step == Step::Report {
        return submit(scene, made).await;
    }
    let id = need(made.report, "a report")?;
    scene
        .stage
        .act(scene.cast.third_party, move |tx, actor| {
            if step == Step::Verify {
                let granted = service::may_review(tx, actor, &policy::VERIFY, id)?;
                return service::verify(tx, &granted).map(drop);
            }
            let granted = service::may_review(tx, actor, &policy::RETURN, id)?;
            service::give_back(tx, &granted, "服务人次与台账合计不一致").map(drop)
        })
        .await
}

async fn submit(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (project, indicator) = (need(made.project, "a project")?, need(made.indicator, "an indicator")?);
    let actual = target(scene).saturating_mul(104).checked_div(100).unwrap_or(0);
    let period = format!("{}", scene.case.year);
    let findings = Findings {
        summary: format!("全年服务 {actual} 人次，居民满意。"),
        values: vec![NewValue { indicator, actual, note: "按台账".to_owned() }],
    };
    let row = scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = reports::service::may_submit(tx, actor, project)?;
            reports::service::submit(tx, &granted, &period, &findings)
        })
        .await?;
    made.report = Some(row.id);
    Ok(())
}
