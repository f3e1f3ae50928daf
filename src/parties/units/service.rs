//! Use cases of units.

use serde_json::json;

use super::model::{NewUnit, UnitRow};
use super::{policy, store};
use crate::db::Tx;
use crate::kernel::Result;
use crate::kernel::error::{Fields, problems};
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
