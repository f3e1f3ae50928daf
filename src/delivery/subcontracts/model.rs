//! Rows and commands of subcontracts.

use diesel::prelude::*;

use crate::db::schema::subcontracts;
use crate::kernel::id::{AccountId, AnyId, CaseId, ContractId, OrganisationId, SubcontractId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant};
use crate::people::{Actor, Subject};

crate::text_enum! {
    /// Where a subcontract stands.
    pub enum SubcontractState {
        /// Waits for the unit.
        Proposed = "proposed",
        /// The unit consented.
        Agreed = "agreed",
        /// The unit refused.
        Refused = "refused",
    }
}

/// A stored subcontract.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = subcontracts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SubcontractRow {
    /// Id.
    pub id: SubcontractId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Contract.
    pub contract_id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Supplier of the contract, who stays answerable.
    pub organisation_id: OrganisationId,
    /// Who does the part.
    pub subcontractor_id: OrganisationId,
    /// Which part.
    pub scope: String,
    /// What of the price it is worth.
    pub amount_fen: Fen,
    /// State.
    pub state: SubcontractState,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl Subject for SubcontractRow {
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

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        actor.sees(crate::delivery::agreements::policy::READERS, self)
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }

    fn case(&self) -> Option<AnyId> {
        Some(self.case_id.any())
    }
}

/// What the supplier names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubcontract {
    /// Who does the part.
    pub subcontractor: OrganisationId,
    /// Which part.
    pub scope: String,
    /// What of the price it is worth.
    pub amount: Fen,
}

/// What the published terms of the purchase say of subcontracting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Nothing: it needs the unit's consent only.
    Unsaid,
    /// It is not accepted.
    No,
    /// At most this share of the price, in basis points.
    UpTo(i64),
}
