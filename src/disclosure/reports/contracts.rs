//! The contract register: what was bought from whom, with which money, and which project it feeds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

use super::api::{Asked, ROWS_MAX, too_long};
use crate::db::schema::{contracts, funding_lines, organisations, projects, units};
use crate::db::{Backend, Db};
use crate::kernel::id::{AnyId, CaseId, ContractId, OrganisationId, ProjectId, TenantId, UnitId};
use crate::kernel::sql::Uid;
use crate::kernel::{Fen, Money, Result};
use crate::people::Scope;
use crate::web::spreadsheet::{Cell, Sheet};

/// One contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ContractEntry {
    /// Contract.
    pub contract_id: ContractId,
    /// Its case, the file of which is at `/api/v1/cases/{case_id}`.
    pub case_id: CaseId,
    /// Title.
    #[schema(example = "月河街道居家养老上门服务合同")]
    pub title: String,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Name of the purchaser.
    #[schema(example = "月河街道办事处")]
    pub unit_name: String,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Name of the supplier.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name: String,
    /// Unified social credit code of the supplier.
    #[schema(example = "52330502MJ9000022F")]
    pub uscc: String,
    /// Where it stands.
    #[schema(example = "active")]
    pub state: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Price.
    pub price: Money,
    /// Paid so far, advances included, less what came back.
    pub paid: Money,
    /// Streams that pay for it.
    #[schema(max_items = 4, example = json!(["fiscal", "lottery"]))]
    pub streams: Vec<String>,
    /// The hundred project that it feeds.
    pub project_id: Option<ProjectId>,
    /// Name of that project.
    #[schema(example = "夕阳不孤单")]
    pub project_name: Option<String>,
}

/// The contract register.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ContractRegister {
    /// Contracts by their first day.
    #[schema(max_items = 5000)]
    pub rows: Vec<ContractEntry>,
    /// Sum of the prices.
    pub price: Money,
    /// Sum of what was paid.
    pub paid: Money,
}

#[derive(QueryableByName)]
struct Paid {
    #[diesel(sql_type = Uid)]
    contract: ContractId,
    #[diesel(sql_type = BigInt)]
    fen: Fen,
}

/// What the ledger's legs say was paid for each contract of the tenant.
fn paid(db: &mut Db, tenant: TenantId) -> Result<BTreeMap<ContractId, Fen>> {
    let rows: Vec<Paid> = diesel::sql_query(
        "SELECT p.contract_id AS contract, CAST(SUM(l.amount_fen - l.refunded_fen) AS BIGINT) AS fen FROM payments p \
         JOIN payment_legs l ON l.payment_id = p.id WHERE p.tenant_id = $1 AND p.state = 'paid' GROUP BY p.contract_id",
    )
    .bind::<Uid, _>(tenant)
    .load(db)?;
    Ok(rows.into_iter().map(|row| (row.contract, row.fen)).collect())
}

/// Streams of the funding lines of each contract.
fn streams(db: &mut Db, tenant: TenantId, ids: &[ContractId]) -> Result<BTreeMap<AnyId, BTreeSet<String>>> {
    let owners: Vec<AnyId> = ids.iter().map(|id| id.any()).collect();
    let rows: Vec<(AnyId, String)> = funding_lines::table
        .filter(
            funding_lines::tenant_id.eq(tenant).and(funding_lines::owner_kind.eq("contract")).and(funding_lines::owner_id.eq_any(&owners)),
        )
        .select((funding_lines::owner_id, funding_lines::stream))
        .load(db)?;
    let mut found: BTreeMap<AnyId, BTreeSet<String>> = BTreeMap::new();
    for (owner, stream) in rows {
        found.entry(owner).or_default().insert(stream);
    }
    Ok(found)
}

type Head = (ContractId, CaseId, String, UnitId, String, OrganisationId, String, String);
type Rest = (String, NaiveDate, NaiveDate, Fen, Option<ProjectId>);

