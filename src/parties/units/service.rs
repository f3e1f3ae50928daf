//! Use cases of units.

use serde_json::json;

use super::model::{NewUnit, UnitRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::UnitId;
use crate::kernel::{Error, Result};
use crate::parties::areas;
use crate::people::policy::{District, authorize};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// Longest name, in characters.
pub const NAME_MAX: usize = 64;

problems! {
    /// The name is taken.
    UNIT_NAME_TAKEN = "unit_name_taken", 409, "单位名称已存在", "The unit's name exists already",
        "同一地区内单位名称唯一。",
        "A unit's name is unique in the district.";
}

/// May the actor make units?
pub fn may_create(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::CREATE, District(actor.tenant))
}

/// Makes a unit.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<District>, new: &NewUnit) -> Result<UnitRow> {
    let tenant = granted.subject().0;
    let area_known = match new.area_id {
        None => true,
        Some(id) => areas::store::find(tx, tenant, id)?.is_some(),
    };
    let mut fields = Fields::default();
    fields.text(&new.name_zh, "/name_zh", 1, NAME_MAX);
    fields.require(area_known, "/area_id", || words!("没有这个区划", "there is no such area"));
    fields.finish()?;
    let name_zh = new.name_zh.trim().to_owned();
    if store::by_name(tx, tenant, &name_zh)?.is_some() {
        return Err(UNIT_NAME_TAKEN.because(words!("名称 {name_zh}", "name {name_zh}")));
    }
    let row =
        UnitRow { id: tx.new_id(), tenant_id: tenant, name_zh, kind: new.kind, area_id: new.area_id, version: 1, created_at: tx.now() };
    store::insert(tx, granted, &row)?;
    let content = json!({"name_zh": row.name_zh, "kind": row.kind, "area_id": row.area_id});
    journal::record(tx, &Event { tenant, action: "unit.created", kind: "unit", resource: row.id.any(), version: 1, case: None, content })?;
    Ok(row)
}

/// May the actor say which unit stands above this one?
pub fn may_set_parent(db: &mut Db, actor: &Actor, id: UnitId) -> Result<Authorized<UnitRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::SET_PARENT, row)
}

/// Says which unit stands above a unit, or that none does.
pub fn set_parent(tx: &mut Tx<'_>, granted: &Authorized<UnitRow>, parent: Option<UnitId>) -> Result<UnitRow> {
    let (tenant, unit) = (granted.subject().tenant_id, granted.subject().id);
    let mut above = Vec::new();
    let mut next = parent;
    while let Some(one) = next.filter(|_| above.len() <= rules::LEVELS_MAX) {
        if store::find(tx, tenant, one)?.is_none() {
            return Err(Error::field("/parent_id", words!("没有这个单位", "there is no such unit")));
        }
        above.push(one);
        next = store::parent_of(tx, tenant, one)?;
    }
    rules::check_parent(unit, &above)?;
    let row = store::set_parent(tx, granted, parent)?;
    let content = json!({"parent_id": parent});
    journal::record(
        tx,
        &Event { tenant, action: "unit.parent_set", kind: "unit", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(row)
}
