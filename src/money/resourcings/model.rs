//! Proposals to move a commitment to another fund.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::resourcings;
use crate::kernel::id::{AccountId, CaseId, FundId, FundingLineId, ResourcingId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Subject};
use crate::words;

crate::text_enum! {
    /// Where a re-sourcing stands.
    pub enum ResourcingState {
        /// Waits for a second person.
        Proposed = "proposed",
        /// Posted.
        Approved = "approved",
        /// Refused.
        Rejected = "rejected",
    }
}

/// A stored proposal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = resourcings, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ResourcingRow {
    /// Id.
    pub id: ResourcingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Unit whose funds pay.
    pub unit_id: UnitId,
    /// Case.
    pub case_id: CaseId,
    /// The line that is to be replaced.
    pub line_id: FundingLineId,
    /// The fund that is to pay.
    pub to_fund_id: FundId,
    /// What the line had left: at the proposal, and once approved what was moved.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
    /// Why.
    pub reason: String,
    /// State.
    pub state: ResourcingState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who approved or rejected it.
    pub decided_by: Option<AccountId>,
    /// The new line, once approved.
    pub new_line_id: Option<FundingLineId>,
    /// Version.
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl Subject for ResourcingRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let decides = action.name == policy::APPROVE.name || action.name == policy::REJECT.name;
        (decides && self.proposed_by == account).then(|| words!("由您提出，须由他人审批", "you proposed it; somebody else must decide"))
    }
}
