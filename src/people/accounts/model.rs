//! Account rows, states and commands.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::accounts;
use crate::kernel::id::{AccountId, OrganisationId, TenantId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Whether an account may sign in.
    pub enum AccountState {
        /// It may.
        Active = "active",
        /// It may not; its sessions end at once.
        Suspended = "suspended",
    }
}

/// A stored account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// Id.
    pub id: AccountId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Login name, lower case, unique in the tenant.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// argon2id PHC string.
    pub password_hash: String,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Unit, for people of public bodies.
    pub unit_id: Option<UnitId>,
    /// Organisation, for people of suppliers.
    pub organisation_id: Option<OrganisationId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl Subject for AccountRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn visible_to(&self, actor: &crate::people::Actor) -> bool {
        actor.account == self.id || actor.has_any(&[Role::PlatformAdmin, Role::Auditor])
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        // Nobody says what it may do itself, not even who says so of everybody else.
        (action.name == policy::CHANGE.name && account == self.id).then(|| {
            words!("不得变更自己账户的角色或状态，请由另一位管理员办理", "your own roles and state are another administrator's to change")
        })
    }
}

/// What is needed to make an account. The password is hashed before the transaction.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Login name.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// argon2id PHC string.
    pub password_hash: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Unit.
    pub unit_id: Option<UnitId>,
    /// Organisation.
    pub organisation_id: Option<OrganisationId>,
}
