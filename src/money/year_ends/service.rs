//! Use cases of a year end: each is one function on the transaction it is handed.

use chrono::Datelike as _;
use serde_json::{Value, json};

use super::model::{Item, ItemKind, Place, YearEndRow, YearEndState};
use super::rules::YEAR_END_OPEN;
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AccountId, FundId, HoldId, TenantId, UnitId, YearEndId};
use crate::kernel::{Error, Fen, Result};
use crate::money::funding;
use crate::money::funds::{self, FundRow};
use crate::money::ledger::{self, Cause};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Kind of a year end in the journal and the ledger.
pub const KIND: &str = "year_end";
/// Most funds of one unit and year.
const FUNDS_MAX: i64 = 200;
/// Most open holds of one fund that one run takes.
const HOLDS_MAX: i64 = 5_000;

/// May the actor preview a year end of this unit? A unit that does not exist is told later, as a bad field.
pub fn may_preview(db: &mut Db, actor: &Actor, unit: Option<UnitId>) -> Result<Authorized<Place>> {
    let unit = match unit {
        Some(id) => store::unit(db, actor.tenant, id)?,
        None => None,
    };
    authorize(actor, &policy::PREVIEW, Place { tenant: actor.tenant, unit })
}

/// May the actor do this to the run?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: YearEndId) -> Result<Authorized<YearEndRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Shows what the year end would do; nothing is posted.
pub fn preview(tx: &mut Tx<'_>, granted: &Authorized<Place>, year: i32, number: &str) -> Result<(YearEndRow, Vec<Item>)> {
    let Place { tenant, unit } = *granted.subject();
    let (mut fields, this_year) = (Fields::default(), tx.now().date_in_shanghai().year());
    fields.text(number, "/document_number", 1, 48);
    fields.require((2020..=this_year).contains(&year), "/year", || words!("不得晚于 {this_year}", "must not be after {this_year}"));
    fields.require(unit.is_some(), "/unit_id", || words!("没有该单位", "there is no such unit"));
    fields.finish()?;
    let unit = unit.ok_or_else(|| Error::internal("the unit was checked"))?;
    if store::is_open(tx, tenant, unit, year)? {
        return Err(YEAR_END_OPEN.because(words!("{year} 年", "year {year}")));
    }
    let items = plan(tx, tenant, unit, year)?;
    let row = YearEndRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit,
        year,
        document_number: number.trim().to_owned(),
        state: YearEndState::Previewed,
        previewed_by: granted.by(),
        executed_by: None,
        confirmed_by: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    store::replace_items(tx, row.id, &items)?;
    record(tx, "year_end.previewed", &row, &items)?;
    Ok((row, items))
}

fn plan(db: &mut Db, tenant: TenantId, unit: UnitId, year: i32) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for fund in store::funds_of(db, tenant, unit, year, FUNDS_MAX)? {
        let next = funds::sibling(db, &fund, year.saturating_add(1))?.map(|fund| fund.id);
        let (holds, balances) = (ledger::open_holds(db, fund.id, HOLDS_MAX)?, ledger::balances(db, fund.id)?);
        items.extend(rules::plan(fund.id, next, &holds, &balances)?);
    }
    Ok(items)
}

/// Posts the previewed run. Refuses with `year_end_changed` when the books moved, with `next_fund_missing`, with `year_end_open`, and with
/// `advance_under_way` while the bank may pay an advance of a contract whose commitment is carried.
pub fn execute(tx: &mut Tx<'_>, granted: &Authorized<YearEndRow>) -> Result<(YearEndRow, Vec<Item>)> {
    let (before, by) = (granted.subject(), granted.by());
    if store::is_open(tx, before.tenant_id, before.unit_id, before.year)? {
        return Err(YEAR_END_OPEN.because(words!("{0} 年", "year {0}", before.year)));
    }
    let previewed = store::items(tx, before.id)?;
    let mut items = plan(tx, before.tenant_id, before.unit_id, before.year)?;
    rules::check_execution(&previewed, &items)?;
    let cause = Cause { kind: KIND, id: before.id.any() };
    for (from, to) in pairs(&items) {
        carry_all(tx, by, before, (from, to), &before.document_number, &mut items)?;
    }
    for item in items.iter().filter(|item| item.kind == ItemKind::Return) {
        ledger::give_back(tx, by, before.tenant_id, item.fund, item.amount, cause)?;
    }
    store::replace_items(tx, before.id, &items)?;
    let row = YearEndRow { executed_by: Some(by), ..moved(before, YearEndState::Executed) };
    keep(tx, "year_end.executed", row, items)
}

