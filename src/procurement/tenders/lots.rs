//! What the slices above need of a lot: finding it, moving it, writing its history.

use serde_json::Value;

use super::model::{LotFile, LotRow, LotState};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{LotId, TenantId};
use crate::kernel::{Fen, Result};
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, Subject, authorize};
use crate::trust::journal::{self, Event};

/// A lot with its tender; 404 when the tenant has none.
pub fn load(db: &mut Db, tenant: TenantId, id: LotId) -> Result<LotFile> {
    store::find_lot(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

/// May the actor do this to the lot?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: LotId) -> Result<Authorized<LotFile>> {
    authorize(actor, action, load(db, actor.tenant, id)?)
}

/// Gives a lot another ceiling, by an amendment of its tender that is journalled with it.
pub fn set_ceiling<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, lot: LotId, ceiling: Fen) -> Result<LotRow> {
    store::set_ceiling(tx, granted, lot, ceiling)
}

/// Moves a lot and journals it.
pub fn advance<T: Subject>(
    tx: &mut Tx<'_>,
    granted: &Authorized<T>,
    lot: &LotRow,
    state: LotState,
    because: Option<&str>,
    content: Value,
) -> Result<LotRow> {
    let row = store::set_lot_state(tx, granted, lot.id, state, because)?;
    let action = format!("lot.{}", state.as_str());
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action: &action,
            kind: "lot",
            resource: row.id.any(),
            version: row.version,
            case: Some(row.case_id),
            content,
        },
    )?;
    Ok(row)
}
