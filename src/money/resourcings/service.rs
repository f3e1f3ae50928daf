//! Use cases of re-sourcing: each is one function on the transaction it is handed.

use serde_json::{Value, json};

use super::model::{ResourcingRow, ResourcingState};
use super::store;
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{FundId, FundingLineId, ResourcingId};
use crate::kernel::{Error, Result};
use crate::money::funding::{self, LineFile};
use crate::money::funds;
use crate::money::ledger::{self, Cause};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of a re-sourcing in the journal and the ledger.
pub const KIND: &str = "resourcing";

/// May the actor propose it for this line?
pub fn may_propose(db: &mut Db, actor: &Actor, line: FundingLineId) -> Result<Authorized<LineFile>> {
    authorize(actor, &super::policy::PROPOSE, funding::file(db, actor.tenant, line)?)
}

/// May the actor do this to the proposal?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ResourcingId) -> Result<Authorized<ResourcingRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Proposes that another fund of the unit pays for what the line has left.
pub fn propose(tx: &mut Tx<'_>, granted: &Authorized<LineFile>, to: FundId, reason: &str) -> Result<ResourcingRow> {
    let LineFile { line, unit } = granted.subject();
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, 500);
    let target = funds::find(tx, line.tenant_id, to)?;
    let fits = target.is_some_and(|fund| fund.unit_id == *unit && Some(fund.id) != line.fund_id);
    fields.require(fits, "/to_fund_id", || words!("须为本单位的另一资金账户", "must be another fund of the unit"));
    fields.finish()?;
    let hold = match line.hold_id {
        Some(id) => ledger::hold(tx, line.tenant_id, id)?,
        None => None,
    };
    let hold = hold.ok_or_else(|| Error::internal(format!("the committed line {} has no hold", line.id)))?;
    let row = ResourcingRow {
        id: tx.new_id(),
        tenant_id: line.tenant_id,
        unit_id: *unit,
        case_id: line.case_id,
        line_id: line.id,
        to_fund_id: to,
        amount: hold.remaining()?,
        reason: reason.trim().to_owned(),
        state: ResourcingState::Proposed,
        proposed_by: granted.by(),
        decided_by: None,
        new_line_id: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    record(tx, "resourcing.proposed", &row)?;
    Ok(row)
}

/// A second person approves: released in the one fund and committed in the other, in one transaction and under one cause.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<ResourcingRow>) -> Result<ResourcingRow> {
    let before = granted.subject();
    let LineFile { line, .. } = funding::file(tx, before.tenant_id, before.line_id)?;
    if line.state != funding::LineState::Committed {
        let state = line.state;
        return Err(error::WRONG_STATE.because(words!("该行为 {state}", "the line is {state}")));
    }
    let cause = Cause { kind: KIND, id: before.id.any() };
    let made = funding::resource(tx, granted.by(), &line, before.to_fund_id, cause)?;
    let row = ResourcingRow { amount: made.amount, new_line_id: Some(made.id), ..decided(granted, ResourcingState::Approved) };
    keep(tx, "resourcing.approved", row)
}

/// A second person rejects it.
pub fn reject(tx: &mut Tx<'_>, granted: &Authorized<ResourcingRow>) -> Result<ResourcingRow> {
    keep(tx, "resourcing.rejected", decided(granted, ResourcingState::Rejected))
}

fn decided(granted: &Authorized<ResourcingRow>, state: ResourcingState) -> ResourcingRow {
    let before = granted.subject();
    ResourcingRow { state, decided_by: Some(granted.by()), version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, action: &str, row: ResourcingRow) -> Result<ResourcingRow> {
    store::save(tx, &row)?;
    record(tx, action, &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &ResourcingRow) -> Result<()> {
    let content: Value = json!({
        "line_id": row.line_id, "to_fund_id": row.to_fund_id, "amount_fen": row.amount, "reason": row.reason, "state": row.state,
        "new_line_id": row.new_line_id,
    });
    let (tenant, version, case) = (row.tenant_id, row.version, Some(row.case_id));
    journal::record(tx, &Event { tenant, action, kind: KIND, resource: row.id.any(), version, case, content }).map(drop)
}
