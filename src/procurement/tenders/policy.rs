//! Who may do what with a tender, and from which state.

use crate::kernel::id::{TenantId, UnitId};
use crate::people::{Action, Role, Subject};

/// Draft a tender for one's own unit.
pub static CREATE: Action = Action::new("tenders.create", &[Role::Purchaser]);
/// Send it to review; money is reserved.
pub static SUBMIT: Action = Action::change("tenders.submit", &[Role::Purchaser], &["draft", "returned"]);
/// Approve it.
pub static APPROVE: Action = Action::change("tenders.approve", &[Role::FinanceOfficer], &["in_review"]);
/// Send it back; the money is released.
pub static RETURN: Action = Action::change("tenders.return", &[Role::FinanceOfficer], &["in_review"]);
/// Make it public with its deadline.
pub static PUBLISH: Action = Action::change("tenders.publish", &[Role::Purchaser, Role::PurchaserLead], &["approved"]);
/// End it before publication.
pub static CANCEL: Action =
    Action::change("tenders.cancel", &[Role::Purchaser, Role::PurchaserLead], &["draft", "in_review", "returned", "approved"]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &SUBMIT, &APPROVE, &RETURN, &PUBLISH, &CANCEL];

/// A unit as the place where something new is made.
#[derive(Debug, Clone, Copy)]
pub struct UnitDesk {
    /// Tenant.
    pub tenant: TenantId,
    /// Unit.
    pub unit: UnitId,
}

impl Subject for UnitDesk {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
}
