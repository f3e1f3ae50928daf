//! Rows of bank accounts.

use diesel::prelude::*;

use crate::db::schema::bank_accounts;
use crate::kernel::id::{AccountId, BankAccountId, OrganisationId, TenantId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Whether payments go there.
    pub enum BankAccountState {
        /// Waits for a second person.
        Proposed = "proposed",
        /// Payments go there.
        Confirmed = "confirmed",
        /// The second person refused it.
        Refused = "refused",
        /// A newer one took its place.
        Replaced = "replaced",
    }
}

/// A bank account of an organisation.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bank_accounts, treat_none_as_default_value = false)]
pub struct BankAccountRow {
    /// Id.
    pub id: BankAccountId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// 户名: the organisation's own name.
    pub holder: String,
    /// 开户行.
    pub bank: String,
    /// 账号, digits only.
    pub number: String,
    /// State.
    pub state: BankAccountState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who confirmed or refused it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

impl Subject for BankAccountRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.organisation == Some(self.organisation_id) || actor.has_any(&[Role::FinanceOfficer, Role::Auditor])
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == super::policy::CONFIRM.name && account == self.proposed_by)
            .then(|| words!("提出人不得自行确认", "whoever proposed it does not confirm it"))
    }
}
