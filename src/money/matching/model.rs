//! Pledges of matching money.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::matching_pledges;
use crate::kernel::id::{AccountId, CaseId, PledgeId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Subject};
use crate::words;

crate::text_enum! {
    /// Where a pledge stands.
    pub enum PledgeState {
        /// Promised.
        Pledged = "pledged",
        /// Its evidence is named.
        Evidenced = "evidenced",
        /// A second person found the evidence to be right.
        Verified = "verified",
    }
}

/// A stored pledge.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = matching_pledges, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PledgeRow {
    /// Id.
    pub id: PledgeId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Unit that notes it.
    pub unit_id: UnitId,
    /// The case it adds to, if one is known.
    pub case_id: Option<CaseId>,
    /// Who gives.
    pub donor_zh: String,
    /// What for.
    pub purpose: String,
    /// How much.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
    /// State.
    pub state: PledgeState,
    /// The evidence: receipt number, bank slip, delivery note.
    pub evidence: Option<String>,
    /// Who noted it.
    pub pledged_by: AccountId,
    /// Who named the evidence.
    pub evidenced_by: Option<AccountId>,
    /// Who verified it.
    pub verified_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was noted.
    pub created_at: UtcInstant,
}

/// What is needed to note a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPledge {
    /// The case it adds to.
    pub case: Option<CaseId>,
    /// Who gives.
    pub donor_zh: String,
    /// What for.
    pub purpose: String,
    /// How much.
    pub amount: Fen,
}

/// Where a pledge is to be noted.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The tenant.
    pub tenant: TenantId,
    /// The unit; none when the caller named none that exists.
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

impl Subject for PledgeRow {
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
        (action.name == policy::VERIFY.name && self.evidenced_by == Some(account))
            .then(|| words!("凭证由您登记，须由他人核实", "you named the evidence; somebody else must verify it"))
    }
}
