//! Use cases of projects: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{AgreementRow, IndicatorRow, IndicatorVersionRow, NewProject, ProjectRow, ProjectState, UnitDesk};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, AnyId, AreaId, CaseId, IndicatorId, OrganisationId, ProjectId, TenantId, UnitId};
use crate::kernel::{Error, Result};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The number of the cohort is taken.
    PROJECT_NUMBER_TAKEN = "project_number_taken", 409, "项目编号已被占用", "The project number is taken",
        "同一年度的百个公益项目编号唯一。请另选一个 1 到 100 的编号。",
        "A number of the hundred is given once in a cohort. Choose another one between 1 and 100.";
    /// A party is not named.
    LINKAGE_INCOMPLETE = "linkage_incomplete", 409, "三社联动信息不全", "The three parties are not all named",
        "计入年度品牌的项目须写明社区、承接组织和社会工作者。请补充区划与社工名单。",
        "A project that counts names its community, its organisation and its social workers. Name the area and the workers first.";
}

/// May the actor put a project of this unit forward?
pub fn may_propose(actor: &Actor, unit: Option<UnitId>) -> Result<Authorized<UnitDesk>> {
    authorize(actor, &policy::PROPOSE, UnitDesk { tenant: actor.tenant, unit })
}

/// May the actor do this to the project?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ProjectId) -> Result<Authorized<ProjectRow>> {
    authorize(actor, action, find(db, actor.tenant, id)?)
}

/// A project of the tenant; 404 when there is none.
pub fn find(db: &mut Db, tenant: TenantId, id: ProjectId) -> Result<ProjectRow> {
    store::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

/// The indicators of a project.
pub fn indicators_of(db: &mut Db, tenant: TenantId, id: ProjectId) -> Result<Vec<IndicatorRow>> {
    store::indicators_of(db, tenant, id)
}

/// Puts a project forward.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, new: &NewProject) -> Result<(ProjectRow, Vec<IndicatorRow>)> {
    rules::check_new(new)?;
    let tenant = granted.subject().tenant;
    if !store::unit_exists(tx, tenant, new.unit)? {
        return Err(Error::field("/unit_id", words!("没有这个单位", "there is no such unit")));
    }
    if let Some(area) = new.area
        && !store::area_exists(tx, tenant, area)?
    {
        return Err(Error::field("/area_id", words!("没有这个区划", "there is no such area")));
    }
    let row = ProjectRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: new.unit,
        cohort: new.cohort,
        number: None,
        name_zh: new.name_zh.trim().to_owned(),
        story: new.story.trim().to_owned(),
        area_id: new.area,
        state: ProjectState::Proposed,
        case_id: None,
        agreement_id: None,
        payee_id: None,
        created_by: granted.by(),
        version: 1,
        created_at: tx.now(),
        brand: new.brand.as_deref().map(|brand| brand.trim().to_owned()),
    };
    let mut measured = Vec::with_capacity(new.indicators.len());
    for (position, indicator) in (1..).zip(&new.indicators) {
        measured.push(IndicatorRow {
            id: tx.new_id(),
            tenant_id: tenant,
            project_id: row.id,
            position,
            name_zh: indicator.name_zh.trim().to_owned(),
            unit_label: indicator.unit_label.trim().to_owned(),
            kind: indicator.kind,
            direction: indicator.direction,
            baseline: indicator.baseline,
            target: indicator.target,
            accumulation: indicator.accumulation,
            aggregatable: indicator.aggregatable,
            method: indicator.method.as_deref().map(|text| text.trim().to_owned()),
            source: indicator.source.as_deref().map(|text| text.trim().to_owned()),
            frequency: indicator.frequency,
            version: 1,
        });
    }
    store::insert(tx, granted, &row, &measured)?;
    let facts: Vec<Value> = measured
        .iter()
        .map(|i| json!({"id": i.id, "name_zh": i.name_zh, "kind": i.kind, "direction": i.direction, "baseline": i.baseline, "target": i.target}))
        .collect();
    let content = json!({"unit_id": row.unit_id, "cohort": row.cohort, "name_zh": row.name_zh, "brand": row.brand, "indicators": facts});
    record(tx, "project.proposed", &row, content)?;
    Ok((row, measured))
}

/// Gives the project a number of its cohort.
pub fn select(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>, number: i32) -> Result<ProjectRow> {
    rules::check_number(number)?;
    let before = granted.subject();
    if store::number_taken(tx, before.tenant_id, before.cohort, number)? {
        return Err(PROJECT_NUMBER_TAKEN.because(words!("{0} 年第 {number} 号", "number {number} of {0}", before.cohort)));
    }
    let row = ProjectRow { number: Some(number), ..moved(before, ProjectState::Selected) };
    keep(tx, "project.selected", row, json!({"cohort": before.cohort, "number": number}))
}

/// Counts a verified project in the yearly brand, once its community, organisation and social workers are named (三社联动).
pub fn honour(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>) -> Result<ProjectRow> {
    let project = granted.subject();
    if project.area_id.is_none() || project.payee_id.is_none() || !store::has_workers(tx, project.id)? {
        return Err(LINKAGE_INCOMPLETE.error());
    }
    keep(tx, "project.honoured", moved(granted.subject(), ProjectState::Honoured), json!({}))
}

