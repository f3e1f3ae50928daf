//! `baiyi audit`: a bundle for auditors, and its check without database or server.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{admin, audit_ciphertexts, audit_draw, boot};
use crate::config::Config;
use crate::disclosure::bundle::{Bundle, check, export, files, receipts};
use crate::kernel::{Error, Result};
use crate::trust::checkpoint::JournalKey;
use crate::trust::documents::DocumentStore;
use crate::trust::notes::NoteKey;
use crate::trust::quorum::journal::Kept;

const VERIFIER: &str = "verifier.txt";
const RECEIPTS_VERIFIER: &str = "receipts-verifier.txt";

#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the journal, its checkpoints and what is compared with them into a new folder. It holds texts and salts: keep it as you keep the database.
    Export {
        /// The folder; it must not exist.
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
        /// Write the ciphertexts of opened bids and their files into its folder `ciphertexts` too.
        #[arg(long)]
        ciphertexts: bool,
    },
    /// Recompute a draw from its published record and name the first difference.
    Draw(audit_draw::DrawOptions),
    /// Recompute a ranking from its published record and name the first difference.
    Ranking(audit_draw::RankingOptions),
    /// Check such a folder; needs no database, no configuration and no server.
    Verify {
        /// The folder.
        #[arg(long, value_name = "FOLDER")]
        from: PathBuf,
        /// A checkpoint that was kept elsewhere: a note, or what `baiyi draw reveal` keeps of the journal.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// The verifier key that you know from elsewhere, of today or before a rotation; the folder's own when absent.
        #[arg(long, value_name = "VKEY")]
        key: Option<String>,
        /// The verifier key of a witness that must have cosigned the last checkpoint; may be given several times.
        #[arg(long, value_name = "VKEY")]
        witness: Vec<String>,
        /// A receipt of a bid that the journal must agree with; may be given several times.
        #[arg(long = "receipt", value_name = "FILE")]
        receipts: Vec<PathBuf>,
        /// The verifier key of receipts that you know from elsewhere, of today or before a rotation; the folder's own when absent.
        #[arg(long, value_name = "VKEY")]
        receipt_key: Option<String>,
    },
}

/// Runs the command.
pub async fn run(config: Option<&Path>, options: Options) -> Result<()> {
    match options.command {
        Command::Export { to, ciphertexts } => {
            let config = Config::load(config)?;
            let verifier = JournalKey::read(&config.keys.journal_file, &config.origin())?.verifier();
            let db = boot::open(&config)?;
            let bundle = db.read(|snapshot| export::read(snapshot)).await?;
            // Without that key the bundle is whole all the same; receipts are then checked with a key from elsewhere. One that cannot be read is a fault.
            let kept = config.keys.receipts_file.exists();
            let receipts = kept.then(|| NoteKey::read(&config.keys.receipts_file, &config.receipts_origin())).transpose()?;
            let receipts = receipts.map(|key| key.verifier());
            write(&to, &bundle, &verifier, receipts.as_deref())?;
            println!("{} entries and {} checkpoints in {}", bundle.journal.len(), bundle.checkpoints.len(), to.display());
            if ciphertexts {
                let written = audit_ciphertexts::write(&db, &DocumentStore::open(&config.documents_url()?)?, &to).await?;
                println!("{written} ciphertexts of opened bids and their files");
            }
            Ok(())
        }
        Command::Draw(options) => audit_draw::draw(&options),
        Command::Ranking(options) => audit_draw::ranking(&options),
        Command::Verify { from, checkpoint, key, witness, receipts, receipt_key } => {
            let shown = Shown { receipts, receipt_key };
            verify(&from, checkpoint.as_deref(), key, &witness, shown)
        }
    }
}

/// Receipts that are shown, and the key that they are signed by.
struct Shown {
    receipts: Vec<PathBuf>,
    receipt_key: Option<String>,
}

