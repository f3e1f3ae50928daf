//! Use cases of funds: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{AppropriationRow, FundRow, NewAppropriation, NewFund, Place};
use super::rules::{DOCUMENT_NUMBER_TAKEN, FUND_EXISTS};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AnyId, FundId, TenantId, UnitId};
use crate::kernel::{Error, Result};
use crate::money::ledger::{self, Cause};
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized};
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

/// May the actor appropriate to this fund?
pub fn may_appropriate(db: &mut Db, actor: &Actor, id: FundId) -> Result<Authorized<FundRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::APPROPRIATE, row)
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

/// Enters an appropriation document and posts it.
pub fn appropriate(tx: &mut Tx<'_>, granted: &Authorized<FundRow>, new: &NewAppropriation) -> Result<AppropriationRow> {
    let fund = granted.subject();
    let functional = store::listed(tx, fund.tenant_id, &new.functional_class, "func")?;
    let economic = store::listed(tx, fund.tenant_id, &new.economic_class, "econ")?;
    rules::check_appropriation(fund.stream, new, functional, economic)?;
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
        created_by: granted.by(),
        created_at: tx.now(),
    };
    store::insert_appropriation(tx, granted, &row)?;
    let cause = Cause { kind: "appropriation", id: row.id.any() };
    ledger::appropriate(tx, granted.by(), fund.tenant_id, fund.id, row.amount, cause)?;
    let content = json!({
        "fund_id": row.fund_id, "kind": row.kind, "document_number": row.document_number, "amount_fen": row.amount,
        "functional_class": row.functional_class, "economic_class": row.economic_class,
    });
    record(tx, "fund.appropriated", "appropriation", row.id.any(), fund.tenant_id, content)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, kind: &str, resource: AnyId, tenant: TenantId, content: serde_json::Value) -> Result<()> {
    journal::record(tx, &Event { tenant, action, kind, resource, version: 1, case: None, content })?;
    Ok(())
}