/// Names the community or other area where the project happens.
pub fn place(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>, area: AreaId) -> Result<ProjectRow> {
    let before = granted.subject();
    if !store::area_exists(tx, before.tenant_id, area)? {
        return Err(Error::field("/area_id", words!("没有这个区划", "there is no such area")));
    }
    let row = ProjectRow { area_id: Some(area), ..moved(before, before.state) };
    keep(tx, "project.area_named", row, json!({"area_id": area}))
}

/// Revises an indicator: another target or method, with a reason. What is verified keeps the version that it was reported under.
pub fn revise(
    tx: &mut Tx<'_>,
    granted: &Authorized<ProjectRow>,
    indicator: IndicatorId,
    target: i64,
    method: Option<&str>,
    reason: &str,
) -> Result<(ProjectRow, Vec<IndicatorRow>)> {
    rules::check_reason(reason)?;
    let project = granted.subject();
    let all = store::indicators_of(tx, project.tenant_id, project.id)?;
    let before = all.into_iter().find(|one| one.id == indicator).ok_or_else(|| error::NOT_FOUND.error())?;
    let row = IndicatorRow {
        target,
        method: method.map(|text| text.trim().to_owned()),
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    rules::check_revision(&row)?;
    let former = IndicatorVersionRow {
        indicator_id: before.id,
        version: before.version,
        tenant_id: before.tenant_id,
        target: before.target,
        method: before.method,
        reason: reason.trim().to_owned(),
        replaced_by: granted.by(),
        replaced_at: tx.now(),
    };
    store::revise(tx, &row, &former)?;
    let content = json!({"indicator_id": row.id, "version": row.version, "target": row.target, "former_target": former.target, "reason": former.reason});
    let project = note(tx, project, "project.indicator_revised", content)?;
    let indicators = store::indicators_of(tx, project.tenant_id, project.id)?;
    Ok((project, indicators))
}

/// Notes something that belongs to the project, as its next version. Called by a slice above, which holds the proof.
pub fn note(tx: &mut Tx<'_>, project: &ProjectRow, action: &str, content: Value) -> Result<ProjectRow> {
    keep(tx, action, moved(project, project.state), content)
}

/// Gives a project up. Its number stays its own.
pub fn give_up(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>, reason: &str) -> Result<ProjectRow> {
    rules::check_reason(reason)?;
    keep(tx, "project.dropped", moved(granted.subject(), ProjectState::Dropped), json!({"reason": reason.trim()}))
}

/// Feeds a project by an agreement: a selected one begins to be delivered, by whom its first agreement pays; one that is delivered gets a further agreement.
/// Called by the storey that holds the proof on the agreement; `by` is its account.
///
/// Errors: 404 when there is no such project, `wrong_state` when it is not selected.
pub fn link(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    project: ProjectId,
    agreement: AnyId,
    payee: OrganisationId,
    case: CaseId,
) -> Result<ProjectRow> {
    let before = find(tx, tenant, project)?;
    if !matches!(before.state, ProjectState::Selected | ProjectState::Delivering) {
        let state = before.state;
        return Err(error::WRONG_STATE.because(words!(
            "项目现状为 {state}，须为 selected 或 delivering",
            "the project is {state}, it must be selected or delivering"
        )));
    }
    let fed = moved(&before, ProjectState::Delivering);
    let row = ProjectRow {
        case_id: before.case_id.or(Some(case)),
        agreement_id: before.agreement_id.or(Some(agreement)),
        payee_id: before.payee_id.or(Some(payee)),
        ..fed
    };
    let position = i32::try_from(store::agreements_of(tx, project)?.len()).unwrap_or(i32::MAX).saturating_add(1);
    store::insert_agreement(tx, &AgreementRow { project_id: project, agreement_id: agreement, case_id: case, payee_id: payee, position })?;
    keep(tx, "project.linked", row, json!({"agreement_id": agreement, "payee_id": payee, "linked_by": by}))
}

/// Notes that the final outcome report was verified: delivering → verified; a verified project stays so. Called by `reports`, which holds the proof.
pub fn mark_verified(tx: &mut Tx<'_>, project: &ProjectRow) -> Result<ProjectRow> {
    match project.state {
        ProjectState::Verified => Ok(project.clone()),
        ProjectState::Delivering => keep(tx, "project.verified", moved(project, ProjectState::Verified), json!({})),
        state => {
            Err(error::WRONG_STATE.because(words!("项目现状为 {state}，须为 delivering", "the project is {state}, it must be delivering")))
        }
    }
}

fn moved(before: &ProjectRow, state: ProjectState) -> ProjectRow {
    ProjectRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, action: &str, row: ProjectRow, content: Value) -> Result<ProjectRow> {
    store::save(tx, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ProjectRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    let event =
        Event { tenant: row.tenant_id, action, kind: "project", resource: row.id.any(), version: row.version, case: row.case_id, content };
    journal::record(tx, &event).map(drop)
}
