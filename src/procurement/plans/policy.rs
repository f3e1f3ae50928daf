//! Who may do what with a plan, and from which state.

use crate::kernel::id::{TenantId, UnitId};
use crate::people::{Action, Role, Subject};

/// Draft a plan for one's own unit.
pub static CREATE: Action = Action::new("plans.create", &[Role::Purchaser]);
/// Write a plan anew.
pub static REWRITE: Action = Action::change("plans.rewrite", &[Role::Purchaser], &["drafted", "returned"]);
/// Send it to the lead; the rules judge it.
pub static SUBMIT: Action = Action::change("plans.submit", &[Role::Purchaser], &["drafted", "returned"]);
/// Approve it.
pub static APPROVE: Action = Action::change("plans.approve", &[Role::PurchaserLead], &["submitted"]).stepped_up();
/// Send it back.
pub static RETURN: Action = Action::change("plans.return", &[Role::PurchaserLead], &["submitted"]);
/// Make the intention public.
pub static PUBLISH: Action = Action::change("plans.publish", &[Role::Purchaser, Role::PurchaserLead], &["approved"]);
/// End it.
pub static CANCEL: Action =
    Action::change("plans.cancel", &[Role::Purchaser, Role::PurchaserLead], &["drafted", "submitted", "returned", "approved", "published"]);
/// Set the days of the intention.
pub static SETTINGS: Action = Action::change("plans.settings", &[Role::PlatformAdmin], &[]);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&CREATE, &REWRITE, &SUBMIT, &APPROVE, &RETURN, &PUBLISH, &CANCEL, &SETTINGS];

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
