//! `baiyi audit draw` and `baiyi audit ranking`: a published record is recomputed without database or server, and the first difference is named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;

use super::admin;
use crate::disclosure::bundle::files;
use crate::disclosure::bundle::scores;
use crate::kernel::{Error, Result};
use crate::procurement::draws::Hindrance;
use crate::procurement::draws::record::{self, DrawRecord};
use crate::procurement::evaluation::model::Brought;
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
    /// A folder that `audit export` wrote: commitments, points and prices of the record are held against it. Whether it agrees with itself is told by
    /// `audit verify`.
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
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
    if let Some(causes) = passed_over(&record) {
        println!("passed over: {causes}");
    }
    if let Some(because) = &record.because {
        println!("one unit only, the journal stood in for the other: {because}");
    }
    Ok(())
}

fn called(record: &DrawRecord) -> usize {
    record.named.iter().filter(|one| one.outcome.is_some()).count()
}

/// How many were passed over for each cause; none where nobody was.
fn passed_over(record: &DrawRecord) -> Option<String> {
    let mut counted: BTreeMap<Hindrance, usize> = BTreeMap::new();
    for because in record.named.iter().filter_map(|one| one.passed_because) {
        let count = counted.entry(because).or_default();
        *count = count.saturating_add(1);
    }
    let told: Vec<String> = counted.iter().map(|(because, count)| format!("{count} {because}")).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Recomputes a ranking, and holds it against a bundle if there is one.
pub fn ranking(options: &RankingOptions) -> Result<()> {
    let record: RankingRecord = read(&options.file)?;
    ranking_record::recompute(&record).map_err(|fault| Error::internal(format!("the ranking does not follow: {fault}")))?;
    println!("{} sheets, {} bids: the ranking follows", record.sheets.len(), record.ranking.len());
    let brought = |how: Brought| record.sheets.iter().filter(|sheet| sheet.commitment.is_some() && sheet.brought == Some(how)).count();
    println!(
        "{} committed to ahead, {} with a nonce that the evaluator brought with the sheet, {} with a nonce that the server drew",
        brought(Brought::Ahead),
        brought(Brought::WithSheet),
        brought(Brought::Server)
    );
    let unbound = record.sheets.iter().filter(|sheet| sheet.commitment.is_none()).count();
    println!("{unbound} without a commitment: their points are taken as written");
    for tie in &record.ties {
        println!("place {}: see the record of draw {}", tie.place, tie.draw_id);
    }
    let Some(from) = &options.from else {
        println!("not checked: the journal (--from)");
        return Ok(());
    };
    let bundle = files::read(|name| admin::read_note(&from.join(name)))?;
    let held = scores::held(&bundle, &record);
    for fault in &held.faults {
        println!("{fault}");
    }
    if !held.faults.is_empty() {
        return Err(Error::internal(format!("the ranking does not agree with the journal: {} findings", held.faults.len())));
    }
    println!("the sheets are those that the journal ranked{}", if held.priced { ", the prices those that were opened" } else { "" });
    if !held.priced {
        println!("not checked: the prices, as the folder has no bid of the lot");
    }
    println!("not checked: whether the folder agrees with itself (audit verify)");
    Ok(())
}
