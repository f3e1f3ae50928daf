//! Mandate rows and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::mandates;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, AnyId, MandateId, TenantId, UnitId};
use crate::people::{Actor, Role, Subject};

/// Who reads every mandate of the district.
const OVERSEERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor];

/// A stored mandate.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = mandates, treat_none_as_default_value = false)]
pub struct MandateRow {
    /// Id.
    pub id: MandateId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The purchasing unit.
    pub unit_id: UnitId,
    /// The agent's unit.
    pub agent_unit_id: UnitId,
    /// The one account of the agent; all of its agents when absent.
    pub account_id: Option<AccountId>,
    /// Kind of the one case or resource.
    pub case_kind: Option<String>,
    /// The one case or resource; every one of the unit when absent.
    pub case_id: Option<AnyId>,
    /// Slices whose actions it covers, words with spaces between; every one when empty.
    pub scope: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open when absent, which only a case may have.
    pub valid_to: Option<NaiveDate>,
    /// What for.
    pub reason: String,
    /// Who granted it.
    pub made_by: AccountId,
    /// When it was revoked.
    pub revoked_at: Option<UtcInstant>,
    /// Who revoked it.
    pub revoked_by: Option<AccountId>,
    /// Why.
    pub revoke_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was granted.
    pub created_at: UtcInstant,
}

/// Whether the actor reads every mandate.
pub fn oversees(actor: &Actor) -> bool {
    actor.has_any(OVERSEERS)
}

impl Subject for MandateRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(if self.revoked_at.is_some() { "revoked" } else { "open" })
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.unit == Some(self.unit_id) || actor.unit == Some(self.agent_unit_id) || oversees(actor)
    }
}

/// What is needed to mandate an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMandate {
    /// The agent's unit.
    pub agent_unit: UnitId,
    /// The one account.
    pub account: Option<AccountId>,
    /// The one case or resource with its kind.
    pub case: Option<(String, AnyId)>,
    /// Slices whose actions it covers.
    pub scope: Vec<String>,
    /// First day; today when absent.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// What for.
    pub reason: String,
}
