//! Use cases of milestones: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{MilestoneFile, judges};
use super::rules;
use crate::db::{Db, Tx};
use crate::delivery::agreements::{self, MilestoneRow, MilestoneState, schedule};
use crate::kernel::id::{MilestoneId, TenantId};
use crate::kernel::{Result, error};
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of a milestone in the journal and the ledger.
pub const KIND: &str = "milestone";

/// May the actor do this to the milestone? Nobody of the supplier judges what it delivered, whatever else they are.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: MilestoneId) -> Result<Authorized<MilestoneFile>> {
    let granted = authorize(actor, action, file(db, actor.tenant, id)?)?;
    if judges(action) && actor.organisation == Some(granted.subject().contract.organisation_id) {
        return Err(DUTIES_NOT_SEPARATE.because(words!("不得验收本组织的交付", "nobody judges what the own organisation delivered")));
    }
    Ok(granted)
}

/// A milestone with its contract; 404 when there is none in the tenant.
pub fn file(db: &mut Db, tenant: TenantId, id: MilestoneId) -> Result<MilestoneFile> {
    let milestone = schedule::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let contract = agreements::find(db, tenant, milestone.contract_id)?;
    Ok(MilestoneFile { milestone, contract })
}

/// The supplier says that the milestone is delivered.
pub fn deliver(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, note: &str) -> Result<MilestoneRow> {
    let MilestoneFile { milestone, contract } = granted.subject();
    agreements::require_active(contract)?;
    rules::check_note(note)?;
    let row = MilestoneRow {
        delivery_note: Some(note.trim().to_owned()),
        delivered_by: Some(granted.by()),
        delivered_at: Some(tx.now()),
        reason: None,
        ..moved(milestone, MilestoneState::Delivered)
    };
    keep(tx, "milestone.delivered", row, json!({"note": note.trim()}))
}

/// The purchaser refuses it; the supplier may deliver again.
pub fn reject(tx: &mut Tx<'_>, granted: &Authorized<MilestoneFile>, reason: &str) -> Result<MilestoneRow> {
    let MilestoneFile { milestone, contract } = granted.subject();
    agreements::require_active(contract)?;
    rules::check_reason(reason)?;
    let row = MilestoneRow { reason: Some(reason.trim().to_owned()), ..moved(milestone, MilestoneState::Rejected) };
    keep(tx, "milestone.rejected", row, json!({"reason": reason.trim()}))
}

/// The milestone in its next version.
pub(in crate::delivery) fn moved(before: &MilestoneRow, state: MilestoneState) -> MilestoneRow {
    MilestoneRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

/// Stores the milestone and writes its journal entry. Called by a slice that holds the proof.
pub(in crate::delivery) fn keep(tx: &mut Tx<'_>, action: &str, row: MilestoneRow, content: Value) -> Result<MilestoneRow> {
    schedule::save(tx, &row)?;
    let event =
        Event { tenant: row.tenant_id, action, kind: KIND, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event)?;
    Ok(row)
}