/// Reads the register. A year means the contracts that run in it.
pub fn read(db: &mut Db, tenant: TenantId, scope: Scope, asked: &Asked) -> Result<ContractRegister> {
    let mut query = contracts::table
        .inner_join(units::table)
        .inner_join(organisations::table)
        .filter(contracts::tenant_id.eq(tenant))
        .into_boxed::<Backend>();
    if !scope.whole {
        query = query.filter(contracts::unit_id.eq_any(scope.units.clone()));
    }
    if let Some(unit) = asked.unit_id {
        query = query.filter(contracts::unit_id.eq(unit));
    }
    if let Some((first, last)) = asked.days() {
        query = query.filter(contracts::starts_on.le(last).and(contracts::ends_on.ge(first)));
    }
    let found: Vec<(Head, Rest)> = query
        .order((contracts::starts_on, contracts::created_at, contracts::id))
        .limit(ROWS_MAX.saturating_add(1))
        .select((
            (
                contracts::id,
                contracts::case_id,
                contracts::title,
                contracts::unit_id,
                units::name_zh,
                contracts::organisation_id,
                organisations::name_zh,
                organisations::uscc,
            ),
            (contracts::state, contracts::starts_on, contracts::ends_on, contracts::price_fen, contracts::project_id),
        ))
        .load(db)?;
    too_long(found.len())?;
    let ids: Vec<ContractId> = found.iter().map(|(head, _)| head.0).collect();
    let (paid, mut streams) = (paid(db, tenant)?, streams(db, tenant, &ids)?);
    let fed: Vec<ProjectId> = found.iter().filter_map(|(_, rest)| rest.4).collect();
    let names: BTreeMap<ProjectId, String> =
        projects::table.filter(projects::id.eq_any(&fed)).select((projects::id, projects::name_zh)).load(db)?.into_iter().collect();
    let rows: Vec<ContractEntry> = found
        .into_iter()
        .map(|((contract_id, case_id, title, unit_id, unit_name, organisation_id, organisation_name, uscc), rest)| {
            let (state, starts_on, ends_on, price, project_id) = rest;
            ContractEntry {
                paid: paid.get(&contract_id).copied().unwrap_or(Fen::ZERO).into(),
                streams: streams.remove(&contract_id.any()).unwrap_or_default().into_iter().collect(),
                project_name: project_id.and_then(|id| names.get(&id).cloned()),
                price: price.into(),
                contract_id,
                case_id,
                title,
                unit_id,
                unit_name,
                organisation_id,
                organisation_name,
                uscc,
                state,
                starts_on,
                ends_on,
                project_id,
            }
        })
        .collect();
    let price = Fen::total(rows.iter().map(|row| row.price.amount_fen))?;
    let paid = Fen::total(rows.iter().map(|row| row.paid.amount_fen))?;
    Ok(ContractRegister { rows, price: price.into(), paid: paid.into() })
}

impl ContractRegister {
    /// As a table, the sums in its last row.
    pub fn sheet(&self) -> Sheet {
        let text = |text: &str| Cell::Text(text.to_owned());
        let mut rows: Vec<Vec<Cell>> = self
            .rows
            .iter()
            .map(|row| {
                vec![
                    text(&row.title),
                    text(&row.unit_name),
                    text(&row.organisation_name),
                    text(&row.uscc),
                    text(&row.state),
                    Cell::Text(row.starts_on.to_string()),
                    Cell::Text(row.ends_on.to_string()),
                    Cell::Yuan(row.price.amount_fen),
                    Cell::Yuan(row.paid.amount_fen),
                    Cell::Text(row.streams.join(" ")),
                    Cell::maybe(row.project_name.clone()),
                    Cell::Text(row.case_id.to_string()),
                ]
            })
            .collect();
        let mut last = vec![text("合计 Total")];
        last.resize(7, Cell::Nothing);
        last.extend([Cell::Yuan(self.price.amount_fen), Cell::Yuan(self.paid.amount_fen), Cell::Nothing, Cell::Nothing, Cell::Nothing]);
        rows.push(last);
        Sheet { name: "合同台账".to_owned(), heads: HEADS, rows }
    }
}

const HEADS: &[&str] = &[
    "合同 Contract",
    "购买主体 Purchaser",
    "承接主体 Supplier",
    "统一社会信用代码 USCC",
    "状态 State",
    "起 From",
    "止 To",
    "价款 Price",
    "已付 Paid",
    "资金渠道 Streams",
    "百个项目 Hundred project",
    "案号 Case",
];
