//! Rows and commands of publications and filings.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::contract_filings;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, CaseId, ContractFilingId, ContractId, TenantId};

crate::text_enum! {
    /// What is done with a signed contract.
    pub enum FilingKind {
        /// 合同公告: told to the public (R054).
        Publication = "publication",
        /// 合同备案: told to the finance bureau of the same level (R055).
        Filing = "filing",
    }
}

impl FilingKind {
    /// Its rule and the rule's figure.
    pub const fn clock(self) -> (&'static str, &'static str) {
        match self {
            Self::Publication => ("R054", "publish_within"),
            Self::Filing => ("R055", "file_within"),
        }
    }
}

/// A stored publication or filing.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = contract_filings, treat_none_as_default_value = false)]
pub struct FilingRow {
    /// Id.
    pub id: ContractFilingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Contract.
    pub contract_id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// What was done.
    pub kind: FilingKind,
    /// On which day.
    pub done_on: NaiveDate,
    /// Address of the announcement, or number of the filing.
    pub reference: String,
    /// Last day of its clock; none when no rule binds or the calendar is not loaded.
    pub due_on: Option<NaiveDate>,
    /// Why it was late.
    pub late_reason: Option<String>,
    /// Who recorded it.
    pub made_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// What somebody records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFiling {
    /// What was done.
    pub kind: FilingKind,
    /// On which day.
    pub done_on: NaiveDate,
    /// Address of the announcement, or number of the filing.
    pub reference: String,
    /// Why it was late.
    pub late_reason: Option<String>,
}
