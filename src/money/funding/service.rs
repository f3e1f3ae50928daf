//! Use cases of funding: each is called by the storey that owns what is funded, which holds the proof; `by` is its account.

use chrono::Datelike as _;
use serde_json::json;

use super::model::{Leg, LineFile, LineRow, LineState, NewLine, Owner};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, AnyId, FundId, FundingLineId, HoldId, TenantId};
use crate::kernel::{Error, Fen, Result, error};
use crate::money::funds::{self, FundRow, Purpose};
use crate::money::ledger::{self, Cause};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of a line in the journal and the ledger.
pub const KIND: &str = "funding_line";

/// The lines of an owner in their order.
pub fn lines(db: &mut Db, tenant: TenantId, cause: Cause<'_>) -> Result<Vec<LineRow>> {
    store::of_owner(db, tenant, cause)
}

/// Plans the owner's funding in place of what was planned. Field errors point to `/funding/{i}/…`; an owner whose money is held already is
/// refused with `wrong_state`.
pub fn plan(tx: &mut Tx<'_>, owner: &Owner<'_>, new: &[NewLine]) -> Result<Vec<LineRow>> {
    let ids: Vec<FundId> = new.iter().filter_map(|line| line.fund).collect();
    let funds = store::funds_of(tx, owner.tenant, owner.unit, &ids)?;
    rules::check_plan(new, &funds, tx.now().date_in_shanghai().year())?;
    let mut first = 1;
    for line in store::of_owner(tx, owner.tenant, owner.cause)? {
        match line.state {
            LineState::Planned => store::remove(tx, &line)?,
            LineState::Released => first = line.position.saturating_add(1),
            LineState::Reserved | LineState::Committed | LineState::Future | LineState::Moved => {
                return Err(error::WRONG_STATE.because(words!("资金已预留或承诺", "the money is reserved or committed already")));
            }
        }
    }
    let mut rows = Vec::with_capacity(new.len());
    for (position, line) in (first..).zip(new) {
        let row = fresh(tx, owner, position, line, LineState::Planned);
        store::insert(tx, &row)?;
        rows.push(row);
    }
    Ok(rows)
}

/// Plans once more what the owner's lines were, after what became of them was let go: the contract that they had moved to never came into force.
/// Does nothing while anything of the owner is still held.
pub fn renew(tx: &mut Tx<'_>, owner: &Owner<'_>) -> Result<()> {
    let lines = store::of_owner(tx, owner.tenant, owner.cause)?;
    if lines.iter().any(|line| !matches!(line.state, LineState::Moved | LineState::Released)) {
        return Ok(());
    }
    let mut position = next_position(&lines);
    for line in lines.iter().filter(|line| line.state == LineState::Moved) {
        let new = NewLine { fund: line.fund_id, stream: line.stream, year: line.year, amount: line.amount };
        let row = fresh(tx, owner, position, &new, LineState::Planned);
        store::insert(tx, &row)?;
        // What is planned anew has taken its place: it is not planned a second time.
        keep(tx, "funding.renewed", rules::moved(line, LineState::Released))?;
        position = position.saturating_add(1);
    }
    Ok(())
}

/// Reserves every planned line that has a fund: stream rules and restrictions first, then the ledger. Later years' lines without a fund stay
/// planned. Gives what was reserved. Refuses with `stream_rule_broken`, `fund_restricted`, `reduction_pending`, `insufficient_funds`.
pub fn reserve(tx: &mut Tx<'_>, by: AccountId, owner: &Owner<'_>, purpose: &Purpose) -> Result<Fen> {
    let mut total = Fen::ZERO;
    for line in store::of_owner(tx, owner.tenant, owner.cause)? {
        if line.state != LineState::Planned {
            continue;
        }
        let (code, area) = (Some(purpose.catalogue_code.clone()), purpose.area);
        let Some(fund) = line.fund_id else {
            // A later year's money: the purpose is asked when its fund is known.
            let row = LineRow { purpose_code: code, area_id: area, ..rules::moved(&line, LineState::Planned) };
            keep(tx, "funding.planned", row)?;
            continue;
        };
        may_pay(tx, owner.tenant, fund, purpose)?;
        let hold = ledger::reserve(tx, by, owner.tenant, fund, owner.case, line.amount, owner.cause)?;
        total = total.plus(line.amount)?;
        let row = LineRow { hold_id: Some(hold), purpose_code: code, area_id: area, ..rules::moved(&line, LineState::Reserved) };
        keep(tx, "funding.reserved", row)?;
    }
    Ok(total)
}

