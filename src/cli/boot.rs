//! What every command that touches the database starts with.

use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use tracing_subscriber::EnvFilter;

use crate::app::{self, State};
use crate::config::{Config, Log, LogFormat};
use crate::db::migrate::SchemaState;
use crate::db::{Database, Facts, migrate};
use crate::disclosure::papers::Templates;
use crate::jobs::witnesses::Witnesses;
use crate::jobs::{self, ClosingDesk, JournalDesk, Signers};
use crate::kernel::id::TenantId;
use crate::kernel::{Clock, Error, Fen, Result, UtcInstant};
use crate::notices::mail::Postman;
use crate::people::tokens::Mint;
use crate::people::{Role, tenants};
use crate::procurement::bids::receipts_api::ReceiptWait;
use crate::trust::cadence::Rhythm;
use crate::trust::checkpoint::JournalKey;
use crate::trust::documents::DocumentStore;
use crate::trust::held::Held;
use crate::trust::keys;
use crate::trust::sealing::SealingKey;
use crate::trust::seals::SealServices;
use crate::trust::vault::Vault;
use crate::web::Desk;
use crate::web::limits::Throttle;

/// Starts the log on standard error.
pub fn init_log(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|e| Error::internal(format!("configuration: log.filter: {e}")))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|e| Error::internal(format!("log: {e}")))
}

/// Everything that runs once the server is started.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The database.
    pub db: Database,
    state: State,
    listener: TcpListener,
    workers: Option<usize>,
    postman: Arc<Postman>,
    journal: JournalDesk,
    clock: Clock,
}

/// Opens the database (its schema must be this program's), keys, documents, mail, and binds the port.
pub fn start(config: &Config, clock: Clock, movable_clock: bool) -> Result<Running> {
    let db = open(config)?;
    app::init_metrics()?;
    let mint = Arc::new(Mint::read(&config.keys.token_file, &config.tokens_origin())?);
    let sealing = Arc::new(SealingKey::parse(&keys::read_secret(&config.keys.sealing_file)?)?);
    let vault = Arc::new(Vault::read(&config.keys.vault_file)?);
    let journal = Arc::new(JournalKey::read(&config.keys.journal_file, &config.origin())?);
    let receipts = Arc::new(Held::read(&config.keys.receipts_file, &config.receipts_origin())?);
    let desk = Desk {
        db: db.clone(),
        clock: clock.clone(),
        tokens: mint.clone(),
        default_district: config.district.code.clone(),
        trusted_proxies: config.http.trusted_proxies.clone(),
        second_factor_for: roles_with_a_factor(config)?,
        quorum_from: config.openers.required_from_fen.map(Fen::new),
    };
    let listener =
        TcpListener::bind(config.http.address).map_err(|e| Error::internal(format!("cannot listen on {}: {e}", config.http.address)))?;
    let address = listener.local_addr().map_err(|e| Error::internal(format!("no local address: {e}")))?;
    let state = State {
        desk: web::Data::new(desk),
        mint,
        throttle: Arc::new(Throttle::per_minute(config.login.attempts_per_minute)),
        vault,
        sealing,
        journal: journal.clone(),
        rhythm: Rhythm(config.journal.cadence()),
        receipt_wait: ReceiptWait(Duration::from_secs(config.journal.receipt_wait_seconds.min(10).into())),
        receipts,
        seals: Arc::new(SealServices::new(config.seals.services.iter().map(|one| (one.name.as_str(), one.public_key.as_str())))?),
        documents: DocumentStore::open(&config.documents_url()?)?,
        templates: Templates::in_folder(config.documents.templates.clone()),
        public_metrics: config.http.public_metrics,
        movable_clock,
    };
    if config.journal.cadence().is_none() {
        tracing::warn!(
            "the journal has no cadence (journal.cadence_seconds): its growth tells whoever sees its size how much happens, bids among it"
        );
    }
    let witnesses = config.journal.witnesses.iter().map(|one| (one.url.as_str(), one.key.as_str()));
    let journal = JournalDesk { key: journal, cadence: config.journal.cadence(), witnesses: Arc::new(Witnesses::new(witnesses)?) };
    Ok(Running { address, db, state, listener, workers: config.http.workers, postman: Arc::new(config.postman()?), journal, clock })
}

/// The configured roles; a word that is no role is refused by name, or a typing error would leave a role without its factor.
fn roles_with_a_factor(config: &Config) -> Result<Vec<String>> {
    for word in &config.login.second_factor_for {
        word.parse::<Role>().map_err(|_| Error::internal(format!("configuration: login.second_factor_for: {word} is not a role")))?;
    }
    Ok(config.login.second_factor_for.clone())
}

impl Running {
    /// Serves until the process is told to stop; requests under way are finished.
    pub async fn serve(self) -> Result<()> {
        let signers = Signers { mint: self.state.mint.clone(), receipts: self.state.receipts.clone() };
        // Before the first call, so that a token of the key before a rotation is known.
        signers.follow(&self.db).await?;
        let closing = ClosingDesk { documents: self.state.documents.clone(), of_server: self.state.sealing.recipient() };
        let server = app::serve(self.state, self.listener, self.workers)?;
        let runner = actix_web::rt::spawn(jobs::run(self.db, self.clock, self.postman, self.journal, signers, closing));
        let ended = server.await.map_err(|e| Error::internal(format!("the server failed: {e}")));
        runner.abort();
        ended
    }
}

/// Opens the database and refuses a schema that is not this program's.
pub fn open(config: &Config) -> Result<Database> {
    let settings = config.settings()?;
    if let crate::db::Target::Sqlite(path) = &settings.target
        && !path.exists()
    {
        return Err(Error::internal(format!("there is no database at {}; run `baiyi migrate` first, or `baiyi demo`", path.display())));
    }
    match migrate::state_of(&settings.target)? {
        SchemaState::Current => Database::open(&settings),
        SchemaState::Behind => Err(Error::internal("the database's schema is older than this program: run `baiyi migrate`")),
        SchemaState::Ahead => Err(Error::internal("the database's schema is newer than this program: install the newer program")),
    }
}

/// Makes the configured district unless it exists.
pub async fn ensure_district(config: &Config) -> Result<TenantId> {
    let db = open(config)?;
    let district = config.district.clone();
    db.write(Facts::internal(UtcInstant::machine_now())?, move |tx| {
        tenants::ensure(tx, &district.code, &district.name_zh, &district.name_en)
    })
    .await
}
