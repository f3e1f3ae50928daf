//! Rows and commands of service sessions.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::policy;
use crate::db::schema::service_sessions;
use crate::kernel::id::{AccountId, AnyId, CaseId, OrganisationId, ProjectId, ServiceSessionId, SocialWorkerId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Subject};
use crate::words;

crate::text_enum! {
    /// Where a session stands.
    pub enum SessionState {
        /// The organisation says it took place.
        Recorded = "recorded",
        /// The unit confirms it; it counts.
        Confirmed = "confirmed",
        /// The unit disputes it; it does not count.
        Disputed = "disputed",
    }
}

crate::text_enum! {
    /// What kind of session it was.
    pub enum SessionKind {
        /// 个案.
        Casework = "casework",
        /// 小组.
        Group = "group",
        /// 社区活动.
        Community = "community",
        /// 上门.
        Visit = "visit",
    }
}

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = service_sessions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SessionRow {
    /// Id.
    pub id: ServiceSessionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Project.
    pub project_id: ProjectId,
    /// Case of the project.
    pub case_id: Option<CaseId>,
    /// Unit of the project.
    pub unit_id: UnitId,
    /// Organisation that delivers it.
    pub organisation_id: OrganisationId,
    /// Worker who held it.
    pub worker_id: SocialWorkerId,
    /// Day.
    pub held_on: NaiveDate,
    /// How long it took, in minutes.
    pub minutes: i32,
    /// Where.
    pub place: String,
    /// Kind.
    pub kind: SessionKind,
    /// How many persons were served.
    pub persons: i32,
    /// What was done.
    pub note: String,
    /// State.
    pub state: SessionState,
    /// Why it is disputed.
    pub reason: Option<String>,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// Who confirmed or disputed it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

impl Subject for SessionRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.held_on.year())
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
        actor.sees(policy::READERS, self)
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }

    fn case(&self) -> Option<AnyId> {
        self.case_id.map(CaseId::any)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name != policy::RECORD.name && account == self.recorded_by)
            .then(|| words!("活动由您登记，须由他人确认", "you recorded this session; somebody else must confirm it"))
    }
}

/// What is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Worker who held it, one of the project's.
    pub worker: SocialWorkerId,
    /// Day.
    pub held_on: NaiveDate,
    /// How long it took, in minutes.
    pub minutes: i32,
    /// Where.
    pub place: String,
    /// Kind.
    pub kind: SessionKind,
    /// How many persons were served.
    pub persons: i32,
    /// What was done.
    pub note: String,
}

/// The totals of what both sides confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sessions.
    pub sessions: i64,
    /// Persons, counted each time.
    pub persons: i64,
    /// Minutes.
    pub minutes: i64,
}
