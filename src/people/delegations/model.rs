//! Delegation rows and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::delegations;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, DelegationId, TenantId, UnitId};
use crate::people::{Actor, Role, Subject};

/// Who reads every delegation of the district.
const OVERSEERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor];

/// A stored delegation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = delegations, treat_none_as_default_value = false)]
pub struct DelegationRow {
    /// Id.
    pub id: DelegationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The unit of both.
    pub unit_id: UnitId,
    /// Whose roles are lent.
    pub from_account_id: AccountId,
    /// Who acts.
    pub to_account_id: AccountId,
    /// The roles, words with spaces between.
    pub roles: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who made it: the person or the unit's lead.
    pub made_by: AccountId,
    /// When it was ended early.
    pub ended_at: Option<UtcInstant>,
    /// Who ended it.
    pub ended_by: Option<AccountId>,
    /// Why it was ended.
    pub end_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl DelegationRow {
    /// The roles.
    pub fn roles(&self) -> Vec<Role> {
        self.roles.split(' ').filter_map(|word| word.parse().ok()).collect()
    }

    /// Whether the actor made it, is one of the two or leads their unit.
    pub fn is_in_hands_of(&self, actor: &Actor) -> bool {
        actor.account == self.from_account_id || actor.account == self.to_account_id || actor.leads(self.unit_id)
    }
}

impl Subject for DelegationRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(if self.ended_at.is_some() { "ended" } else { "open" })
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.unit == Some(self.unit_id) || oversees(actor)
    }
}

/// Whether the actor reads every delegation.
pub fn oversees(actor: &Actor) -> bool {
    actor.has_any(OVERSEERS)
}

/// What is needed to make a delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelegation {
    /// Whose roles; the caller's own when absent.
    pub from: Option<AccountId>,
    /// Who acts.
    pub to: AccountId,
    /// The roles.
    pub roles: Vec<Role>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Why.
    pub reason: String,
}
