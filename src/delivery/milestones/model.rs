//! A milestone with its contract: what policy needs to know of it.

use crate::delivery::agreements::{ContractRow, MilestoneRow};
use crate::kernel::Words;
use crate::kernel::id::{AccountId, OrganisationId, TenantId, UnitId};
use crate::people::{Action, Actor, Subject};
use crate::words;

use super::policy;

/// A milestone with its contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneFile {
    /// The milestone.
    pub milestone: MilestoneRow,
    /// Its contract.
    pub contract: ContractRow,
}

impl Subject for MilestoneFile {
    fn tenant(&self) -> TenantId {
        self.milestone.tenant_id
    }

    fn year(&self) -> Option<i32> {
        self.contract.year()
    }

    fn version(&self) -> Option<i64> {
        Some(self.milestone.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.milestone.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.contract.unit_id)
    }

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.contract.organisation_id)
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.contract.visible_to(actor)
    }

    /// Nobody judges its own delivery.
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (judges(action) && self.milestone.delivered_by == Some(account))
            .then(|| words!("里程碑由您交付，须由他人验收", "you delivered this milestone; somebody else must accept it"))
    }
}

/// Whether the action judges what was delivered.
pub(super) fn judges(action: &Action) -> bool {
    [policy::SIGN.name, policy::ACCEPT.name, policy::REJECT.name].contains(&action.name)
}
