//! Steps of the demo around the hundred projects and what came of them.

use diesel::prelude::*;

use super::drive::{Made, Scene, need};
use super::scans;
use super::ways::Step;
use crate::db::schema::areas;
use crate::delivery::agreements;
use crate::kernel::Result;
use crate::kernel::id::{AreaId, OutcomeReportId};
use crate::outcomes::projects::model::{Accumulation, Frequency, IndicatorDirection, NewIndicator, NewProject};
use crate::outcomes::projects::{self, IndicatorKind};
use crate::outcomes::reports;
use crate::outcomes::reports::model::{EvidenceFacts, Findings, NewValue};
use crate::outcomes::sessions::model::{NewSession, SessionKind};
use crate::outcomes::workers::model::{Certificate, CertificateLevel, WorkerData, WorkerFact};
use crate::outcomes::{sessions, workers};

/// The purchaser puts a project forward.
pub async fn propose(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (unit, subject, case) = (scene.buyer.unit, scene.subject(), scene.case);
    let area = area(scene).await?;
    let new = NewProject {
        unit,
        cohort: case.year,
        name_zh: format!("{subject}行动 {}", case.number.saturating_add(1)),
        brand: Some(scene.pick(&["湖小伴", "银龄驿站", "吴兴暖邻", "同心桥", "青禾课堂"]).to_owned()),
        story: format!("让需要{subject}的居民有人惦记、有人上门。"),
        area,
        indicators: vec![
            NewIndicator {
                name_zh: "服务人次".to_owned(),
                unit_label: "人次".to_owned(),
                kind: IndicatorKind::Count,
                direction: IndicatorDirection::Up,
                baseline: 0,
                target: target(scene),
                accumulation: Accumulation::Cumulative,
                aggregatable: true,
                method: Some("按签到表计数".to_owned()),
                source: Some("服务台账".to_owned()),
                frequency: Frequency::Year,
            },
            NewIndicator {
                name_zh: "服务对象满意度".to_owned(),
                unit_label: "%".to_owned(),
                kind: IndicatorKind::Ratio,
                direction: IndicatorDirection::Up,
                baseline: 8_000,
                target: 9_000,
                accumulation: Accumulation::Periodic,
                aggregatable: false,
                method: Some("问卷，每户一份".to_owned()),
                source: Some("第三方抽样".to_owned()),
                frequency: Frequency::Year,
            },
        ],
    };
    let (project, indicators) = scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = projects::service::may_propose(actor, Some(unit))?;
            projects::service::propose(tx, &granted, &new)
        })
        .await?;
    made.project = Some(project.id);
    made.indicators = indicators.iter().map(|indicator| indicator.id).collect();
    Ok(())
}

/// One of the district's areas, by the unit that buys.
async fn area(scene: &Scene<'_>) -> Result<Option<AreaId>> {
    let (tenant, place) = (scene.stage.tenant, i64::try_from(scene.case.unit).unwrap_or(0));
    scene
        .stage
        .step(None, move |tx, _| {
            let of = areas::table.filter(areas::tenant_id.eq(tenant)).order(areas::code.desc());
            Ok(of.select(areas::id).offset(place).first(&mut **tx).optional()?)
        })
        .await
}

/// The winner enters a social worker, whom the platform sees certified in two cases of three, and names it for the project; it holds a session, and the unit confirms it.
async fn serve(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let id = need(made.project, "a project")?;
    let (year, number) = (scene.case.year, scene.case.number);
    let today = scene.at.date_in_shanghai();
    let data = WorkerData {
        name: format!("社工{:03}", number.saturating_add(1)),
        certificate: Some(Certificate {
            level: CertificateLevel::SocialWorker,
            number: format!("{year}0933{number:05}"),
            issued_on: today,
        }),
        registration: None,
    };
    let worker = scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = workers::service::may_enter(actor)?;
            let worker = workers::service::enter(tx, &granted, &data)?;
            let granted = workers::service::may_link(tx, actor, id)?;
            workers::service::link(tx, &granted, &[worker.id])?;
            Ok(worker.id)
        })
        .await?;
    if number.checked_rem(3) != Some(2) {
        let admin = scene.cast.admin;
        scene
            .stage
            .act(admin, move |tx, actor| {
                let granted = workers::service::may(tx, actor, &workers::policy::VERIFY, worker)?;
                workers::service::verify(tx, &granted, WorkerFact::Certificate, true).map(drop)
            })
            .await?;
    }
    made.worker = Some(worker);
    hold(scene, made).await?;
    let session = need(made.session, "a session")?;
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = sessions::service::may(tx, actor, &sessions::policy::CONFIRM, session)?;
            sessions::service::confirm(tx, &granted).map(drop)
        })
        .await
}

