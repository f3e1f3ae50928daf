//! Exception rows, states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::duty_exceptions;
use crate::kernel::id::{AccountId, AnyId, DutyExceptionId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Where an exception stands.
    pub enum ExceptionState {
        /// Recorded; it lets act until it is reviewed, at the latest until its review is due.
        Recorded = "recorded",
        /// Reviewed: it was right.
        Upheld = "upheld",
        /// Reviewed: it was wrong.
        Objected = "objected",
    }
}

/// Who reads every exception of the district.
const OVERSEERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor, Role::Auditor];

/// A stored exception.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = duty_exceptions, treat_none_as_default_value = false)]
pub struct ExceptionRow {
    /// Id.
    pub id: DutyExceptionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The unit whose lead recorded it.
    pub unit_id: UnitId,
    /// The action.
    pub action: String,
    /// Kind of the resource.
    pub resource_kind: String,
    /// The resource.
    pub resource_id: AnyId,
    /// Who may act.
    pub account_id: AccountId,
    /// Why nobody else can.
    pub reason: String,
    /// Who recorded it.
    pub made_by: AccountId,
    /// State.
    pub state: ExceptionState,
    /// Last day of the review.
    pub review_due: NaiveDate,
    /// What the reviewer says.
    pub review_note: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<AccountId>,
    /// When.
    pub reviewed_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
}

/// Whether the actor reads every exception.
pub fn oversees(actor: &Actor) -> bool {
    actor.has_any(OVERSEERS)
}

impl Subject for ExceptionRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    // No unit: who may review is told by the service, because the unit's own lead may not and the lead above may.
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.unit == Some(self.unit_id) || actor.account == self.account_id || actor.leads_above(self.unit_id) || oversees(actor)
    }
    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }
    fn barred(&self, _: &Action, account: AccountId) -> Option<Words> {
        let involved = account == self.made_by || account == self.account_id;
        involved.then(|| {
            words!("您登记或使用了该例外，须由他人复核", "you recorded this exception or act under it; somebody else must review it")
        })
    }
}

/// What is needed to record an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewException {
    /// The action.
    pub action: String,
    /// Kind of the resource.
    pub resource_kind: String,
    /// The resource.
    pub resource: AnyId,
    /// Who may act.
    pub account: AccountId,
    /// Why nobody else can.
    pub reason: String,
}

/// What a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceptionFilter {
    /// Only of this unit.
    pub unit: Option<UnitId>,
    /// Only this state.
    pub state: Option<ExceptionState>,
    /// Only those not reviewed whose review was due before this day.
    pub overdue_on: Option<NaiveDate>,
}
