//! `baiyi admin rotate-…-key`: another key for checkpoints, receipts or tokens, announced in the journal and signed by the one before it.

use std::path::{Path, PathBuf};

use super::boot;
use crate::config::Config;
use crate::db::{Database, Facts, Tx};
use crate::kernel::id::TenantId;
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::tenants;
use crate::people::tokens::ACCESS_SECONDS;
use crate::trust::held::beside;
use crate::trust::keychain::{self, KeyOf, Succession};
use crate::trust::notes::NoteKey;
use crate::trust::{journal, keys, sequencer};

/// A key that is to be replaced.
#[derive(Debug, Clone)]
pub struct Turn {
    /// What it signs.
    pub of: KeyOf,
    /// Its file.
    pub file: PathBuf,
    /// The name in its verifier key.
    pub name: String,
    /// Whether tokens of the old key end at once, because others may have it; of tokens only.
    pub leaked: bool,
}

impl Turn {
    /// The key of a district's configuration.
    pub fn configured(config: &Config, of: KeyOf, leaked: bool) -> Self {
        let (file, name) = match of {
            KeyOf::Journal => (&config.keys.journal_file, config.origin()),
            KeyOf::Receipts => (&config.keys.receipts_file, config.receipts_origin()),
            KeyOf::Tokens => (&config.keys.token_file, config.tokens_origin()),
        };
        Self { of, file: file.clone(), name, leaked }
    }

    /// Until when what the old key signed counts, of what says itself when it ends.
    fn until(&self, now: UtcInstant) -> Option<UtcInstant> {
        let seconds = if self.leaked { 0 } else { ACCESS_SECONDS };
        (self.of == KeyOf::Tokens).then(|| now.plus_seconds(seconds))
    }
}

/// Runs the command.
pub async fn run(config: &Config, turn: Turn) -> Result<()> {
    let db = boot::open(config)?;
    let code = config.district.code.clone();
    let tenant = db.read(move |snapshot| tenants::by_code(snapshot, &code)).await?;
    let (old, new) = rotate(&db, tenant, &turn, UtcInstant::machine_now()).await?;
    println!("old verifier key {old}");
    println!("new verifier key {new}");
    println!(
        "{}",
        match turn.of {
            KeyOf::Journal => "start every server again, and tell auditors and witnesses the new key",
            KeyOf::Receipts =>
                "servers take it from its file by themselves; put the file on every machine, and publish the new key beside the old one",
            KeyOf::Tokens => "servers take it from its file by themselves; put the file on every machine",
        }
    );
    Ok(())
}

/// Makes the next key beside the file, announces it, and puts it in the file's place; the old one stays beside it. Gives both verifier keys. Run again
/// after it was interrupted, it finishes what it began.
pub async fn rotate(db: &Database, tenant: TenantId, turn: &Turn, now: UtcInstant) -> Result<(String, String)> {
    let next = beside(&turn.file, "next");
    keys::create_signing_key(&next)?;
    let (old, new) = (NoteKey::read(&turn.file, &turn.name)?, NoteKey::read(&next, &turn.name)?);
    let verifiers = (old.verifier(), new.verifier());
    let (of, until) = (turn.of, turn.until(now));
    db.write(Facts::internal(now)?, move |tx| announce(tx, tenant, &Succession { of, old: &old, new: &new, until })).await?;
    put_in_place(&turn.file, &next, &verifiers.0)?;
    Ok(verifiers)
}

fn announce(tx: &mut Tx<'_>, tenant: TenantId, succession: &Succession<'_>) -> Result<()> {
    let rotations = sequencer::rotations(tx, succession.of)?;
    match rotations.last() {
        // It was announced before the command was interrupted.
        Some(last) if last.to == succession.new.verifier() => return Ok(()),
        Some(last) if last.to != succession.old.verifier() => {
            return Err(Error::internal("the key file does not hold the key that the journal announced last"));
        }
        _ => {}
    }
    // Entries that wait get their places in the order of their instants: a receipt that the old key signed must come before the announcement.
    if succession.of == KeyOf::Receipts && sequencer::latest_waiting(tx)?.is_some_and(|at| at >= tx.now()) {
        return Err(Error::internal(
            "an entry of the journal bears this instant or a later one: check the machines' clocks, and run it again",
        ));
    }
    let version = i64::try_from(rotations.len()).unwrap_or(i64::MAX).saturating_add(2);
    journal::record(tx, &keychain::rotation(tenant, version, succession)).map(|_| ())
}

fn put_in_place(file: &Path, next: &Path, old: &str) -> Result<()> {
    let (_, hash) = old.split_once('+').unwrap_or_default();
    let kept = beside(file, &format!("old-{}", hash.split('+').next().unwrap_or_default()));
    let fault =
        |e: std::io::Error| Error::internal(format!("the new key is announced, but {} could not be put in its place: {e}", next.display()));
    // A second name first, so that there is no instant without a key file.
    match std::fs::hard_link(file, &kept) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(fault(e)),
        _ => {}
    }
    std::fs::rename(next, file).map_err(fault)
}
