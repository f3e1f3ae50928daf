//! `baiyi demo`: an example district in a local folder, served at once.

mod buying;
mod cast;
mod changing;
mod delivering;
mod disputes;
mod drawing;
mod drive;
mod endowing;
mod judging;
mod paying;
mod plan;
mod planning;
mod results;
mod scans;
pub(super) mod stage;
mod ways;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use self::stage::Stage;
use super::{boot, district};
use crate::config::{Config, Log, LogFormat};
use crate::db::{Database, migrate};
use crate::kernel::id::TenantId;
use crate::kernel::{Clock, Error, Result, UtcInstant};
use crate::parties::regulations;
use crate::people::password;
use crate::people::policy::{District, authorize_operator};
use crate::trust::documents::DocumentStore;
use crate::trust::sealing::SealingKey;
use crate::trust::{journal, keys, vault};

/// When the demo's business clock starts: Monday 2 March 2026, 09:00 in Huzhou. The calendar of 2026 comes with the program.
const START: &str = "2026-03-02T01:00:00Z";

/// When the living district begins.
const FOUNDED: &str = "2024-01-02T01:00:00Z";
/// Working days of the years before the one whose calendar comes with the reference data.
const CALENDARS: [&str; 2] = [include_str!("../../../data/calendar-2024.csv"), include_str!("../../../data/calendar-2025.csv")];

/// Options of the command.
#[derive(Args)]
pub struct Options {
    /// Folder of the demo's database, keys, documents and mail; it is made when it does not exist.
    #[arg(long, default_value = "baiyi-demo", value_name = "FOLDER")]
    folder: PathBuf,
    /// Address to serve on.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    address: SocketAddr,
    /// Make the small district of the tour: one buying unit, three organisations, one fund, no case.
    #[arg(long)]
    small: bool,
    /// What the living district is drawn from; the same number gives the same district.
    #[arg(long, default_value_t = 330_502, value_name = "NUMBER")]
    seed: u64,
    /// Cases of the living district.
    #[arg(long, default_value_t = plan::CASES, value_name = "NUMBER")]
    cases: usize,
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
    keys::create_signing_key(&config.keys.receipts_file)?;
    vault::create_key(&config.keys.vault_file)?;
    keys::create_sealing_key(&config.keys.sealing_file)?;
    let applied = migrate::run(&config.settings()?.target)?;
    println!("  {} migrations applied in {}", applied.len(), options.folder.display());
    let tenant = boot::ensure_district(&config).await?;
    let start = instant(START)?;
    let latest = boot::open(&config)?.read(|snapshot| journal::latest(snapshot)).await?;
    let clock = Clock::machine_from(latest.map_or(start, |latest| latest.max(start)));
    let complete = options.folder.join("complete");
    if latest.is_none() {
        let db = boot::open(&config)?;
        if options.small {
            district::build(&Stage::new(db, tenant, options.seed, start)).await?;
        } else {
            let key = SealingKey::parse(&keys::read_secret(&config.keys.sealing_file)?)?;
            live(db, tenant, DocumentStore::open(&config.documents_url()?)?, &key, options.seed, options.cases).await?;
        }
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

fn instant(text: &str) -> Result<UtcInstant> {
    UtcInstant::parse(text).map_err(|e| Error::internal(format!("the demo's days: {e}")))
}

/// Makes the living district: three years of cases in every state, driven through the services that people use.
pub async fn live(db: Database, tenant: TenantId, documents: DocumentStore, key: &SealingKey, seed: u64, cases: usize) -> Result<()> {
    let hash = password::hash(district::PASSWORD.to_owned()).await?;
    let stage = Stage::new(db, tenant, seed, instant(FOUNDED)?).with_documents(documents);
    let founded = district::found(&stage, &hash).await?;
    stage
        .step(None, move |tx, _| {
            let law = authorize_operator(&regulations::policy::IMPORT, District(tenant));
            CALENDARS.iter().try_for_each(|year| regulations::import_calendar(tx, &law, year.as_bytes()).map(drop))
        })
        .await?;
    let cast = cast::assemble(&stage, &founded, &hash).await?;
    println!("  {:>4} subdistricts, {} organisations", cast.buyers.len(), cast.suppliers.len());
    let plan = plan::make(seed, cases, instant(START)?.date_in_shanghai());
    drive::play(&stage, &cast, key, &plan).await?;
    println!("  {:>4} cases in {} steps", plan.cases.len(), plan.events.len());
    Ok(())
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
    println!("  3. docs/tour.md goes from a login to an auditor's case file in five minutes with curl (on `demo --small`).\n");
}
