//! Use cases of reports: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{EvidenceFacts, EvidenceRow, Findings, NewValue, ReopeningRow, ReportFile, ReportRow, ReportState, SplitRow, ValueRow};
use super::{periods, policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Problem, problems};
use crate::kernel::id::{OrganisationId, OutcomeReportId, ProjectId, TenantId};
use crate::kernel::{Error, Result};
use crate::outcomes::projects::{self, IndicatorRow, ProjectRow, ProjectState};
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::documents::{self, DocumentRow, Owner, StoredFile};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The period has its report.
    PERIOD_REPORTED = "period_reported", 409, "该期已有成效报告", "The period has its report",
        "每个项目每期一份成效报告。被退回的报告请重新提交，不要另建。",
        "A project has one report per period. Submit a returned report again instead of making another.";
    /// A report covers some of the days.
    PERIOD_OVERLAPS = "period_overlaps", 409, "该期与已有报告的期间重叠", "The period overlaps one that has a report",
        "同一项目的各期不得重叠：按年报告后不再按月、季、半年报告，反之亦然。",
        "The periods of a project have no day in common: what is reported for a year is not reported for its months, quarters or halves, and the other way round.";
    /// No evidence.
    EVIDENCE_MISSING = "evidence_missing", 409, "没有佐证材料", "No evidence is attached",
        "核验前须至少附一份佐证材料；确实无法提供的，请在 without_evidence 中写明理由，该理由公开并存证。",
        "A report is verified with at least one evidence file; where there can be none, say why in without_evidence: the reason is public and journalled.";
    /// The period runs.
    PERIOD_NOT_OVER = "period_not_over", 409, "该期尚未结束", "The period is not over yet",
        "该期结束后方可核验；服务已提前全部完成的，请在 before_its_end 中写明理由，该理由公开并存证。",
        "A report is verified when its period is over; where all was delivered before, say so in before_its_end: the reason is public and journalled.";
    /// An exception waits.
    REOPENING_ASKED = "reopening_asked", 409, "已有待同意的例外", "An exception waits already",
        "请等待第二人对已提出的例外表态。",
        "Wait for the second person's word on the exception that was asked for.";
    /// No exception waits.
    NO_REOPENING = "no_reopening", 409, "没有待同意的例外", "No exception waits",
        "该报告没有待同意的例外。",
        "The report has no exception that waits for a second person.";
}

/// Kind of the owner of evidence.
pub const OWNER_KIND: &str = "outcome_report";
/// Purpose of evidence.
pub const EVIDENCE: &str = "evidence";

/// Why a report is verified although something is missing; each reason is public and counts only where it is needed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exceptions<'a> {
    /// Why there is no evidence file.
    pub without_evidence: Option<&'a str>,
    /// Why the period need not be over.
    pub before_its_end: Option<&'a str>,
}

/// May the actor report on this project?
pub fn may_submit(db: &mut Db, actor: &Actor, project: ProjectId) -> Result<Authorized<ProjectRow>> {
    authorize(actor, &policy::SUBMIT, projects::find(db, actor.tenant, project)?)
}

/// May the actor do this to the report?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: OutcomeReportId) -> Result<Authorized<ReportFile>> {
    authorize(actor, action, file(db, actor.tenant, id)?)
}

/// May the actor verify or return the report, or open it again? Nobody of an organisation that delivers the project may, whatever else they are.
pub fn may_review(db: &mut Db, actor: &Actor, action: &'static Action, id: OutcomeReportId) -> Result<Authorized<ReportFile>> {
    let granted = may(db, actor, action, id)?;
    if let Some(own) = actor.organisation
        && delivers(db, &granted.subject().project, own)?
    {
        return Err(
            DUTIES_NOT_SEPARATE.because(words!("您属于承接该项目的组织", "you belong to the organisation that delivers this project"))
        );
    }
    Ok(granted)
}

/// Whether the organisation delivers the project: one of the agreements that feed it pays the organisation.
fn delivers(db: &mut Db, project: &ProjectRow, organisation: OrganisationId) -> Result<bool> {
    let linked = projects::store::agreements_of(db, project.id)?;
    Ok(project.payee_id == Some(organisation) || linked.iter().any(|agreement| agreement.payee_id == organisation))
}

/// A report with its project; 404 when there is none in the tenant.
pub fn file(db: &mut Db, tenant: TenantId, id: OutcomeReportId) -> Result<ReportFile> {
    let report = store::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let project = projects::find(db, tenant, report.project_id)?;
    Ok(ReportFile { report, project })
}

