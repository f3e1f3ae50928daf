//! Incubation rows, states and who sees them.

use diesel::prelude::*;

use crate::db::schema::incubations;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, IncubationId, OrganisationId, TenantId, UnitId};
use crate::people::{Actor, Role, Subject};

crate::text_enum! {
    /// Where an incubation stands.
    pub enum IncubationState {
        /// The organisation asked for it.
        Applied = "applied",
        /// The base takes it.
        Admitted = "admitted",
        /// 在孵.
        Incubating = "incubating",
        /// 出壳.
        Graduated = "graduated",
        /// Ended before graduation, or refused.
        Exited = "exited",
    }
}

/// A stored incubation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = incubations, treat_none_as_default_value = false)]
pub struct IncubationRow {
    /// Id.
    pub id: IncubationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The base, a unit of kind `incubation_base`.
    pub base_unit_id: UnitId,
    /// State.
    pub state: IncubationState,
    /// Why it ended before graduation.
    pub exit_reason: Option<String>,
    /// Who applied.
    pub applied_by: AccountId,
    /// Who admitted.
    pub admitted_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was applied for.
    pub created_at: UtcInstant,
    /// Why it was admitted.
    pub admission_reason: Option<String>,
    /// When it was admitted.
    pub admitted_at: Option<UtcInstant>,
    /// When it began.
    pub started_at: Option<UtcInstant>,
    /// When it ended, well or not.
    pub ended_at: Option<UtcInstant>,
}

/// People who see every incubation of the district.
pub const INSIDERS: &[Role] =
    &[Role::PlatformAdmin, Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::ThirdPartyEvaluator, Role::Auditor];

/// Which incubations a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of the district.
    All,
    /// Those of an organisation or at a base.
    Own(Option<OrganisationId>, Option<UnitId>),
}

/// Which incubations the actor sees.
pub fn sight(actor: &Actor) -> Sight {
    if actor.has_any(INSIDERS) { Sight::All } else { Sight::Own(actor.organisation, actor.unit) }
}

impl Subject for IncubationRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.base_unit_id)
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        match sight(actor) {
            Sight::All => true,
            Sight::Own(organisation, unit) => organisation == Some(self.organisation_id) || unit == Some(self.base_unit_id),
        }
    }
}
