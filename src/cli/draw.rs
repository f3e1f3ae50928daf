//! `baiyi draw`: a unit's part in a draw, made on its own machine: the number that only it knows, what it commits to, and what it reveals.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::kernel::id::{DrawId, UnitId};
use crate::kernel::{Error, Result};
use crate::procurement::draws::rules::{self, Hash};
use crate::trust::keys;
use crate::trust::quorum::journal::{Kept, Proof, included, unwitnessed};

/// What the command is asked.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Draw a number, keep it in a new file that only you can read, and print the request that commits your unit to it.
    Commit(Number),
    /// Print the request that reveals the number to a frozen pool, when it is your unit's turn.
    Reveal(ToPool),
}

/// Whose number it is.
#[derive(Args)]
struct Number {
    /// The draw.
    #[arg(long, value_name = "ID")]
    draw: DrawId,
    /// Your unit.
    #[arg(long, value_name = "ID")]
    unit: UnitId,
    /// The file of the number: made by `commit`, read by `reveal`. Without it nobody reveals; keep a copy.
    #[arg(long, value_name = "FILE")]
    number: PathBuf,
}

/// What is revealed to what.
#[derive(Args)]
struct ToPool {
    #[command(flatten)]
    number: Number,
    /// The answer of `GET /api/v1/draws/{draw_id}/freeze?from=SIZE`, as a file. SIZE is the size of the tree that you keep; 0 for the first time.
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
    /// What you keep of the journal, made by the first reveal: whoever shows you or others another history is found by it. Keep it.
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// Key of the journal (vkey), as it was told by another way than the server; otherwise the first one seen is kept.
    #[arg(long, value_name = "VKEY")]
    journal_key: Option<String>,
    /// A witness (vkey) that must have cosigned the checkpoint; may be given several times.
    #[arg(long, value_name = "VKEY")]
    witness: Vec<String>,
}

/// What a server shows of a freeze.
#[derive(Deserialize)]
struct Freeze {
    journal: Option<Proof>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    match &options.command {
        Command::Commit(asked) => {
            if !keys::create_number(&asked.number)? {
                return Err(Error::internal(format!("{} exists; a number is never overwritten", asked.number.display())));
            }
            let commitment = rules::commitment(asked.draw, asked.unit, &number(asked)?);
            eprintln!("body of POST /api/v1/draws/{}/commitments:", asked.draw);
            println!("{}", json!({"commitment": hex::encode(commitment)}));
        }
        Command::Reveal(to_pool) => {
            let asked = &to_pool.number;
            let nonce = number(asked)?;
            let pool_root = frozen(to_pool)?;
            eprintln!("body of POST /api/v1/draws/{}/reveals:", asked.draw);
            println!("{}", json!({"nonce": hex::encode(nonce), "pool_root": pool_root}));
        }
    }
    Ok(())
}

/// The root of the frozen pool, once it stands in a journal that grew out of the one kept. That checkpoint is then kept in its place.
fn frozen(asked: &ToPool) -> Result<String> {
    let refused = |what: &str| Error::internal(format!("{}: {what}; nothing is revealed", asked.proof.display()));
    let shown: Freeze = read(&asked.proof)?;
    let proof = shown.journal.ok_or_else(|| refused("the pool is not frozen yet"))?;
    let mut kept: Kept = if asked.journal.exists() { read(&asked.journal)? } else { Kept::default() };
    if let Some(key) = &asked.journal_key {
        kept.pin(key.trim()).map_err(|fault| refused(&fault.to_string()))?;
    }
    if kept.size() != 0 && kept.size() != proof.from {
        return Err(refused(&format!("it is from {}, and a tree of {} is kept: ask with ?from={1}", proof.from, kept.size())));
    }
    if let Some(missing) = unwitnessed(&proof.note, &asked.witness).into_iter().next() {
        return Err(refused(&format!("the checkpoint is not cosigned by the witness {missing}")));
    }
    let head = kept.follow(&proof).map_err(|fault| refused(&fault.to_string()))?;
    let entry = proof.entry.as_ref().ok_or_else(|| refused("no checkpoint covers the freeze yet: ask again in some seconds"))?;
    let said = included(&head, entry).map_err(|fault| refused(&fault.to_string()))?;
    let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if text("/action") != "draw.frozen" || text("/resource_id") != asked.number.draw.to_string() {
        return Err(refused("the entry is not the freeze of this draw"));
    }
    let root = text("/content/pool_root");
    rules::from_hex(root).ok_or_else(|| refused("the entry names no root"))?;
    let text = serde_json::to_string(&kept).map_err(|e| refused(&e.to_string()))?;
    std::fs::write(&asked.journal, text).map_err(|e| Error::internal(format!("cannot write {}: {e}", asked.journal.display())))?;
    eprintln!(
        "the root {root} stands at index {} of the journal; its checkpoint of size {} is kept in {}",
        entry.index,
        head.size,
        asked.journal.display()
    );
    Ok(root.to_owned())
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let fault = |e: &dyn std::fmt::Display| Error::internal(format!("cannot read {}: {e}", file.display()));
    serde_json::from_slice(&std::fs::read(file).map_err(|e| fault(&e))?).map_err(|e| fault(&e))
}

fn number(asked: &Number) -> Result<Hash> {
    let text = Zeroizing::new(keys::read_secret(&asked.number)?);
    rules::from_hex(text.trim()).ok_or_else(|| Error::internal(format!("{} holds no number of 32 bytes in hex", asked.number.display())))
}