/// Submits the report of a period.
pub fn submit(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>, period: &str, findings: &Findings) -> Result<ReportRow> {
    let project = granted.subject();
    rules::check_period(period, tx.now().date_in_shanghai())?;
    let indicators = projects::indicators_of(tx, project.tenant_id, project.id)?;
    rules::check_findings(findings, &indicators)?;
    let taken: Vec<String> = store::periods_of(tx, project.tenant_id, project.id)?.into_iter().map(|(period, _)| period).collect();
    if taken.iter().any(|other| other == period) {
        return Err(PERIOD_REPORTED.because(words!("{period} 期", "period {period}")));
    }
    if let Some(other) = periods::overlapping(period, &taken) {
        return Err(PERIOD_OVERLAPS.because(words!("{period} 与 {other} 重叠", "{period} overlaps {other}")));
    }
    let case_id = project.case_id.ok_or_else(|| Error::internal(format!("the delivering project {} has no case", project.id)))?;
    let row = ReportRow {
        id: tx.new_id(),
        tenant_id: project.tenant_id,
        project_id: project.id,
        case_id,
        period: period.to_owned(),
        summary: findings.summary.trim().to_owned(),
        state: ReportState::Submitted,
        reported_by: granted.by(),
        verified_by: None,
        reason: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row, &value_rows(row.id, findings, &indicators), &split_rows(row.id, findings))?;
    record(tx, "outcome_report.submitted", &row, said(&row, findings))?;
    Ok(row)
}

/// Submits a returned report again, with all its values anew.
pub fn resubmit(tx: &mut Tx<'_>, granted: &Authorized<ReportFile>, findings: &Findings) -> Result<ReportRow> {
    let ReportFile { report, project } = granted.subject();
    require_running(project)?;
    let indicators = projects::indicators_of(tx, project.tenant_id, project.id)?;
    rules::check_findings(findings, &indicators)?;
    let row = ReportRow {
        summary: findings.summary.trim().to_owned(),
        reported_by: granted.by(),
        reason: None,
        ..moved(report, ReportState::Submitted)
    };
    store::replace_values(tx, row.id, &value_rows(row.id, findings, &indicators), &split_rows(row.id, findings))?;
    let content = said(&row, findings);
    keep(tx, "outcome_report.resubmitted", row, content)
}

/// Verifies the report; and with its final report, once none waits, the project. Without evidence only for a reason.
pub fn verify(tx: &mut Tx<'_>, granted: &Authorized<ReportFile>, exceptions: Exceptions<'_>) -> Result<ReportRow> {
    let ReportFile { report, project } = granted.subject();
    require_running(project)?;
    let evidenced = !store::evidence_of(tx, report)?.is_empty();
    let without_evidence = exception(evidenced, exceptions.without_evidence, "without_evidence", &EVIDENCE_MISSING)?;
    let over = rules::is_over(&report.period, tx.now().date_in_shanghai());
    let before_its_end = exception(over, exceptions.before_its_end, "before_its_end", &PERIOD_NOT_OVER)?;
    let reasons: Vec<String> = [&without_evidence, &before_its_end].into_iter().flatten().cloned().collect();
    let reason = (!reasons.is_empty()).then(|| reasons.join("\n"));
    let row = ReportRow { verified_by: Some(granted.by()), reason, ..moved(report, ReportState::Verified) };
    let content = json!({"period": report.period, "without_evidence": without_evidence, "before_its_end": before_its_end});
    let row = keep(tx, "outcome_report.verified", row, content)?;
    let standings: Vec<(String, bool)> =
        store::periods_of(tx, project.tenant_id, project.id)?.into_iter().map(|(period, state)| (period, state.is_locked())).collect();
    if periods::complete(project.cohort, &standings) {
        projects::mark_verified(tx, project)?;
    }
    Ok(row)
}

/// The reason why a condition of the verification need not hold; none is kept where it holds.
fn exception(holds: bool, said: Option<&str>, parameter: &str, refusal: &'static Problem) -> Result<Option<String>> {
    if holds {
        return Ok(None);
    }
    let reason = said.ok_or_else(|| refusal.error())?;
    rules::check_exception(reason, parameter)?;
    Ok(Some(reason.trim().to_owned()))
}

/// Takes a verified report over for the unit.
pub fn accept(tx: &mut Tx<'_>, granted: &Authorized<ReportFile>) -> Result<ReportRow> {
    keep(tx, "outcome_report.accepted", moved(&granted.subject().report, ReportState::Accepted), json!({}))
}

/// Asks for an exception that opens the locked period of a project that is still running.
pub fn ask_reopening(tx: &mut Tx<'_>, granted: &Authorized<ReportFile>, reason: &str) -> Result<ReportRow> {
    projects::rules::check_reason(reason)?;
    let ReportFile { report, project } = granted.subject();
    require_running(project)?;
    if store::open_reopening(tx, report.id)?.is_some() {
        return Err(REOPENING_ASKED.error());
    }
    let row = ReopeningRow {
        id: tx.new_id(),
        tenant_id: report.tenant_id,
        report_id: report.id,
        reason: reason.trim().to_owned(),
        asked_by: granted.by(),
        asked_at: tx.now(),
        decided_by: None,
        decided_at: None,
    };
    store::insert_reopening(tx, &row)?;
    let content = json!({"reopening_id": row.id, "reason": row.reason});
    keep(tx, "outcome_report.reopening_asked", moved(report, report.state), content)
}

