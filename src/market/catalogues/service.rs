//! Use cases of the guiding catalogue.

use serde_json::{Value, json};

use super::model::{EditionRow, EditionState};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, problems};
use crate::kernel::id::EditionId;
use crate::people::policy::{District, authorize};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The edition's name is taken.
    EDITION_NAME_TAKEN = "edition_name_taken", 409, "目录版本名称已存在", "The edition's name exists already",
        "一个版本导入后不再修改。请用新名称导入。",
        "An edition never changes once imported. Import under a new name.";
}

/// May the actor import editions?
pub fn may_import(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::IMPORT, District(actor.tenant))
}

/// May the actor publish this edition?
pub fn may_publish(db: &mut Db, actor: &Actor, id: EditionId) -> Result<Authorized<EditionRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::PUBLISH, row)
}

/// Makes an empty draft; its items follow in the same transaction.
pub fn draft(tx: &mut Tx<'_>, granted: &Authorized<District>, name: &str) -> Result<EditionRow> {
    rules::check_edition_name(name, "?name")?;
    let tenant = granted.subject().0;
    let name = name.trim().to_owned();
    if store::by_name(tx, tenant, &name)?.is_some() {
        return Err(EDITION_NAME_TAKEN.because(words!("名称 {name}", "name {name}")));
    }
    let row = EditionRow {
        id: tx.new_id(),
        tenant_id: tenant,
        name,
        state: EditionState::Draft,
        published_at: None,
        superseded_at: None,
        created_by: granted.person(),
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    Ok(row)
}

/// Puts a draft into use in place of the present edition.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<EditionRow>) -> Result<EditionRow> {
    let draft = granted.subject();
    if let Some(former) = store::published(tx, draft.tenant_id)? {
        let former = store::supersede(tx, granted, &former)?;
        record(tx, "catalogue_edition.superseded", &former, json!({"name": former.name, "by": draft.id}))?;
    }
    let row = store::publish(tx, granted)?;
    record(tx, "catalogue_edition.published", &row, json!({"name": row.name}))?;
    Ok(row)
}

pub(super) fn record(tx: &mut Tx<'_>, action: &str, row: &EditionRow, content: Value) -> Result<()> {
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "catalogue_edition",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content,
        },
    )?;
    Ok(())
}
