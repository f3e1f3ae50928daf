//! Reads a bundle from one snapshot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

use super::{Bundle, Checkpoint, Padding, Resource};
use crate::db::Db;
use crate::kernel::Result;
use crate::trust::{cosignatures, journal, sequencer};

/// Rows read at a time.
const PAGE: i64 = 1000;

/// Kinds whose rows are compared, and their tables. Every change of such a row writes an entry with the row's new version.
const KINDS: &[(&str, &str)] = &[
    ("tender", "tenders"),
    ("bid", "bids"),
    ("award", "awards"),
    ("contract", "contracts"),
    ("milestone", "milestones"),
    ("payment", "payments"),
    ("outcome_report", "outcome_reports"),
    ("organisation", "organisations"),
    ("plan", "plans"),
];

/// Reads everything that the snapshot holds.
pub fn read(db: &mut Db) -> Result<Bundle> {
    let mut bundle = Bundle::default();
    let mut after = None;
    loop {
        let page = journal::page(db, after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        bundle.journal.extend(page.into_iter().map(|(_, entry)| entry));
    }
    for row in sequencer::checkpoints(db)? {
        let note = cosignatures::presented(db, &row)?;
        bundle.checkpoints.push(Checkpoint { size: row.size, root: STANDARD.encode(row.root), note });
    }
    let padding = |(index, salt)| Padding { index, salt: STANDARD.encode::<Vec<u8>>(salt) };
    bundle.paddings = sequencer::all_paddings(db)?.into_iter().map(padding).collect();
    for (kind, table) in KINDS {
        let sql = format!("SELECT '{kind}' AS kind, CAST(id AS TEXT) AS id, CAST(version AS BIGINT) AS version FROM {table} ORDER BY id");
        bundle.resources.extend(diesel::sql_query(sql).load::<Resource>(db)?);
    }
    bundle.legs = diesel::sql_query(
        "SELECT CAST(posting_id AS TEXT) AS posting_id, CAST(fund_id AS TEXT) AS fund_id, account, amount_fen FROM posting_legs \
         ORDER BY posting_id, account",
    )
    .load(db)?;
    bundle.balances =
        diesel::sql_query("SELECT CAST(fund_id AS TEXT) AS fund_id, account, balance_fen FROM fund_balances ORDER BY fund_id, account")
            .load(db)?;
    Ok(bundle)
}
