//! Use cases of spending under an owner's commitments: acceptance, advance, payment, bounce, refund, each spread over the lines. Called by the storey
//! that owns what is funded, which holds the proof; `by` is its account.

use super::model::{Leg, LineRow, LineState};
use super::service::{hold_of, load_hold, require_no_advance_under_way};
use super::{rules, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, FundingLineId, HoldId, TenantId};
use crate::kernel::{Error, Fen, Result};
use crate::money::ledger::{self, Cause, Position, Slip};

/// What an acceptance did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The accepted amount by line.
    pub legs: Vec<Leg>,
    /// How much of it an advance had paid already; the rest is payable.
    pub cleared: Fen,
}

/// Accepts `amount` under the owner's commitments, spread over what each may still have accepted. On every line the outstanding advance is
/// cleared first; the rest becomes payable. Refuses with `advance_under_way`: what it pays could not be cleared any more.
pub fn accept(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    owner: Cause<'_>,
    amount: Fen,
    cause: Cause<'_>,
    legs: Option<&[Leg]>,
) -> Result<Accepted> {
    require_no_advance_under_way(tx, tenant, owner.id)?;
    let (lines, room) = room(tx, tenant, owner, |position| position.acceptable())?;
    let legs = rules::spread(amount, &room, legs)?;
    let mut cleared = Fen::ZERO;
    for (line, part) in &legs {
        cleared = cleared.plus(ledger::accept(tx, by, tenant, hold_among(&lines, *line)?, *part, cause)?)?;
    }
    Ok(Accepted { legs, cleared })
}

/// What is payable on each committed line of the owner.
pub fn payable(db: &mut Db, tenant: TenantId, owner: Cause<'_>) -> Result<Vec<Leg>> {
    Ok(room(db, tenant, owner, |position| Ok(position.payable))?.1)
}

/// What is bound and neither accepted nor advanced on each committed line of the owner.
pub fn committed(db: &mut Db, tenant: TenantId, owner: Cause<'_>) -> Result<Vec<Leg>> {
    Ok(room(db, tenant, owner, |position| Ok(position.committed))?.1)
}

/// The positions of an owner's committed lines, in their order.
pub fn totals(db: &mut Db, tenant: TenantId, owner: Cause<'_>) -> Result<Vec<(FundingLineId, Position)>> {
    let mut found = Vec::new();
    for line in store::of_owner(db, tenant, owner)? {
        if line.state == LineState::Committed {
            let hold = load_hold(db, &line)?;
            found.push((line.id, ledger::position(db, &hold)?));
        }
    }
    Ok(found)
}

/// Pays `amount` of what is payable, by the named legs or spread over it; gives the legs.
pub fn pay(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    owner: Cause<'_>,
    amount: Fen,
    slip: Slip<'_>,
    legs: Option<&[Leg]>,
) -> Result<Vec<Leg>> {
    let (lines, room) = room(tx, tenant, owner, |position| Ok(position.payable))?;
    let legs = rules::spread(amount, &room, legs)?;
    for (line, part) in &legs {
        ledger::pay(tx, by, tenant, hold_among(&lines, *line)?, *part, slip)?;
    }
    Ok(legs)
}

/// Pays `amount` before its acceptance (预付款), by the named legs or spread over what is committed; gives the legs.
pub fn advance(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    owner: Cause<'_>,
    amount: Fen,
    slip: Slip<'_>,
    legs: Option<&[Leg]>,
) -> Result<Vec<Leg>> {
    let (lines, room) = room(tx, tenant, owner, |position| Ok(position.committed))?;
    let legs = rules::spread(amount, &room, legs)?;
    for (line, part) in &legs {
        ledger::advance(tx, by, tenant, hold_among(&lines, *line)?, *part, slip)?;
    }
    Ok(legs)
}

/// A payment came back from the bank (退票): its legs are payable again, those of an advance committed again.
pub fn bounce(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    owner: Cause<'_>,
    slip: Slip<'_>,
    legs: &[Leg],
    advance: bool,
) -> Result<()> {
    let lines = store::of_owner(tx, tenant, owner)?;
    for (line, part) in legs {
        let hold = hold_among(&lines, *line)?;
        if advance {
            ledger::bounce_advance(tx, by, tenant, hold, *part, slip)?;
        } else {
            ledger::bounce(tx, by, tenant, hold, *part, slip)?;
        }
    }
    Ok(())
}

/// The payee gave money back on these legs.
pub fn refund(tx: &mut Tx<'_>, by: AccountId, tenant: TenantId, owner: Cause<'_>, slip: Slip<'_>, legs: &[Leg]) -> Result<()> {
    let lines = store::of_owner(tx, tenant, owner)?;
    for (line, part) in legs {
        ledger::refund(tx, by, tenant, hold_among(&lines, *line)?, *part, slip)?;
    }
    Ok(())
}

fn room(db: &mut Db, tenant: TenantId, owner: Cause<'_>, of: fn(&Position) -> Result<Fen>) -> Result<(Vec<LineRow>, Vec<Leg>)> {
    let mut lines = store::of_owner(db, tenant, owner)?;
    lines.retain(|line| line.state == LineState::Committed);
    let mut room = Vec::with_capacity(lines.len());
    for line in &lines {
        let hold = load_hold(db, line)?;
        room.push((line.id, of(&ledger::position(db, &hold)?)?));
    }
    Ok((lines, room))
}

fn hold_among(lines: &[LineRow], id: FundingLineId) -> Result<HoldId> {
    let line = lines.iter().find(|line| line.id == id).ok_or_else(|| Error::internal(format!("no line {id}")))?;
    hold_of(line)
}
