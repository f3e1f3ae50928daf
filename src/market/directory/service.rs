//! Use cases of calls: calling, publicity, publication, cancellation.

use serde_json::{Value, json};

use super::applications;
use super::model::{ApplicationState, CallRow, CallState, NewCall};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::DirectoryCallId;
use crate::people::policy::{DUTIES_NOT_SEPARATE, District, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The edition's name is taken.
    DIRECTORY_EDITION_TAKEN = "directory_edition_taken", 409, "目录版次已存在", "The edition exists already",
        "请换一个版次名称，如“2026 增补”。",
        "Choose another name of the edition, such as 2026 supplement.";
    /// Not in the window.
    APPLICATIONS_CLOSED = "applications_closed", 409, "不在申请期内", "Applications are not taken now",
        "请在征集公告载明的申请期内提交。",
        "Apply within the days that the call names.";
    /// One per item.
    ALREADY_APPLIED = "already_applied", 409, "已申请该目录项", "Applied for this item already",
        "同一次征集中，一个组织对一个目录项只能有一份申请。需要修改的请先撤回。",
        "An organisation applies once for an item of a call. To change it, take the former back first.";
    /// Some applications wait.
    APPLICATIONS_OPEN = "applications_not_assessed", 409, "尚有申请未评审", "Some applications are not assessed",
        "申请期结束且全部申请评审后，方可公示。",
        "The publicity begins after the last day of applications, when each is assessed.";
    /// The publicity is not over.
    DIRECTORY_PUBLICITY_RUNS = "directory_publicity_runs", 409, "公示期未满", "The publicity is not over",
        "公示期满的次日起方可发布。",
        "The edition is published from the day after the last day of the publicity.";
    /// Criteria are not met.
    CRITERIA_NOT_MET = "criteria_not_met", 409, "未达到入选条件", "The criteria are not met",
        "所列证明须已核实且在有效期内，评估等级须达到征集要求；过期的不计入。",
        "Evidence must be verified and in force, and the rating as high as the call asks; what has expired does not count.";
}

/// May the actor call?
pub fn may_call(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::CALL, District(actor.tenant))
}

/// May the actor do this to the call?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: DirectoryCallId) -> Result<Authorized<CallRow>> {
    authorize(actor, action, store::find_call(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?)
}

/// May the actor publish? Not who assessed anything in it.
pub fn may_publish(db: &mut Db, actor: &Actor, id: DirectoryCallId) -> Result<Authorized<CallRow>> {
    let granted = may(db, actor, &policy::PUBLISH, id)?;
    if store::assessed_in(db, id, actor.account)? {
        return Err(DUTIES_NOT_SEPARATE.because(words!("评审人不得发布", "whoever assessed in it does not publish it")));
    }
    Ok(granted)
}

/// Calls for applications, in public.
pub fn call(tx: &mut Tx<'_>, granted: &Authorized<District>, new: &NewCall) -> Result<CallRow> {
    rules::check_call(new, tx.now().date_in_shanghai())?;
    let (tenant, edition) = (granted.subject().0, new.edition.trim().to_owned());
    if store::call_by_edition(tx, tenant, &edition)?.is_some() {
        return Err(DIRECTORY_EDITION_TAKEN.because(words!("版次 {edition}", "edition {edition}")));
    }
    let row = CallRow {
        id: tx.new_id(),
        tenant_id: tenant,
        edition,
        year: new.year,
        criteria: new.criteria.trim().to_owned(),
        min_grade: new.min_grade,
        opens_on: new.opens_on,
        closes_on: new.closes_on,
        publicity_days: new.publicity_days,
        state: CallState::Called,
        publicity_until: None,
        cancel_reason: None,
        created_by: granted.by(),
        published_by: None,
        published_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert_call(tx, granted, &row)?;
    let content = json!({"edition": row.edition, "year": row.year, "criteria": row.criteria, "min_grade": row.min_grade,
        "opens_on": row.opens_on, "closes_on": row.closes_on, "publicity_days": row.publicity_days});
    record(tx, "directory_call.called", &row, content)?;
    Ok(row)
}

/// Shows who is accepted, once the window is over and every application is assessed.
pub fn publicise(tx: &mut Tx<'_>, granted: &Authorized<CallRow>) -> Result<CallRow> {
    let (call, today) = (granted.subject(), tx.now().date_in_shanghai());
    if !rules::is_closed(call, today) {
        let last = call.closes_on;
        return Err(APPLICATIONS_OPEN.because(words!("申请期至 {last}", "applications are taken to {last}")));
    }
    let waiting = store::in_state(tx, call.id, ApplicationState::Applied)?.len();
    if waiting > 0 {
        return Err(APPLICATIONS_OPEN.because(words!("{waiting} 份未评审", "{waiting} are not assessed")));
    }
    let row = store::publicise(tx, granted, rules::publicity_until(today, call.publicity_days))?;
    record(tx, "directory_call.publicised", &row, json!({"publicity_until": row.publicity_until}))?;
    Ok(row)
}

/// Puts the edition into force: the accepted ones are listed and told.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<CallRow>) -> Result<CallRow> {
    let (call, today) = (granted.subject(), tx.now().date_in_shanghai());
    if let Some(until) = call.publicity_until.filter(|_| !rules::publicity_over(call, today)) {
        return Err(DIRECTORY_PUBLICITY_RUNS.because(words!("公示至 {until}", "the publicity runs to {until}")));
    }
    let mut listed = 0_usize;
    for accepted in store::in_state(tx, call.id, ApplicationState::Accepted)? {
        applications::list(tx, granted, &accepted)?;
        listed = listed.saturating_add(1);
    }
    let row = store::publish(tx, granted)?;
    record(tx, "directory_call.published", &row, json!({"edition": row.edition, "year": row.year, "listed": listed}))?;
    Ok(row)
}

/// Ends a call without an edition, for a reason.
pub fn cancel(tx: &mut Tx<'_>, granted: &Authorized<CallRow>, reason: &str) -> Result<CallRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    let row = store::cancel(tx, granted, reason.trim())?;
    record(tx, "directory_call.cancelled", &row, json!({"reason": row.cancel_reason}))?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &CallRow, content: Value) -> Result<()> {
    let (tenant, resource, version) = (row.tenant_id, row.id.any(), row.version);
    journal::record(tx, &Event { tenant, action, kind: "directory_call", resource, version, case: None, content })?;
    Ok(())
}