/// What the owner's lines still hold goes free, and what was planned is dropped; gives what went free. What was accepted or paid stays.
pub fn release(tx: &mut Tx<'_>, by: AccountId, owner: &Owner<'_>) -> Result<Fen> {
    let mut total = Fen::ZERO;
    for line in store::of_owner(tx, owner.tenant, owner.cause)? {
        match line.state {
            LineState::Released | LineState::Moved => continue,
            LineState::Planned | LineState::Future => keep(tx, "funding.released", rules::moved(&line, LineState::Released))?,
            LineState::Reserved | LineState::Committed => {
                total = total.plus(ledger::release(tx, by, owner.tenant, hold_of(&line)?, owner.cause)?)?;
                let used = load_hold(tx, &line)?.used;
                let row = if used > Fen::ZERO {
                    LineRow { amount: used, ..rules::moved(&line, line.state) }
                } else {
                    rules::moved(&line, LineState::Released)
                };
                keep(tx, "funding.released", row)?;
            }
        }
    }
    Ok(total)
}

/// Makes a line out of a reservation that was made without one, so that its owner has funding like any other.
pub fn adopt(tx: &mut Tx<'_>, tenant: TenantId, reservation: HoldId) -> Result<LineRow> {
    if let Some(line) = store::of_hold(tx, tenant, reservation)? {
        return Ok(line);
    }
    let hold = ledger::hold(tx, tenant, reservation)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let fund = fund(tx, tenant, hold.fund_id)?;
    let cause = Cause { kind: &hold.cause_kind, id: hold.cause_id };
    let owner = Owner { tenant, unit: fund.unit_id, case: hold.case_id, cause };
    let new = NewLine { fund: Some(fund.id), stream: fund.stream, year: fund.year, amount: hold.remaining()? };
    let position = next_position(&store::of_owner(tx, tenant, cause)?);
    let row = LineRow { hold_id: Some(hold.id), ..fresh(tx, &owner, position, &new, LineState::Reserved) };
    store::insert(tx, &row)?;
    Ok(row)
}

/// The purpose that the owner's money was reserved for, to be asked again on the day it is committed; none when it was reserved without one.
pub fn purpose_of(db: &mut Db, tenant: TenantId, cause: Cause<'_>, on: chrono::NaiveDate) -> Result<Option<Purpose>> {
    let lines = store::of_owner(db, tenant, cause)?;
    Ok(lines.into_iter().find_map(|line| {
        let area = line.area_id;
        line.purpose_code.map(|catalogue_code| Purpose { catalogue_code, area, on })
    }))
}

