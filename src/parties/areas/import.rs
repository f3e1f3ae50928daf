//! Import of areas from CSV: every bad row is reported with its line, and all rows come in or none.

use chrono::NaiveDate;
use serde::Deserialize;

use super::model::{AreaKind, NewArea};
use super::service;
use crate::db::Tx;
use crate::kernel::{AreaCode, Result};
use crate::people::Authorized;
use crate::people::policy::District;
use crate::web::table::{Imported, Table};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    code: AreaCode,
    name_zh: String,
    name_en: String,
    kind: AreaKind,
    parent_code: Option<AreaCode>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    entrusted_to: Option<String>,
}

/// Imports a table with the columns `code,name_zh,name_en,kind,parent_code,valid_from,valid_to,entrusted_to`, parents before children.
pub fn import_csv(tx: &mut Tx<'_>, granted: &Authorized<District>, bytes: &[u8]) -> Result<Imported> {
    let mut table = Table::<Line>::read(bytes)?;
    for (line, row) in table.take_rows() {
        let new = NewArea {
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
            kind: row.kind,
            parent_code: row.parent_code,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            entrusted_to: row.entrusted_to,
        };
        table.check(line, service::create(tx, granted, &new))?;
    }
    table.finish()
}
