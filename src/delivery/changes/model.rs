//! Change rows, their states, and a contract with the change that waits.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::contract_changes;
use crate::delivery::agreements::ContractRow;
use crate::kernel::id::{AccountId, AnyId, CaseId, ContractChangeId, ContractId, FundId, MilestoneId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Actor, Bar, Subject};
use crate::words;

crate::text_enum! {
    /// What a change does.
    pub enum ChangeKind {
        /// The price grows by a further milestone (补充合同).
        Increase = "increase",
        /// A milestone that is not delivered yet costs less.
        Decrease = "decrease",
        /// The contract ends before its time; what was done is settled.
        Termination = "termination",
    }
}

crate::text_enum! {
    /// Where a change stands.
    pub enum ChangeState {
        /// Waits for finance.
        Proposed = "proposed",
        /// In force.
        Approved = "approved",
        /// Refused.
        Rejected = "rejected",
    }
}

/// A stored change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = contract_changes, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ChangeRow {
    /// Id.
    pub id: ContractChangeId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// Contract.
    pub contract_id: ContractId,
    /// Place among the contract's changes, from 1.
    pub number: i32,
    /// What it does.
    pub kind: ChangeKind,
    /// By how much the price grows or falls; of a termination what is settled.
    pub amount_fen: Fen,
    /// Fund that pays for an increase.
    pub fund_id: Option<FundId>,
    /// Milestone that costs less, or that is settled.
    pub milestone_id: Option<MilestoneId>,
    /// Title of the further milestone.
    pub title: Option<String>,
    /// Its day.
    pub due_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
    /// What those served say of what is settled (R015).
    pub beneficiaries_opinion: Option<String>,
    /// State.
    pub state: ChangeState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Which finance officer decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// What the officer noted.
    pub decision_note: Option<String>,
    /// What went free by it.
    pub released_fen: Fen,
    /// When it was proposed.
    pub created_at: UtcInstant,
    /// Why the unit ends the contract without the supplier's consent.
    pub unilateral_ground: Option<String>,
    /// Who consented for the supplier.
    pub consented_by: Option<AccountId>,
    /// When.
    pub consented_at: Option<UtcInstant>,
}

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// What it does.
    pub kind: ChangeKind,
    /// By how much, or what is settled.
    pub amount: Fen,
    /// Fund that pays for an increase.
    pub fund: Option<FundId>,
    /// Milestone that costs less, or that is settled.
    pub milestone: Option<MilestoneId>,
    /// Title of the further milestone.
    pub title: Option<String>,
    /// Its day.
    pub due_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
    /// What those served say of what is settled.
    pub beneficiaries_opinion: Option<String>,
    /// Why the unit ends the contract without the supplier's consent.
    pub unilateral_ground: Option<String>,
}

/// A contract with the change that waits: what policy needs to know of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeFile {
    /// The contract; its version is the one that a caller names.
    pub contract: ContractRow,
    /// The change that waits for a decision.
    pub open: Option<ChangeRow>,
}

impl Subject for ChangeFile {
    fn tenant(&self) -> TenantId {
        self.contract.tenant_id
    }

    fn year(&self) -> Option<i32> {
        self.contract.year()
    }

    fn version(&self) -> Option<i64> {
        self.contract.version()
    }

    fn state(&self) -> Option<&'static str> {
        self.contract.state()
    }

    fn unit(&self) -> Option<UnitId> {
        self.contract.unit()
    }

    fn organisation(&self) -> Option<OrganisationId> {
        self.contract.organisation()
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.contract.visible_to(actor)
    }

    fn resource(&self) -> Option<AnyId> {
        self.contract.resource()
    }

    fn case(&self) -> Option<AnyId> {
        self.contract.case()
    }

    /// Deciding one's own proposal is self-approval.
    fn bar(&self, action: &Action, account: AccountId) -> Option<Bar> {
        self.barred(action, account).map(Bar::absolute)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let decides = action.name == policy::APPROVE.name || action.name == policy::REJECT.name;
        (decides && self.open.as_ref().is_some_and(|change| change.proposed_by == account))
            .then(|| words!("变更由您提出，须由他人审批", "you proposed this change; somebody else must decide it"))
    }
}