/// Commits `price` from the lines of one owner (a lot) to another (its contract): named legs, or the largest remainder over the lines. Reserved
/// lines become commitments, later years' lines approved future commitments; what the reservations keep goes free. Gives the new lines.
///
/// Refuses as [`reserve`] does, and with `funding_exceeded` or `legs_do_not_fit`.
pub fn commit(
    tx: &mut Tx<'_>,
    by: AccountId,
    from: &Owner<'_>,
    to: &Owner<'_>,
    price: Fen,
    purpose: Option<&Purpose>,
    legs: Option<&[Leg]>,
) -> Result<Vec<LineRow>> {
    let live = |line: &LineRow| matches!(line.state, LineState::Reserved | LineState::Planned);
    let lines: Vec<LineRow> = store::of_owner(tx, from.tenant, from.cause)?.into_iter().filter(live).collect();
    let room: Vec<Leg> = lines.iter().map(|line| (line.id, line.amount)).collect();
    let parts = rules::spread(price, &room, legs)?;
    let mut made = Vec::with_capacity(parts.len());
    let mut position = next_position(&store::of_owner(tx, to.tenant, to.cause)?);
    for line in lines {
        let part = parts.iter().find(|leg| leg.0 == line.id).map_or(Fen::ZERO, |leg| leg.1);
        let hold = commit_line(tx, by, &line, to, part, purpose)?;
        let state = if part > Fen::ZERO { LineState::Moved } else { LineState::Released };
        keep(tx, "funding.moved", rules::moved(&line, state))?;
        if part == Fen::ZERO {
            continue;
        }
        let state = if hold.is_some() { LineState::Committed } else { LineState::Future };
        let new = NewLine { fund: line.fund_id, stream: line.stream, year: line.year, amount: part };
        let row = LineRow {
            hold_id: hold,
            source_id: Some(line.id),
            purpose_code: line.purpose_code.or_else(|| purpose.map(|purpose| purpose.catalogue_code.clone())),
            area_id: line.area_id.or_else(|| purpose.and_then(|purpose| purpose.area)),
            ..fresh(tx, to, position, &new, state)
        };
        position = position.saturating_add(1);
        begin(tx, "funding.committed", &row)?;
        made.push(row);
    }
    Ok(made)
}

/// One line's part is committed in its fund, the rest of its reservation goes free; a line without a fund has nothing to move yet. What could not be
/// set aside again after a contract fell away comes out of what is free now.
fn commit_line(
    tx: &mut Tx<'_>,
    by: AccountId,
    line: &LineRow,
    to: &Owner<'_>,
    part: Fen,
    purpose: Option<&Purpose>,
) -> Result<Option<HoldId>> {
    if line.state == LineState::Planned {
        let Some(fund) = line.fund_id.filter(|_| part > Fen::ZERO) else { return Ok(None) };
        if let Some(purpose) = purpose {
            may_pay(tx, to.tenant, fund, purpose)?;
        }
        return ledger::commit_free(tx, by, to.tenant, fund, to.case, part, to.cause).map(Some);
    }
    let reservation = hold_of(line)?;
    let mut commitment = None;
    if part > Fen::ZERO {
        if let (Some(purpose), Some(fund)) = (purpose, line.fund_id) {
            may_pay(tx, to.tenant, fund, purpose)?;
        }
        commitment = Some(ledger::commit(tx, by, to.tenant, reservation, part, to.cause)?);
    }
    ledger::release(tx, by, to.tenant, reservation, to.cause)?;
    Ok(commitment)
}

/// The appropriation of a later year arrived: a future line is committed out of what is free in a fund of its stream and year. Refuses as
/// [`reserve`] does, and with `invalid` when the fund is another's.
pub fn fulfil(tx: &mut Tx<'_>, by: AccountId, line: &LineRow, fund: FundId, purpose: Option<&Purpose>) -> Result<LineRow> {
    if line.state != LineState::Future {
        let state = line.state;
        return Err(error::WRONG_STATE.because(words!("该行为 {state}，须为 future", "the line is {state}, it must be future")));
    }
    let found = funds::find(tx, line.tenant_id, fund)?;
    let fits = found.is_some_and(|fund| fund.stream == line.stream && fund.year == line.year);
    if !fits {
        return Err(Error::field("/fund_id", words!("须为同一渠道、同一年度的资金账户", "must be a fund of the line's stream and year")));
    }
    if let Some(purpose) = purpose {
        may_pay(tx, line.tenant_id, fund, purpose)?;
    }
    let cause = Cause { kind: &line.owner_kind, id: line.owner_id };
    let hold = ledger::commit_free(tx, by, line.tenant_id, fund, line.case_id, line.amount, cause)?;
    let row = LineRow { fund_id: Some(fund), hold_id: Some(hold), ..rules::moved(line, LineState::Committed) };
    keep(tx, "funding.fulfilled", row.clone())?;
    Ok(row)
}

