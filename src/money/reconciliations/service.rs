//! Use cases of reconciliation: each is one function on the transaction it is handed. Nothing here posts.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::model::{Difference, Place, ReconciliationRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{ReconciliationId, UnitId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor reconcile this unit's book? A unit that does not exist is told later, as a bad field.
pub fn may_reconcile(db: &mut Db, actor: &Actor, unit: Option<UnitId>) -> Result<Authorized<Place>> {
    let unit = match unit {
        Some(id) => store::unit(db, actor.tenant, id)?,
        None => None,
    };
    authorize(actor, &policy::RECONCILE, Place { tenant: actor.tenant, unit })
}

/// May the actor do this to the reconciliation?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ReconciliationId) -> Result<Authorized<ReconciliationRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Compares the treasury's file of a month with what the ledger paid and got back in it.
pub fn reconcile(tx: &mut Tx<'_>, granted: &Authorized<Place>, month: &str, csv: &[u8]) -> Result<(ReconciliationRow, Vec<Difference>)> {
    let Place { tenant, unit } = *granted.subject();
    let unit = unit.ok_or_else(|| Error::field("?unit_id", words!("没有该单位", "there is no such unit")))?;
    let (from, until) = rules::month(month)?;
    let treasury = rules::read(csv, from, until)?;
    let ledger = store::book(tx, tenant, unit, UtcInstant::start_of_shanghai_day(from), UtcInstant::start_of_shanghai_day(until))?;
    let (found, matched) = rules::compare(&treasury, &ledger);
    let row = ReconciliationRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit,
        month: month.to_owned(),
        file_sha256: hex::encode(Sha256::digest(csv)),
        matched: i32::try_from(matched).map_err(|_| Error::internal("too many lines"))?,
        made_by: granted.by(),
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row, &found)?;
    let content = json!({
        "unit_id": row.unit_id, "month": row.month, "file_sha256": row.file_sha256, "matched": row.matched, "differences": found.len(),
    });
    record(tx, "reconciliation.made", &row, content)?;
    Ok((row, found))
}

/// Explains one difference.
pub fn explain(tx: &mut Tx<'_>, granted: &Authorized<ReconciliationRow>, reference: &str, explanation: &str) -> Result<ReconciliationRow> {
    let mut fields = Fields::default();
    fields.text(explanation, "/explanation", 1, 500);
    fields.text(reference, "/reference", 1, 64);
    fields.finish()?;
    let before = granted.subject();
    let row = ReconciliationRow { version: before.version.saturating_add(1), ..before.clone() };
    if !store::explain(tx, &row, reference.trim(), explanation.trim(), granted.by())? {
        return Err(rules::NO_SUCH_DIFFERENCE.because(words!("参考号 {reference}", "reference {reference}")));
    }
    record(tx, "reconciliation.explained", &row, json!({"reference": reference.trim(), "explanation": explanation.trim()}))?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ReconciliationRow, content: serde_json::Value) -> Result<()> {
    let (tenant, version) = (row.tenant_id, row.version);
    let event = Event { tenant, action, kind: "reconciliation", resource: row.id.any(), version, case: None, content };
    journal::record(tx, &event).map(drop)
}
