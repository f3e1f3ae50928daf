//! How many places a base has. A base whose places nobody has counted takes in whom it wants.

use diesel::prelude::*;
use serde_json::json;

use super::model::INSIDERS;
use super::{policy, rules};
use crate::db::schema::incubation_bases as bases;
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{AccountId, TenantId, UnitId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::parties::units::{self, UnitKind, UnitRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, Role};
use crate::trust::journal::{self, Event};
use crate::words;

/// A base with its places.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = bases, treat_none_as_default_value = false)]
pub struct BaseRow {
    /// The unit.
    pub unit_id: UnitId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// How many organisations it holds at once.
    pub places: i32,
    /// Who said so.
    pub set_by: AccountId,
    /// Version.
    pub version: i64,
    /// When.
    pub created_at: UtcInstant,
}

/// May the actor do this to the unit?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: UnitId) -> Result<Authorized<UnitRow>> {
    authorize(actor, action, units::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?)
}

/// The unit whose board the actor may read: a purchaser's own unit is none, so that those who buy read every base.
pub fn may_read(db: &mut Db, actor: &Actor, id: UnitId) -> Result<UnitRow> {
    let unit = units::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let own = actor.has_any(&[Role::Incubator]) && actor.unit == Some(id);
    if own || actor.has_any(INSIDERS) { Ok(unit) } else { Err(error::FORBIDDEN.error()) }
}

fn find(db: &mut Db, tenant: TenantId, base: UnitId) -> Result<Option<BaseRow>> {
    Ok(bases::table.filter(bases::tenant_id.eq(tenant).and(bases::unit_id.eq(base))).first(db).optional()?)
}

/// The places of a base; `None` when nobody has counted them.
pub fn of(db: &mut Db, tenant: TenantId, base: UnitId) -> Result<Option<i32>> {
    Ok(find(db, tenant, base)?.map(|row| row.places))
}

/// Refuses a unit that is no incubation base.
pub fn require_base(unit: &UnitRow) -> Result<()> {
    if unit.kind == UnitKind::IncubationBase {
        return Ok(());
    }
    let kind = unit.kind;
    Err(error::WRONG_STATE.because(words!("该单位（{kind}）不是孵化基地", "the unit ({kind}) is no incubation base")))
}

/// Says how many places the base has. Fewer than are taken sends nobody away; it only stops further admissions.
pub fn set(tx: &mut Tx<'_>, granted: &Authorized<UnitRow>, places: i32) -> Result<BaseRow> {
    debug_assert_eq!(granted.action().name, policy::SET_PLACES.name);
    let unit = granted.subject();
    require_base(unit)?;
    if !(0..=rules::PLACES_MAX).contains(&places) {
        let most = rules::PLACES_MAX;
        return Err(Error::field("/places", words!("须为 0 到 {most}", "must lie between 0 and {most}")));
    }
    let before = find(tx, unit.tenant_id, unit.id)?;
    let row = BaseRow {
        unit_id: unit.id,
        tenant_id: unit.tenant_id,
        places,
        set_by: granted.by(),
        version: before.as_ref().map_or(1, |row| row.version.saturating_add(1)),
        created_at: before.as_ref().map_or_else(|| tx.now(), |row| row.created_at),
    };
    if before.is_some() {
        let values = (bases::places.eq(row.places), bases::set_by.eq(row.set_by), bases::version.eq(row.version));
        diesel::update(bases::table.find(row.unit_id)).set(values).execute(&mut **tx)?;
    } else {
        diesel::insert_into(bases::table).values(&row).execute(&mut **tx)?;
    }
    let content = json!({"unit_id": row.unit_id, "places": row.places});
    let event = Event {
        tenant: row.tenant_id,
        action: "incubation_base.places_set",
        kind: "incubation_base",
        resource: row.unit_id.any(),
        version: row.version,
        case: None,
        content,
    };
    journal::record(tx, &event)?;
    Ok(row)
}
