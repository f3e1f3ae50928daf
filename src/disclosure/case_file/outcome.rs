//! What the case file tells of the outcome: hundred projects with their sessions, and reports with parts and evidence.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::outcome_view::{CaseEvidence, CaseProject, CaseReport, CaseSession, CaseSplit, CaseValue};
use super::policy::Case;
use super::store::ROWS_MAX;
use crate::db::Db;
use crate::db::schema::{
    documents, evidence_facts, indicators, outcome_reports, outcome_splits, outcome_values, project_agreements, projects, service_sessions,
};
use crate::kernel::Result;
use crate::kernel::id::{IndicatorId, OutcomeReportId, ProjectId};

/// The projects that the case feeds.
pub fn projects_of(db: &mut Db, case: Case) -> Result<Vec<CaseProject>> {
    let fed = project_agreements::table.filter(project_agreements::case_id.eq(case.id)).select(project_agreements::project_id);
    let rows = projects::table
        .filter(projects::tenant_id.eq(case.tenant).and(projects::id.eq_any(fed)))
        .order(projects::id)
        .limit(ROWS_MAX)
        .select((projects::id, projects::cohort, projects::number, projects::name_zh, projects::state))
        .load::<(ProjectId, i32, Option<i32>, String, String)>(db)?;
    let mut views = Vec::new();
    for (id, cohort, number, name_zh, state) in rows {
        let (sessions, reports) = (sessions_of(db, id)?, reports_of(db, id)?);
        views.push(CaseProject { id, cohort, number, name_zh, state, sessions, reports });
    }
    Ok(views)
}

fn sessions_of(db: &mut Db, project: ProjectId) -> Result<Vec<CaseSession>> {
    let rows = service_sessions::table
        .filter(service_sessions::project_id.eq(project))
        .order((service_sessions::held_on, service_sessions::id))
        .limit(ROWS_MAX)
        .select((
            (service_sessions::id, service_sessions::held_on, service_sessions::kind, service_sessions::place),
            (service_sessions::minutes, service_sessions::persons),
            (service_sessions::state, service_sessions::reason, service_sessions::decided_at),
        ))
        .load::<((_, _, String, String), (i32, i32), (String, Option<String>, _))>(db)?;
    let view = |((id, held_on, kind, place), (minutes, persons), (state, reason, decided_at))| CaseSession {
        id,
        held_on,
        kind,
        place,
        minutes,
        persons,
        state,
        reason,
        decided_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

fn reports_of(db: &mut Db, project: ProjectId) -> Result<Vec<CaseReport>> {
    let rows = outcome_reports::table
        .filter(outcome_reports::project_id.eq(project))
        .order(outcome_reports::period)
        .limit(ROWS_MAX)
        .select((outcome_reports::id, outcome_reports::period, outcome_reports::summary, outcome_reports::state, outcome_reports::reason))
        .load::<(OutcomeReportId, String, String, String, Option<String>)>(db)?;
    let mut views = Vec::new();
    for (id, period, summary, state, reason) in rows {
        let (values, evidence) = (values_of(db, id)?, evidence_of(db, id)?);
        views.push(CaseReport { id, period, summary, state, reason, values, evidence });
    }
    Ok(views)
}

fn values_of(db: &mut Db, report: OutcomeReportId) -> Result<Vec<CaseValue>> {
    let parts = outcome_splits::table
        .filter(outcome_splits::report_id.eq(report))
        .order((outcome_splits::indicator_id, outcome_splits::dimension, outcome_splits::part))
        .limit(ROWS_MAX)
        .select((outcome_splits::indicator_id, outcome_splits::dimension, outcome_splits::part, outcome_splits::number))
        .load::<(IndicatorId, String, String, i64)>(db)?;
    let mut splits: BTreeMap<IndicatorId, Vec<CaseSplit>> = BTreeMap::new();
    for (indicator, dimension, part, number) in parts {
        let part = Some(part).filter(|part| !part.is_empty());
        splits.entry(indicator).or_default().push(CaseSplit { dimension, part, number });
    }
    let rows = outcome_values::table
        .inner_join(indicators::table)
        .filter(outcome_values::report_id.eq(report))
        .order((indicators::position, indicators::id))
        .limit(ROWS_MAX)
        .select((
            (indicators::id, indicators::name_zh, outcome_values::indicator_version, indicators::unit_label),
            (indicators::kind, indicators::accumulation, indicators::baseline, indicators::target),
            (outcome_values::actual, outcome_values::numerator, outcome_values::denominator, outcome_values::note),
        ))
        .load::<((IndicatorId, String, i64, String), (String, String, i64, i64), (i64, Option<i64>, Option<i64>, String))>(db)?;
    Ok(rows
        .into_iter()
        .map(|((id, indicator_zh, indicator_version, unit_label), (kind, accumulation, baseline, target), said)| {
            let (actual, numerator, denominator, note) = said;
            CaseValue {
                splits: splits.remove(&id).unwrap_or_default(),
                indicator_zh,
                indicator_version,
                unit_label,
                kind,
                accumulation,
                baseline,
                target,
                actual,
                numerator,
                denominator,
                note,
            }
        })
        .collect())
}

fn evidence_of(db: &mut Db, report: OutcomeReportId) -> Result<Vec<CaseEvidence>> {
    let rows = evidence_facts::table
        .inner_join(documents::table)
        .left_join(indicators::table)
        .filter(evidence_facts::report_id.eq(report))
        .order((documents::created_at, documents::id))
        .limit(ROWS_MAX)
        .select((
            evidence_facts::document_id,
            documents::sha256,
            indicators::name_zh.nullable(),
            evidence_facts::taken_on,
            evidence_facts::place,
        ))
        .load::<(_, String, Option<String>, _, Option<String>)>(db)?;
    let view = |(document_id, sha256, indicator_zh, taken_on, place)| CaseEvidence { document_id, sha256, indicator_zh, taken_on, place };
    Ok(rows.into_iter().map(view).collect())
}
