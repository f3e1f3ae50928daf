//! The money of a lot: its funding lines, planned with the draft, set aside when the tender goes to review, free again when the lot ends
//! without an award.

use std::collections::BTreeMap;

use chrono::Datelike as _;

use super::model::{LotRow, NewLot, TenderRow};
use super::rules;
use crate::db::{Db, Tx};
use crate::delivery::agreements::Source;
use crate::kernel::id::{AccountId, FundId};
use crate::kernel::{Error, Fen, Result, error};
use crate::market::catalogues;
use crate::money::funding::{self, LineRow, NewLine, Owner};
use crate::money::funds::{self, Purpose};
use crate::money::ledger::{self, Cause};
use crate::words;

/// Kind of a lot in the ledger.
pub const KIND: &str = "lot";

/// The lot as the owner of its funding.
pub fn owner(tender: &TenderRow, lot: &LotRow) -> Owner<'static> {
    Owner { tenant: tender.tenant_id, unit: tender.unit_id, case: tender.case_id, cause: cause(lot) }
}

fn cause(lot: &LotRow) -> Cause<'static> {
    Cause { kind: KIND, id: lot.id.any() }
}

/// The lines of a lot.
pub fn lines(db: &mut Db, lot: &LotRow) -> Result<Vec<LineRow>> {
    funding::lines(db, lot.tenant_id, cause(lot))
}

/// Plans the funding of a lot, the `place`-th of the request: its own lines, or all of it from the tender's fund.
pub fn plan(tx: &mut Tx<'_>, tender: &TenderRow, lot: &LotRow, new: &NewLot, fund: Option<FundId>, place: usize) -> Result<()> {
    let planned = match (new.funding.as_slice(), fund) {
        ([], Some(id)) => {
            let no_fund = || Error::field("/fund_id", words!("没有该资金账户", "there is no such fund"));
            let fund = funds::find(tx, tender.tenant_id, id)?.ok_or_else(no_fund)?;
            let line = NewLine { fund: Some(id), stream: fund.stream, year: fund.year, amount: new.ceiling };
            funding::plan(tx, &owner(tender, lot), &[line]).map_err(|refused| refused.pointing(|_| "/fund_id".to_owned()))
        }
        (lines, _) => {
            funding::plan(tx, &owner(tender, lot), lines).map_err(|refused| refused.pointing(|inner| format!("/lots/{place}{inner}")))
        }
    };
    planned.map(drop)
}

/// Sets the funding of every lot aside; gives the sum. Each fund is asked whether it may pay for what is bought.
pub fn reserve(tx: &mut Tx<'_>, by: AccountId, tender: &TenderRow, lots: &[LotRow]) -> Result<Fen> {
    let purpose = purpose(tx, tender)?;
    let mut total = Fen::ZERO;
    for lot in lots {
        total = total.plus(funding::reserve(tx, by, &owner(tender, lot), &purpose)?)?;
    }
    Ok(total)
}

fn purpose(tx: &mut Tx<'_>, tender: &TenderRow) -> Result<Purpose> {
    let found = catalogues::store::find_item(tx, tender.tenant_id, tender.catalogue_item_id)?;
    let (item, _) = found.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(Purpose { catalogue_code: item.code.to_string(), area: None, on: tx.now().date_in_shanghai() })
}

/// Frees what the lot still holds; nothing held is no error. What was planned for later years is let go too.
pub fn release(tx: &mut Tx<'_>, by: AccountId, tender: &TenderRow, lot: &LotRow) -> Result<Fen> {
    funding::release(tx, by, &owner(tender, lot))
}

/// Frees the lot's money while its funding stays planned: the tender goes back to its drafter.
pub fn set_back(tx: &mut Tx<'_>, by: AccountId, tender: &TenderRow, lot: &LotRow) -> Result<Fen> {
    let planned: Vec<NewLine> = lines(tx, lot)?
        .into_iter()
        .filter(|line| matches!(line.state, funding::LineState::Planned | funding::LineState::Reserved))
        .map(|line| NewLine { fund: line.fund_id, stream: line.stream, year: line.year, amount: line.amount })
        .collect();
    let released = release(tx, by, tender, lot)?;
    funding::plan(tx, &owner(tender, lot), &planned)?;
    Ok(released)
}

/// Sets the lot's money aside once more after its contract fell away, when its funds still have it and may still pay for it. What a fund no
/// longer has, or whose year is over, cannot be set aside; then the next contract needs money first.
pub fn hold_again(tx: &mut Tx<'_>, by: AccountId, tender: &TenderRow, lot: &LotRow) -> Result<()> {
    funding::renew(tx, &owner(tender, lot))?;
    let mut wanted: BTreeMap<FundId, Fen> = BTreeMap::new();
    for line in lines(tx, lot)?.into_iter().filter(|line| line.state == funding::LineState::Planned) {
        if let Some(fund) = line.fund_id {
            let sum = wanted.entry(fund).or_insert(Fen::ZERO);
            *sum = sum.plus(line.amount)?;
        }
    }
    let purpose = purpose(tx, tender)?;
    for (fund, amount) in wanted {
        if ledger::balances(tx, fund)?.free < amount || !may_pay(tx, tender, fund, &purpose)? {
            return Ok(());
        }
    }
    reserve(tx, by, tender, std::slice::from_ref(lot)).map(drop)
}

/// Whether the fund's year, its restrictions and the rules of its stream still let it pay.
fn may_pay(db: &mut Db, tender: &TenderRow, fund: FundId, purpose: &Purpose) -> Result<bool> {
    let Some(fund) = funds::find(db, tender.tenant_id, fund)? else { return Ok(false) };
    match funds::check_purpose(db, tender.tenant_id, &fund, purpose) {
        Ok(_) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// The lot's funding as it was planned last, made to fit a draft of this year, for a lot that is run again.
pub fn plan_of(tx: &mut Tx<'_>, lot: &LotRow) -> Result<Vec<NewLine>> {
    let all = lines(tx, lot)?;
    // Each planning puts its lines behind those before, at one instant and each fund once. They add up to the ceiling, or to more after it
    // was lowered.
    let (mut last, mut left): (Vec<NewLine>, Fen) = (Vec::new(), lot.ceiling_fen);
    let planned_at = all.last().map(|line| line.created_at);
    for line in all.iter().rev() {
        let repeated = line.fund_id.is_some() && last.iter().any(|other| other.fund == line.fund_id);
        if left == Fen::ZERO || repeated || Some(line.created_at) != planned_at {
            break;
        }
        left = left.minus(line.amount)?;
        last.push(NewLine { fund: line.fund_id, stream: line.stream, year: line.year, amount: line.amount });
    }
    last.reverse();
    rules::refit(last, lot.ceiling_fen, tx.now().date_in_shanghai().year())
}

/// What a contract on this lot is funded from.
pub fn source(lot: &LotRow) -> Source {
    Source::Lines(KIND, lot.id.any())
}
