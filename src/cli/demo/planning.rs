//! Steps of the demo around the purchase plan that a case begins with.

use chrono::Days;

use super::drive::{Made, Scene, need};
use super::plan::Case;
use super::ways::{PLAN_DAYS, Route, Step};
use crate::kernel::{Fen, Money, Result};
use crate::procurement::plans::details::{Details, MarketStudy, Objective, StudySource};
use crate::procurement::plans::model::{Mode, NewBudget, NewPlan};
use crate::procurement::plans::{policy, service};
use crate::procurement::tenders::Procedure;

/// The procedure of a route.
pub fn procedure(route: Route) -> Procedure {
    match route {
        Route::Direct => Procedure::Direct,
        Route::Quotes => Procedure::Quotes,
        Route::Selection => Procedure::Selection,
        Route::Consultation => Procedure::Consultation,
        Route::OpenTender => Procedure::OpenTender,
    }
}

/// What the plan sets out to do; the study found prices a tenth below and just at the highest price.
fn details(case: &Case, subject: &str) -> Details {
    let (year, most) = (case.year.saturating_sub(1), case.ceiling);
    let lowest = Fen::new(most.get().checked_div(10).unwrap_or(0).saturating_mul(9));
    let objective = |indicator: &str, target: i64, unit: &str| Objective { indicator: indicator.to_owned(), target, unit: unit.to_owned() };
    Details {
        objectives: vec![
            objective("服务人次", most.get().checked_div(10_000).unwrap_or(0).max(1), "人次"),
            objective("服务对象满意度", 90, "%"),
        ],
        prior_evaluation: Some(format!("街道绩效评审会评估，结论：予以支持（{subject}）。")),
        market_study: MarketStudy {
            sources: vec![StudySource(format!("{year} 年周边街道{subject}项目成交公告")), StudySource("三家社会组织的书面报价".to_owned())],
            lowest: Money::from(lowest),
            highest: Money::from(most),
        },
        prohibited: Vec::new(),
        consultation: None,
        recurring: None,
    }
}

/// Drafts the plan.
pub async fn draft(scene: &Scene<'_>, made: &mut Made) -> Result<()> {
    let (case, subject, today) = (scene.case, scene.subject(), scene.at.date_in_shanghai());
    let budgets = case
        .shares()
        .into_iter()
        .map(|(stream, amount)| Ok(NewBudget { stream, year: case.year, fund: Some(scene.fund(stream)?), amount }));
    let new = NewPlan {
        year: case.year,
        title: scene.title(),
        need: scene.need(),
        need_id: None,
        catalogue_item: scene.item()?,
        off_catalogue: None,
        mode: Mode::ContractingOut,
        procedure: procedure(case.route),
        procedure_approval: None,
        public_service: false,
        term_months: 6,
        expected_on: today.checked_add_days(Days::new(PLAN_DAYS)).unwrap_or(today),
        details: details(case, subject),
        budgets: budgets.collect::<Result<_>>()?,
    };
    let plan = scene
        .stage
        .act(scene.buyer.purchaser, move |tx, actor| {
            let granted = service::may_create(actor)?;
            service::create(tx, &granted, &new).map(|file| file.plan.id)
        })
        .await?;
    made.plan = Some(plan);
    Ok(())
}

/// Takes the plan a step further.
pub async fn advance(scene: &Scene<'_>, made: &Made, step: Step) -> Result<()> {
    let (id, buyer) = (need(made.plan, "a plan")?, scene.buyer);
    let by = if matches!(step, Step::PlanApprove | Step::PlanSendBack) { buyer.lead } else { buyer.purchaser };
    scene
        .stage
        .act(by, move |tx, actor| match step {
            Step::PlanSubmit => {
                let granted = service::may(tx, actor, &policy::SUBMIT, id)?;
                service::submit(tx, &granted).map(drop)
            }
            Step::PlanSendBack => {
                let granted = service::may(tx, actor, &policy::RETURN, id)?;
                service::send_back(tx, &granted, "绩效目标偏低，请参照上年完成情况重新测算").map(drop)
            }
            Step::PlanApprove => {
                let granted = service::may(tx, actor, &policy::APPROVE, id)?;
                service::approve(tx, &granted).map(drop)
            }
            Step::PlanCancel => {
                let granted = service::may(tx, actor, &policy::CANCEL, id)?;
                service::cancel(tx, &granted, "区级已有同类项目，避免重复购买").map(drop)
            }
            _ => {
                let granted = service::may(tx, actor, &policy::PUBLISH, id)?;
                service::publish(tx, &granted).map(drop)
            }
        })
        .await
}
