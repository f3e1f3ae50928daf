//! How the rows of a resource stand, and the digests of it that an entry of the journal records. An audit makes the digests again from the rows that
//! it finds and names the first column that is not what was recorded.
//!
//! `digest = base64url(first 12 bytes of SHA-256("baiyi row 1\n" ‖ salt ‖ column ‖ "\n" ‖ value))` with the salt of the entry, so that nobody who has only
//! the entry's text guesses a value, and erasing an entry erases what it told. A value is canonical JSON (RFC 8785); whole numbers keep all digits. The
//! rows of another table that belong to the resource have one digest together, under the table's name and `[]`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::kinds::{Kind, Table};
use crate::db::{Db, image};
use crate::kernel::id::AnyId;
use crate::kernel::{Error, Result};

/// Bytes of a digest that are kept: to find another value with it is beyond anybody.
const DIGEST_BYTES: usize = 12;

/// Bytes in hexadecimal up to this many letters are shown as they are; longer ones are shown as their SHA-256.
const LONG: usize = 130;

/// The rows of one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Columns of its own row.
    pub columns: image::Image,
    /// Rows of other tables that belong to it, by table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Vec<image::Image>>,
}

/// Digests by column, or by table and `[]`.
pub type Digests = BTreeMap<String, String>;

/// The rows of a resource as they stand; none when it has no row.
pub fn of(db: &mut Db, kind: &Kind, id: AnyId) -> Result<Option<Rows>> {
    let mut rows = Rows::default();
    if let Some(own) = kind.row {
        let Some(row) = image::images(db, own.table, Some((own.column, id.uuid())), own.order)?.pop() else { return Ok(None) };
        rows.columns = shown(row, &own);
    }
    for part in kind.parts {
        let found = image::images(db, part.table, Some((part.column, id.uuid())), part.order)?;
        rows.keep(part, found);
    }
    Ok(Some(rows))
}

/// The rows of every resource of a kind, by id.
pub fn all(db: &mut Db, kind: &Kind) -> Result<BTreeMap<String, Rows>> {
    let mut found: BTreeMap<String, Rows> = BTreeMap::new();
    let id_of = |row: &image::Image, table: &Table| {
        let id = row.get(table.column).and_then(Value::as_str).map(str::to_owned);
        id.ok_or_else(|| Error::internal(format!("a row of {} has no {}", table.table, table.column)))
    };
    if let Some(own) = kind.row {
        for row in image::images(db, own.table, None, own.order)? {
            found.insert(id_of(&row, &own)?, Rows { columns: shown(row, &own), parts: BTreeMap::new() });
        }
    }
    for part in kind.parts {
        let mut grouped: BTreeMap<String, Vec<image::Image>> = BTreeMap::new();
        for row in image::images(db, part.table, None, part.order)? {
            grouped.entry(id_of(&row, part)?).or_default().push(row);
        }
        for (id, rows) in grouped {
            // Rows that belong to nothing are left: a foreign key or a missing resource tells.
            if kind.row.is_none() || found.contains_key(&id) {
                found.entry(id).or_default().keep(part, rows);
            }
        }
    }
    Ok(found)
}

impl Rows {
    fn keep(&mut self, part: &Table, rows: Vec<image::Image>) {
        if !rows.is_empty() {
            self.parts.insert(part.table.to_owned(), rows.into_iter().map(|row| shown(row, part)).collect());
        }
    }

    /// The digests of the rows with this salt. The tables of `kind` without rows have one as well, so that a row that is slipped in shows.
    pub fn digests(&self, kind: &Kind, salt: &[u8]) -> Result<Digests> {
        let mut digests = Digests::new();
        for (column, value) in &self.columns {
            digests.insert(column.clone(), digest(salt, column, value)?);
        }
        for part in kind.parts {
            let rows = self.parts.get(part.table).map(Vec::as_slice).unwrap_or_default();
            let name = format!("{}[]", part.table);
            let value = Value::Array(rows.iter().cloned().map(Value::Object).collect());
            digests.insert(name.clone(), digest(salt, &name, &value)?);
        }
        Ok(digests)
    }
}

/// The columns or tables whose digests are not those recorded, in their order. What was not recorded is not looked at: a column may be younger than an entry.
pub fn differing(recorded: &Map<String, Value>, found: &Digests) -> Vec<String> {
    let differs = |(name, digest): &(&String, &Value)| digest.as_str() != found.get(*name).map(String::as_str);
    recorded.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

fn digest(salt: &[u8], name: &str, value: &Value) -> Result<String> {
    let mut hash = Sha256::new();
    for part in [b"baiyi row 1\n", salt, name.as_bytes(), b"\n", text(value)?.as_bytes()] {
        hash.update(part);
    }
    Ok(URL_SAFE_NO_PAD.encode(hash.finalize().get(..DIGEST_BYTES).unwrap_or_default()))
}

fn text(value: &Value) -> Result<String> {
    match value {
        Value::Number(number) => Ok(number.to_string()),
        other => serde_json_canonicalizer::to_string(other).map_err(|e| Error::internal(format!("a row could not be written: {e}"))),
    }
}

/// Without secrets, and with long bytes as their hash.
fn shown(mut row: image::Image, table: &Table) -> image::Image {
    for hidden in table.hidden {
        row.remove(*hidden);
    }
    for value in row.values_mut() {
        if let Some(bytes) = value.as_str().filter(|text| text.len() > LONG).and_then(|text| hex::decode(text.strip_prefix("\\x")?).ok()) {
            *value = Value::String(format!("sha256:{}", hex::encode(Sha256::digest(bytes))));
        }
    }
    row
}