fn verify(from: &Path, checkpoint: Option<&Path>, key: Option<String>, witnesses: &[String], shown: Shown) -> Result<()> {
    let mut unchecked = Vec::new();
    if key.is_none() {
        unchecked.push("the journal's key, which is the folder's own (--key)");
    }
    if witnesses.is_empty() {
        unchecked.push("whether others were shown the same journal (--witness)");
    }
    if shown.receipt_key.is_none() && !shown.receipts.is_empty() {
        unchecked.push("the key of receipts, which is the folder's own (--receipt-key)");
    }
    let key = match key {
        Some(key) => key,
        None => admin::read_note(&from.join(VERIFIER))?,
    };
    let mut kept: Vec<String> = checkpoint.map(kept_note).transpose()?.into_iter().collect();
    let notes: Vec<String> = shown.receipts.iter().map(|file| admin::read_note(file)).collect::<Result<_>>()?;
    let receipt_key = match shown.receipt_key {
        None if notes.is_empty() => String::new(),
        None => admin::read_note(&from.join(RECEIPTS_VERIFIER))?,
        Some(key) => key,
    };
    let bundle = files::read(|name| admin::read_note(&from.join(name)))?;
    kept.extend(receipts::checkpoints(&bundle, &notes, receipt_key.trim()));
    if kept.is_empty() {
        unchecked.push("an older checkpoint (--checkpoint, or a final receipt)");
    }
    let mut faults = check::faults(&bundle, key.trim(), &kept);
    faults.extend(check::witnessed(&bundle, witnesses));
    for fault in notes.iter().flat_map(|note| receipts::faults(&bundle, note, receipt_key.trim(), key.trim())) {
        // A break of the chain is told once, and not again with every receipt.
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        return Err(Error::internal(format!("the bundle does not agree with itself: {} findings", faults.len())));
    }
    println!(
        "{} entries, {} checkpoints, {} rows and {} balances agree",
        bundle.journal.len(),
        bundle.checkpoints.len(),
        bundle.resources.len(),
        bundle.balances.len()
    );
    if !notes.is_empty() {
        println!("{} receipts agree with them", notes.len());
    }
    for what in unchecked {
        println!("not checked: {what}");
    }
    Ok(())
}

/// The note of a file that holds one, or that a program keeps of the journal.
fn kept_note(file: &Path) -> Result<String> {
    let text = admin::read_note(file)?;
    let kept: Option<Kept> = serde_json::from_str(&text).ok();
    Ok(kept.and_then(|kept| kept.note).unwrap_or(text))
}

/// Writes a bundle into a folder that does not exist yet, readable by its owner only.
fn write(folder: &Path, bundle: &Bundle, verifier: &str, receipts: Option<&str>) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder).map_err(|e| Error::internal(format!("cannot make {}: {e}", folder.display())))?;
    lines(&folder.join(files::JOURNAL), &bundle.journal)?;
    lines(&folder.join(files::CHECKPOINTS), &bundle.checkpoints)?;
    lines(&folder.join(files::PADDINGS), &bundle.paddings)?;
    lines(&folder.join(files::RESOURCES), &bundle.resources)?;
    lines(&folder.join(files::POSTINGS), &bundle.postings)?;
    lines(&folder.join(files::HOLDS), &bundle.holds)?;
    lines(&folder.join(files::LEGS), &bundle.legs)?;
    lines(&folder.join(files::BALANCES), &bundle.balances)?;
    for (name, key) in [(VERIFIER, Some(verifier)), (RECEIPTS_VERIFIER, receipts)] {
        let Some(key) = key else { continue };
        let file = folder.join(name);
        std::fs::write(&file, format!("{key}\n")).map_err(|e| Error::internal(format!("cannot write {}: {e}", file.display())))?;
    }
    Ok(())
}

fn lines<T: Serialize>(file: &Path, rows: &[T]) -> Result<()> {
    let fault = |e: std::io::Error| Error::internal(format!("cannot write {}: {e}", file.display()));
    let mut out = std::io::BufWriter::new(std::fs::File::create_new(file).map_err(fault)?);
    for row in rows {
        let line = serde_json::to_string(row).map_err(|e| Error::internal(e.to_string()))?;
        writeln!(out, "{line}").map_err(fault)?;
    }
    out.flush().map_err(fault)
}
