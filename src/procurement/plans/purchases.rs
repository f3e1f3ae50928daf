//! What a unit buys of an item in a year, by procedure: the ground on which splitting (化整为零, R035) is judged.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::service;
use super::store::{self, Counted, CountedRow};
use crate::db::Db;
use crate::kernel::id::{AnyId, RuleSetId, TenantId, UnitId};
use crate::kernel::{CatalogueCode, Fen, Result};
use crate::law::{Facts, Finding, Gate, Procedure};

/// The rule on splitting.
pub(super) const SPLITTING: &str = "R035";

/// One item of a unit's year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemSum {
    /// Code of the item.
    pub code: CatalogueCode,
    /// Name of the item.
    pub name_zh: String,
    /// By procedure, in the order of the procedures.
    pub procedures: Vec<ProcedureSum>,
}

/// What was bought of an item by one procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcedureSum {
    /// The procedure; of an imported tender the one it was run by.
    pub procedure: Procedure,
    /// Tenders, and plans of which nothing is tendered yet.
    pub purchases: i64,
    /// Their ceilings and budgets.
    pub amount: Fen,
}

impl ItemSum {
    /// What was bought other than by open tender.
    pub fn counted(&self) -> Result<Fen> {
        Fen::total(self.procedures.iter().filter(|sum| sum.procedure != Procedure::OpenTender).map(|sum| sum.amount))
    }
}

/// The sums of a unit's year by item; only of what is public, unless the reader sees all.
pub fn sums(db: &mut Db, what: &Counted<'_>, sees_all: bool) -> Result<Vec<ItemSum>> {
    let mut tenders = store::counted_tenders(db, what)?;
    let mut plans = store::counted_plans(db, what)?;
    for rows in [&mut tenders, &mut plans] {
        rows.retain(|row| sees_all || row.published_at.is_some());
    }
    let ids = |rows: &[CountedRow]| rows.iter().map(|row| row.id).collect::<Vec<AnyId>>();
    let tender_ids = ids(&tenders);
    let used: BTreeMap<AnyId, Procedure> = store::procedures_used(db, &tender_ids)?.into_iter().collect();
    for row in &mut tenders {
        row.procedure = used.get(&row.id).copied().unwrap_or(row.procedure);
    }
    let mut amounts: BTreeMap<AnyId, Fen> = BTreeMap::new();
    let parts = [store::ceilings_of(db, &tender_ids)?, store::amounts_of(db, &ids(&plans))?];
    for (id, amount) in parts.into_iter().flatten() {
        let sum = amounts.entry(id).or_default();
        *sum = sum.plus(amount)?;
    }
    add_up(tenders.into_iter().chain(plans), &amounts)
}

fn add_up(rows: impl Iterator<Item = CountedRow>, amounts: &BTreeMap<AnyId, Fen>) -> Result<Vec<ItemSum>> {
    let mut items: BTreeMap<CatalogueCode, (String, BTreeMap<Procedure, ProcedureSum>)> = BTreeMap::new();
    for row in rows {
        let amount = amounts.get(&row.id).copied().unwrap_or_default();
        let (_, procedures) = items.entry(row.code).or_insert_with(|| (row.name_zh, BTreeMap::new()));
        let blank = ProcedureSum { procedure: row.procedure, purchases: 0, amount: Fen::ZERO };
        let sum = procedures.entry(row.procedure).or_insert(blank);
        sum.purchases = sum.purchases.saturating_add(1);
        sum.amount = sum.amount.plus(amount)?;
    }
    let item = |(code, (name_zh, sums)): (_, (_, BTreeMap<_, _>))| ItemSum { code, name_zh, procedures: sums.into_values().collect() };
    Ok(items.into_iter().map(item).collect())
}

/// What a unit buys of an item in a year other than by open tender.
pub fn total(db: &mut Db, tenant: TenantId, unit: UnitId, year: i32, code: &CatalogueCode) -> Result<Fen> {
    let what = Counted { tenant, unit, year, item: Some(code) };
    match sums(db, &what, true)?.first() {
        Some(item) => item.counted(),
        None => Ok(Fen::ZERO),
    }
}

/// What R035 of a rule set, or of the one in use, says on a day of a sum of a budget year; nothing when it has no such rule.
pub fn splitting(
    db: &mut Db,
    (tenant, set): (TenantId, Option<RuleSetId>),
    day: (NaiveDate, i32),
    procedure: Procedure,
    sum: Fen,
) -> Result<Option<Finding>> {
    let facts = |thresholds| {
        let mut facts = Facts { thresholds, ..Facts::default() };
        facts.purchase.procedure = Some(procedure);
        facts.purchase.item_total_in_year = Some(sum);
        facts
    };
    let found = service::judge(db, (tenant, set), day, facts, &[Gate::Plan])?;
    Ok(found.into_iter().find(|finding| finding.rule.rule == SPLITTING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_procedure_but_the_open_tender_counts() {
        let row = |id: u128, procedure, code: &str| CountedRow {
            id: Uuid::from_u128(id).into(),
            procedure,
            code: CatalogueCode::parse(code).unwrap(),
            name_zh: "居家养老".into(),
            published_at: None,
        };
        let rows = [
            row(1, Procedure::OpenTender, "A0101"),
            row(2, Procedure::Quotes, "A0101"),
            row(3, Procedure::Consultation, "A0101"),
            row(4, Procedure::Quotes, "A0101"),
            row(5, Procedure::Quotes, "A0102"),
        ];
        let amounts = (1..=5).map(|id| (AnyId::from(Uuid::from_u128(id)), Fen::new(1 << id))).collect();
        let sums = add_up(rows.into_iter(), &amounts).unwrap();
        assert_eq!(sums.iter().map(|item| item.counted().unwrap().get()).collect::<Vec<_>>(), [4 + 8 + 16, 32]);
        let quotes = sums[0].procedures.iter().find(|sum| sum.procedure == Procedure::Quotes).unwrap();
        assert_eq!((quotes.purchases, quotes.amount), (2, Fen::new(20)));
    }
}
