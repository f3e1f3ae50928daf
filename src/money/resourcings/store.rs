//! Re-sourcing rows in the database. Every query is scoped by tenant.

use diesel::prelude::*;

use super::model::ResourcingRow;
use crate::db::schema::resourcings;
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::id::{ResourcingId, TenantId};

pub fn find(db: &mut Db, tenant: TenantId, id: ResourcingId) -> Result<Option<ResourcingRow>> {
    Ok(resourcings::table.filter(resourcings::tenant_id.eq(tenant).and(resourcings::id.eq(id))).first(db).optional()?)
}

pub fn insert(tx: &mut Tx<'_>, row: &ResourcingRow) -> Result<()> {
    diesel::insert_into(resourcings::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Stores the row as the service, which holds the proof, changed it.
pub fn save(tx: &mut Tx<'_>, row: &ResourcingRow) -> Result<()> {
    diesel::update(resourcings::table.find(row.id)).set(row).execute(&mut **tx)?;
    Ok(())
}
