//! Use cases of funds: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{AppropriationKind, AppropriationRow, Entered, FundRow, NewAppropriation, NewFund, Place, Terms};
use super::purpose::LimitKind;
use super::rules::{DOCUMENT_NUMBER_TAKEN, FUND_EXISTS};
use super::{policy, purpose, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AccountId, AnyId, AppropriationId, FundId, TenantId, UnitId};
use crate::kernel::{Error, Fen, Result};
use crate::money::ledger::{self, Cause, ReductionRow};
use crate::parties::areas;
use crate::people::policy::{District, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// A fund of the tenant.
pub fn find(db: &mut Db, tenant: TenantId, id: FundId) -> Result<Option<FundRow>> {
    store::find(db, tenant, id)
}

/// May the actor make funds of this unit? A unit that does not exist is told later, as a bad field.
pub fn may_create(db: &mut Db, actor: &Actor, unit: Option<UnitId>) -> Result<Authorized<Place>> {
    let unit = match unit {
        Some(id) => store::unit(db, actor.tenant, id)?,
        None => None,
    };
    authorize(actor, &policy::CREATE, Place { tenant: actor.tenant, unit })
}

/// May the actor do this to the fund?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: FundId) -> Result<Authorized<FundRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor read the books of this fund?
pub fn may_read_books(db: &mut Db, actor: &Actor, id: FundId) -> Result<FundRow> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(authorize(actor, &policy::READ_BOOKS, row)?.into_subject())
}

/// Makes a fund with its empty accounts.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<Place>, new: &NewFund) -> Result<FundRow> {
    let tenant = granted.subject().tenant;
    rules::check_new(new)?;
    let unit = granted.subject().unit.ok_or_else(|| Error::field("/unit_id", words!("没有该单位", "there is no such unit")))?;
    if store::name_taken(tx, tenant, unit, new)? {
        return Err(FUND_EXISTS.because(words!("{0}", "{0}", new.name_zh)));
    }
    let row = FundRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit,
        stream: new.stream,
        year: new.year,
        name_zh: new.name_zh.trim().to_owned(),
        custodian: new.custodian,
        created_by: granted.by(),
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    ledger::open_accounts(tx, row.id)?;
    let content = json!({
        "unit_id": row.unit_id, "stream": row.stream, "year": row.year, "name_zh": row.name_zh, "custodian": row.custodian,
    });
    record(tx, "fund.created", "fund", row.id.any(), tenant, content)?;
    Ok(row)
}

/// Puts other terms in place of the fund's.
pub fn change_terms(tx: &mut Tx<'_>, granted: &Authorized<FundRow>, terms: &Terms) -> Result<()> {
    let fund = granted.subject();
    rules::check_terms(terms)?;
    if let Some(payer) = terms.payer
        && store::unit(tx, fund.tenant_id, payer)?.is_none()
    {
        return Err(Error::field("/payer_unit_id", words!("没有该单位", "there is no such unit")));
    }
    for (place, limit) in terms.limits.iter().filter(|limit| limit.kind == LimitKind::Area).enumerate() {
        let known = match limit.value.parse() {
            Ok(area) => areas::store::find(tx, fund.tenant_id, area)?.is_some(),
            Err(_) => false,
        };
        if !known {
            return Err(Error::field(format!("/area_ids/{place}"), words!("没有该区划", "there is no such area")));
        }
    }
    store::replace_terms(tx, fund.id, terms)?;
    let limits: Vec<_> = terms.limits.iter().map(|limit| json!({"kind": limit.kind, "value": limit.value})).collect();
    let content = json!({
        "payer_unit_id": terms.payer, "monthly_ceiling_fen": terms.monthly_ceiling, "purpose": terms.purpose, "limits": limits,
    });
    record(tx, "fund.terms_changed", "fund", fund.id.any(), fund.tenant_id, content)
}

/// Enters an appropriation document and posts it: money comes (年初, 追加), goes (调减, 收回, as far as it is free; the rest is pending), or
/// changes its fund (调剂).
pub fn appropriate(tx: &mut Tx<'_>, granted: &Authorized<FundRow>, new: &NewAppropriation) -> Result<Entered> {
    let fund = granted.subject();
    let functional = store::listed(tx, fund.tenant_id, &new.functional_class, "func")?;
    let economic = store::listed(tx, fund.tenant_id, &new.economic_class, "econ")?;
    rules::check_appropriation(fund.stream, new, functional, economic)?;
    let warnings = purpose::check_economic(tx, fund.tenant_id, fund, &new.economic_class)?;
    let by = granted.by();
    let row = enter(tx, by, fund, new)?;
    let mut entered = Entered { row, linked: None, settled: None, warnings };
    let cause = Cause { kind: ledger::APPROPRIATION, id: entered.row.id.any() };
    match new.kind {
        AppropriationKind::Initial | AppropriationKind::Supplementary | AppropriationKind::CarryOver => {
            ledger::appropriate(tx, by, fund.tenant_id, fund.id, new.amount, cause)?;
        }
        AppropriationKind::Reduction | AppropriationKind::Recall => entered.settled = Some(reduce(tx, by, fund, &entered.row)?),
        AppropriationKind::Transfer => entered.linked = Some(transfer(tx, by, fund, new, &entered.row)?),
    }
    Ok(entered)
}

