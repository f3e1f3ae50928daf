//! Cosignatures of witnesses as they are kept beside the checkpoints.

use diesel::prelude::*;

use super::sequencer::CheckpointRow;
use crate::db::schema::journal_cosignatures as cosignatures;
use crate::db::{Db, Tx};
use crate::kernel::Result;

/// Keeps the verified line of a witness over the checkpoint of this size; the first one stays.
pub fn keep(tx: &mut Tx<'_>, size: i64, witness: &str, line: &str) -> Result<()> {
    let known: i64 = cosignatures::table.find((size, witness)).count().get_result(&mut **tx)?;
    if known == 0 {
        let row = (
            cosignatures::size.eq(size),
            cosignatures::witness.eq(witness),
            cosignatures::line.eq(line),
            cosignatures::made_at.eq(tx.now()),
        );
        diesel::insert_into(cosignatures::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

/// Size of the largest checkpoint that the witness cosigned; 0 when there is none.
pub fn last_of(db: &mut Db, witness: &str) -> Result<i64> {
    let last: Option<i64> =
        cosignatures::table.filter(cosignatures::witness.eq(witness)).select(diesel::dsl::max(cosignatures::size)).first(db)?;
    Ok(last.unwrap_or(0))
}

/// The note of a checkpoint, followed by the lines of its witnesses.
pub fn presented(db: &mut Db, checkpoint: &CheckpointRow) -> Result<String> {
    let lines: Vec<String> = cosignatures::table
        .filter(cosignatures::size.eq(checkpoint.size))
        .order(cosignatures::witness)
        .select(cosignatures::line)
        .load(db)?;
    let mut note = checkpoint.note.clone();
    for line in lines {
        note.push_str(&line);
        note.push('\n');
    }
    Ok(note)
}
