//! Rows of the reading log. They are only ever added.

use diesel::prelude::*;

use crate::db::schema::readings;
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AccountId, AnyId, ApiTokenId, TenantId};
use crate::kernel::{Result, UtcInstant};

/// One reading.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = readings, treat_none_as_default_value = false)]
pub struct ReadingRow {
    /// Id.
    pub id: AnyId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Who read.
    pub account_id: AccountId,
    /// With which machine token, if with one.
    pub token_id: Option<ApiTokenId>,
    /// Method and path.
    pub operation: String,
    /// Why it is logged.
    pub why: String,
    /// The request, as in the server's log.
    pub request_id: Option<AnyId>,
    /// When.
    pub created_at: UtcInstant,
}

pub fn insert(tx: &mut Tx<'_>, row: &ReadingRow) -> Result<()> {
    diesel::insert_into(readings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Rows before the cursor, newest first; only of one account when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    account: Option<AccountId>,
    before: Option<(UtcInstant, AnyId)>,
    rows: i64,
) -> Result<Vec<ReadingRow>> {
    let mut query = readings::table.filter(readings::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(account) = account {
        query = query.filter(readings::account_id.eq(account));
    }
    if let Some((at, id)) = before {
        query = query.filter(readings::created_at.lt(at).or(readings::created_at.eq(at).and(readings::id.lt(id))));
    }
    Ok(query.order((readings::created_at.desc(), readings::id.desc())).limit(rows).load(db)?)
}
