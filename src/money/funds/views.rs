//! What funds, appropriations and postings look like over HTTP.

use serde::{Deserialize, Serialize};

use super::model::{AppropriationKind, AppropriationRow, Custodian, FundRow, Stream};
use crate::kernel::fen::Currency;
use crate::kernel::id::{AccountId, AnyId, AppropriationId, CaseId, FundId, HoldId, PostingId, UnitId};
use crate::kernel::{Fen, Money, Result, UtcInstant};
use crate::money::ledger::{Balances, LedgerAccount, LegRow, PostingKind, PostingRow};

/// A fund with its balances.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FundView {
    /// Id.
    pub id: FundId,
    /// The unit that owns it.
    pub unit_id: UnitId,
    /// Where its money comes from.
    pub stream: Stream,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// 中文 name.
    #[schema(example = "社会工作服务专项")]
    pub name_zh: String,
    /// Who keeps the money.
    pub custodian: Custodian,
    /// Balances per account.
    pub balances: BalancesView,
    /// Version, also in the ETag; grows with every posting.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// The balances of a fund: authority = free + reserved + committed + payable + advanced + paid + returned.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BalancesView {
    /// What was appropriated in all.
    pub authority: Money,
    /// May be reserved.
    pub free: Money,
    /// Set aside for tenders and rounds.
    pub reserved: Money,
    /// Bound by contracts and grants.
    pub committed: Money,
    /// Accepted and unpaid.
    pub payable: Money,
    /// Paid and not yet earned.
    pub advanced: Money,
    /// Paid.
    pub paid: Money,
    /// Given back.
    pub returned: Money,
}

impl BalancesView {
    fn new(balances: &Balances) -> Result<Self> {
        Ok(Self {
            authority: balances.appropriated()?.into(),
            free: balances.free.into(),
            reserved: balances.reserved.into(),
            committed: balances.committed.into(),
            payable: balances.payable.into(),
            advanced: balances.advanced.into(),
            paid: balances.paid.into(),
            returned: balances.returned.into(),
        })
    }
}

impl FundView {
    /// The fund with these balances.
    pub fn new(row: FundRow, balances: &Balances) -> Result<Self> {
        Ok(Self {
            id: row.id,
            unit_id: row.unit_id,
            stream: row.stream,
            year: row.year,
            name_zh: row.name_zh,
            custodian: row.custodian,
            balances: BalancesView::new(balances)?,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// A new fund.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFund {
    /// The unit that owns it.
    pub unit_id: UnitId,
    /// Where its money comes from.
    pub stream: Stream,
    /// Budget year.
    #[schema(minimum = 2020, maximum = 2099, example = 2026)]
    pub year: i32,
    /// 中文 name.
    #[schema(min_length = 1, max_length = 64, example = "社会工作服务专项")]
    pub name_zh: String,
    /// Who keeps the money.
    pub custodian: Custodian,
}

/// An appropriation document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AppropriationView {
    /// Id.
    pub id: AppropriationId,
    /// The fund it fills.
    pub fund_id: FundId,
    /// What it does.
    pub kind: AppropriationKind,
    /// 指标文号.
    #[schema(example = "吴财预〔2026〕12号")]
    pub document_number: String,
    /// How much.
    pub amount: Money,
    /// Functional class.
    #[schema(example = "2080208")]
    pub functional_class: String,
    /// Economic class.
    #[schema(example = "30227")]
    pub economic_class: String,
    /// Who entered it.
    pub created_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

impl From<AppropriationRow> for AppropriationView {
    fn from(row: AppropriationRow) -> Self {
        Self {
            id: row.id,
            fund_id: row.fund_id,
            kind: row.kind,
            document_number: row.document_number,
            amount: row.amount.into(),
            functional_class: row.functional_class,
            economic_class: row.economic_class,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// A new appropriation document.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAppropriation {
    /// What it does: 年初 or 追加.
    pub kind: AppropriationKind,
    /// 指标文号, entered once per fund.
    #[schema(min_length = 1, max_length = 64, example = "吴财预〔2026〕12号")]
    pub document_number: String,
    /// How much; more than zero.
    pub amount: Money,
    /// 支出功能分类科目; for lottery money one of 229.
    #[schema(min_length = 3, max_length = 7, pattern = "^[0-9]{3,7}$", example = "2080208")]
    pub functional_class: String,
    /// 支出经济分类科目.
    #[schema(min_length = 3, max_length = 7, pattern = "^[0-9]{3,7}$", example = "30227")]
    pub economic_class: String,
}

/// A posting with its legs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PostingView {
    /// Id.
    pub id: PostingId,
    /// What it did.
    pub kind: PostingKind,
    /// When.
    pub at: UtcInstant,
    /// The case it serves; null for an appropriation.
    pub case_id: Option<CaseId>,
    /// Kind of what it was made for.
    #[schema(example = "tender")]
    pub cause_kind: String,
    /// What it was made for.
    pub cause_id: AnyId,
    /// The hold it made or drew on.
    pub hold_id: Option<HoldId>,
    /// Who made it.
    pub made_by: AccountId,
    /// Its legs; they add up to zero.
    #[schema(max_items = 8)]
    pub legs: Vec<LegView>,
}

/// One leg of a posting.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LegView {
    /// The account.
    pub account: LedgerAccount,
    /// What it adds to the account; negative when it takes.
    pub amount_fen: Fen,
    /// Always `CNY`.
    pub currency: Currency,
}

impl PostingView {
    /// The posting with these legs.
    pub fn new(row: PostingRow, legs: Vec<LegRow>) -> Self {
        let legs = legs.into_iter().map(|leg| LegView { account: leg.account, amount_fen: leg.amount, currency: Currency::Cny }).collect();
        Self {
            id: row.id,
            kind: row.kind,
            at: row.at,
            case_id: row.case_id,
            cause_kind: row.cause_kind,
            cause_id: row.cause_id,
            hold_id: row.hold_id,
            made_by: row.made_by,
            legs,
        }
    }
}
