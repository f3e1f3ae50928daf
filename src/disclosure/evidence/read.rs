//! Reads the evidence of a case from one snapshot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::super::case_file::policy::Case;
use super::super::case_file::store;
use super::super::case_file::view::CaseFile;
use crate::db::Db;
use crate::kernel::error::problems;
use crate::kernel::id::JournalEntryId;
use crate::kernel::{Error, Result};
use crate::trust::documents::{self, DocumentRow};
use crate::trust::journal::{self, Entry};
use crate::trust::sequencer;
use crate::words;

problems! {
    /// More than an archive holds.
    EVIDENCE_TOO_LARGE = "evidence_too_large", 413, "案卷材料过大", "The evidence is too large",
        "案件文件合计超过 2 GiB，请逐件下载文件；案卷数据仍可用 GET /cases/{case_id} 读取。",
        "The documents of the case are more than 2 GiB together. Download them one by one; the data is at GET /cases/{case_id}.";
}

/// Most bytes of all documents together: 2 GiB.
const DOCUMENTS_MAX: i64 = 2 << 30;
/// Most documents.
const ROWS_MAX: i64 = 10_000;

/// That an entry is in the journal.
#[derive(Debug, Serialize)]
pub struct Proof {
    /// The entry.
    pub entry_id: JournalEntryId,
    /// Its index in the tree.
    pub index: u64,
    /// The path from its leaf to the root of the checkpoint, base64 (RFC 6962, section 2.1.1).
    pub hashes: Vec<String>,
}

/// Everything that goes into the archive but the bytes of the documents.
pub struct Evidence {
    /// The case file.
    pub file: CaseFile,
    /// The entries of its history with text and salt.
    pub entries: Vec<Entry>,
    /// Proofs of those that are in the tree.
    pub proofs: Vec<Proof>,
    /// The signed note of the latest checkpoint; none before the first.
    pub checkpoint: Option<String>,
    /// The documents.
    pub documents: Vec<DocumentRow>,
}

/// Reads the evidence; refuses with `evidence_too_large`.
pub fn read(db: &mut Db, case: Case) -> Result<Evidence> {
    let file = store::file(db, case)?;
    let documents = documents::of_case(db, case.tenant, case.id, ROWS_MAX)?;
    let size = documents.iter().fold(0_i64, |sum, row| sum.saturating_add(row.size_bytes));
    if size > DOCUMENTS_MAX {
        return Err(EVIDENCE_TOO_LARGE.because(words!("合计 {size} 字节", "{size} bytes together")));
    }
    // The history leaves out what would tell of sealed bids; so does the archive.
    let ids: Vec<JournalEntryId> = file.history.iter().map(|event| event.entry_id).collect();
    let entries = journal::of_ids(db, &ids)?;
    let head = sequencer::latest(db)?;
    let mut proofs = Vec::new();
    if let Some(head) = &head {
        let size = u64::try_from(head.size).map_err(|_| Error::internal("a checkpoint of a negative size"))?;
        for id in ids {
            let Some((_, Some(index))) = sequencer::place_of(db, case.tenant, id)? else { continue };
            if index < size {
                let hashes = sequencer::inclusion(db, index, size)?.iter().map(|hash| STANDARD.encode(hash)).collect();
                proofs.push(Proof { entry_id: id, index, hashes });
            }
        }
    }
    Ok(Evidence { file, entries, proofs, checkpoint: head.map(|row| row.note), documents })
}