/// The funds between which something is carried, each pair once.
fn pairs(items: &[Item]) -> Vec<(FundId, FundId)> {
    let mut found: Vec<(FundId, FundId)> = items.iter().filter_map(|item| Some((item.fund, item.to_fund?))).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Carries every item of one pair of funds under two linked documents; the items learn their new holds.
fn carry_all(
    tx: &mut Tx<'_>,
    by: AccountId,
    run: &YearEndRow,
    (from, to): (FundId, FundId),
    number: &str,
    items: &mut [Item],
) -> Result<()> {
    let tenant = run.tenant_id;
    let mine = |item: &&mut Item| item.fund == from && item.to_fund == Some(to);
    let total = Fen::total(items.iter().filter(|item| item.fund == from && item.to_fund == Some(to)).map(|item| item.amount))?;
    let (source, target) = (fund(tx, tenant, from)?, fund(tx, tenant, to)?);
    let (out, into) = funds::carry_over(tx, by, &source, &target, number, total)?;
    let causes = (Cause { kind: ledger::APPROPRIATION, id: out.id.any() }, Cause { kind: ledger::APPROPRIATION, id: into.id.any() });
    for item in items.iter_mut().filter(mine) {
        let hold = item.hold.ok_or_else(|| Error::internal("a carried item has no hold"))?;
        let (new_hold, amount) = ledger::carry(tx, by, tenant, hold, to, causes)?;
        funding::carried(tx, tenant, hold, to, new_hold, amount)?;
        item.new_hold = Some(new_hold);
    }
    Ok(())
}

/// Takes the run back: the commitments return to their funds and what went back is free again. Refuses with `year_end_in_use` and
/// `advance_under_way`.
pub fn reverse(tx: &mut Tx<'_>, granted: &Authorized<YearEndRow>) -> Result<(YearEndRow, Vec<Item>)> {
    let (before, by) = (granted.subject(), granted.by());
    let items = store::items(tx, before.id)?;
    let mut carried = Vec::new();
    for id in items.iter().filter_map(|item| item.new_hold) {
        carried.push(load(tx, before.tenant_id, id)?);
    }
    rules::check_reversal(&carried)?;
    let back = |item: &Item| Item { fund: item.to_fund.unwrap_or(item.fund), hold: item.new_hold, to_fund: Some(item.fund), ..*item };
    let mut reversed: Vec<Item> = items.iter().filter(|item| item.new_hold.is_some()).map(back).collect();
    let number = format!("{}-冲回", before.document_number);
    for (from, to) in pairs(&reversed) {
        carry_all(tx, by, before, (from, to), &number, &mut reversed)?;
    }
    let cause = Cause { kind: KIND, id: before.id.any() };
    for item in items.iter().filter(|item| item.kind == ItemKind::Return) {
        ledger::restore(tx, by, before.tenant_id, item.fund, item.amount, cause)?;
    }
    keep(tx, "year_end.reversed", moved(before, YearEndState::Reversed), items)
}

/// A second officer confirms; from now on the run stays.
pub fn confirm(tx: &mut Tx<'_>, granted: &Authorized<YearEndRow>) -> Result<(YearEndRow, Vec<Item>)> {
    let before = granted.subject();
    let row = YearEndRow { confirmed_by: Some(granted.by()), ..moved(before, YearEndState::Confirmed) };
    let items = store::items(tx, before.id)?;
    keep(tx, "year_end.confirmed", row, items)
}

fn fund(db: &mut Db, tenant: TenantId, id: FundId) -> Result<FundRow> {
    funds::find(db, tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())
}

fn load(db: &mut Db, tenant: TenantId, id: HoldId) -> Result<ledger::HoldRow> {
    ledger::hold(db, tenant, id)?.ok_or_else(|| Error::internal(format!("no hold {id}")))
}

fn moved(before: &YearEndRow, state: YearEndState) -> YearEndRow {
    YearEndRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, action: &str, row: YearEndRow, items: Vec<Item>) -> Result<(YearEndRow, Vec<Item>)> {
    store::save(tx, &row)?;
    record(tx, action, &row, &items)?;
    Ok((row, items))
}

fn record(tx: &mut Tx<'_>, action: &str, row: &YearEndRow, items: &[Item]) -> Result<()> {
    let told: Vec<Value> = items
        .iter()
        .map(|item| {
            json!({"kind": item.kind, "fund_id": item.fund, "hold_id": item.hold, "to_fund_id": item.to_fund, "amount_fen": item.amount,
            "new_hold_id": item.new_hold})
        })
        .collect();
    let content = json!({"unit_id": row.unit_id, "year": row.year, "document_number": row.document_number, "items": told});
    let (tenant, version) = (row.tenant_id, row.version);
    journal::record(tx, &Event { tenant, action, kind: KIND, resource: row.id.any(), version, case: None, content }).map(drop)
}
