//! Reads a bundle from one snapshot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;

use super::{Bundle, Checkpoint, Padding, Resource};
use crate::db::Db;
use crate::kernel::Result;
use crate::trust::kinds::KINDS;
use crate::trust::{cosignatures, journal, rows, sequencer};

/// Rows read at a time.
const PAGE: i64 = 1000;

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
    for kind in KINDS {
        let found = rows::all(db, kind)?.into_iter();
        bundle.resources.extend(found.map(|(id, rows)| Resource { kind: kind.kind.to_owned(), id, rows }));
    }
    bundle.postings = diesel::sql_query(
        "SELECT CAST(p.id AS TEXT) AS id, CAST(p.fund_id AS TEXT) AS fund_id, p.kind, CAST(p.cause_id AS TEXT) AS cause_id, p.cause_kind, \
         CAST(p.hold_id AS TEXT) AS hold_id FROM postings p ORDER BY p.id",
    )
    .load(db)?;
    bundle.holds = diesel::sql_query(
        "SELECT CAST(id AS TEXT) AS id, CAST(fund_id AS TEXT) AS fund_id, kind, amount_fen, used_fen, released_fen FROM holds ORDER BY id",
    )
    .load(db)?;
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
