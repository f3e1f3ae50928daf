//! Use cases of incubations.

use serde_json::json;

use super::model::{IncubationRow, IncubationState};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{IncubationId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Error, Result};
use crate::parties::organisations::{self, OrganisationRow, OrganisationState};
use crate::parties::units::{self, UnitKind};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

problems! {
    /// The organisation has one under way.
    INCUBATION_UNDER_WAY = "incubation_under_way", 409, "已有进行中的孵化", "An incubation is under way",
        "一个组织同时只能有一项孵化申请或孵化。",
        "An organisation has one application or incubation at a time.";
    /// The organisation is not verified (any more).
    ORGANISATION_NOT_VERIFIED = "organisation_not_verified", 409, "组织未通过核实", "The organisation is not verified",
        "组织尚未核实或已被暂停，不能入孵。",
        "The organisation is not verified yet, or was suspended, and cannot be taken in.";
}

/// May the actor apply for its own organisation?
pub fn may_apply(db: &mut Db, actor: &Actor) -> Result<Authorized<OrganisationRow>> {
    let own = match actor.organisation {
        Some(id) => organisations::find(db, actor.tenant, id)?,
        None => None,
    };
    authorize(actor, &policy::APPLY, own.ok_or_else(|| error::FORBIDDEN.error())?)
}

/// May the actor do this to the incubation?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: IncubationId) -> Result<Authorized<IncubationRow>> {
    authorize(actor, action, store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?)
}

/// Applies for the organisation at a base.
pub fn apply(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, organisation: OrganisationId, base: UnitId) -> Result<IncubationRow> {
    let own = granted.subject();
    if organisation != own.id {
        return Err(error::FORBIDDEN.because(words!("只能为本组织申请", "one applies for one's own organisation only")));
    }
    if units::find(tx, own.tenant_id, base)?.is_none_or(|unit| unit.kind != UnitKind::IncubationBase) {
        return Err(Error::field("/base_unit_id", words!("没有这个孵化基地", "there is no such incubation base")));
    }
    if store::under_way(tx, own.tenant_id, own.id)? {
        return Err(INCUBATION_UNDER_WAY.error());
    }
    let row = IncubationRow {
        id: tx.new_id(),
        tenant_id: own.tenant_id,
        organisation_id: own.id,
        base_unit_id: base,
        state: IncubationState::Applied,
        exit_reason: None,
        applied_by: granted.by(),
        admitted_by: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "incubation.applied", &row)?;
    Ok(row)
}

/// Takes the organisation in.
pub fn admit(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>) -> Result<IncubationRow> {
    still_verified(tx, granted.subject().tenant_id, granted.subject().organisation_id)?;
    advance(tx, granted, "incubation.admitted", IncubationState::Admitted, None)
}

/// Begins the incubation.
pub fn start(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>) -> Result<IncubationRow> {
    still_verified(tx, granted.subject().tenant_id, granted.subject().organisation_id)?;
    advance(tx, granted, "incubation.started", IncubationState::Incubating, None)
}

/// Ends the incubation well.
pub fn graduate(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>) -> Result<IncubationRow> {
    advance(tx, granted, "incubation.graduated", IncubationState::Graduated, None)
}

/// Ends the incubation, or refuses the application, for a reason.
pub fn exit(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>, reason: &str) -> Result<IncubationRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, REASON_MAX);
    fields.finish()?;
    advance(tx, granted, "incubation.exited", IncubationState::Exited, Some(reason.trim()))
}

fn still_verified(tx: &mut Tx<'_>, tenant: TenantId, organisation: OrganisationId) -> Result<()> {
    let verified = organisations::find(tx, tenant, organisation)?.is_some_and(|row| row.state == OrganisationState::Verified);
    if verified { Ok(()) } else { Err(ORGANISATION_NOT_VERIFIED.error()) }
}

fn advance(
    tx: &mut Tx<'_>,
    granted: &Authorized<IncubationRow>,
    event: &str,
    state: IncubationState,
    reason: Option<&str>,
) -> Result<IncubationRow> {
    let row = store::advance(tx, granted, state, reason)?;
    record(tx, event, &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &IncubationRow) -> Result<()> {
    let content = json!({"organisation_id": row.organisation_id, "base_unit_id": row.base_unit_id, "state": row.state, "exit_reason": row.exit_reason});
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "incubation", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
