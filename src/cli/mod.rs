//! The command line: serve, demo, migrate, import, openapi, admin, audit, seal, opener, draw, score, witness.

mod admin;
mod audit;
mod audit_ciphertexts;
mod audit_draw;
mod boot;
pub mod demo;
mod district;
mod draw;
mod import;
mod opener;
pub mod rotation;
mod score;
pub mod seal;
pub mod witness;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::db::migrate;
use crate::kernel::{Clock, Error, Result};

#[derive(Parser)]
#[command(name = "baiyi", version, about = "Baiyi (百益): the public-service procurement marketplace of a city district")]
struct Cli {
    /// Configuration file; `baiyi.toml` in the present folder when absent.
    #[arg(long, global = true, env = "BAIYI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API. The database must be migrated and the keys made.
    Serve,
    /// Make an example district in a local folder and serve it, with an account of every role.
    Demo(demo::Options),
    /// Bring the database to this program's schema and make the configured district.
    Migrate,
    /// Import reference data from a CSV file; all rows come in or none.
    Import(import::Options),
    /// Print the OpenAPI document.
    Openapi,
    /// Keys, accounts and checks.
    Admin(admin::Options),
    /// A bundle of the journal for auditors, and its check.
    Audit(audit::Options),
    /// Seal and sign a bid on the bidder's own machine, offline.
    Seal(seal::Options),
    /// Cosign checkpoints of journals, each only if it continues what was seen before. Needs no database and no configuration.
    Witness(witness::Options),
    /// An opener's own program: keys, ceremonies, contributions to openings.
    Opener(opener::Options),
    /// A unit's part in a draw: the number that only it knows, what it commits to and what it reveals. Offline.
    Draw(draw::Options),
    /// An evaluator's commitment to its score sheet: the nonce that only it knows, what it commits to and what it hands in. Offline.
    Score(score::Options),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = actix_web::rt::System::new().block_on(run(cli));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("baiyi: {}", told(&fault));
            ExitCode::FAILURE
        }
    }
}

/// A fault as an operator reads it, bad rows one a line.
fn told(fault: &Error) -> String {
    match fault {
        Error::Refused(refusal) if !refusal.fields.is_empty() => {
            let lines: Vec<String> = refusal.fields.iter().map(|field| format!("  {}: {}", field.pointer, field.detail.en)).collect();
            format!("{}\n{}", refusal.problem.title_en, lines.join("\n"))
        }
        Error::Internal(words) => words.clone(),
        other => other.to_string(),
    }
}

async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Openapi => {
            let text = serde_json::to_string_pretty(&crate::app::openapi()?).map_err(|e| Error::internal(e.to_string()))?;
            println!("{text}");
            Ok(())
        }
        Command::Demo(options) => demo::run(options).await,
        Command::Serve => {
            let config = Config::load(cli.config.as_deref())?;
            boot::init_log(&config.log)?;
            let running = boot::start(&config, Clock::machine(), false)?;
            tracing::info!(address = %running.address, backend = running.db.target().name(), "serving");
            running.serve().await
        }
        Command::Migrate => {
            let config = Config::load(cli.config.as_deref())?;
            let settings = config.settings()?;
            let applied = migrate::run(&settings.target)?;
            let tenant = boot::ensure_district(&config).await?;
            println!("{} migrations applied; district {} {} ({tenant})", applied.len(), config.district.code, config.district.name_zh);
            Ok(())
        }
        Command::Import(options) => import::run(&Config::load(cli.config.as_deref())?, options).await,
        Command::Admin(options) => admin::run(&Config::load(cli.config.as_deref())?, options).await,
        Command::Witness(options) => {
            let log = cli.config.as_deref().map(|file| Config::load(Some(file))).transpose()?.unwrap_or_default().log;
            witness::run(&log, options).await
        }
        Command::Audit(options) => audit::run(cli.config.as_deref(), options).await,
        Command::Seal(options) => seal::run(options),
        Command::Opener(options) => opener::run(options).await,
        Command::Draw(options) => draw::run(&options),
        Command::Score(options) => score::run(&options),
    }
}
