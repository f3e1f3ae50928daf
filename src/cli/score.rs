//! `baiyi score`: an evaluator's commitment to its score sheet, made on its own machine: the nonce that only it knows, what it commits to and what
//! it hands in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::admin;
use crate::kernel::id::{AccountId, LotId};
use crate::kernel::{Error, Result};
use crate::procurement::draws::rules::from_hex;
use crate::procurement::evaluation::api::SubmitSheet;
use crate::procurement::evaluation::service::Filled;
use crate::procurement::evaluation::sheets::{self, Hash};
use crate::trust::keys;

/// What the command is asked.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Draw a nonce, keep it in a new file that only you can read, and print the request that commits you to the sheet. Change the sheet no more.
    Commit(Asked),
    /// Print the request that hands the sheet in with its nonce, once everybody has committed.
    Reveal(Asked),
}

/// Whose sheet it is.
#[derive(Args)]
struct Asked {
    /// The lot.
    #[arg(long, value_name = "ID")]
    lot: LotId,
    /// Your account.
    #[arg(long, value_name = "ID")]
    evaluator: AccountId,
    /// The sheet: the body of `POST /api/v1/lots/{lot_id}/score-sheets` without its nonce.
    #[arg(long, value_name = "FILE")]
    sheet: PathBuf,
    /// The file of the nonce: made by `commit`, read by `reveal`. Without it the sheet is never taken; keep a copy.
    #[arg(long, value_name = "FILE")]
    nonce: PathBuf,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    match &options.command {
        Command::Commit(asked) => {
            let (_, filled) = sheet(asked)?;
            if !keys::create_number(&asked.nonce)? {
                return Err(Error::internal(format!("{} exists; a nonce is never overwritten", asked.nonce.display())));
            }
            let commitment = sheets::commit(&nonce(asked)?, asked.lot, asked.evaluator, &filled)?;
            eprintln!("body of POST /api/v1/lots/{}/score-commitments:", asked.lot);
            println!("{}", json!({"commitment": hex::encode(commitment)}));
        }
        Command::Reveal(asked) => {
            let (mut body, filled) = sheet(asked)?;
            let nonce = nonce(asked)?;
            let commitment = sheets::commit(&nonce, asked.lot, asked.evaluator, &filled)?;
            if let Some(fields) = body.as_object_mut() {
                fields.insert("nonce".to_owned(), hex::encode(nonce).into());
            }
            eprintln!("it opens the commitment {}", hex::encode(commitment));
            eprintln!("body of POST /api/v1/lots/{}/score-sheets:", asked.lot);
            println!("{body}");
        }
    }
    Ok(())
}

/// The sheet as it stands in its file, and what it is committed to by.
fn sheet(asked: &Asked) -> Result<(Value, Filled)> {
    let fault = |e: serde_json::Error| Error::internal(format!("{}: {e}", asked.sheet.display()));
    let body: Value = serde_json::from_str(&admin::read_note(&asked.sheet)?).map_err(fault)?;
    let given: SubmitSheet = serde_json::from_value(body.clone()).map_err(fault)?;
    if given.nonce.is_some() {
        return Err(Error::internal(format!("{} has a nonce of its own; it is to stand in the file of the nonce", asked.sheet.display())));
    }
    let scores = given.scores.iter().map(|one| (one.bid_id, one.position, one.points_bp)).collect();
    let remarks = given.remarks.into_iter().map(|one| (one.bid_id, one.text)).collect();
    Ok((body, Filled { comment: given.comment, scores, remarks, nonce: None }))
}

fn nonce(asked: &Asked) -> Result<Hash> {
    let text = Zeroizing::new(keys::read_secret(&asked.nonce)?);
    from_hex(text.trim()).ok_or_else(|| Error::internal(format!("{} holds no nonce of 32 bytes in hex", asked.nonce.display())))
}
