//! `baiyi demo`: an example district in a local folder, served at once.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{boot, district};
use crate::config::{Config, Log, LogFormat};
use crate::db::migrate;
use crate::kernel::{Clock, Error, Result, UtcInstant};
use crate::trust::{journal, keys, vault};

/// When the demo's business clock starts: Monday 2 March 2026, 09:00 in Huzhou. The calendar of 2026 comes with the program.
const START: &str = "2026-03-02T01:00:00Z";

#[derive(Args)]
pub struct Options {
    /// Folder of the demo's database, keys, documents and mail; it is made when it does not exist.
    #[arg(long, default_value = "baiyi-demo", value_name = "FOLDER")]
    folder: PathBuf,
    /// Address to serve on.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    address: SocketAddr,
}

/// Runs the command.
pub async fn run(options: Options) -> Result<()> {
    let mut config = Config::in_folder(&options.folder);
    config.http.address = options.address;
    // The demo's people sign in with a password that everybody knows; a second factor would protect nothing.
    config.login.second_factor_for.clear();
    boot::init_log(&Log { filter: "warn".to_owned(), format: LogFormat::Text })?;
    keys::create_signing_key(&config.keys.token_file)?;
    keys::create_signing_key(&config.keys.journal_file)?;
    vault::create_key(&config.keys.vault_file)?;
    keys::create_sealing_key(&config.keys.sealing_file)?;
    let applied = migrate::run(&config.settings()?.target)?;
    println!("  {} migrations applied in {}", applied.len(), options.folder.display());
    let tenant = boot::ensure_district(&config).await?;
    let start = UtcInstant::parse(START).map_err(|e| Error::internal(format!("the demo's first day: {e}")))?;
    let latest = boot::open(&config)?.read(|snapshot| journal::latest(snapshot)).await?;
    let clock = Clock::machine_from(latest.map_or(start, |latest| latest.max(start)));
    let complete = options.folder.join("complete");
    if latest.is_none() {
        district::build(&boot::open(&config)?, &clock, tenant).await?;
        std::fs::write(&complete, "The example district was made to its end.\n")
            .map_err(|e| Error::internal(format!("{}: {e}", complete.display())))?;
    } else if !complete.exists() {
        let folder = options.folder.display();
        return Err(Error::internal(format!(
            "{folder} holds an example district that was not made to its end; remove the folder and start again"
        )));
    } else {
        println!("  the example district of an earlier run is kept; remove {} to begin anew", options.folder.display());
    }
    let running = boot::start(&config, clock, true)?;
    greet(running.address);
    running.serve().await
}

fn greet(address: SocketAddr) {
    let password = district::PASSWORD;
    println!("\n百益 Baiyi serves an example district at http://{address}   (Ctrl-C ends it)\n");
    println!("  {:<44} 角色 role", "账户 account");
    for person in district::PEOPLE {
        println!("  {:<44} {}", person.email(), person.role);
    }
    for organisation in district::ORGANISATIONS {
        println!("  {:<44} org_admin of {}", organisation.email(), organisation.name_zh);
    }
    println!("  password of all, in this demo only: {password}   (no second factor is asked, unlike in a district that is served)\n");
    println!("Three things to try:");
    println!("  1. http://{address}/docs/ is the API with every operation, role and error.");
    println!("  2. curl -s 'http://{address}/api/v1/regulations?limit=3' shows the law as data, with what blocks and what only warns.");
    println!("  3. docs/tour.md goes from a login to an auditor's case file in five minutes with curl.\n");
}
