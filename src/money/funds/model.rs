//! Fund and appropriation rows, streams and commands.

use diesel::prelude::*;

use super::purpose::Limit;
use crate::db::schema::{appropriations, funds};
use crate::kernel::id::{AccountId, AppropriationId, FundId, TenantId, UnitId};
use crate::kernel::{Fen, RuleRef, UtcInstant};
use crate::people::Subject;

crate::text_enum! {
    /// Where money comes from (资金渠道). Streams never mix.
    pub enum Stream {
        /// 财政资金.
        Fiscal = "fiscal",
        /// 福利彩票公益金.
        Lottery = "lottery",
        /// 街道社会组织专项发展基金.
        SpecialFund = "special_fund",
        /// 社会力量.
        Social = "social",
    }
}

crate::text_enum! {
    /// Who keeps the money.
    pub enum Custodian {
        /// 国库.
        Treasury = "treasury",
        /// 单位账户.
        UnitAccount = "unit_account",
        /// 慈善组织 or 基金会.
        CharityOrFoundation = "charity_or_foundation",
    }
}

crate::text_enum! {
    /// What an appropriation document does.
    pub enum AppropriationKind {
        /// 年初预算.
        Initial = "initial",
        /// 追加.
        Supplementary = "supplementary",
        /// 调减: takes what is free, the rest as it becomes free.
        Reduction = "reduction",
        /// 收回: the same, back to the finance bureau.
        Recall = "recall",
        /// 调剂: from this fund to another of the same stream, in two linked entries.
        Transfer = "transfer",
        /// 结转: from one year's fund to the next, in two linked entries; made by a year end.
        CarryOver = "carry_over",
    }
}

/// A stored fund.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = funds, treat_none_as_default_value = false)]
pub struct FundRow {
    /// Id.
    pub id: FundId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The unit that owns it.
    pub unit_id: UnitId,
    /// Where its money comes from.
    pub stream: Stream,
    /// Budget year.
    pub year: i32,
    /// 中文 name, unique among the unit's funds of the same stream and year.
    pub name_zh: String,
    /// Who keeps the money.
    pub custodian: Custodian,
    /// Who made it.
    pub created_by: AccountId,
    /// Version; grows with every posting.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl Subject for FundRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.year)
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
}

/// A stored appropriation document.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = appropriations, treat_none_as_default_value = false)]
pub struct AppropriationRow {
    /// Id.
    pub id: AppropriationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The fund it fills.
    pub fund_id: FundId,
    /// What it does.
    pub kind: AppropriationKind,
    /// 指标文号, unique in the fund.
    pub document_number: String,
    /// How much.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
    /// 支出功能分类科目.
    pub functional_class: String,
    /// 支出经济分类科目.
    pub economic_class: String,
    /// Who entered it.
    pub created_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
    /// 项目编码.
    pub project_code: Option<String>,
    /// 资金性质, such as 一般公共预算.
    pub nature: Option<String>,
}

/// Where a new fund is to be: the subject of its creation. The unit is none when the caller named none that exists.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The tenant.
    pub tenant: TenantId,
    /// The owning unit.
    pub unit: Option<UnitId>,
}

impl Subject for Place {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        self.unit
    }
}

/// On what terms a fund is spent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Unit whose finance officer pays; none: the owning unit or the finance bureau.
    pub payer: Option<UnitId>,
    /// Most that may be paid in one month.
    pub monthly_ceiling: Option<Fen>,
    /// The donor's or the document's own words.
    pub purpose: Option<String>,
    /// Restrictions.
    pub limits: Vec<Limit>,
}

/// What is needed to make a fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFund {
    /// Where its money comes from.
    pub stream: Stream,
    /// Budget year.
    pub year: i32,
    /// 中文 name.
    pub name_zh: String,
    /// Who keeps the money.
    pub custodian: Custodian,
}

/// What is needed to appropriate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppropriation {
    /// What the document does.
    pub kind: AppropriationKind,
    /// 指标文号.
    pub document_number: String,
    /// How much.
    pub amount: Fen,
    /// Functional class.
    pub functional_class: String,
    /// Economic class.
    pub economic_class: String,
    /// 项目编码.
    pub project_code: Option<String>,
    /// 资金性质.
    pub nature: Option<String>,
    /// Where a transfer goes.
    pub to: Option<FundId>,
}

/// A document with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The document.
    pub row: AppropriationRow,
    /// The other end of a transfer or of a carry-over.
    pub linked: Option<AppropriationId>,
    /// What was taken so far of a reduction or recall.
    pub settled: Option<Fen>,
    /// Rules that it breaks and that only warn.
    pub warnings: Vec<RuleRef>,
}

/// What a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FundFilter {
    /// Only funds of this unit.
    pub unit: Option<UnitId>,
    /// Only this stream.
    pub stream: Option<Stream>,
    /// Only this year.
    pub year: Option<i32>,
}

/// What the district's list of budget subjects says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// The district has no list, so nothing can be said.
    NoList,
    /// It is on the list, with the kind asked for.
    Yes,
    /// It is not.
    No,
}
