//! Rows and commands of performance reviews.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::performance_reviews;
use crate::delivery::agreements::ContractRow;
use crate::kernel::id::{AccountId, AnyId, CaseId, ContractId, OrganisationId, PerformanceReviewId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Actor, Subject};
use crate::words;

/// A stored review.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = performance_reviews, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ReviewRow {
    /// Id.
    pub id: PerformanceReviewId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Contract.
    pub contract_id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Quality of the service, points of 100.
    pub quality: i32,
    /// Timeliness, points of 100.
    pub timeliness: i32,
    /// Satisfaction of those served, points of 100.
    pub satisfaction: i32,
    /// What the reviewer says.
    pub comment: String,
    /// Who reviewed.
    pub reviewed_by: AccountId,
    /// What the supplier says to it.
    pub reply: Option<String>,
    /// Who replied.
    pub replied_by: Option<AccountId>,
    /// When.
    pub replied_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was reviewed.
    pub created_at: UtcInstant,
}

impl Subject for ReviewRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }

    fn case(&self) -> Option<AnyId> {
        Some(self.case_id.any())
    }
}

/// A contract that is to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended(pub ContractRow);

impl Subject for Ended {
    fn tenant(&self) -> TenantId {
        self.0.tenant()
    }

    fn year(&self) -> Option<i32> {
        self.0.year()
    }

    fn version(&self) -> Option<i64> {
        self.0.version()
    }

    fn state(&self) -> Option<&'static str> {
        self.0.state()
    }

    fn unit(&self) -> Option<UnitId> {
        self.0.unit()
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        self.0.visible_to(actor)
    }

    fn resource(&self) -> Option<AnyId> {
        self.0.resource()
    }

    fn case(&self) -> Option<AnyId> {
        self.0.case()
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == policy::REVIEW.name && self.0.drafted_by == account)
            .then(|| words!("合同由您起草，须由他人评价", "you drafted this contract; somebody else must review it"))
    }
}

/// What a reviewer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    /// Quality, points of 100.
    pub quality: i32,
    /// Timeliness, points of 100.
    pub timeliness: i32,
    /// Satisfaction, points of 100.
    pub satisfaction: i32,
    /// In words.
    pub comment: String,
}

/// What the contracts of an organisation say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Contracts that were in force, whatever became of them.
    pub contracts: i64,
    /// Of these completed.
    pub completed: i64,
    /// Of these ended before their time.
    pub terminated: i64,
    /// Milestones accepted.
    pub accepted: i64,
    /// Of these delivered last after their day.
    pub late: i64,
    /// What was agreed for the accepted ones.
    pub agreed: Fen,
    /// What of it was deducted.
    pub deducted: Fen,
}