/// Refuses with `advance_under_way` while the bank may pay an advance of the owner that the books do not show: its receipt needs the lines as
/// they were when it was approved, and an acceptance would not clear it.
pub(super) fn require_no_advance_under_way(db: &mut Db, tenant: TenantId, owner: AnyId) -> Result<()> {
    if store::advance_under_way(db, tenant, owner)? {
        return Err(rules::ADVANCE_UNDER_WAY.because(words!("合同 {owner}", "contract {owner}")));
    }
    Ok(())
}

/// A commitment is paid by another fund from now on: what it has left goes free in the one and is committed in the other. Gives the new line.
/// Refuses as [`reserve`] does, with `advance_under_way`, and with `hold_exceeded` when nothing is left.
pub fn resource(tx: &mut Tx<'_>, by: AccountId, line: &LineRow, to: FundId, cause: Cause<'_>) -> Result<LineRow> {
    require_no_advance_under_way(tx, line.tenant_id, line.owner_id)?;
    let target = fund(tx, line.tenant_id, to)?;
    if let Some(code) = line.purpose_code.clone() {
        let purpose = Purpose { catalogue_code: code, area: line.area_id, on: tx.now().date_in_shanghai() };
        funds::check_purpose(tx, line.tenant_id, &target, &purpose)?;
    }
    let amount = ledger::release(tx, by, line.tenant_id, hold_of(line)?, cause)?;
    if amount == Fen::ZERO {
        return Err(rules::FUNDING_EXCEEDED.because(words!("该行已无余额", "the line has nothing left")));
    }
    let owner = Cause { kind: &line.owner_kind, id: line.owner_id };
    let hold = ledger::commit_free(tx, by, line.tenant_id, to, line.case_id, amount, owner)?;
    replace(tx, line, &target, hold, amount)
}

/// The line of a commitment that was carried to another year's fund (结转) is replaced by one there. A commitment without a line is none's.
/// Refuses with `advance_under_way`.
pub fn carried(tx: &mut Tx<'_>, tenant: TenantId, from: HoldId, to: FundId, hold: HoldId, amount: Fen) -> Result<Option<LineRow>> {
    let Some(line) = store::of_hold(tx, tenant, from)? else { return Ok(None) };
    require_no_advance_under_way(tx, tenant, line.owner_id)?;
    let target = fund(tx, tenant, to)?;
    replace(tx, &line, &target, hold, amount).map(Some)
}

/// The line keeps what was used of it, if anything; the rest is a new line on another hold.
fn replace(tx: &mut Tx<'_>, line: &LineRow, target: &FundRow, hold: HoldId, amount: Fen) -> Result<LineRow> {
    let used = load_hold(tx, line)?.used;
    let kept =
        if used > Fen::ZERO { LineRow { amount: used, ..rules::moved(line, line.state) } } else { rules::moved(line, LineState::Moved) };
    keep(tx, "funding.moved", kept)?;
    let cause = Cause { kind: &line.owner_kind, id: line.owner_id };
    let owner = Owner { tenant: line.tenant_id, unit: target.unit_id, case: line.case_id, cause };
    let position = next_position(&store::of_owner(tx, line.tenant_id, cause)?);
    let new = NewLine { fund: Some(target.id), stream: target.stream, year: target.year, amount };
    let row = LineRow {
        hold_id: Some(hold),
        source_id: Some(line.id),
        purpose_code: line.purpose_code.clone(),
        area_id: line.area_id,
        ..fresh(tx, &owner, position, &new, LineState::Committed)
    };
    begin(tx, "funding.committed", &row)?;
    Ok(row)
}

