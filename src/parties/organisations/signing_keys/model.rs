//! Rows of signing keys.

use diesel::prelude::*;

use crate::db::schema::signing_keys;
use crate::kernel::id::{AccountId, OrganisationId, SigningKeyId, TenantId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Whether signatures by a key count.
    pub enum SigningKeyState {
        /// Waits for a second person.
        Proposed = "proposed",
        /// Signatures by it count.
        Confirmed = "confirmed",
        /// It never counted, or counts no longer.
        Revoked = "revoked",
    }
}

/// A key of an organisation.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub struct SigningKeyRow {
    /// Id.
    pub id: SigningKeyId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Ed25519 public key, base64 of 32 bytes.
    pub public_key: String,
    /// SHA-256 of those bytes, lower-case hex.
    pub fingerprint: String,
    /// Whether bids without a signature are refused while the key is confirmed.
    pub demanded: bool,
    /// State.
    pub state: SigningKeyState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who confirmed it.
    pub confirmed_by: Option<AccountId>,
    /// When.
    pub confirmed_at: Option<UtcInstant>,
    /// Who revoked it.
    pub revoked_by: Option<AccountId>,
    /// When.
    pub revoked_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was proposed.
    pub created_at: UtcInstant,
}

/// A key with what its confirmation depends on.
#[derive(Debug, Clone)]
pub struct SigningKeyDesk {
    /// The key.
    pub row: SigningKeyRow,
    /// The account that may confirm its own proposal: the legal representative who is the organisation's only person.
    pub alone: Option<AccountId>,
}

impl Subject for SigningKeyDesk {
    fn tenant(&self) -> TenantId {
        self.row.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.row.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.row.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.organisation == Some(self.row.organisation_id) || actor.has_any(&[Role::Auditor])
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let own = account == self.row.proposed_by && self.alone != Some(account);
        (action.name == super::policy::CONFIRM.name && own).then(|| {
            words!(
                "提出人不得自行确认；仅当组织只有一名人员且其为法定代表人时除外",
                "whoever proposed it does not confirm it, unless it is the legal representative and the organisation's only person"
            )
        })
    }
}