/// Documents with their other ends and what was taken of them.
pub fn entered(db: &mut Db, rows: Vec<AppropriationRow>) -> Result<Vec<Entered>> {
    let ids: Vec<AppropriationId> = rows.iter().map(|row| row.id).collect();
    let (links, settled) = (store::links(db, &ids)?, store::settled(db, &ids)?);
    let other = |id| links.iter().find_map(|(out, into)| if *out == id { Some(*into) } else { (*into == id).then_some(*out) });
    Ok(rows
        .into_iter()
        .map(|row| Entered {
            linked: other(row.id),
            settled: settled.iter().find(|one| one.0 == row.id).map(|one| one.1),
            warnings: Vec::new(),
            row,
        })
        .collect())
}

fn reduce(tx: &mut Tx<'_>, by: AccountId, fund: &FundRow, row: &AppropriationRow) -> Result<Fen> {
    let pending = ledger::pending_reductions(tx, fund.id)?;
    let waiting: Vec<Fen> = pending.iter().map(ReductionRow::outstanding).collect::<Result<_>>()?;
    let authority = ledger::balances(tx, fund.id)?.appropriated()?;
    rules::check_reduction(authority, Fen::total(waiting)?, row.amount)?;
    let reduction = ReductionRow {
        appropriation_id: row.id,
        tenant_id: fund.tenant_id,
        fund_id: fund.id,
        document_number: row.document_number.clone(),
        amount: row.amount,
        settled: Fen::ZERO,
        created_at: row.created_at,
    };
    Ok(ledger::reduce(tx, by, &reduction)?.settled)
}

fn transfer(tx: &mut Tx<'_>, by: AccountId, from: &FundRow, new: &NewAppropriation, out: &AppropriationRow) -> Result<AppropriationId> {
    let to = match new.to {
        Some(id) => store::find(tx, from.tenant_id, id)?,
        None => None,
    };
    let fits = |to: &FundRow| to.id != from.id && to.stream == from.stream && to.year == from.year;
    let to = to.filter(fits).ok_or_else(|| {
        Error::field("/to_fund_id", words!("须为同一渠道、同一年度的另一资金账户", "must be another fund of the same stream and year"))
    })?;
    let into = enter(tx, by, &to, new)?;
    store::link(tx, out.id, into.id)?;
    ledger::withdraw(tx, by, from.tenant_id, from.id, new.amount, Cause { kind: ledger::APPROPRIATION, id: out.id.any() })?;
    ledger::appropriate(tx, by, to.tenant_id, to.id, new.amount, Cause { kind: ledger::APPROPRIATION, id: into.id.any() })?;
    Ok(into.id)
}

/// The two linked entries of a carry-over (结转); the year end that asks for it posts under them, hold by hold.
pub fn carry_over(
    tx: &mut Tx<'_>,
    by: AccountId,
    from: &FundRow,
    to: &FundRow,
    number: &str,
    amount: Fen,
) -> Result<(AppropriationRow, AppropriationRow)> {
    if from.stream != to.stream {
        return Err(Error::internal(format!(
            "{} money of fund {} cannot be carried to {} fund {}",
            from.stream, from.id, to.stream, to.id
        )));
    }
    let (functional_class, economic_class) = store::classes(tx, from)?;
    let new = NewAppropriation {
        kind: AppropriationKind::CarryOver,
        document_number: number.to_owned(),
        amount,
        functional_class,
        economic_class,
        project_code: None,
        nature: None,
        to: None,
    };
    let (out, into) = (enter(tx, by, from, &new)?, enter(tx, by, to, &new)?);
    store::link(tx, out.id, into.id)?;
    Ok((out, into))
}

/// Stores a document and writes it down in the journal.
fn enter(tx: &mut Tx<'_>, by: AccountId, fund: &FundRow, new: &NewAppropriation) -> Result<AppropriationRow> {
    let number = new.document_number.trim();
    if store::document_known(tx, fund, number)? {
        return Err(DOCUMENT_NUMBER_TAKEN.because(words!("{number}", "{number}")));
    }
    let row = AppropriationRow {
        id: tx.new_id(),
        tenant_id: fund.tenant_id,
        fund_id: fund.id,
        kind: new.kind,
        document_number: number.to_owned(),
        amount: new.amount,
        functional_class: new.functional_class.clone(),
        economic_class: new.economic_class.clone(),
        created_by: by,
        created_at: tx.now(),
        project_code: new.project_code.clone(),
        nature: new.nature.clone(),
    };
    store::insert_appropriation(tx, &row)?;
    let content = json!({
        "fund_id": row.fund_id, "kind": row.kind, "document_number": row.document_number, "amount_fen": row.amount,
        "functional_class": row.functional_class, "economic_class": row.economic_class, "project_code": row.project_code,
        "nature": row.nature,
    });
    record(tx, "fund.appropriated", "appropriation", row.id.any(), fund.tenant_id, content)?;
    Ok(row)
}

/// Loads what each stream may never pay, from a table of `stream,kind,prefix,rule_id,note`, in place of what was loaded before.
pub fn import_exclusions(tx: &mut Tx<'_>, granted: &Authorized<District>, csv: &[u8]) -> Result<usize> {
    let tenant = granted.subject().0;
    let rows = purpose::read_exclusions(csv)?;
    store::replace_exclusions(tx, tenant, &rows)?;
    let content = json!({"rows": rows.len()});
    record(tx, "stream_exclusions.loaded", "stream_exclusions", tenant.any(), tenant, content)?;
    Ok(rows.len())
}

fn record(tx: &mut Tx<'_>, action: &str, kind: &str, resource: AnyId, tenant: TenantId, content: serde_json::Value) -> Result<()> {
    journal::record(tx, &Event { tenant, action, kind, resource, version: 1, case: None, content })?;
    Ok(())
}