/// A second person agrees: the report is returned with the exception's reason, to be said anew and verified anew.
pub fn agree_reopening(tx: &mut Tx<'_>, granted: &Authorized<ReportFile>) -> Result<ReportRow> {
    let ReportFile { report, project } = granted.subject();
    require_running(project)?;
    let asked = store::open_reopening(tx, report.id)?.ok_or_else(|| NO_REOPENING.error())?;
    if asked.asked_by == granted.by() {
        return Err(DUTIES_NOT_SEPARATE.because(words!("例外由您提出", "you asked for the exception")));
    }
    let row = ReopeningRow { decided_by: Some(granted.by()), decided_at: Some(tx.now()), ..asked };
    store::save_reopening(tx, &row)?;
    let content = json!({"reopening_id": row.id, "reason": row.reason});
    let report = ReportRow { verified_by: None, reason: Some(row.reason), ..moved(report, ReportState::Returned) };
    keep(tx, "outcome_report.reopened", report, content)
}

/// Sends the report back.
pub fn give_back(tx: &mut Tx<'_>, granted: &Authorized<ReportFile>, reason: &str) -> Result<ReportRow> {
    projects::rules::check_reason(reason)?;
    let row = ReportRow { reason: Some(reason.trim().to_owned()), ..moved(&granted.subject().report, ReportState::Returned) };
    keep(tx, "outcome_report.returned", row, json!({"reason": reason.trim()}))
}

/// Adds an evidence file that is stored already, with when and where it was taken and the value that it proves.
pub fn attach(
    tx: &mut Tx<'_>,
    granted: &Authorized<ReportFile>,
    filename: &str,
    file: &StoredFile,
    facts: &EvidenceFacts,
) -> Result<DocumentRow> {
    let report = &granted.subject().report;
    let indicators = projects::indicators_of(tx, report.tenant_id, report.project_id)?;
    rules::check_evidence(facts, &indicators, tx.now().date_in_shanghai())?;
    let owner = Owner { tenant: report.tenant_id, kind: OWNER_KIND, id: report.id.any(), case: Some(report.case_id) };
    let row = documents::attach(tx, owner, EVIDENCE, filename, file, granted.by())?;
    let known = EvidenceRow {
        document_id: row.id,
        report_id: report.id,
        indicator_id: facts.indicator,
        taken_on: facts.taken_on,
        place: facts.place.as_deref().map(|place| place.trim().to_owned()),
    };
    store::insert_evidence(tx, &known)?;
    let content = json!({"document_id": row.id, "sha256": row.sha256, "size_bytes": row.size_bytes, "indicator_id": known.indicator_id,
        "taken_on": known.taken_on});
    record(tx, "outcome_report.evidence_added", report, content)?;
    Ok(row)
}

/// A report of a project that was dropped or honoured meanwhile is left as it is.
fn require_running(project: &ProjectRow) -> Result<()> {
    match project.state {
        ProjectState::Delivering | ProjectState::Verified => Ok(()),
        state => Err(error::WRONG_STATE.because(words!(
            "项目现状为 {state}，须为 delivering 或 verified",
            "the project is {state}, it must be delivering or verified"
        ))),
    }
}

fn moved(before: &ReportRow, state: ReportState) -> ReportRow {
    ReportRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn value_rows(report: OutcomeReportId, findings: &Findings, indicators: &[IndicatorRow]) -> Vec<ValueRow> {
    let version = |id| indicators.iter().find(|indicator| indicator.id == id).map_or(1, |indicator| indicator.version);
    let row = |value: &NewValue| ValueRow {
        report_id: report,
        indicator_id: value.indicator,
        actual: value.actual,
        note: value.note.trim().to_owned(),
        numerator: value.share.map(|share| share.0),
        denominator: value.share.map(|share| share.1),
        indicator_version: version(value.indicator),
    };
    findings.values.iter().map(row).collect()
}

/// The parts of the values; the part without a name is what is explicitly unknown.
fn split_rows(report: OutcomeReportId, findings: &Findings) -> Vec<SplitRow> {
    let mut rows = Vec::new();
    for value in &findings.values {
        for split in &value.splits {
            let unknown = std::iter::once((String::new(), split.unknown));
            rows.extend(split.parts.iter().cloned().chain(unknown).map(|(part, number)| SplitRow {
                report_id: report,
                indicator_id: value.indicator,
                dimension: split.dimension.trim().to_owned(),
                part: part.trim().to_owned(),
                number,
            }));
        }
    }
    rows
}

fn said(row: &ReportRow, findings: &Findings) -> Value {
    let values: Vec<Value> = findings
        .values
        .iter()
        .map(|value| json!({"indicator_id": value.indicator, "actual": value.actual, "share": value.share}))
        .collect();
    json!({"project_id": row.project_id, "period": row.period, "values": values})
}

fn keep(tx: &mut Tx<'_>, action: &str, row: ReportRow, content: Value) -> Result<ReportRow> {
    store::save(tx, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ReportRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    let event = Event {
        tenant: row.tenant_id,
        action,
        kind: "outcome_report",
        resource: row.id.any(),
        version: row.version,
        case: Some(row.case_id),
        content,
    };
    journal::record(tx, &event).map(drop)
}
