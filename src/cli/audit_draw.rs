//! `baiyi audit draw` and `baiyi audit ranking`: a published record is recomputed without database or server, and the first difference is named.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;

use super::admin;
use crate::kernel::{Error, Result};
use crate::procurement::draws::record::{self, DrawRecord};
use crate::procurement::evaluation::ranking_record::{self, RankingRecord};

/// What `draw` is given.
#[derive(Args)]
pub struct DrawOptions {
    /// The record, as `GET /api/v1/draws/{draw_id}` answers it.
    file: PathBuf,
    /// The pool's root that you know from elsewhere, such as from the journal's entry `draw.frozen`; 64 hex digits.
    #[arg(long, value_name = "HEX")]
    pool_root: Option<String>,
}

/// What `ranking` is given.
#[derive(Args)]
pub struct RankingOptions {
    /// The record, as `GET /api/v1/lots/{lot_id}/ranking-record` answers it.
    file: PathBuf,
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text = admin::read_note(file)?;
    serde_json::from_str(&text).map_err(|e| Error::internal(format!("{}: {e}", file.display())))
}

/// Recomputes a draw.
pub fn draw(options: &DrawOptions) -> Result<()> {
    let record: DrawRecord = read(&options.file)?;
    record::recompute(&record, options.pool_root.as_deref())
        .map_err(|fault| Error::internal(format!("the draw does not follow: {fault}")))?;
    match (&record.seed, &record.silent_unit) {
        (Some(seed), _) => println!("{} in the pool, {} called; seed {seed}: the permutation follows", record.pool.len(), called(&record)),
        (None, Some(unit)) => println!("no result: unit {unit} did not reveal in time"),
        (None, None) => println!("no result yet; what is there agrees"),
    }
    if let Some(because) = &record.because {
        println!("one unit only, the journal stood in for the other: {because}");
    }
    Ok(())
}

fn called(record: &DrawRecord) -> usize {
    record.named.iter().filter(|one| one.outcome.is_some()).count()
}

/// Recomputes a ranking.
pub fn ranking(options: &RankingOptions) -> Result<()> {
    let record: RankingRecord = read(&options.file)?;
    ranking_record::recompute(&record).map_err(|fault| Error::internal(format!("the ranking does not follow: {fault}")))?;
    let unbound = record.sheets.iter().filter(|sheet| sheet.commitment.is_none()).count();
    println!("{} sheets, {} bids: the ranking follows", record.sheets.len(), record.ranking.len());
    if unbound > 0 {
        println!("{unbound} sheets are from before commitments were kept: their points are taken as written");
    }
    for tie in &record.ties {
        println!("place {}: see the record of draw {}", tie.place, tie.draw_id);
    }
    Ok(())
}
