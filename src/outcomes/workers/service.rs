//! Use cases of social workers: each is one function on the transaction it is handed. The journal keeps no names and no numbers of certificates.

use serde_json::{Value, json};

use super::model::{Employer, FactState, GrowthRow, NewGrowth, WorkerData, WorkerFact, WorkerRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{ProjectId, SocialWorkerId, TenantId};
use crate::kernel::{Error, Result, error};
use crate::outcomes::projects::{self, ProjectRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// A worker of the tenant; 404 when there is none.
pub fn find(db: &mut Db, tenant: TenantId, id: SocialWorkerId) -> Result<WorkerRow> {
    store::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

/// May the actor enter a worker of its own organisation?
pub fn may_enter(actor: &Actor) -> Result<Authorized<Employer>> {
    let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::ENTER, Employer { tenant: actor.tenant, organisation })
}

/// May the actor do this to the worker's file?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: SocialWorkerId) -> Result<Authorized<WorkerRow>> {
    authorize(actor, action, find(db, actor.tenant, id)?)
}

/// May the actor name the workers of this project?
pub fn may_link(db: &mut Db, actor: &Actor, id: ProjectId) -> Result<Authorized<ProjectRow>> {
    authorize(actor, &policy::LINK, projects::find(db, actor.tenant, id)?)
}

/// Enters a worker.
pub fn enter(tx: &mut Tx<'_>, granted: &Authorized<Employer>, data: &WorkerData) -> Result<WorkerRow> {
    let Employer { tenant, organisation } = *granted.subject();
    let blank = WorkerRow {
        id: tx.new_id(),
        tenant_id: tenant,
        organisation_id: organisation,
        name: String::new(),
        certificate_level: None,
        certificate_number: None,
        certificate_issued_on: None,
        certificate_state: FactState::Absent,
        registration_authority: None,
        registration_until: None,
        registration_state: FactState::Absent,
        made_by: granted.by(),
        version: 1,
        created_at: tx.now(),
    };
    let row = filled(tx, blank, data)?;
    store::insert(tx, &row)?;
    record(tx, "social_worker.entered", &row, json!({}))?;
    Ok(row)
}

/// Changes what is entered; a fact that changed is to be verified anew.
pub fn change(tx: &mut Tx<'_>, granted: &Authorized<WorkerRow>, data: &WorkerData) -> Result<WorkerRow> {
    let before = granted.subject().clone();
    let version = before.version.saturating_add(1);
    let row = WorkerRow { version, ..filled(tx, before, data)? };
    store::save(tx, &row)?;
    record(tx, "social_worker.changed", &row, json!({}))?;
    Ok(row)
}

fn filled(tx: &mut Tx<'_>, mut row: WorkerRow, data: &WorkerData) -> Result<WorkerRow> {
    rules::check(data, tx.now().date_in_shanghai())?;
    row.name = data.name.trim().to_owned();
    let was = (row.certificate_level, row.certificate_number.take(), row.certificate_issued_on);
    let certificate = data.certificate.as_ref();
    row.certificate_level = certificate.map(|one| one.level);
    row.certificate_number = certificate.map(|one| one.number.trim().to_uppercase());
    row.certificate_issued_on = certificate.map(|one| one.issued_on);
    if was != (row.certificate_level, row.certificate_number.clone(), row.certificate_issued_on) {
        row.certificate_state = if certificate.is_some() { FactState::Entered } else { FactState::Absent };
    }
    if let Some(number) = &row.certificate_number
        && store::certificate_taken(tx, row.tenant_id, number, row.id)?
    {
        return Err(rules::CERTIFICATE_TAKEN.error());
    }
    let was = (row.registration_authority.take(), row.registration_until);
    let registration = data.registration.as_ref();
    row.registration_authority = registration.map(|one| one.authority.trim().to_owned());
    row.registration_until = registration.map(|one| one.until);
    if was != (row.registration_authority.clone(), row.registration_until) {
        row.registration_state = if registration.is_some() { FactState::Entered } else { FactState::Absent };
    }
    Ok(row)
}

/// A public body saw the paper of one fact, or refuses it.
pub fn verify(tx: &mut Tx<'_>, granted: &Authorized<WorkerRow>, fact: WorkerFact, holds: bool) -> Result<WorkerRow> {
    let before = granted.subject();
    let mut row = WorkerRow { version: before.version.saturating_add(1), ..before.clone() };
    let state = match fact {
        WorkerFact::Certificate => &mut row.certificate_state,
        WorkerFact::Registration => &mut row.registration_state,
    };
    if *state == FactState::Absent {
        return Err(rules::NOTHING_TO_VERIFY.error());
    }
    *state = if holds { FactState::Verified } else { FactState::Refused };
    store::save(tx, &row)?;
    record(tx, "social_worker.verified", &row, json!({"fact": fact, "holds": holds}))?;
    Ok(row)
}

/// Writes into the growth card.
pub fn grow(tx: &mut Tx<'_>, granted: &Authorized<WorkerRow>, new: &NewGrowth) -> Result<GrowthRow> {
    rules::check_growth(new, tx.now().date_in_shanghai())?;
    let worker = granted.subject();
    let row = GrowthRow {
        id: tx.new_id(),
        tenant_id: worker.tenant_id,
        worker_id: worker.id,
        happened_on: new.happened_on,
        kind: new.kind,
        minutes: new.minutes,
        text: new.text.trim().to_owned(),
        made_by: granted.by(),
        created_at: tx.now(),
    };
    store::insert_growth(tx, &row)?;
    record(tx, "social_worker.growth_noted", worker, json!({"entry_id": row.id, "kind": row.kind, "minutes": row.minutes}))?;
    Ok(row)
}

/// Names the workers of a project in the place of those before: people of the organisation that delivers it.
pub fn link(tx: &mut Tx<'_>, granted: &Authorized<ProjectRow>, workers: &[SocialWorkerId]) -> Result<ProjectRow> {
    let project = granted.subject();
    let mut ids = workers.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let payee = project.payee_id.ok_or_else(|| Error::internal(format!("the delivering project {} has no payee", project.id)))?;
    let known = store::employed(tx, project.tenant_id, payee, &ids)?;
    if known.len() != workers.len() || workers.len() > rules::LINKED_MAX || workers.is_empty() {
        return Err(Error::field(
            "/worker_ids",
            words!("须为本组织的社工，每人一次", "must be workers of the organisation, each named once"),
        ));
    }
    store::link(tx, project.id, &ids)?;
    projects::note(tx, project, "project.workers_named", json!({"worker_ids": ids}))
}

fn record(tx: &mut Tx<'_>, action: &str, row: &WorkerRow, more: Value) -> Result<()> {
    let mut content = json!({
        "organisation_id": row.organisation_id, "certificate_state": row.certificate_state, "registration_state": row.registration_state,
    });
    if let (Some(content), Value::Object(more)) = (content.as_object_mut(), more) {
        content.extend(more);
    }
    let event =
        Event { tenant: row.tenant_id, action, kind: "social_worker", resource: row.id.any(), version: row.version, case: None, content };
    journal::record(tx, &event).map(drop)
}
