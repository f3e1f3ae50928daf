//! Rows of invitations in the database. Every query but that of a secret token is scoped by tenant.

use diesel::prelude::*;

use super::model::{InvitationRow, InvitationState};
use crate::db::schema::account_invitations;
use crate::db::{Backend, Db, Tx, one_more};
use crate::kernel::id::{AccountId, AccountInvitationId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::people::Authorized;

pub fn find(db: &mut Db, tenant: TenantId, id: AccountInvitationId) -> Result<Option<InvitationRow>> {
    let mine = account_invitations::tenant_id.eq(tenant).and(account_invitations::id.eq(id));
    Ok(account_invitations::table.filter(mine).first(db).optional()?)
}

pub fn by_hash(db: &mut Db, hash: &[u8]) -> Result<Option<InvitationRow>> {
    Ok(account_invitations::table.filter(account_invitations::token_hash.eq(hash.to_vec())).first(db).optional()?)
}

/// Rows after the cursor in the order of making; only those of one inviter when it is given.
pub fn list(
    db: &mut Db,
    tenant: TenantId,
    by: Option<AccountId>,
    after: Option<(UtcInstant, AccountInvitationId)>,
    rows: i64,
) -> Result<Vec<InvitationRow>> {
    let mut query = account_invitations::table.filter(account_invitations::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if let Some(by) = by {
        query = query.filter(account_invitations::invited_by.eq(by));
    }
    if let Some((at, id)) = after {
        query = query
            .filter(account_invitations::created_at.gt(at).or(account_invitations::created_at.eq(at).and(account_invitations::id.gt(id))));
    }
    Ok(query.order((account_invitations::created_at, account_invitations::id)).limit(rows).load(db)?)
}

pub fn insert<T>(tx: &mut Tx<'_>, _granted: &Authorized<T>, row: &InvitationRow) -> Result<()> {
    diesel::insert_into(account_invitations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The caller holds a proof of authorisation, or the secret of the mail.
pub fn close(tx: &mut Tx<'_>, id: AccountInvitationId, state: InvitationState, account: Option<AccountId>) -> Result<InvitationRow> {
    Ok(diesel::update(account_invitations::table.find(id))
        .set((
            account_invitations::state.eq(state),
            account_invitations::account_id.eq(account),
            account_invitations::version.eq(one_more(account_invitations::version)),
        ))
        .returning(account_invitations::all_columns)
        .get_result(&mut **tx)?)
}
