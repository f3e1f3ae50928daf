//! Rows of second factors in the database.

use diesel::prelude::*;

use super::model::{FactorRow, RecoveryCodeRow};
use crate::db::schema::{recovery_codes, second_factors};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, FactorId};
use crate::kernel::{Result, UtcInstant};

/// The factor of an account that counts.
pub fn confirmed(db: &mut Db, account: AccountId) -> Result<Option<FactorRow>> {
    let live = second_factors::account_id.eq(account).and(second_factors::ended_at.is_null());
    Ok(second_factors::table.filter(live.and(second_factors::confirmed_at.is_not_null())).first(db).optional()?)
}

/// The newest factor that was offered and not yet confirmed.
pub fn offered(db: &mut Db, account: AccountId) -> Result<Option<FactorRow>> {
    let live = second_factors::account_id.eq(account).and(second_factors::ended_at.is_null());
    let open = second_factors::table.filter(live.and(second_factors::confirmed_at.is_null()));
    Ok(open.order((second_factors::made_at.desc(), second_factors::id.desc())).first(db).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, row: &FactorRow) -> Result<()> {
    diesel::insert_into(second_factors::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Ends every factor of an account, or only those that were not confirmed; returns how many counted.
pub fn end(tx: &mut Tx<'_>, account: AccountId, offered_only: bool, because: &str) -> Result<usize> {
    let live = second_factors::account_id.eq(account).and(second_factors::ended_at.is_null());
    let set = (second_factors::ended_at.eq(Some(UtcInstant::machine_now())), second_factors::ended_because.eq(Some(because.to_owned())));
    diesel::update(second_factors::table.filter(live.and(second_factors::confirmed_at.is_null()))).set(set.clone()).execute(&mut **tx)?;
    if offered_only {
        return Ok(0);
    }
    Ok(diesel::update(second_factors::table.filter(live)).set(set).execute(&mut **tx)?)
}

pub fn confirm(tx: &mut Tx<'_>, id: FactorId, step: i64) -> Result<()> {
    diesel::update(second_factors::table.find(id))
        .set((second_factors::confirmed_at.eq(Some(UtcInstant::machine_now())), second_factors::last_step.eq(Some(step))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes the step of an accepted code; `false` when it or a later one was accepted meanwhile.
pub fn spend_step(tx: &mut Tx<'_>, id: FactorId, step: i64) -> Result<bool> {
    let unspent = second_factors::last_step.is_null().or(second_factors::last_step.lt(step));
    let live = second_factors::id.eq(id).and(second_factors::ended_at.is_null());
    let changed =
        diesel::update(second_factors::table.filter(live.and(unspent))).set(second_factors::last_step.eq(Some(step))).execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Uses up a recovery code; `false` when the factor has none such, or it was used.
pub fn spend_code(tx: &mut Tx<'_>, id: FactorId, hash: &[u8]) -> Result<bool> {
    let unspent = recovery_codes::factor_id.eq(id).and(recovery_codes::code_hash.eq(hash.to_vec())).and(recovery_codes::used_at.is_null());
    let changed = diesel::update(recovery_codes::table.filter(unspent))
        .set(recovery_codes::used_at.eq(Some(UtcInstant::machine_now())))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

pub fn replace_codes(tx: &mut Tx<'_>, id: FactorId, rows: &[RecoveryCodeRow]) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::factor_id.eq(id))).execute(&mut **tx)?;
    for row in rows {
        diesel::insert_into(recovery_codes::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

/// Recovery codes that were not used.
pub fn codes_left(db: &mut Db, id: FactorId) -> Result<i64> {
    Ok(recovery_codes::table.filter(recovery_codes::factor_id.eq(id).and(recovery_codes::used_at.is_null())).count().get_result(db)?)
}

/// Ends one factor.
pub fn end_one(tx: &mut Tx<'_>, id: FactorId, because: &str) -> Result<()> {
    diesel::update(second_factors::table.find(id))
        .set((second_factors::ended_at.eq(Some(UtcInstant::machine_now())), second_factors::ended_because.eq(Some(because.to_owned()))))
        .execute(&mut **tx)?;
    Ok(())
}
