//! Who prints papers: whoever reads the case, and a supplier what is its own. The evaluation report's content comes only to those who read that report.

use super::super::case_file::policy::Case;
use super::model::Paper;
use crate::kernel::id::{OrganisationId, TenantId, UnitId};
use crate::people::{Action, Actor, Role, Subject};

/// Make a paper of a case.
pub static MAKE: Action = Action::new(
    "cases.make_paper",
    &[
        Role::Auditor,
        Role::Supervisor,
        Role::PlatformAdmin,
        Role::Purchaser,
        Role::PurchaserLead,
        Role::FinanceOfficer,
        Role::Agent,
        Role::OrgAdmin,
        Role::OrgMember,
    ],
);

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[&MAKE];

/// Papers that a supplier makes of its own award, contracts, milestones and payments.
const SUPPLIERS: &[Paper] = &[Paper::AwardNotice, Paper::Contract, Paper::Acceptance, Paper::PaymentApplication, Paper::CompletionReport];

/// A paper of a case, with the suppliers of the case.
#[derive(Debug, Clone, Copy)]
pub struct PaperDesk {
    /// The case.
    pub case: Case,
    /// Who asks, where it is a supplier of the case and the paper is one that suppliers make.
    pub supplier: Option<OrganisationId>,
}

impl PaperDesk {
    /// The desk of an actor; `paper` is `None` where what is asked for cannot be read, `suppliers` are those with an award that stands or a contract.
    pub fn of(actor: &Actor, case: Case, paper: Option<Paper>, suppliers: &[OrganisationId]) -> Self {
        let makes = paper.is_some_and(|paper| SUPPLIERS.contains(&paper));
        Self { case, supplier: actor.organisation.filter(|own| makes && suppliers.contains(own)) }
    }
}

impl Subject for PaperDesk {
    fn tenant(&self) -> TenantId {
        self.case.tenant
    }
    fn year(&self) -> Option<i32> {
        self.case.year()
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.case.unit)
    }
    fn organisation(&self) -> Option<OrganisationId> {
        self.supplier
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.supplier.is_some() || self.case.visible_to(actor)
    }
}
