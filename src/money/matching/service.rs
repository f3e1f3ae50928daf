//! Use cases of matching money: each is one function on the transaction it is handed. Nothing here posts.

use serde_json::json;

use super::model::{NewPledge, Place, PledgeRow, PledgeState};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::fen::MAX_FEN;
use crate::kernel::id::{PledgeId, UnitId};
use crate::kernel::{Error, Result};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor note a pledge for this unit? A unit that does not exist is told later, as a bad field.
pub fn may_pledge(db: &mut Db, actor: &Actor, unit: Option<UnitId>) -> Result<Authorized<Place>> {
    let unit = match unit {
        Some(id) => store::unit(db, actor.tenant, id)?,
        None => None,
    };
    authorize(actor, &policy::PLEDGE, Place { tenant: actor.tenant, unit })
}

/// May the actor do this to the pledge?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: PledgeId) -> Result<Authorized<PledgeRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Notes a pledge.
pub fn pledge(tx: &mut Tx<'_>, granted: &Authorized<Place>, new: &NewPledge) -> Result<PledgeRow> {
    let mut fields = Fields::default();
    fields.text(&new.donor_zh, "/donor_zh", 1, 128);
    fields.text(&new.purpose, "/purpose", 1, 500);
    fields.require((1..=MAX_FEN).contains(&new.amount.get()), "/amount", || words!("须为正数", "must be positive"));
    fields.require(granted.subject().unit.is_some(), "/unit_id", || words!("没有该单位", "there is no such unit"));
    let Place { tenant, unit } = *granted.subject();
    let known = match new.case {
        Some(case) => journal::knows_case(tx, tenant, case)?,
        None => true,
    };
    fields.require(known, "/case_id", || words!("没有该案卷", "there is no such case"));
    fields.finish()?;
    let row = PledgeRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit.ok_or_else(|| Error::internal("the unit was checked"))?,
        case_id: new.case,
        donor_zh: new.donor_zh.trim().to_owned(),
        purpose: new.purpose.trim().to_owned(),
        amount: new.amount,
        state: PledgeState::Pledged,
        evidence: None,
        pledged_by: granted.by(),
        evidenced_by: None,
        verified_by: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    record(tx, "pledge.pledged", &row)?;
    Ok(row)
}

/// Names the evidence that the money or the goods came.
pub fn evidence(tx: &mut Tx<'_>, granted: &Authorized<PledgeRow>, evidence: &str) -> Result<PledgeRow> {
    let mut fields = Fields::default();
    fields.text(evidence, "/evidence", 4, 500);
    fields.finish()?;
    let row = PledgeRow {
        evidence: Some(evidence.trim().to_owned()),
        evidenced_by: Some(granted.by()),
        ..moved(granted.subject(), PledgeState::Evidenced)
    };
    keep(tx, "pledge.evidenced", row)
}

/// A second person found the evidence to be right.
pub fn verify(tx: &mut Tx<'_>, granted: &Authorized<PledgeRow>) -> Result<PledgeRow> {
    keep(tx, "pledge.verified", PledgeRow { verified_by: Some(granted.by()), ..moved(granted.subject(), PledgeState::Verified) })
}

fn moved(before: &PledgeRow, state: PledgeState) -> PledgeRow {
    PledgeRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, action: &str, row: PledgeRow) -> Result<PledgeRow> {
    store::save(tx, &row)?;
    record(tx, action, &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &PledgeRow) -> Result<()> {
    let content = json!({
        "unit_id": row.unit_id, "donor_zh": row.donor_zh, "purpose": row.purpose, "amount_fen": row.amount, "state": row.state,
        "evidence": row.evidence,
    });
    let (tenant, version, case) = (row.tenant_id, row.version, row.case_id);
    journal::record(tx, &Event { tenant, action, kind: "pledge", resource: row.id.any(), version, case, content }).map(drop)
}