/// A line with the unit whose funds pay: that of the first fund among its owner's lines. 404 when there is none.
pub fn file(db: &mut Db, tenant: TenantId, id: FundingLineId) -> Result<LineFile> {
    let line = store::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let lines = store::of_owner(db, tenant, Cause { kind: &line.owner_kind, id: line.owner_id })?;
    let first = lines.iter().find_map(|line| line.fund_id).ok_or_else(|| Error::internal(format!("line {id} has no fund beside it")))?;
    let unit = fund(db, tenant, first)?.unit_id;
    Ok(LineFile { line, unit })
}

/// May the actor do this to the line?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: FundingLineId) -> Result<Authorized<LineFile>> {
    authorize(actor, action, file(db, actor.tenant, id)?)
}

/// A finance officer says that the year's appropriation arrived in this fund of the unit.
pub fn fulfil_by(tx: &mut Tx<'_>, granted: &Authorized<LineFile>, id: FundId) -> Result<LineRow> {
    let LineFile { line, unit } = granted.subject();
    let own = funds::find(tx, line.tenant_id, id)?.is_some_and(|fund| fund.unit_id == *unit);
    if !own {
        return Err(Error::field("/fund_id", words!("须为本单位的资金账户", "must be a fund of the unit")));
    }
    let on = tx.now().date_in_shanghai();
    let area = line.area_id;
    let purpose = line.purpose_code.clone().map(|catalogue_code| Purpose { catalogue_code, area, on });
    fulfil(tx, granted.by(), line, id, purpose.as_ref())
}

pub(super) fn may_pay(db: &mut Db, tenant: TenantId, id: FundId, purpose: &Purpose) -> Result<()> {
    let fund = fund(db, tenant, id)?;
    funds::check_purpose(db, tenant, &fund, purpose).map(drop)
}

fn fund(db: &mut Db, tenant: TenantId, id: FundId) -> Result<FundRow> {
    funds::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

pub(super) fn hold_of(line: &LineRow) -> Result<HoldId> {
    line.hold_id.ok_or_else(|| Error::internal(format!("the {} line {} has no hold", line.state, line.id)))
}

pub(super) fn load_hold(db: &mut Db, line: &LineRow) -> Result<ledger::HoldRow> {
    let id = hold_of(line)?;
    ledger::hold(db, line.tenant_id, id)?.ok_or_else(|| Error::internal(format!("no hold {id}")))
}

pub(super) fn next_position(lines: &[LineRow]) -> i32 {
    lines.iter().map(|line| line.position).max().unwrap_or(0).saturating_add(1)
}

pub(super) fn fresh(tx: &mut Tx<'_>, owner: &Owner<'_>, position: i32, new: &NewLine, state: LineState) -> LineRow {
    LineRow {
        id: tx.new_id(),
        tenant_id: owner.tenant,
        case_id: owner.case,
        owner_kind: owner.cause.kind.to_owned(),
        owner_id: owner.cause.id,
        position,
        fund_id: new.fund,
        stream: new.stream,
        year: new.year,
        amount: new.amount,
        state,
        hold_id: None,
        source_id: None,
        purpose_code: None,
        area_id: None,
        version: 1,
        created_at: tx.now(),
    }
}

pub(super) fn begin(tx: &mut Tx<'_>, action: &str, row: &LineRow) -> Result<()> {
    store::insert(tx, row)?;
    record(tx, action, row)
}

pub(super) fn keep(tx: &mut Tx<'_>, action: &str, row: LineRow) -> Result<()> {
    store::save(tx, &row)?;
    record(tx, action, &row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &LineRow) -> Result<()> {
    let owner: AnyId = row.owner_id;
    let content = json!({
        "owner_kind": row.owner_kind, "owner_id": owner, "position": row.position, "fund_id": row.fund_id, "stream": row.stream,
        "year": row.year, "amount_fen": row.amount, "state": row.state, "hold_id": row.hold_id, "source_id": row.source_id,
    });
    let event =
        Event { tenant: row.tenant_id, action, kind: KIND, resource: row.id.any(), version: row.version, case: Some(row.case_id), content };
    journal::record(tx, &event).map(drop)
}
