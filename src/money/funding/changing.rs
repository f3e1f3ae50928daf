//! Use cases of changing what funds an owner in force: more out of a fund, or less. Called by the storey that owns what is funded, which holds the
//! proof; `by` is its account.

use chrono::Datelike as _;

use super::model::{Leg, LineRow, LineState, NewLine, Owner};
use super::service::{begin, fresh, hold_of, keep, load_hold, may_pay, next_position, purpose_of, require_no_advance_under_way};
use super::{rules, store};
use crate::db::Tx;
use crate::kernel::id::{AccountId, FundId};
use crate::kernel::{Error, Fen, Result};
use crate::money::ledger::{self, Cause};
use crate::words;

/// Commits `amount` more for the owner out of what is free in a fund of its unit; gives the new line. Refuses as a reservation does, and with
/// `invalid` at `/fund_id` when the fund is another's or of a year that is over.
pub fn extend(tx: &mut Tx<'_>, by: AccountId, owner: &Owner<'_>, fund: FundId, amount: Fen) -> Result<LineRow> {
    let today = tx.now().date_in_shanghai();
    let found = store::funds_of(tx, owner.tenant, owner.unit, &[fund])?.pop().filter(|fund| fund.year >= today.year());
    let Some(found) = found else {
        return Err(Error::field(
            "/fund_id",
            words!("须为本单位当年的资金账户", "must be a fund of the unit and of a year that is not over"),
        ));
    };
    let lines = store::of_owner(tx, owner.tenant, owner.cause)?;
    if lines.len() >= rules::LINES_MAX {
        return Err(Error::field("/fund_id", words!("资金来源行已满", "the contract has as many funding lines as it may")));
    }
    let purpose = purpose_of(tx, owner.tenant, owner.cause, today)?;
    if let Some(purpose) = &purpose {
        may_pay(tx, owner.tenant, fund, purpose)?;
    }
    let hold = ledger::commit_free(tx, by, owner.tenant, fund, owner.case, amount, owner.cause)?;
    let new = NewLine { fund: Some(fund), stream: found.stream, year: found.year, amount };
    let (code, area) = purpose.map_or((None, None), |purpose| (Some(purpose.catalogue_code), purpose.area));
    let row = LineRow {
        hold_id: Some(hold),
        purpose_code: code,
        area_id: area,
        ..fresh(tx, owner, next_position(&lines), &new, LineState::Committed)
    };
    begin(tx, "funding.committed", &row)?;
    Ok(row)
}

/// Lets `amount` of what is bound and neither accepted nor advanced go free, spread over the owner's lines. Refuses with `funding_exceeded` and
/// `advance_under_way`.
pub fn shrink(tx: &mut Tx<'_>, by: AccountId, owner: &Owner<'_>, amount: Fen, cause: Cause<'_>) -> Result<Vec<Leg>> {
    require_no_advance_under_way(tx, owner.tenant, owner.cause.id)?;
    let mut lines = store::of_owner(tx, owner.tenant, owner.cause)?;
    lines.retain(|line| matches!(line.state, LineState::Committed | LineState::Future));
    let mut room: Vec<Leg> = Vec::with_capacity(lines.len());
    for line in &lines {
        let left = if line.state == LineState::Committed { load_hold(tx, line)?.remaining()? } else { line.amount };
        room.push((line.id, left));
    }
    let legs = rules::spread(amount, &room, None)?;
    for (id, part) in legs.iter().filter(|leg| leg.1 > Fen::ZERO) {
        let line = lines.iter().find(|line| line.id == *id).ok_or_else(|| Error::internal(format!("no line {id}")))?;
        if line.state == LineState::Committed {
            ledger::release_part(tx, by, owner.tenant, hold_of(line)?, *part, cause)?;
        }
        let left = line.amount.minus(*part)?;
        let row = if left > Fen::ZERO {
            LineRow { amount: left, ..rules::moved(line, line.state) }
        } else {
            rules::moved(line, LineState::Released)
        };
        keep(tx, "funding.released", row)?;
    }
    Ok(legs)
}