/// The winner's worker holds a session.
pub async fn hold(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (id, number) = (need(made.project, "a project")?, i32::try_from(scene.case.number).unwrap_or(0));
    let kinds = SessionKind::ALL.iter().cycle().nth(scene.case.number).copied();
    let new = NewSession {
        worker: need(made.worker, "a social worker")?,
        held_on: scene.at.date_in_shanghai(),
        minutes: number.checked_rem(4).unwrap_or(0).saturating_mul(15).saturating_add(60),
        place: scene.pick(&["社区党群服务中心", "老年活动室", "社区图书室", "街道文化站"]).to_owned(),
        kind: kinds.unwrap_or(SessionKind::Community),
        persons: number.checked_rem(23).unwrap_or(0).saturating_add(4),
        note: format!("{}活动。", scene.subject()),
    };
    let session = scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = sessions::service::may_record(tx, actor, id)?;
            sessions::service::record(tx, &granted, &new).map(|row| row.id)
        })
        .await?;
    made.session = Some(session);
    Ok(())
}

/// The unit disputes the session that was recorded last.
pub async fn dispute(scene: &Scene<'_>, made: &Made) -> Result<()> {
    let session = need(made.session, "a session")?;
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = sessions::service::may(tx, actor, &sessions::policy::DISPUTE, session)?;
            sessions::service::dispute(tx, &granted, "当日场地未开放，签到表与人数不符").map(drop)
        })
        .await
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

/// The contract feeds it, and the winner begins to serve.
pub async fn link(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (id, contract) = (need(made.project, "a project")?, need(made.contract, "a contract")?);
    scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = agreements::service::may(tx, actor, &agreements::policy::LINK, contract)?;
            agreements::service::link_project(tx, &granted, id).map(drop)
        })
        .await?;
    serve(scene, made).await
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

/// The winner reports; somebody else verifies it or sends it back; the lead accepts what is verified.
pub async fn report(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    use reports::{policy, service};
    if matches!(step, Step::Report | Step::Resubmit) {
        return submit(scene, made).await;
    }
    let id = need(made.report, "a report")?;
    // Of every fourth the lists stay with the community.
    if step == Step::Verify && scene.case.number.checked_rem(4) != Some(3) {
        bring_evidence(scene, id).await?;
    }
    let by = if step == Step::AcceptReport { scene.buyer.lead } else { scene.cast.third_party };
    scene
        .stage
        .act(by, move |tx, actor| match step {
            Step::Verify => {
                let granted = service::may_review(tx, actor, &policy::VERIFY, id)?;
                let exceptions = service::Exceptions {
                    without_evidence: Some("签到表原件存放于社区，已现场核对"),
                    before_its_end: Some("合同约定的服务已全部完成"),
                };
                service::verify(tx, &granted, exceptions).map(drop)
            }
            Step::AcceptReport => {
                let granted = service::may(tx, actor, &policy::ACCEPT, id)?;
                service::accept(tx, &granted).map(drop)
            }
            _ => {
                let granted = service::may_review(tx, actor, &policy::RETURN, id)?;
                service::give_back(tx, &granted, "服务人次与台账合计不一致").map(drop)
            }
        })
        .await
}

/// The winner brings the signed lists, as they were scanned.
async fn bring_evidence(scene: &Scene<'_>, id: OutcomeReportId) -> Result<()> {
    use reports::{policy, service};
    let file = scans::scan(scene, &format!("Signed lists of services, case {}", scene.case.number)).await?;
    let facts = EvidenceFacts { indicator: None, taken_on: None, place: Some("社区党群服务中心".to_owned()) };
    scene
        .stage
        .act(scene.winner()?, move |tx, actor| {
            let granted = service::may(tx, actor, &policy::ATTACH, id)?;
            service::attach(tx, &granted, "signed-lists.pdf", &file, &facts).map(drop)
        })
        .await
}

/// Reports the year, or again what came back.
async fn submit(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (project, indicators, before) = (need(made.project, "a project")?, made.indicators.clone(), made.report);
    let percent = i64::try_from(scene.case.number.checked_rem(17).unwrap_or(0)).unwrap_or(0).saturating_add(93);
    let served = target(scene).saturating_mul(percent).checked_div(100).unwrap_or(0);
    let satisfied = percent.saturating_mul(30).saturating_add(6_300);
    let values = indicators
        .iter()
        .zip([served, satisfied])
        .map(|(id, actual)| NewValue { note: "按台账".to_owned(), ..NewValue::of(*id, actual) });
    let findings =
        Findings { summary: format!("全年服务 {served} 人次，完成目标的百分之{percent}。"), values: values.collect() };
    let period = format!("{}", scene.case.year);
    let row = scene
        .stage
        .act(scene.winner()?, move |tx, actor| match before {
            None => {
                let granted = reports::service::may_submit(tx, actor, project)?;
                reports::service::submit(tx, &granted, &period, &findings)
            }
            Some(id) => {
                let granted = reports::service::may(tx, actor, &reports::policy::RESUBMIT, id)?;
                reports::service::resubmit(tx, &granted, &findings)
            }
        })
        .await?;
    made.report = Some(row.id);
    Ok(())
}
