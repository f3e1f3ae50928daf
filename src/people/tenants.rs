//! Tenants: one district each. Rows are made by the operator's commands, never over HTTP.

use diesel::prelude::*;

use crate::db::schema::tenants;
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::TenantId;
use crate::kernel::{Result, UtcInstant};

/// A district.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = tenants)]
pub struct TenantRow {
    /// Id.
    pub id: TenantId,
    /// GB/T 2260 code, such as `330502`.
    pub code: String,
    /// 中文 name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// The tenant of a district code; 404 when there is none.
pub fn by_code(db: &mut Db, code: &str) -> Result<TenantId> {
    tenants::table.filter(tenants::code.eq(code)).select(tenants::id).first(db).optional()?.ok_or_else(|| error::NOT_FOUND.error())
}

/// Makes a district unless its code exists; returns its id either way.
pub fn ensure(tx: &mut Tx<'_>, code: &str, name_zh: &str, name_en: &str) -> Result<TenantId> {
    if let Some(id) = tenants::table.filter(tenants::code.eq(code)).select(tenants::id).first(&mut **tx).optional()? {
        return Ok(id);
    }
    let row = TenantRow {
        id: tx.new_id(),
        code: code.to_owned(),
        name_zh: name_zh.to_owned(),
        name_en: name_en.to_owned(),
        created_at: tx.now(),
    };
    diesel::insert_into(tenants::table).values(&row).execute(&mut **tx)?;
    Ok(row.id)
}
