//! What funds, appropriations and postings look like over HTTP.

use serde::{Deserialize, Serialize};

use super::model::{AppropriationKind, Custodian, Entered, FundRow, Stream, Terms};
use super::purpose::{Limit, LimitKind};
use crate::kernel::fen::Currency;
use crate::kernel::id::{AccountId, AnyId, AppropriationId, AreaId, CaseId, FundId, HoldId, PostingId, UnitId};
use crate::kernel::{Fen, Money, Result, UtcInstant};
use crate::money::ledger::{Balances, HoldKind, LedgerAccount, LegRow, PostingKind, PostingRow};

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
    /// On what terms it is spent.
    pub terms: TermsView,
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

/// On what terms a fund is spent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TermsView {
    /// Unit whose finance officer pays; null: the owning unit or the finance bureau.
    pub payer_unit_id: Option<UnitId>,
    /// Most that may be paid in one month.
    pub monthly_ceiling: Option<Money>,
    /// The donor's or the document's own words.
    #[schema(example = "限用于困难老人居家照护")]
    pub purpose: Option<String>,
    /// Catalogue items that it may pay begin so; none: all.
    #[schema(max_items = 20, example = json!(["A04"]))]
    pub catalogue_prefixes: Vec<String>,
    /// Areas that it may pay for; none: all.
    #[schema(max_items = 20, example = json!([]))]
    pub area_ids: Vec<String>,
    /// Economic classes that it may not pay begin so.
    #[schema(max_items = 20, example = json!(["301"]))]
    pub forbidden_economic_classes: Vec<String>,
}

impl From<Terms> for TermsView {
    fn from(terms: Terms) -> Self {
        let of = |kind: LimitKind| {
            let limits = terms.limits.iter().filter(move |limit| limit.kind == kind);
            limits.map(|limit| limit.value.clone()).collect()
        };
        Self {
            catalogue_prefixes: of(LimitKind::Catalogue),
            area_ids: of(LimitKind::Area),
            forbidden_economic_classes: of(LimitKind::Economic),
            payer_unit_id: terms.payer,
            monthly_ceiling: terms.monthly_ceiling.map(Money::from),
            purpose: terms.purpose.clone(),
        }
    }
}

/// Other terms of a fund, in place of the former ones.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTerms {
    /// Unit whose finance officer pays; absent: the owning unit or the finance bureau.
    #[serde(default)]
    pub payer_unit_id: Option<UnitId>,
    /// Most that may be paid in one month; absent: no ceiling.
    #[serde(default)]
    pub monthly_ceiling: Option<Money>,
    /// The donor's or the document's own words.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "限用于困难老人居家照护")]
    pub purpose: Option<String>,
    /// Catalogue items that it may pay begin so; none: all.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["A04"]))]
    pub catalogue_prefixes: Vec<CodePrefix>,
    /// Areas that it may pay for; none: all.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub area_ids: Vec<AreaId>,
    /// Economic classes that it may not pay begin so.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["301"]))]
    pub forbidden_economic_classes: Vec<CodePrefix>,
}

/// How a code begins.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 36, example = "A04")]
pub struct CodePrefix(String);

impl From<&ChangeTerms> for Terms {
    fn from(asked: &ChangeTerms) -> Self {
        let limit = |kind| move |value: String| Limit { kind, value };
        let catalogue = asked.catalogue_prefixes.iter().map(|prefix| prefix.0.clone()).map(limit(LimitKind::Catalogue));
        let areas = asked.area_ids.iter().map(ToString::to_string).map(limit(LimitKind::Area));
        let economic = asked.forbidden_economic_classes.iter().map(|prefix| prefix.0.clone()).map(limit(LimitKind::Economic));
        Self {
            payer: asked.payer_unit_id,
            monthly_ceiling: asked.monthly_ceiling.map(|money| money.amount_fen),
            purpose: asked.purpose.as_ref().map(|purpose| purpose.trim().to_owned()),
            limits: catalogue.chain(areas).chain(economic).collect(),
        }
    }
}

/// A reduction that is not whole, with what it touches.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReductionsView {
    /// Reductions and recalls that are not whole, oldest first.
    #[schema(max_items = 1000)]
    pub pending: Vec<ReductionView>,
    /// The reservations and commitments whose money the reductions wait for, oldest first.
    #[schema(max_items = 200)]
    pub touched: Vec<TouchedView>,
}

/// A reduction that is not whole.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReductionView {
    /// The document.
    pub appropriation_id: AppropriationId,
    /// 指标文号.
    #[schema(example = "吴财预〔2026〕45号")]
    pub document_number: String,
    /// What is to be taken.
    pub amount: Money,
    /// What was taken so far.
    pub settled: Money,
    /// When it was entered.
    pub created_at: UtcInstant,
}

/// A reservation or commitment that keeps money.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TouchedView {
    /// The hold.
    pub hold_id: HoldId,
    /// Reservation or commitment.
    pub kind: HoldKind,
    /// Case.
    pub case_id: CaseId,
    /// Kind of what it was made for.
    #[schema(example = "contract")]
    pub cause_kind: String,
    /// What it was made for.
    pub cause_id: AnyId,
    /// What it still keeps.
    pub remaining: Money,
}

/// The balances of a fund at an instant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BalancesAtView {
    /// The fund.
    pub fund_id: FundId,
    /// The instant: every posting until then counts.
    pub at: UtcInstant,
    /// Balances per account.
    pub balances: BalancesView,
}

impl BalancesView {
    /// The balances as amounts.
    pub fn new(balances: &Balances) -> Result<Self> {
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
    pub fn new(row: FundRow, terms: Terms, balances: &Balances) -> Result<Self> {
        Ok(Self {
            terms: terms.into(),
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
    /// 项目编码.
    #[schema(example = "330502260000000012345")]
    pub project_code: Option<String>,
    /// 资金性质.
    #[schema(example = "一般公共预算")]
    pub nature: Option<String>,
    /// The other end of a transfer or of a carry-over.
    pub linked_id: Option<AppropriationId>,
    /// What was taken so far of a reduction or recall; the rest is pending.
    pub settled: Option<Money>,
    /// Rules that the document breaks and that only warn.
    #[schema(max_items = 20, example = json!(["R086"]))]
    pub warnings: Vec<String>,
    /// Who entered it.
    pub created_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

impl From<Entered> for AppropriationView {
    fn from(entered: Entered) -> Self {
        let row = entered.row;
        Self {
            project_code: row.project_code,
            nature: row.nature,
            linked_id: entered.linked,
            settled: entered.settled.map(Money::from),
            warnings: entered.warnings.into_iter().map(|warning| warning.rule).collect(),
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
    /// What it does: 年初, 追加, 调减, 收回 or 调剂; 结转 is made by a year end.
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
    /// 项目编码.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "330502260000000012345")]
    pub project_code: Option<String>,
    /// 资金性质.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "一般公共预算")]
    pub nature: Option<String>,
    /// Where a transfer (调剂) goes: another fund of the same stream and year.
    #[serde(default)]
    pub to_fund_id: Option<FundId>,
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
    /// Reference on the bank's slip, when money left the fund or came back.
    #[schema(example = "20260701-000123")]
    pub reference: Option<String>,
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
            reference: row.reference,
            legs,
        }
    }
}
