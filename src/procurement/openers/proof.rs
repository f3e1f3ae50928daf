//! What openers' programs are shown of the journal: the latest checkpoint, that it grew out of theirs, and that an entry is in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::db::Db;
use crate::kernel::id::{JournalEntryId, TenantId};
use crate::kernel::{Error, Result};
use crate::trust::cosignatures;
use crate::trust::journal;
use crate::trust::keychain::KeyOf;
use crate::trust::quorum::journal::{Announced, EntryProof, Proof};
use crate::trust::sequencer;
use crate::trust::tree::Hash;
use crate::words;

/// The latest checkpoint and its proofs; `None` before there is any. `from` is the size of the tree that the program saw last, 0 for none.
pub fn of(db: &mut Db, tenant: TenantId, verifier_key: String, from: u64, entry: Option<JournalEntryId>) -> Result<Option<Proof>> {
    let Some(head) = sequencer::latest(db)? else { return Ok(None) };
    let size = u64::try_from(head.size).map_err(|_| Error::internal("a checkpoint of a negative size"))?;
    if from > size {
        return Err(Error::field("?from", words!("日志现有 {size} 条", "the journal has {size} entries")));
    }
    let consistency = if from == 0 { Vec::new() } else { encoded(&sequencer::consistency(db, from, size)?) };
    let entry = match entry {
        None => None,
        Some(id) => included(db, tenant, id, size)?,
    };
    let rotations = sequencer::rotations(db, KeyOf::Journal)?.into_iter().map(Announced::from).collect();
    Ok(Some(Proof { note: cosignatures::presented(db, &head)?, verifier_key, from, consistency, entry, rotations }))
}

fn included(db: &mut Db, tenant: TenantId, id: JournalEntryId, size: u64) -> Result<Option<EntryProof>> {
    let place = sequencer::place_of(db, tenant, id)?.and_then(|(_, index)| index).filter(|index| *index < size);
    let (Some(index), Some((text, salt))) = (place, journal::text_and_salt(db, tenant, id)?) else { return Ok(None) };
    let hashes = encoded(&sequencer::inclusion(db, index, size)?);
    Ok(Some(EntryProof { text, salt: STANDARD.encode(salt), index, hashes }))
}

fn encoded(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}
