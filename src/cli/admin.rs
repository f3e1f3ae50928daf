//! `baiyi admin`: keys, accounts, checks.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::boot;
use super::rotation::{self, Turn};
use crate::config::Config;
use crate::db::Facts;
use crate::kernel::id::JournalEntryId;
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::accounts::{self, NewAccount};
use crate::people::{Role, factors, password, tenants};
use crate::trust::checkpoint::JournalKey;
use crate::trust::keychain::KeyOf;
use crate::trust::{erasure, keys, vault, verify};

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the key files that do not exist yet.
    InitKeys,
    /// Make a platform administrator. The password is read from --password-file or the variable BAIYI_PASSWORD.
    CreateAdmin {
        /// Login name.
        #[arg(long)]
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// File that holds the password.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Give the journal another key: an entry that the present key signs announces it. Start every server again afterwards.
    RotateJournalKey,
    /// Give receipts another key: an entry that the present key signs announces it. Servers take it from its file by themselves.
    RotateReceiptsKey,
    /// Give access tokens another key: an entry that the present key signs announces it. Servers take it from its file by themselves.
    RotateTokensKey {
        /// Others may have the present key: its tokens end at once, and not when they expire.
        #[arg(long)]
        leaked: bool,
    },
    /// Erase text and salt of a journal entry that tells of a person, where its right or a court asks for it. The leaf stays, and an entry says what is gone and why.
    EraseEntry {
        /// The entry.
        #[arg(long, value_name = "ID")]
        entry: JournalEntryId,
        /// Why, as everybody may read it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Re-hash every journal entry, rebuild the tree and check every checkpoint; report what does not match.
    VerifyJournal {
        /// A checkpoint that was kept outside: the journal must still begin with its tree.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}

/// Runs the command.
pub async fn run(config: &Config, options: Options) -> Result<()> {
    match options.command {
        Command::InitKeys => {
            for (path, made) in [
                (&config.keys.token_file, keys::create_signing_key(&config.keys.token_file)?),
                (&config.keys.journal_file, keys::create_signing_key(&config.keys.journal_file)?),
                (&config.keys.receipts_file, keys::create_signing_key(&config.keys.receipts_file)?),
                (&config.keys.vault_file, vault::create_key(&config.keys.vault_file)?),
                (&config.keys.sealing_file, keys::create_sealing_key(&config.keys.sealing_file)?),
            ] {
                println!("{} {}", path.display(), if made { "made" } else { "exists, left as it is" });
            }
            Ok(())
        }
        Command::CreateAdmin { email, name, password_file } => create_admin(config, email, name, password_file).await,
        Command::RotateJournalKey => rotation::run(config, Turn::configured(config, KeyOf::Journal, false)).await,
        Command::RotateReceiptsKey => rotation::run(config, Turn::configured(config, KeyOf::Receipts, false)).await,
        Command::RotateTokensKey { leaked } => rotation::run(config, Turn::configured(config, KeyOf::Tokens, leaked)).await,
        Command::EraseEntry { entry, reason } => erase_entry(config, entry, reason).await,
        Command::VerifyJournal { checkpoint } => verify_journal(config, checkpoint).await,
    }
}

async fn create_admin(config: &Config, email: String, name: String, password_file: Option<PathBuf>) -> Result<()> {
    let secret = match password_file {
        Some(file) => keys::read_secret(&file)?.trim_end_matches(['\r', '\n']).to_owned(),
        None => std::env::var("BAIYI_PASSWORD").map_err(|_| Error::internal("give the password in --password-file or BAIYI_PASSWORD"))?,
    };
    let second_factor = factors::rules::needs_factor(&[Role::PlatformAdmin], &config.login.second_factor_for);
    password::check_for(&secret, password::Chooser { email: &email, name: &name, second_factor }, "password")?;
    let password_hash = password::hash(secret).await?;
    let db = boot::open(config)?;
    let code = config.district.code.clone();
    let id = db
        .write(Facts::internal(UtcInstant::machine_now())?, move |tx| {
            let tenant = tenants::by_code(tx, &code)?;
            let new = NewAccount {
                email: email.clone(),
                name: name.clone(),
                password_hash: password_hash.clone(),
                roles: vec![Role::PlatformAdmin],
                unit_id: None,
                organisation_id: None,
            };
            accounts::service::create(tx, tenant, &new).map(|row| row.id)
        })
        .await?;
    println!("account {id} made");
    Ok(())
}

async fn erase_entry(config: &Config, entry: JournalEntryId, reason: String) -> Result<()> {
    let code = config.district.code.clone();
    let index = boot::open(config)?
        .write(Facts::internal(UtcInstant::machine_now())?, move |tx| {
            let tenant = tenants::by_code(tx, &code)?;
            erasure::erase(tx, tenant, entry, &reason)
        })
        .await?;
    println!("entry {entry} at index {index} is erased; backups and exports made before still hold it");
    Ok(())
}

async fn verify_journal(config: &Config, kept: Option<PathBuf>) -> Result<()> {
    let db = boot::open(config)?;
    let verifier = JournalKey::read(&config.keys.journal_file, &config.origin())?.verifier();
    let kept: Vec<String> = kept.map(|file| read_note(&file)).transpose()?.into_iter().collect();
    let with_kept = !kept.is_empty();
    let found = db.read(move |snapshot| verify::whole(snapshot, &verifier, &kept)).await?;
    for line in found.erased.iter().chain(&found.faults) {
        println!("{line}");
    }
    if !found.faults.is_empty() {
        return Err(Error::internal(format!("the journal does not agree with itself: {} findings", found.faults.len())));
    }
    println!(
        "every one of {} journal entries matches its leaf; {} are erased, each as the journal records",
        found.entries,
        found.erased.len()
    );
    println!(
        "every node and checkpoint matches the tree of {} leaves, {} of which stand for no entry; {} entries await their place",
        found.size, found.paddings, found.waiting
    );
    if with_kept {
        println!("the tree begins with that of the kept checkpoint");
    }
    Ok(())
}

/// The text of a signed note that somebody kept.
pub(super) fn read_note(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|e| Error::internal(format!("cannot read {}: {e}", file.display())))
}
