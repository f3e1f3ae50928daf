//! Use cases of service sessions: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{NewSession, SessionRow, SessionState};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{ProjectId, ServiceSessionId};
use crate::kernel::{Error, Result, error};
use crate::outcomes::projects::{self, ProjectRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor record a session of this project?
pub fn may_record(db: &mut Db, actor: &Actor, id: ProjectId) -> Result<Authorized<ProjectRow>> {
    authorize(actor, &policy::RECORD, projects::find(db, actor.tenant, id)?)
}

/// May the actor confirm or dispute this one?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ServiceSessionId) -> Result<Authorized<SessionRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// The organisation records that a session took place.
pub fn record(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>, new: &NewSession) -> Result<SessionRow> {
    let project = granted.subject();
    rules::check(new, tx.now().date_in_shanghai())?;
    if !store::works_for(tx, project.id, new.worker)? {
        return Err(Error::field("/worker_id", words!("须为本项目的社工", "must be a worker of the project")));
    }
    let organisation = project.payee_id.ok_or_else(|| Error::internal(format!("the delivering project {} has no payee", project.id)))?;
    let row = SessionRow {
        id: tx.new_id(),
        tenant_id: project.tenant_id,
        project_id: project.id,
        case_id: project.case_id,
        unit_id: project.unit_id,
        organisation_id: organisation,
        worker_id: new.worker,
        held_on: new.held_on,
        minutes: new.minutes,
        place: new.place.trim().to_owned(),
        kind: new.kind,
        persons: new.persons,
        note: new.note.trim().to_owned(),
        state: SessionState::Recorded,
        reason: None,
        recorded_by: granted.by(),
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    note(tx, "service_session.recorded", &row)?;
    Ok(row)
}

/// The unit confirms it.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<SessionRow>) -> Result<SessionRow> {
    decide(tx, granted, SessionState::Confirmed, None)
}

/// The unit disputes it with a reason.
pub fn dispute(tx: &mut Tx<'_>, granted: &Authorized<SessionRow>, reason: &str) -> Result<SessionRow> {
    projects::rules::check_reason(reason)?;
    decide(tx, granted, SessionState::Disputed, Some(reason.trim().to_owned()))
}

fn decide(tx: &mut Tx<'_>, granted: &Authorized<SessionRow>, state: SessionState, reason: Option<String>) -> Result<SessionRow> {
    let before = granted.subject().clone();
    let version = before.version.saturating_add(1);
    let row = SessionRow { state, reason, decided_by: Some(granted.by()), decided_at: Some(tx.now()), version, ..before };
    store::save(tx, &row)?;
    note(tx, "service_session.decided", &row)?;
    Ok(row)
}

fn note(tx: &mut Tx<'_>, action: &str, row: &SessionRow) -> Result<()> {
    let content = json!({
        "project_id": row.project_id, "worker_id": row.worker_id, "held_on": row.held_on, "minutes": row.minutes, "kind": row.kind,
        "persons": row.persons, "state": row.state, "reason": row.reason,
    });
    let event = Event {
        tenant: row.tenant_id,
        action,
        kind: "service_session",
        resource: row.id.any(),
        version: row.version,
        case: row.case_id,
        content,
    };
    journal::record(tx, &event).map(drop)
}
