//! `baiyi admin rotate-journal-key`: another key for checkpoints, announced in the journal and signed by the one before it.

use std::path::{Path, PathBuf};

use super::boot;
use crate::config::Config;
use crate::db::{Database, Facts};
use crate::kernel::id::TenantId;
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::tenants;
use crate::trust::checkpoint::JournalKey;
use crate::trust::{journal, keychain, keys, sequencer};

/// Runs the command.
pub async fn run(config: &Config) -> Result<()> {
    let db = boot::open(config)?;
    let code = config.district.code.clone();
    let tenant = db.read(move |snapshot| tenants::by_code(snapshot, &code)).await?;
    let (old, new) = rotate(&db, tenant, &config.keys.journal_file, &config.origin()).await?;
    println!("old verifier key {old}");
    println!("new verifier key {new}");
    println!("start every server again, and tell auditors and witnesses the new key");
    Ok(())
}

/// Makes the next key beside the file, announces it, and puts it in the file's place; the old one stays beside it. Gives both verifier keys. Run again
/// after it was interrupted, it finishes what it began.
pub async fn rotate(db: &Database, tenant: TenantId, file: &Path, origin: &str) -> Result<(String, String)> {
    let next = beside(file, "next");
    keys::create_signing_key(&next)?;
    let (old, new) = (JournalKey::read(file, origin)?, JournalKey::read(&next, origin)?);
    let verifiers = (old.verifier(), new.verifier());
    db.write(Facts::internal(UtcInstant::machine_now())?, move |tx| {
        let rotations = sequencer::rotations(tx)?;
        match rotations.last() {
            // It was announced before the command was interrupted.
            Some(last) if last.to == new.verifier() => return Ok(()),
            Some(last) if last.to != old.verifier() => {
                return Err(Error::internal("the key file does not hold the key that the journal announced last"));
            }
            _ => {}
        }
        let version = i64::try_from(rotations.len()).unwrap_or(i64::MAX).saturating_add(2);
        journal::record(tx, &keychain::rotation(tenant, version, &old, &new)).map(|_| ())
    })
    .await?;
    let (_, kept) = verifiers.0.split_once('+').unwrap_or_default();
    let kept = beside(file, &format!("old-{}", kept.split('+').next().unwrap_or_default()));
    let fault =
        |e: std::io::Error| Error::internal(format!("the new key is announced, but {} could not be put in its place: {e}", next.display()));
    // A second name first, so that there is no instant without a key file.
    match std::fs::hard_link(file, &kept) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(fault(e)),
        _ => {}
    }
    std::fs::rename(&next, file).map_err(fault)?;
    Ok(verifiers)
}

/// `journal.pem` becomes `journal.next.pem`.
fn beside(file: &Path, word: &str) -> PathBuf {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = file.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}.{word}{extension}"))
}
