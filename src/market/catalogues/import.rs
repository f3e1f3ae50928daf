//! Import of an edition from CSV: every bad row is reported with its line, and all rows come in or none.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::model::{EditionRow, ItemRow, Origin};
use super::{rules, service, store};
use crate::db::Tx;
use crate::kernel::{CatalogueCode, Result};
use crate::people::Authorized;
use crate::people::policy::District;
use crate::web::table::{Imported, Table, Whole};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    code: CatalogueCode,
    parent_code: Option<CatalogueCode>,
    level: Whole,
    name_zh: String,
    name_en: String,
    origin: Origin,
}

/// Makes a draft edition from a table with the columns `code,parent_code,level,name_zh,name_en,origin`, in any order of rows.
pub fn import_edition(tx: &mut Tx<'_>, granted: &Authorized<District>, name: &str, csv: &[u8]) -> Result<(EditionRow, Imported)> {
    let edition = service::draft(tx, granted, name)?;
    let mut table = Table::<Line>::read(csv)?;
    let lines = table.take_rows();
    let all: BTreeSet<CatalogueCode> = lines.iter().map(|(_, row)| row.code.clone()).collect();
    let mut before = BTreeSet::new();
    for (line, row) in lines {
        let item = ItemRow {
            id: tx.new_id(),
            tenant_id: edition.tenant_id,
            edition_id: edition.id,
            code: row.code,
            parent_code: row.parent_code,
            // A level outside i32 agrees with no code and is refused as a wrong level.
            level: i32::try_from(row.level.0).unwrap_or(0),
            name_zh: row.name_zh,
            name_en: row.name_en,
            origin: row.origin,
        };
        if table.check(line, rules::check_item(&item, &all, &before))?.is_some() {
            store::insert_item(tx, granted, &item)?;
            before.insert(item.code);
        }
    }
    let imported = table.finish()?;
    let content = json!({"name": edition.name, "items": imported.rows, "sha256": hex::encode(Sha256::digest(csv))});
    service::record(tx, "catalogue_edition.drafted", &edition, content)?;
    Ok((edition, imported))
}
