//! Expert rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::{ExpertFile, ExpertFilter, ExpertRow, FieldRow, TieFile, TieRow};
use crate::db::schema::{expert_fields, expert_ties, experts};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AccountId, ExpertId, ExpertTieId, TenantId};
use crate::kernel::{CatalogueCode, Result, UtcInstant};
use crate::people::Authorized;
use crate::people::policy::Subject;

pub fn find(db: &mut Db, tenant: TenantId, id: ExpertId) -> Result<Option<ExpertRow>> {
    Ok(experts::table.filter(experts::tenant_id.eq(tenant).and(experts::id.eq(id))).first(db).optional()?)
}

/// The expert who signs in with the account.
pub fn by_account(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<Option<ExpertRow>> {
    Ok(experts::table.filter(experts::tenant_id.eq(tenant).and(experts::account_id.eq(Some(account)))).first(db).optional()?)
}

pub fn tie(db: &mut Db, tenant: TenantId, id: ExpertTieId) -> Result<Option<TieFile>> {
    let found: Option<TieRow> =
        expert_ties::table.filter(expert_ties::tenant_id.eq(tenant).and(expert_ties::id.eq(id))).first(db).optional()?;
    let Some(tie) = found else { return Ok(None) };
    Ok(find(db, tenant, tie.expert_id)?.map(|expert| TieFile { expert, tie }))
}

/// Rows after the cursor in the order in which they were taken in, at most `rows`.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    filter: &ExpertFilter,
    after: Option<(UtcInstant, ExpertId)>,
    rows: i64,
) -> Result<Vec<ExpertRow>> {
    let mut query = experts::table.filter(experts::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(state) = filter.state {
        query = query.filter(experts::state.eq(state));
    }
    if let Some(account) = filter.own {
        query = query.filter(experts::account_id.eq(Some(account)));
    }
    if let Some(code) = &filter.field {
        let knowing = expert_fields::table.filter(expert_fields::prefix.eq_any(above(code))).select(expert_fields::expert_id);
        query = query.filter(experts::id.eq_any(knowing));
    }
    if let Some((at, id)) = after {
        query = query.filter(experts::created_at.gt(at).or(experts::created_at.eq(at).and(experts::id.gt(id))));
    }
    Ok(query.order((experts::created_at, experts::id)).limit(rows).load(db)?)
}

/// The code and every code above it.
fn above(code: &CatalogueCode) -> Vec<CatalogueCode> {
    let mut found = vec![code.clone()];
    let mut next = code.parent();
    while let Some(parent) = next {
        next = parent.parent();
        found.push(parent);
    }
    found
}

/// Everything about these experts, in their order.
pub fn files(db: &mut Db, rows: Vec<ExpertRow>) -> Result<Vec<ExpertFile>> {
    let ids: Vec<ExpertId> = rows.iter().map(|row| row.id).collect();
    let fields: Vec<FieldRow> = expert_fields::table
        .filter(expert_fields::expert_id.eq_any(&ids))
        .order((expert_fields::expert_id, expert_fields::prefix))
        .load(db)?;
    let ties: Vec<TieRow> =
        expert_ties::table.filter(expert_ties::expert_id.eq_any(&ids)).order((expert_ties::declared_at, expert_ties::id)).load(db)?;
    Ok(rows
        .into_iter()
        .map(|expert| ExpertFile {
            fields: fields.iter().filter(|row| row.expert_id == expert.id).map(|row| row.prefix.clone()).collect(),
            ties: ties.iter().filter(|row| row.expert_id == expert.id).cloned().collect(),
            expert,
        })
        .collect())
}

/// The active experts of a field, by id, so that a draw depends on its seed alone.
pub fn of_field(db: &mut Db, tenant: TenantId, code: &CatalogueCode) -> Result<Vec<ExpertFile>> {
    let knowing = expert_fields::table.filter(expert_fields::prefix.eq_any(above(code))).select(expert_fields::expert_id);
    let rows: Vec<ExpertRow> = experts::table
        .filter(experts::tenant_id.eq(tenant).and(experts::state.eq(super::model::ExpertState::Active)))
        .filter(experts::id.eq_any(knowing))
        .order(experts::id)
        .load(db)?;
    files(db, rows)
}

pub fn insert<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ExpertRow) -> Result<()> {
    diesel::insert_into(experts::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn save<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &ExpertRow) -> Result<()> {
    diesel::update(experts::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}

pub fn replace_fields<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, expert: ExpertId, codes: &[CatalogueCode]) -> Result<()> {
    diesel::delete(expert_fields::table.filter(expert_fields::expert_id.eq(expert))).execute(&mut **tx)?;
    for code in codes {
        let row = FieldRow { expert_id: expert, prefix: code.clone() };
        diesel::insert_into(expert_fields::table).values(&row).execute(&mut **tx)?;
    }
    Ok(())
}

pub fn insert_tie<T: Subject>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &TieRow) -> Result<()> {
    diesel::insert_into(expert_ties::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn end_tie(tx: &mut Tx<'_>, granted: &Authorized<TieFile>, until: chrono::NaiveDate) -> Result<()> {
    diesel::update(expert_ties::table.find(granted.subject().tie.id)).set(expert_ties::until_on.eq(Some(until))).execute(&mut **tx)?;
    Ok(())
}
