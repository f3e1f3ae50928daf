//! Use cases of areas: each is one function on the transaction it is handed.

use serde_json::json;

use super::model::{AreaChange, AreaRow, NewArea};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::AreaId;
use crate::kernel::{Error, Result};
use crate::people::policy::{District, authorize};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The division code is taken.
    AREA_CODE_TAKEN = "area_code_taken", 409, "区划代码已存在", "The area code exists already",
        "同一地区内区划代码唯一。如需修改，请修改原有区划。",
        "A division code is unique in the district. Change the existing area instead.";
}

/// May the actor make areas?
pub fn may_create(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::CREATE, District(actor.tenant))
}

/// May the actor import areas?
pub fn may_import(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::IMPORT, District(actor.tenant))
}

/// May the actor change this area?
pub fn may_change(db: &mut Db, actor: &Actor, id: AreaId) -> Result<Authorized<AreaRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::CHANGE, row)
}

/// Makes an area.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<District>, new: &NewArea) -> Result<AreaRow> {
    let tenant = granted.subject().0;
    if store::by_code(tx, tenant, &new.code)?.is_some() {
        return Err(AREA_CODE_TAKEN.because(words!("代码 {0}", "code {0}", new.code)));
    }
    let parent = match &new.parent_code {
        None => None,
        Some(code) => Some(
            store::by_code(tx, tenant, code)?
                .ok_or_else(|| Error::field("/parent_code", words!("没有代码为 {code} 的区划", "there is no area with code {code}")))?,
        ),
    };
    rules::check_new(new, parent.as_ref().map(|parent| parent.kind))?;
    let row = AreaRow {
        id: tx.new_id(),
        tenant_id: tenant,
        code: new.code.clone(),
        name_zh: new.name_zh.trim().to_owned(),
        name_en: new.name_en.trim().to_owned(),
        kind: new.kind,
        parent_id: parent.map(|parent| parent.id),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        entrusted_to: new.entrusted_to.clone(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "area.created", &row)?;
    Ok(row)
}

/// Changes an area.
pub fn change(tx: &mut Tx<'_>, granted: &Authorized<AreaRow>, change: &AreaChange) -> Result<AreaRow> {
    rules::check_change(granted.subject(), change)?;
    let row = store::change(tx, granted, change)?;
    record(tx, "area.changed", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &AreaRow) -> Result<()> {
    let content = json!({
        "code": row.code, "name_zh": row.name_zh, "name_en": row.name_en, "kind": row.kind, "parent_id": row.parent_id,
        "valid_from": row.valid_from, "valid_to": row.valid_to, "entrusted_to": row.entrusted_to,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "area", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
