//! Rows of second factors and recovery codes.

use diesel::prelude::*;

use crate::db::schema::{recovery_codes, second_factors};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, AnyId, FactorId, TenantId};

/// A second factor. All instants are real time.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = second_factors, treat_none_as_default_value = false)]
pub struct FactorRow {
    /// Id.
    pub id: FactorId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Account.
    pub account_id: AccountId,
    /// The seed, sealed in the vault for this account.
    pub secret: Vec<u8>,
    /// When it was offered.
    pub made_at: UtcInstant,
    /// When the person proved to have it; it counts from then on.
    pub confirmed_at: Option<UtcInstant>,
    /// When it stopped to count.
    pub ended_at: Option<UtcInstant>,
    /// Why it stopped.
    pub ended_because: Option<String>,
    /// The last 30-second step whose code was accepted; a code works once (RFC 6238, section 5.2).
    pub last_step: Option<i64>,
}

/// A recovery code; only its hash is stored. It has 80 random bits, so a fast hash is enough.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = recovery_codes, treat_none_as_default_value = false)]
pub struct RecoveryCodeRow {
    /// Id.
    pub id: AnyId,
    /// The factor that it stands in for.
    pub factor_id: FactorId,
    /// SHA-256 of the code without hyphens.
    pub code_hash: Vec<u8>,
    /// When it was used.
    pub used_at: Option<UtcInstant>,
}
