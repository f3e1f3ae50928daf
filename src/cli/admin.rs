//! `baiyi admin`: keys, accounts, checks.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::boot;
use crate::config::Config;
use crate::db::{Database, Facts};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::accounts::{self, NewAccount};
use crate::people::{Role, password, tenants};
use crate::trust::checkpoint::JournalKey;
use crate::trust::sequencer::{self, Walk};
use crate::trust::{journal, keys, vault};

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
    /// Re-hash every journal entry, rebuild the tree and check every checkpoint; report what does not match.
    VerifyJournal,
}

/// Runs the command.
pub async fn run(config: &Config, options: Options) -> Result<()> {
    match options.command {
        Command::InitKeys => {
            for (path, made) in [
                (&config.keys.token_file, keys::create_signing_key(&config.keys.token_file)?),
                (&config.keys.journal_file, keys::create_signing_key(&config.keys.journal_file)?),
                (&config.keys.vault_file, vault::create_key(&config.keys.vault_file)?),
                (&config.keys.sealing_file, keys::create_sealing_key(&config.keys.sealing_file)?),
            ] {
                println!("{} {}", path.display(), if made { "made" } else { "exists, left as it is" });
            }
            Ok(())
        }
        Command::CreateAdmin { email, name, password_file } => create_admin(config, email, name, password_file).await,
        Command::VerifyJournal => verify_journal(config).await,
    }
}

async fn create_admin(config: &Config, email: String, name: String, password_file: Option<PathBuf>) -> Result<()> {
    let secret = match password_file {
        Some(file) => keys::read_secret(&file)?.trim_end_matches(['\r', '\n']).to_owned(),
        None => std::env::var("BAIYI_PASSWORD").map_err(|_| Error::internal("give the password in --password-file or BAIYI_PASSWORD"))?,
    };
    password::check(&secret, "password")?;
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

async fn verify_journal(config: &Config) -> Result<()> {
    let db = boot::open(config)?;
    let (mut after, mut bad) = (None, 0_usize);
    loop {
        let (mismatches, last) = db.read(move |snapshot| journal::rehash(snapshot, after, 1000)).await?;
        for mismatch in &mismatches {
            println!("entry {} does not match: {}", mismatch.id, mismatch.what);
        }
        bad = bad.saturating_add(mismatches.len());
        match last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    if bad > 0 {
        return Err(Error::internal(format!("{bad} journal entries do not match their leaves")));
    }
    println!("every journal entry matches its leaf");
    verify_tree(config, &db).await
}

/// Rebuilds the tree from its leaves and holds every checkpoint against it.
async fn verify_tree(config: &Config, db: &Database) -> Result<()> {
    let verifier = JournalKey::read(&config.keys.journal_file, &config.origin())?.verifier();
    let mut walk = Walk::default();
    loop {
        let (mut next, verifier) = (walk.clone(), verifier.clone());
        let (more, after) = db.read(move |snapshot| Ok((sequencer::walk(snapshot, &mut next, &verifier, 1000)?, next))).await?;
        walk = after;
        if !more {
            break;
        }
    }
    let size = walk.size();
    let (waiting, beyond) = db.read(move |snapshot| Ok((sequencer::waiting(snapshot)?, sequencer::beyond(snapshot, size)?))).await?;
    let mut faults = walk.faults;
    faults.extend(beyond.first().map(|first| format!("checkpoint of size {first}: the journal has {size} entries")));
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        return Err(Error::internal("the journal's tree does not match its checkpoints"));
    }
    println!("every checkpoint matches the tree of {size} entries; {waiting} await their place");
    Ok(())
}
