//! Edition and item rows in the database. Every query is scoped by tenant.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::model::{EditionRow, EditionState, ItemFilter, ItemRow, Origin};
use crate::db::schema::{catalogue_editions as editions, catalogue_items as items};
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{CatalogueItemId, EditionId, TenantId};
use crate::kernel::{CatalogueCode, Result, UtcInstant};
use crate::people::Authorized;
use crate::people::policy::District;

define_sql_function! {
    /// The text in lower case. LIKE minds the case on PostgreSQL and not on SQLite.
    fn lower(text: Text) -> Text;
}

pub fn find(db: &mut Db, tenant: TenantId, id: EditionId) -> Result<Option<EditionRow>> {
    Ok(editions::table.filter(editions::tenant_id.eq(tenant).and(editions::id.eq(id))).first(db).optional()?)
}

pub fn by_name(db: &mut Db, tenant: TenantId, name: &str) -> Result<Option<EditionRow>> {
    Ok(editions::table.filter(editions::tenant_id.eq(tenant).and(editions::name.eq(name))).first(db).optional()?)
}

/// The edition in use.
pub fn published(db: &mut Db, tenant: TenantId) -> Result<Option<EditionRow>> {
    Ok(editions::table.filter(editions::tenant_id.eq(tenant).and(editions::state.eq(EditionState::Published))).first(db).optional()?)
}

/// Editions after the cursor, oldest first, at most `rows`.
pub fn list(db: &mut Db, tenant: TenantId, drafts: bool, after: Option<(UtcInstant, EditionId)>, rows: i64) -> Result<Vec<EditionRow>> {
    let mut query = editions::table.filter(editions::tenant_id.eq(tenant)).into_boxed::<Backend>();
    if !drafts {
        query = query.filter(editions::state.ne(EditionState::Draft));
    }
    if let Some((at, id)) = after {
        query = query.filter(editions::created_at.gt(at).or(editions::created_at.eq(at).and(editions::id.gt(id))));
    }
    Ok(query.order((editions::created_at, editions::id)).limit(rows).load(db)?)
}

/// How many items each of these editions has, and how many of them are not confirmed; one without items is left out.
pub fn counts(db: &mut Db, ids: &[EditionId]) -> Result<BTreeMap<EditionId, (i64, i64)>> {
    let all: Vec<(EditionId, i64)> = items::table
        .filter(items::edition_id.eq_any(ids))
        .group_by(items::edition_id)
        .select((items::edition_id, count_star()))
        .load(db)?;
    let unconfirmed: Vec<(EditionId, i64)> = items::table
        .filter(items::edition_id.eq_any(ids).and(items::origin.ne(Origin::Confirmed)))
        .group_by(items::edition_id)
        .select((items::edition_id, count_star()))
        .load(db)?;
    let mut counts: BTreeMap<EditionId, (i64, i64)> = all.into_iter().map(|(id, count)| (id, (count, 0))).collect();
    for (id, count) in unconfirmed {
        counts.entry(id).or_default().1 = count;
    }
    Ok(counts)
}

/// An item with its edition.
pub fn find_item(db: &mut Db, tenant: TenantId, id: CatalogueItemId) -> Result<Option<(ItemRow, EditionRow)>> {
    Ok(items::table.inner_join(editions::table).filter(items::tenant_id.eq(tenant).and(items::id.eq(id))).first(db).optional()?)
}

/// An item that purchases may start from: one of the edition in use.
pub fn published_item(db: &mut Db, tenant: TenantId, id: CatalogueItemId) -> Result<Option<ItemRow>> {
    Ok(find_item(db, tenant, id)?.filter(|(_, edition)| edition.state == EditionState::Published).map(|(item, _)| item))
}

/// The code of an item of whatever edition: what a directory lists by, because every edition has items of its own.
pub fn code_of(db: &mut Db, tenant: TenantId, id: CatalogueItemId) -> Result<Option<CatalogueCode>> {
    Ok(items::table.filter(items::tenant_id.eq(tenant).and(items::id.eq(id))).select(items::code).first(db).optional()?)
}

/// Items after a code, at most `rows`.
pub fn list_items(db: &mut Db, tenant: TenantId, filter: &ItemFilter, after: Option<&str>, rows: i64) -> Result<Vec<ItemRow>> {
    let mut query = items::table.filter(items::tenant_id.eq(tenant).and(items::edition_id.eq(filter.edition))).into_boxed::<Backend>();
    if let Some(parent) = &filter.parent {
        query = query.filter(items::parent_code.eq(Some(parent)));
    }
    if let Some(level) = filter.level {
        query = query.filter(items::level.eq(level));
    }
    if let Some(text) = &filter.text {
        let (within, from_start) = (format!("%{}%", literal(text)), format!("{}%", literal(text)));
        query = query.filter(
            lower(items::name_zh)
                .like(lower(within.clone()))
                .escape('!')
                .or(lower(items::name_en).like(lower(within)).escape('!'))
                .or(lower(items::code).like(lower(from_start)).escape('!')),
        );
    }
    if let Some(code) = after {
        query = query.filter(items::code.gt(code));
    }
    Ok(query.order(items::code).limit(rows).load(db)?)
}

/// The text with the wildcards of LIKE made plain.
fn literal(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

pub fn insert(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &EditionRow) -> Result<()> {
    diesel::insert_into(editions::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn insert_item(tx: &mut Tx<'_>, _granted: &Authorized<District>, row: &ItemRow) -> Result<()> {
    diesel::insert_into(items::table).values(row).execute(&mut **tx)?;
    Ok(())
}

pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<EditionRow>) -> Result<EditionRow> {
    let (before, now) = (granted.subject(), tx.now());
    Ok(diesel::update(editions::table.find(before.id))
        .set((
            editions::state.eq(EditionState::Published),
            editions::published_at.eq(Some(now)),
            editions::version.eq(before.version.saturating_add(1)),
        ))
        .returning(editions::all_columns)
        .get_result(&mut **tx)?)
}

/// Takes the edition in use out of it; the proof is that of the one that comes in.
pub fn supersede(tx: &mut Tx<'_>, _granted: &Authorized<EditionRow>, former: &EditionRow) -> Result<EditionRow> {
    let now = tx.now();
    Ok(diesel::update(editions::table.find(former.id))
        .set((
            editions::state.eq(EditionState::Superseded),
            editions::superseded_at.eq(Some(now)),
            editions::version.eq(former.version.saturating_add(1)),
        ))
        .returning(editions::all_columns)
        .get_result(&mut **tx)?)
}
