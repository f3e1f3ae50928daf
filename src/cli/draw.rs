//! `baiyi draw`: a unit's part in a draw, made on its own machine: the number that only it knows, what it commits to, and what it reveals.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use crate::kernel::id::{DrawId, UnitId};
use crate::kernel::{Error, Result};
use crate::procurement::draws::rules::{self, Hash};
use crate::trust::keys;

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
    /// Print the request that reveals the number, when it is your unit's turn.
    Reveal(Number),
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
        Command::Reveal(asked) => {
            eprintln!("body of POST /api/v1/draws/{}/reveals:", asked.draw);
            println!("{}", json!({"nonce": hex::encode(number(asked)?)}));
        }
    }
    Ok(())
}

fn number(asked: &Number) -> Result<Hash> {
    let text = Zeroizing::new(keys::read_secret(&asked.number)?);
    rules::from_hex(text.trim()).ok_or_else(|| Error::internal(format!("{} holds no number of 32 bytes in hex", asked.number.display())))
}
