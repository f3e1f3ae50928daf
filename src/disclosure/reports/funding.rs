//! The funding report: fund and stream by unit and year, from authority to execution.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::api::{Asked, ROWS_MAX, too_long};
use crate::db::schema::{fund_balances, funds, units};
use crate::db::{Backend, Db};
use crate::kernel::id::{FundId, TenantId, UnitId};
use crate::kernel::{Error, Fen, Money, Result};
use crate::people::Scope;
use crate::web::spreadsheet::{Cell, Sheet};

/// One fund.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FundingRow {
    /// Fund; its postings are at `/api/v1/funds/{fund_id}/postings`.
    pub fund_id: FundId,
    /// Name of the fund.
    #[schema(example = "购买服务专项")]
    pub fund_name: String,
    /// Owner.
    pub unit_id: UnitId,
    /// Name of the owner.
    #[schema(example = "月河街道办事处")]
    pub unit_name: String,
    /// Funding stream.
    #[schema(example = "fiscal")]
    pub stream: String,
    /// Year.
    #[schema(example = 2026)]
    pub year: i32,
    /// Where the money is.
    pub figures: FundingFigures,
}

/// Sums of the accounts, and how much of the authority was paid.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FundingFigures {
    /// What was appropriated in all.
    pub authority: Money,
    /// Set aside.
    pub reserved: Money,
    /// Bound by contracts.
    pub committed: Money,
    /// Accepted and unpaid.
    pub payable: Money,
    /// Paid and not yet earned.
    pub advanced: Money,
    /// Paid.
    pub paid: Money,
    /// Given back.
    pub returned: Money,
    /// May be reserved.
    pub free: Money,
    /// Paid and advanced against authority, rounded down; null without authority.
    #[schema(example = 4_520)]
    pub execution_bp: Option<i64>,
}

/// The funding report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FundingReport {
    /// Funds by unit, year and stream.
    #[schema(max_items = 5000)]
    pub rows: Vec<FundingRow>,
    /// Sums over the rows. Streams are added up for the eye only; every posting stays inside its fund.
    pub total: FundingFigures,
}

type Accounts = BTreeMap<String, Fen>;

fn figures(accounts: &Accounts) -> Result<FundingFigures> {
    let of = |name: &str| accounts.get(name).copied().unwrap_or(Fen::ZERO);
    // The ledger keeps authority as the negative counterpart of everything else.
    let authority = Fen::ZERO.minus(of("authority"))?;
    let spent = of("paid").plus(of("advanced"))?;
    let scaled = i128::from(spent.get()).saturating_mul(10_000);
    let share = scaled.checked_div(i128::from(authority.get()));
    let execution_bp = share.map(i64::try_from).transpose().map_err(|_| Error::internal("an execution rate overflows"))?;
    Ok(FundingFigures {
        authority: authority.into(),
        reserved: of("reserved").into(),
        committed: of("committed").into(),
        payable: of("payable").into(),
        advanced: of("advanced").into(),
        paid: of("paid").into(),
        returned: of("returned").into(),
        free: of("free").into(),
        execution_bp,
    })
}

/// Reads the report: two queries, whatever the number of funds.
pub fn read(db: &mut Db, tenant: TenantId, scope: Scope, asked: &Asked) -> Result<FundingReport> {
    let mut query = funds::table.inner_join(units::table).filter(funds::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(funds::unit_id.eq_any(scope.units.clone()));
    }
    if let Some(year) = asked.year {
        query = query.filter(funds::year.eq(year));
    }
    if let Some(unit) = asked.unit_id {
        query = query.filter(funds::unit_id.eq(unit));
    }
    type Row = (FundId, String, UnitId, String, String, i32);
    let found: Vec<Row> = query
        .order((units::name_zh, funds::year, funds::stream, funds::created_at, funds::id))
        .limit(ROWS_MAX.saturating_add(1))
        .select((funds::id, funds::name_zh, funds::unit_id, units::name_zh, funds::stream, funds::year))
        .load(db)?;
    too_long(found.len())?;
    let ids: Vec<FundId> = found.iter().map(|row| row.0).collect();
    let mut balances: BTreeMap<FundId, Accounts> = BTreeMap::new();
    let mut total = Accounts::new();
    let rows: Vec<(FundId, String, Fen)> = fund_balances::table.filter(fund_balances::fund_id.eq_any(&ids)).load(db)?;
    for (fund, account, fen) in rows {
        let sum = total.entry(account.clone()).or_default();
        *sum = sum.plus(fen)?;
        balances.entry(fund).or_default().insert(account, fen);
    }
    let rows = found.into_iter().map(|(fund_id, fund_name, unit_id, unit_name, stream, year)| {
        let figures = figures(balances.get(&fund_id).unwrap_or(&Accounts::new()))?;
        Ok(FundingRow { fund_id, fund_name, unit_id, unit_name, stream, year, figures })
    });
    Ok(FundingReport { rows: rows.collect::<Result<_>>()?, total: figures(&total)? })
}

impl FundingFigures {
    fn cells(&self) -> Vec<Cell> {
        let money = [self.authority, self.reserved, self.committed, self.payable, self.advanced, self.paid, self.returned, self.free];
        let share = self.execution_bp.map_or(Cell::Nothing, Cell::Number);
        money.map(|one| Cell::Yuan(one.amount_fen)).into_iter().chain([share]).collect()
    }
}

impl FundingReport {
    /// As a table, the sums in its last row.
    pub fn sheet(&self) -> Sheet {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for row in &self.rows {
            let year = Cell::Number(i64::from(row.year));
            let mut cells =
                vec![Cell::Text(row.unit_name.clone()), year, Cell::Text(row.stream.clone()), Cell::Text(row.fund_name.clone())];
            cells.extend(row.figures.cells());
            cells.push(Cell::Text(row.fund_id.to_string()));
            rows.push(cells);
        }
        let mut last = vec![Cell::Text("合计 Total".to_owned()), Cell::Nothing, Cell::Nothing, Cell::Nothing];
        last.extend(self.total.cells());
        last.push(Cell::Nothing);
        rows.push(last);
        Sheet { name: "资金执行".to_owned(), heads: HEADS, rows }
    }
}

const HEADS: &[&str] = &[
    "单位 Unit",
    "年度 Year",
    "资金渠道 Stream",
    "资金账户 Fund",
    "预算指标 Authority",
    "预留 Reserved",
    "已承诺 Committed",
    "应付 Payable",
    "预付 Advanced",
    "已付 Paid",
    "上缴 Returned",
    "可用 Free",
    "执行率 Execution (bp)",
    "账户编号 Fund id",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn execution_is_what_left_the_fund_against_its_authority() {
        let accounts = |list: &[(&str, i64)]| list.iter().map(|(name, fen)| ((*name).to_owned(), Fen::new(*fen))).collect::<Accounts>();
        let some = figures(&accounts(&[("authority", -300), ("free", 199), ("paid", 100), ("advanced", 1)])).unwrap();
        assert_eq!((some.authority.amount_fen, some.execution_bp), (Fen::new(300), Some(3_366)));
        assert_eq!(figures(&Accounts::new()).unwrap().execution_bp, None);
    }
}
