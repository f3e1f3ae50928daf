//! Rows of machine tokens.

use diesel::prelude::*;

use crate::db::schema::api_tokens;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, ApiTokenId, TenantId};
use crate::people::{Actor, Subject};

/// A token of a machine client. All instants are real time.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = api_tokens, treat_none_as_default_value = false)]
pub struct ApiTokenRow {
    /// Id.
    pub id: ApiTokenId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The account it acts for.
    pub account_id: AccountId,
    /// What the person calls it.
    pub name: String,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// `read` and names of actions, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: UtcInstant,
    /// When it ends.
    pub expires_at: UtcInstant,
    /// When it was ended before.
    pub revoked_at: Option<UtcInstant>,
}

impl ApiTokenRow {
    /// `read` and names of actions.
    pub fn scopes(&self) -> Vec<String> {
        self.scopes.split(' ').map(str::to_owned).collect()
    }
}

impl Subject for ApiTokenRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.account_id == actor.account
    }
}
