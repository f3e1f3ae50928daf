//! Award rows in the database.

use diesel::prelude::*;

use super::model::{AwardRow, AwardState};
use crate::db::schema::awards;
use crate::db::{Db, Tx, one_more};
use crate::kernel::Result;
use crate::kernel::id::{AccountId, AwardId, TenantId};
use crate::people::Authorized;
use crate::procurement::tenders::model::LotFile;

pub fn find(db: &mut Db, tenant: TenantId, id: AwardId) -> Result<Option<AwardRow>> {
    Ok(awards::table.filter(awards::tenant_id.eq(tenant).and(awards::id.eq(id))).first(db).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<LotFile>, row: &AwardRow) -> Result<()> {
    diesel::insert_into(awards::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Moves an award to a state.
pub fn step(tx: &mut Tx<'_>, granted: &Authorized<AwardRow>, state: AwardState, confirmed_by: Option<AccountId>) -> Result<AwardRow> {
    Ok(diesel::update(awards::table.find(granted.subject().id))
        .set((awards::state.eq(state), awards::confirmed_by.eq(confirmed_by), awards::version.eq(one_more(awards::version))))
        .returning(awards::all_columns)
        .get_result(&mut **tx)?)
}
