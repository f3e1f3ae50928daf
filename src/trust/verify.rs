//! The whole check of a journal in one snapshot: entries, tree, inner nodes, checkpoints, and what an auditor kept.

use super::keychain::{KeyChain, KeyOf};
use super::recheck::Recheck;
use super::walk::Walk;
use super::{journal, sequencer};
use crate::db::Db;
use crate::kernel::Result;

/// Rows read at a time.
const PAGE: i64 = 1000;

/// What the check found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong; entries first, then the tree, each from its beginning.
    pub faults: Vec<String>,
    /// Entries that were erased as the journal records.
    pub erased: Vec<String>,
    /// Entries looked at.
    pub entries: u64,
    /// Leaves of the tree.
    pub size: u64,
    /// Leaves that stand for no entry.
    pub paddings: i64,
    /// Entries that await their place.
    pub waiting: i64,
}

/// Checks everything that the snapshot holds. `kept` are signed notes from outside.
pub fn whole(db: &mut Db, verifier: &str, kept: &[String]) -> Result<Findings> {
    let (mut recheck, mut after) = (Recheck::default(), None);
    loop {
        let page = journal::page(db, after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        for (_, entry) in &page {
            recheck.entry(entry);
        }
    }
    let rechecked = recheck.end();
    let (keys, mut faults) = KeyChain::of(KeyOf::Journal, verifier, &rechecked.rotations);
    for of in [KeyOf::Receipts, KeyOf::Tokens] {
        faults.extend(KeyChain::announced(of, &rechecked.rotations).1);
    }
    let mut walk = Walk::new(keys);
    for note in kept {
        walk.keep(note);
    }
    while sequencer::walk(db, &mut walk, PAGE)? {}
    // After a gap the rest was not walked over, so that what follows would be told of a journal that seems shorter than it is.
    if walk.faults.is_empty() {
        sequencer::beyond(db, &mut walk)?;
    }
    let mut all = rechecked.faults;
    all.append(&mut faults);
    all.append(&mut walk.faults);
    Ok(Findings {
        faults: all,
        paddings: sequencer::count_paddings(db)?,
        erased: rechecked.erased,
        entries: rechecked.entries,
        size: walk.size(),
        waiting: sequencer::waiting(db)?,
    })
}
