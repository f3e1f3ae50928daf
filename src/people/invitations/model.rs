//! Rows of invitations.

use diesel::prelude::*;

use crate::db::schema::account_invitations;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, AccountInvitationId, OrganisationId, TenantId, UnitId};
use crate::people::{Actor, Role, Subject};

crate::text_enum! {
    /// How far an invitation is.
    pub enum InvitationState {
        /// Sent.
        Open = "open",
        /// The person made its account.
        Accepted = "accepted",
        /// Taken back.
        Revoked = "revoked",
    }
}

/// An invitation.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = account_invitations, treat_none_as_default_value = false)]
pub struct InvitationRow {
    /// Id.
    pub id: AccountInvitationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Where the mail went: the login name of the account.
    pub email: String,
    /// Names of roles, separated by spaces.
    pub roles: String,
    /// Unit.
    pub unit_id: Option<UnitId>,
    /// Organisation.
    pub organisation_id: Option<OrganisationId>,
    /// SHA-256 of the token in the mail.
    pub token_hash: Vec<u8>,
    /// State; one whose time is over stays open and does not serve.
    pub state: InvitationState,
    /// Who invited.
    pub invited_by: AccountId,
    /// When it stops to serve, real time.
    pub expires_at: UtcInstant,
    /// The account that was made.
    pub account_id: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl InvitationRow {
    /// The roles.
    pub fn roles(&self) -> Vec<Role> {
        self.roles.split(' ').filter_map(|word| word.parse().ok()).collect()
    }
}

impl Subject for InvitationRow {
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
    fn organisation(&self) -> Option<OrganisationId> {
        self.organisation_id
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.invited_by == actor.account || actor.has_any(&[Role::PlatformAdmin, Role::Auditor])
    }
}

/// What an invitation offers.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Where the mail goes.
    pub email: String,
    /// Roles of the account.
    pub roles: Vec<Role>,
    /// Unit.
    pub unit_id: Option<UnitId>,
    /// Organisation.
    pub organisation_id: Option<OrganisationId>,
}
