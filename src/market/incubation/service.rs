//! Use cases of incubations.

use serde_json::json;

use super::model::{IncubationRow, IncubationState};
use super::{assessments, places, policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{IncubationId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Error, Result};
use crate::parties::organisations::{self, OrganisationRow, OrganisationState};
use crate::parties::units::{self, UnitKind};
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
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
    /// No place is free.
    BASE_FULL = "base_full", 409, "孵化名额已满", "The base has no free place",
        "基地的名额已用完。待有组织出壳或退出，或名额增加后再录取。",
        "Every place of the base is taken. Admit when somebody graduates or leaves, or when the base has more places.";
    /// Nobody has assessed the organisation.
    ASSESSMENT_MISSING = "assessment_missing", 409, "尚无能力评估", "There is no assessment yet",
        "出壳前须至少有一次能力评估。",
        "An organisation graduates only after its capability has been assessed.";
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

/// May the actor assess the organisation? Nobody of the organisation itself may, whatever else they are.
pub fn may_assess(db: &mut Db, actor: &Actor, id: IncubationId) -> Result<Authorized<IncubationRow>> {
    let granted = may(db, actor, &policy::ASSESS, id)?;
    if actor.organisation == Some(granted.subject().organisation_id) {
        return Err(DUTIES_NOT_SEPARATE.because(words!("不得评估本组织的能力", "nobody assesses the own organisation")));
    }
    Ok(granted)
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
        admission_reason: None,
        admitted_at: None,
        started_at: None,
        ended_at: None,
    };
    store::insert(tx, granted, &row)?;
    record(tx, "incubation.applied", &row)?;
    Ok(row)
}

/// Takes the organisation in for a reason, while the base has a place.
pub fn admit(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>, reason: &str) -> Result<IncubationRow> {
    let asked = granted.subject();
    check_reason(reason)?;
    still_verified(tx, asked.tenant_id, asked.organisation_id)?;
    let places = places::of(tx, asked.tenant_id, asked.base_unit_id)?;
    let taken = store::taken(tx, asked.tenant_id, asked.base_unit_id)?;
    if let Some(places) = places.filter(|places| taken >= i64::from(*places)) {
        return Err(BASE_FULL.because(words!("{places} 个名额已用 {taken} 个", "{taken} of {places} places are taken")));
    }
    advance(tx, granted, "incubation.admitted", IncubationState::Admitted, Some(reason.trim()))
}

/// Begins the incubation.
pub fn start(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>) -> Result<IncubationRow> {
    still_verified(tx, granted.subject().tenant_id, granted.subject().organisation_id)?;
    advance(tx, granted, "incubation.started", IncubationState::Incubating, None)
}

/// Ends the incubation well, once somebody has assessed what the organisation can do.
pub fn graduate(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>) -> Result<IncubationRow> {
    if assessments::of(tx, granted.subject().tenant_id, &[granted.subject().id])?.is_empty() {
        return Err(ASSESSMENT_MISSING.error());
    }
    advance(tx, granted, "incubation.graduated", IncubationState::Graduated, None)
}

/// Ends the incubation, or refuses the application, for a reason.
pub fn exit(tx: &mut Tx<'_>, granted: &Authorized<IncubationRow>, reason: &str) -> Result<IncubationRow> {
    check_reason(reason)?;
    advance(tx, granted, "incubation.exited", IncubationState::Exited, Some(reason.trim()))
}

fn check_reason(reason: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, REASON_MAX);
    fields.finish()
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
    let content = json!({"organisation_id": row.organisation_id, "base_unit_id": row.base_unit_id, "state": row.state,
        "admission_reason": row.admission_reason, "exit_reason": row.exit_reason});
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "incubation", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
