//! Rows of recoveries.

use diesel::prelude::*;

use crate::db::schema::account_recoveries;
use crate::kernel::id::{AccountId, RecoveryId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::accounts::AccountRow;
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// How far a recovery is.
    pub enum RecoveryState {
        /// One person asked for it.
        Asked = "asked",
        /// Another confirmed it: the second factor is gone.
        Confirmed = "confirmed",
        /// It was refused.
        Refused = "refused",
    }
}

/// A recovery.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = account_recoveries, treat_none_as_default_value = false)]
pub struct RecoveryRow {
    /// Id.
    pub id: RecoveryId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The account whose second factor is lost.
    pub account_id: AccountId,
    /// Its unit.
    pub unit_id: Option<UnitId>,
    /// State.
    pub state: RecoveryState,
    /// Why, and how the asker made sure who it is.
    pub reason: String,
    /// Who asked.
    pub asked_by: AccountId,
    /// Who confirmed or refused.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was asked for.
    pub created_at: UtcInstant,
}

/// Whether the actor keeps accounts of that unit: the platform's administrator all, a unit's lead those of the unit.
fn keeps(actor: &Actor, unit: Option<UnitId>) -> bool {
    actor.has_any(&[Role::PlatformAdmin]) || (unit.is_some() && actor.reaches(&[Role::PurchaserLead], unit, None))
}

/// An account whose owner lost the second factor.
#[derive(Debug, Clone)]
pub struct Lost(pub AccountRow);

impl Subject for Lost {
    fn tenant(&self) -> TenantId {
        self.0.tenant_id
    }
    fn unit(&self) -> Option<UnitId> {
        self.0.unit_id
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        keeps(actor, self.0.unit_id) || self.0.visible_to(actor)
    }
    fn barred(&self, _: &Action, account: AccountId) -> Option<Words> {
        (account == self.0.id).then(|| words!("不能为本人申请", "nobody asks for the own account"))
    }
}

impl Subject for RecoveryRow {
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
        self.unit_id
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.account_id == actor.account || keeps(actor, self.unit_id) || actor.has_any(&[Role::Auditor])
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let confirms = action.name == super::policy::CONFIRM.name;
        if confirms && account == self.asked_by {
            return Some(words!("申请人不得确认", "whoever asked does not confirm"));
        }
        (confirms && account == self.account_id).then(|| words!("账户本人不得确认", "the account's owner does not confirm"))
    }
}
