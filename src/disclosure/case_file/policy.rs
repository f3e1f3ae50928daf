//! Who may read a case file.

use crate::kernel::id::{CaseId, TenantId, UnitId};
use crate::people::{Action, Actor, Role, Subject};

const READERS: &[Role] =
    &[Role::Auditor, Role::Supervisor, Role::PlatformAdmin, Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent];

/// Read a whole case.
pub static READ: Action = Action::new("cases.read", READERS);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&READ];

/// A case as a subject: it belongs to the purchaser's unit.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Id.
    pub id: CaseId,
    /// Tenant.
    pub tenant: TenantId,
    /// The purchaser.
    pub unit: UnitId,
    /// The year in which it began.
    pub year: i32,
}

impl Subject for Case {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn year(&self) -> Option<i32> {
        Some(self.year)
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.sees(READERS, self)
    }
}
