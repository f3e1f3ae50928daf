//! Fund and appropriation rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{AppropriationRow, FundFilter, FundRow, Listed, NewFund, Place, Stream, Terms};
use super::purpose::{Exclusion, Limit, LimitKind};
use crate::db::schema::{
    appropriations, authority_links, budget_subjects, fund_limits, fund_terms, funds, reductions, stream_exclusions, units,
};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AppropriationId, FundId, TenantId, UnitId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: FundId) -> Result<Option<FundRow>> {
    Ok(funds::table.filter(funds::tenant_id.eq(tenant).and(funds::id.eq(id))).first(db).optional()?)
}

/// The unit, when the tenant has it.
pub fn unit(db: &mut Db, tenant: TenantId, id: UnitId) -> Result<Option<UnitId>> {
    Ok(units::table.filter(units::tenant_id.eq(tenant).and(units::id.eq(id))).select(units::id).first(db).optional()?)
}

/// Whether the unit has a fund of this name, stream and year.
pub fn name_taken(db: &mut Db, tenant: TenantId, unit: UnitId, new: &NewFund) -> Result<bool> {
    let found: i64 = funds::table
        .filter(funds::tenant_id.eq(tenant).and(funds::unit_id.eq(unit)).and(funds::stream.eq(new.stream)))
        .filter(funds::year.eq(new.year).and(funds::name_zh.eq(new.name_zh.trim())))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

/// Rows after the cursor in the order they were made, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, filter: &FundFilter, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<FundRow>> {
    let mut query = funds::table.filter(funds::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(unit) = filter.unit {
        query = query.filter(funds::unit_id.eq(unit));
    }
    if let Some(stream) = filter.stream {
        query = query.filter(funds::stream.eq(stream));
    }
    if let Some(year) = filter.year {
        query = query.filter(funds::year.eq(year));
    }
    if let Some((at, id)) = after {
        let id = FundId::new(id);
        query = query.filter(funds::created_at.gt(at).or(funds::created_at.eq(at).and(funds::id.gt(id))));
    }
    Ok(query.order((funds::created_at, funds::id)).limit(rows).load(db)?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<Place>, row: &FundRow) -> Result<()> {
    diesel::insert_into(funds::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// What the district's budget subjects say of a code of this kind (`func` or `econ`).
pub fn listed(db: &mut Db, tenant: TenantId, code: &str, kind: &str) -> Result<Listed> {
    let of_tenant = budget_subjects::table.filter(budget_subjects::tenant_id.eq(tenant));
    let found: i64 = of_tenant.filter(budget_subjects::code.eq(code).and(budget_subjects::kind.eq(kind))).count().get_result(db)?;
    if found > 0 {
        return Ok(Listed::Yes);
    }
    let any: Option<String> = of_tenant.select(budget_subjects::code).first(db).optional()?;
    Ok(if any.is_some() { Listed::No } else { Listed::NoList })
}

/// Whether the fund has a document of this number.
pub fn document_known(db: &mut Db, fund: &FundRow, number: &str) -> Result<bool> {
    let found: i64 = appropriations::table
        .filter(appropriations::tenant_id.eq(fund.tenant_id).and(appropriations::fund_id.eq(fund.id)))
        .filter(appropriations::document_number.eq(number))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}

pub fn insert_appropriation(tx: &mut Tx<'_>, row: &AppropriationRow) -> Result<()> {
    diesel::insert_into(appropriations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Appropriations of a fund after the cursor in the order they were entered, at most `rows`.
pub fn appropriations_of(db: &mut Db, fund: &FundRow, after: Option<(UtcInstant, Uuid)>, rows: i64) -> Result<Vec<AppropriationRow>> {
    let mut query = appropriations::table
        .filter(appropriations::tenant_id.eq(fund.tenant_id).and(appropriations::fund_id.eq(fund.id)))
        .into_boxed::<Backend>();
    if let Some((at, id)) = after {
        let id = AppropriationId::new(id);
        query = query.filter(appropriations::created_at.gt(at).or(appropriations::created_at.eq(at).and(appropriations::id.gt(id))));
    }
    Ok(query.order((appropriations::created_at, appropriations::id)).limit(rows).load(db)?)
}

/// The payer, ceiling and purpose of a fund.
pub fn terms(db: &mut Db, fund: FundId) -> Result<Terms> {
    let row: Option<(Option<UnitId>, Option<Fen>, Option<String>)> = fund_terms::table
        .find(fund)
        .select((fund_terms::payer_unit_id, fund_terms::monthly_ceiling_fen, fund_terms::purpose))
        .first(db)
        .optional()?;
    let (payer, monthly_ceiling, purpose) = row.unwrap_or_default();
    Ok(Terms { payer, monthly_ceiling, purpose, limits: limits(db, fund)? })
}

/// Puts these terms in place of the former ones.
pub fn replace_terms(tx: &mut Tx<'_>, fund: FundId, terms: &Terms) -> Result<()> {
    diesel::delete(fund_terms::table.find(fund)).execute(&mut **tx)?;
    diesel::delete(fund_limits::table.filter(fund_limits::fund_id.eq(fund))).execute(&mut **tx)?;
    diesel::insert_into(fund_terms::table)
        .values((
            fund_terms::fund_id.eq(fund),
            fund_terms::payer_unit_id.eq(terms.payer),
            fund_terms::monthly_ceiling_fen.eq(terms.monthly_ceiling),
            fund_terms::purpose.eq(terms.purpose.as_deref()),
        ))
        .execute(&mut **tx)?;
    for limit in &terms.limits {
        diesel::insert_into(fund_limits::table)
            .values((fund_limits::fund_id.eq(fund), fund_limits::kind.eq(limit.kind), fund_limits::value.eq(&limit.value)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The budget classes of the fund's first document, which a carry-over keeps.
pub fn classes(db: &mut Db, fund: &FundRow) -> Result<(String, String)> {
    Ok(appropriations::table
        .filter(appropriations::tenant_id.eq(fund.tenant_id).and(appropriations::fund_id.eq(fund.id)))
        .order((appropriations::created_at, appropriations::id))
        .select((appropriations::functional_class, appropriations::economic_class))
        .first(db)?)
}

/// The fund of the same unit, stream and name in another year.
pub fn sibling(db: &mut Db, fund: &FundRow, year: i32) -> Result<Option<FundRow>> {
    Ok(funds::table
        .filter(funds::tenant_id.eq(fund.tenant_id).and(funds::unit_id.eq(fund.unit_id)).and(funds::stream.eq(fund.stream)))
        .filter(funds::year.eq(year).and(funds::name_zh.eq(&fund.name_zh)))
        .first(db)
        .optional()?)
}

/// Links the two entries of a transfer or carry-over.
pub fn link(tx: &mut Tx<'_>, out: AppropriationId, into: AppropriationId) -> Result<()> {
    diesel::insert_into(authority_links::table)
        .values((authority_links::out_id.eq(out), authority_links::in_id.eq(into)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The other ends of these documents.
pub fn links(db: &mut Db, ids: &[AppropriationId]) -> Result<Vec<(AppropriationId, AppropriationId)>> {
    Ok(authority_links::table
        .filter(authority_links::out_id.eq_any(ids).or(authority_links::in_id.eq_any(ids)))
        .select((authority_links::out_id, authority_links::in_id))
        .load(db)?)
}

/// What was taken of these reductions.
pub fn settled(db: &mut Db, ids: &[AppropriationId]) -> Result<Vec<(AppropriationId, Fen)>> {
    Ok(reductions::table
        .filter(reductions::appropriation_id.eq_any(ids))
        .select((reductions::appropriation_id, reductions::settled_fen))
        .load(db)?)
}

/// Puts these rows in place of what a stream may never pay.
pub fn replace_exclusions(tx: &mut Tx<'_>, tenant: TenantId, rows: &[(Stream, Exclusion, String)]) -> Result<()> {
    diesel::delete(stream_exclusions::table.filter(stream_exclusions::tenant_id.eq(tenant))).execute(&mut **tx)?;
    for (stream, exclusion, note) in rows {
        diesel::insert_into(stream_exclusions::table)
            .values((
                stream_exclusions::tenant_id.eq(tenant),
                stream_exclusions::stream.eq(*stream),
                stream_exclusions::kind.eq(exclusion.kind),
                stream_exclusions::prefix.eq(&exclusion.prefix),
                stream_exclusions::rule_id.eq(&exclusion.rule),
                stream_exclusions::note.eq(note),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The restrictions of a fund.
pub fn limits(db: &mut Db, fund: FundId) -> Result<Vec<Limit>> {
    let rows: Vec<(LimitKind, String)> = fund_limits::table
        .filter(fund_limits::fund_id.eq(fund))
        .order((fund_limits::kind, fund_limits::value))
        .select((fund_limits::kind, fund_limits::value))
        .load(db)?;
    Ok(rows.into_iter().map(|(kind, value)| Limit { kind, value }).collect())
}

/// What a stream may never pay, as the district lists it.
pub fn exclusions(db: &mut Db, tenant: TenantId, stream: Stream) -> Result<Vec<Exclusion>> {
    let rows: Vec<(LimitKind, String, String)> = stream_exclusions::table
        .filter(stream_exclusions::tenant_id.eq(tenant).and(stream_exclusions::stream.eq(stream)))
        .order((stream_exclusions::kind, stream_exclusions::prefix))
        .select((stream_exclusions::kind, stream_exclusions::prefix, stream_exclusions::rule_id))
        .load(db)?;
    Ok(rows.into_iter().map(|(kind, prefix, rule)| Exclusion { kind, prefix, rule }).collect())
}
