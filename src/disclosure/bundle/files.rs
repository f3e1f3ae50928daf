//! The files of a bundle: their names, and how their lines are read. Pure.

use serde::de::DeserializeOwned;

use super::Bundle;
use crate::kernel::{Error, Result};

/// Entries.
pub const JOURNAL: &str = "journal.jsonl";
/// Signed tree heads with their witnesses' lines.
pub const CHECKPOINTS: &str = "checkpoints.jsonl";
/// Leaves that stand for no entry.
pub const PADDINGS: &str = "paddings.jsonl";
/// Business rows.
pub const RESOURCES: &str = "resources.jsonl";
/// Postings of the ledger.
pub const POSTINGS: &str = "postings.jsonl";
/// Reservations and commitments.
pub const HOLDS: &str = "holds.jsonl";
/// Legs of postings.
pub const LEGS: &str = "legs.jsonl";
/// Balances.
pub const BALANCES: &str = "balances.jsonl";

/// Reads a bundle; `text_of` gives the text of the file with a name. Fails with the first line that is no row of its file.
pub fn read(mut text_of: impl FnMut(&str) -> Result<String>) -> Result<Bundle> {
    Ok(Bundle {
        journal: rows(JOURNAL, &text_of(JOURNAL)?)?,
        checkpoints: rows(CHECKPOINTS, &text_of(CHECKPOINTS)?)?,
        paddings: rows(PADDINGS, &text_of(PADDINGS)?)?,
        resources: rows(RESOURCES, &text_of(RESOURCES)?)?,
        postings: rows(POSTINGS, &text_of(POSTINGS)?)?,
        holds: rows(HOLDS, &text_of(HOLDS)?)?,
        legs: rows(LEGS, &text_of(LEGS)?)?,
        balances: rows(BALANCES, &text_of(BALANCES)?)?,
    })
}

fn rows<T: DeserializeOwned>(name: &str, text: &str) -> Result<Vec<T>> {
    let row =
        |(line, number): (&str, usize)| serde_json::from_str(line).map_err(|e| Error::internal(format!("{name}, line {number}: {e}")));
    text.lines().zip(1_usize..).map(row).collect()
}
