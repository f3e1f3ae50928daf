//! What the case file tells of where a case began (the plan with its need), and of challenges and complaints.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::origin_view::{CaseBudget, CaseChallenge, CaseComplaint, CaseObjective, CasePlan, CasePoint};
use super::policy::Case;
use super::store::ROWS_MAX;
use crate::db::Db;
use crate::db::schema::{
    catalogue_items, challenge_points, challenges, complaints, organisations, plan_budgets, plan_tenders, plans, tenders, units,
};
use crate::kernel::id::{ChallengeId, PlanId, TenderId};
use crate::kernel::sql::Doc;
use crate::kernel::{Fen, Result};
use crate::procurement::plans::details::{Details, Objective};

/// The plans of the case: born in it, or tendered in it when several needs were merged. Oldest first.
pub fn plans_of(db: &mut Db, case: Case) -> Result<Vec<CasePlan>> {
    let tendered: Vec<PlanId> = plan_tenders::table
        .inner_join(tenders::table)
        .filter(tenders::tenant_id.eq(case.tenant).and(tenders::case_id.eq(case.id)))
        .limit(ROWS_MAX)
        .select(plan_tenders::plan_id)
        .load(db)?;
    let rows = plans::table
        .inner_join(units::table)
        .inner_join(catalogue_items::table)
        .filter(plans::tenant_id.eq(case.tenant).and(plans::case_id.eq(case.id).or(plans::id.eq_any(tendered))))
        .order((plans::created_at, plans::id))
        .limit(ROWS_MAX)
        .select((
            (plans::id, plans::unit_id, units::name_zh, plans::year, plans::title, plans::need, plans::need_id),
            (plans::catalogue_item_id, catalogue_items::code, catalogue_items::name_zh, plans::off_catalogue_name),
            (plans::mode, plans::procedure, plans::term_months, plans::expected_on),
            (plans::state, plans::reason, plans::created_at, plans::published_at, plans::details),
        ))
        .load::<(
            (PlanId, _, String, i32, String, String, _),
            (_, _, String, Option<String>),
            (String, String, i32, _),
            (String, Option<String>, _, _, Doc),
        )>(db)?;
    let ids: Vec<PlanId> = rows.iter().map(|row| row.0.0).collect();
    let mut budgets: BTreeMap<PlanId, Vec<CaseBudget>> = BTreeMap::new();
    let lines = plan_budgets::table
        .filter(plan_budgets::plan_id.eq_any(&ids))
        .order((plan_budgets::plan_id, plan_budgets::position))
        .limit(ROWS_MAX)
        .select((plan_budgets::plan_id, plan_budgets::stream, plan_budgets::year, plan_budgets::fund_id, plan_budgets::amount_fen))
        .load::<(PlanId, String, i32, _, Fen)>(db)?;
    for (plan, stream, year, fund_id, amount) in lines {
        budgets.entry(plan).or_default().push(CaseBudget { stream, year, fund_id, amount: amount.into() });
    }
    rows.into_iter()
        .map(|(head, item, how, standing)| {
            let (id, unit_id, unit_name_zh, year, title, need, need_id) = head;
            let (catalogue_item_id, catalogue_code, catalogue_name_zh, off_catalogue_name) = item;
            let (mode, procedure, term_months, expected_on) = how;
            let (state, reason, drafted_at, intention_published_at, details) = standing;
            Ok(CasePlan {
                budget: budgets.remove(&id).unwrap_or_default(),
                objectives: objectives_of(&details)?,
                id,
                unit_id,
                unit_name_zh,
                year,
                title,
                need,
                need_id,
                catalogue_item_id,
                catalogue_code,
                catalogue_name_zh,
                off_catalogue_name,
                mode,
                procedure,
                term_months,
                expected_on,
                state,
                reason,
                drafted_at,
                intention_published_at,
            })
        })
        .collect()
}

/// The performance objectives that a plan's details name.
fn objectives_of(details: &Doc) -> Result<Vec<CaseObjective>> {
    let view = |Objective { indicator, target, unit }: Objective| CaseObjective { indicator, target, unit };
    Ok(Details::read(details)?.objectives.into_iter().map(view).collect())
}

/// The challenges of the case, oldest first; the challenger of an opened tender is named.
pub fn challenges_of(db: &mut Db, case: Case, opened: &[TenderId]) -> Result<Vec<CaseChallenge>> {
    let rows = challenges::table
        .inner_join(organisations::table)
        .filter(challenges::tenant_id.eq(case.tenant).and(challenges::case_id.eq(case.id)))
        .order((challenges::filed_at, challenges::id))
        .limit(ROWS_MAX)
        .select((
            (challenges::id, challenges::tender_id, challenges::lot_id, organisations::name_zh, challenges::step, challenges::state),
            (challenges::filed_at, challenges::answer_due_on, challenges::answer, challenges::consequence, challenges::answered_at),
        ))
        .load::<((ChallengeId, TenderId, _, String, String, String), (_, _, Option<String>, Option<String>, _))>(db)?;
    let ids: Vec<ChallengeId> = rows.iter().map(|row| row.0.0).collect();
    let mut points: BTreeMap<ChallengeId, Vec<CasePoint>> = BTreeMap::new();
    let said = challenge_points::table
        .filter(challenge_points::challenge_id.eq_any(&ids))
        .order((challenge_points::challenge_id, challenge_points::number))
        .limit(ROWS_MAX)
        .select((challenge_points::challenge_id, challenge_points::number, challenge_points::fact, challenge_points::request))
        .load::<(ChallengeId, i32, String, String)>(db)?;
    for (challenge, number, fact, request) in said {
        points.entry(challenge).or_default().push(CasePoint { number, fact, request });
    }
    let mut complained = complaints_of(db, case)?;
    Ok(rows
        .into_iter()
        .map(|((id, tender, lot_id, name, step, state), (filed_at, answer_due_on, answer, consequence, answered_at))| CaseChallenge {
            points: points.remove(&id).unwrap_or_default(),
            complaints: complained.remove(&id).unwrap_or_default(),
            id,
            lot_id,
            organisation_name_zh: opened.contains(&tender).then_some(name),
            step,
            state,
            filed_at,
            answer_due_on,
            answer,
            consequence,
            answered_at,
        })
        .collect())
}

fn complaints_of(db: &mut Db, case: Case) -> Result<BTreeMap<ChallengeId, Vec<CaseComplaint>>> {
    let rows = complaints::table
        .filter(complaints::tenant_id.eq(case.tenant).and(complaints::case_id.eq(case.id)))
        .order((complaints::filed_at, complaints::id))
        .limit(ROWS_MAX)
        .select((
            (complaints::challenge_id, complaints::id, complaints::statement, complaints::state, complaints::filed_at),
            (complaints::review_reason, complaints::decision, complaints::consequence, complaints::decided_at),
        ))
        .load::<((ChallengeId, _, String, String, _), (Option<String>, Option<String>, Option<String>, _))>(db)?;
    let mut found: BTreeMap<ChallengeId, Vec<CaseComplaint>> = BTreeMap::new();
    for ((challenge, id, statement, state, filed_at), (review_reason, decision, consequence, decided_at)) in rows {
        let one = CaseComplaint { id, statement, state, filed_at, review_reason, decision, consequence, decided_at };
        found.entry(challenge).or_default().push(one);
    }
    Ok(found)
}
