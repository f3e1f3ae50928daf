//! A real server on a loopback port with a database of its own, per test and per backend.

pub mod chain;
pub mod documents;
pub mod draw;
pub mod duties;
pub mod http;
pub mod neighbours;
pub mod plans;
pub mod postgres;
pub mod process;
pub mod story;
pub mod strace;

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock, mpsc};
use std::time::Duration;

use actix_web::web;
use baiyi::app::{self, State};
use baiyi::db::{Database, Facts, Settings, Target, migrate, schema};
use baiyi::disclosure::bundle::{export, resources};
use baiyi::disclosure::papers::Templates;
use baiyi::jobs;
use baiyi::kernel::id::{AccountId, OrganisationId, TenantId, UnitId};
use baiyi::kernel::{Clock, Fen, UtcInstant};
use baiyi::money::ledger::check_invariants;
use baiyi::notices::mail::Postman;
use baiyi::people::accounts::{self, NewAccount};
use baiyi::people::sessions::service::Proven;
use baiyi::people::tokens::Mint;
use baiyi::people::{Role, sessions, tenants};
use baiyi::procurement::bids::receipts_api::ReceiptWait;
use baiyi::trust::cadence::Rhythm;
use baiyi::trust::checkpoint::JournalKey;
use baiyi::trust::documents::DocumentStore;
use baiyi::trust::held::Held;
use baiyi::trust::keys;
use baiyi::trust::receipt::ReceiptKey;
use baiyi::trust::sealing::SealingKey;
use baiyi::trust::seals::SealServices;
use baiyi::trust::signing::LocalKey;
use baiyi::trust::vault::Vault;
use baiyi::trust::verify;
use baiyi::web::Desk;
use baiyi::web::limits::Throttle;
use diesel::prelude::*;
use tempfile::TempDir;

pub use http::Client;

/// The roles that a served district asks a second factor of, as it is configured when nobody says otherwise.
fn second_factor_for() -> Vec<String> {
    baiyi::config::Config::default().login.second_factor_for
}

/// The sealing service whose word counts.
pub const SEAL_SERVICE: &str = "湖州政务印章";
/// Value from which a test's district asks for openers; above what other stories buy.
pub const QUORUM_FROM_FEN: i64 = 5_000_000_000;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Declares one test per backend.
macro_rules! on_both {
    ($(async fn $name:ident($app:ident: &TestApp) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn story($app: &TestApp) $body

            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Backend::Sqlite, |app| Box::pin(async move { story(app).await }));
            }

            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Backend::Postgres, |app| Box::pin(async move { story(app).await }));
            }
        }
    )+};
}
pub(crate) use on_both;

type Story<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs a story that leaves the database broken on purpose: nothing is checked at its end.
pub fn run_unchecked(backend: Backend, story: impl for<'a> FnOnce(&'a TestApp) -> Story<'a>) {
    run_unchecked_at(backend, Rhythm::default(), story);
}

/// The same with a journal that has this rhythm.
pub fn run_unchecked_at(backend: Backend, rhythm: Rhythm, story: impl for<'a> FnOnce(&'a TestApp) -> Story<'a>) {
    let Some(target) = fresh_target(backend) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::start_at(target, true, rhythm).await;
        story(&app).await;
        app.server.stop(false).await;
    });
}

/// Runs a story against a fresh server; afterwards the outbox is drained and ledger and journal are checked.
pub fn run(backend: Backend, story: impl for<'a> FnOnce(&'a TestApp) -> Story<'a>) {
    let Some(target) = fresh_target(backend) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::start(target, true).await;
        story(&app).await;
        app.check_at_the_end().await;
    });
}

/// A database nobody else uses; `None` when PostgreSQL is not there and was not demanded.
pub fn fresh_target(backend: Backend) -> Option<FreshTarget> {
    match backend {
        Backend::Sqlite => {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("baiyi.sqlite");
            std::fs::copy(sqlite_template(), &path).unwrap();
            Some(FreshTarget { target: Target::Sqlite(path), folder })
        }
        Backend::Postgres => {
            let url = postgres::fresh_database()?;
            Some(FreshTarget { target: Target::Postgres(url), folder: TempDir::new().unwrap() })
        }
    }
}

/// A migrated database and a folder for files.
pub struct FreshTarget {
    pub target: Target,
    pub folder: TempDir,
}

fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("template.sqlite");
        migrate::run(&Target::Sqlite(path.clone())).unwrap();
        (folder, path)
    });
    path
}

/// The instant at which every test's clock starts: Monday 2 March 2026, 09:00 in Huzhou.
pub fn start_instant() -> UtcInstant {
    UtcInstant::parse("2026-03-02T01:00:00Z").unwrap()
}

/// A running server with everything behind it.
pub struct TestApp {
    pub base: String,
    pub db: Database,
    pub clock: Clock,
    pub tenant: TenantId,
    pub folder: TempDir,
    pub target: Target,
    /// The object store of the server's documents.
    pub documents: DocumentStore,
    pub sealing: Arc<SealingKey>,
    pub journal: Arc<JournalKey>,
    /// The first key of receipts.
    pub receipts: Arc<ReceiptKey>,
    /// The keys of the server that follow their rotations.
    pub signers: jobs::Signers,
    /// The key of the one sealing service that counts.
    pub seal_key: LocalKey,
    meddled: AtomicBool,
    pub postman: Postman,
    mint: Arc<Mint>,
    server: actix_web::dev::ServerHandle,
    http: reqwest::Client,
}

/// A signed-in person of a story.
#[derive(Clone)]
pub struct Person {
    pub account: AccountId,
    pub email: String,
    pub client: Client,
}

/// Every made-up person's password; hashed once.
pub const PASSWORD: &str = "three quiet river stones";
static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime.block_on(baiyi::people::password::hash(PASSWORD.to_owned())).unwrap()).join().unwrap()
});

impl TestApp {
    pub async fn start(fresh: FreshTarget, movable_clock: bool) -> Self {
        Self::start_at(fresh, movable_clock, Rhythm::default()).await
    }

    /// The same with a journal that has this rhythm; its batches are for the test to make.
    pub async fn start_at(fresh: FreshTarget, movable_clock: bool, rhythm: Rhythm) -> Self {
        LazyLock::force(&LOG);
        let FreshTarget { target, folder } = fresh;
        // PostgreSQL pools stay small, because many tests share one server.
        let connections = if matches!(target, Target::Postgres(_)) { 2 } else { 4 };
        let db = Database::open(&Settings { target: target.clone(), connections, patience: Duration::from_secs(20) }).unwrap();
        let clock = Clock::fixed(start_instant());
        let (token_file, receipts_file) = (folder.path().join("tokens.pem"), folder.path().join("receipts.pem"));
        for file in [&token_file, &receipts_file] {
            keys::create_signing_key(file).unwrap();
        }
        let mint = Arc::new(Mint::read(&token_file, "baiyi/330502/tokens").unwrap());
        let sealing = Arc::new(SealingKey::ephemeral());
        let journal = Arc::new(JournalKey::ephemeral("baiyi/330502").unwrap());
        let held = Arc::new(Held::<ReceiptKey>::read(&receipts_file, "baiyi/330502/receipts").unwrap());
        let receipts = held.get();
        let seal_key = LocalKey::ephemeral().unwrap();
        let seals = Arc::new(SealServices::new([(SEAL_SERVICE, seal_key.public().as_str())]).unwrap());
        app::init_metrics().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let documents = url::Url::from_directory_path(folder.path().join("documents")).unwrap().to_string();
        let kept_documents = DocumentStore::open(&documents).unwrap();
        let templates = folder.path().join("templates");
        let (tell, told) = mpsc::channel();
        let parts = (db.clone(), clock.clone(), mint.clone(), sealing.clone(), journal.clone(), held.clone());
        std::thread::spawn(move || {
            let (db, clock, mint, sealing, journal, receipts) = parts;
            actix_web::rt::System::new().block_on(async move {
                let desk = Desk {
                    db,
                    clock,
                    tokens: mint.clone(),
                    default_district: "330502".to_owned(),
                    trusted_proxies: vec![],
                    second_factor_for: second_factor_for(),
                    quorum_from: Some(Fen::new(QUORUM_FROM_FEN)),
                };
                let state = State {
                    desk: web::Data::new(desk),
                    mint,
                    vault: Arc::new(Vault::ephemeral().unwrap()),
                    throttle: Arc::new(Throttle::per_minute(NonZeroU32::new(5).unwrap())),
                    sealing,
                    journal,
                    rhythm,
                    // No runner integrates here but when a story says so.
                    receipt_wait: ReceiptWait::default(),
                    receipts,
                    seals,
                    documents: DocumentStore::open(&documents).unwrap(),
                    templates: Templates::in_folder(Some(templates)),
                    public_metrics: false,
                    movable_clock,
                };
                let server = app::serve(state, listener, Some(1)).unwrap();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let server = told.recv().unwrap();
        let tenant = db
            .write(Facts::internal(clock.now()).unwrap(), |tx| {
                tenants::ensure(tx, "330503", "湖州市南浔区", "Nanxun District, Huzhou")?;
                tenants::ensure(tx, "330502", "湖州市吴兴区", "Wuxing District, Huzhou")
            })
            .await
            .unwrap();
        let postman = Postman::folder(folder.path().join("mail"), "百益 <no-reply@baiyi.example>").unwrap();
        Self {
            base,
            db,
            clock,
            tenant,
            folder,
            target,
            sealing,
            journal,
            receipts,
            documents: kept_documents,
            signers: jobs::Signers { mint: mint.clone(), receipts: held },
            seal_key,
            meddled: AtomicBool::new(false),
            postman,
            mint,
            server,
            http: reqwest::Client::new(),
        }
    }

    /// What the runner closes tenders with.
    pub fn closing(&self) -> jobs::ClosingDesk {
        jobs::ClosingDesk { documents: self.documents.clone(), of_server: self.sealing.recipient() }
    }

    /// Calls without a token.
    pub fn public(&self) -> Client {
        Client::new(self.http.clone(), self.base.clone(), None)
    }

    /// The neighbouring district.
    pub async fn other_tenant(&self) -> TenantId {
        self.db.read(|snapshot| tenants::by_code(snapshot, "330503")).await.unwrap()
    }

    /// A signed-in person of the district who belongs to no unit or organisation.
    pub async fn person(&self, name: &str, roles: &[Role]) -> Person {
        self.person_of(self.tenant, name, roles, None, None).await
    }

    /// A signed-in person of a tenant, unit or organisation.
    pub async fn person_of(
        &self,
        tenant: TenantId,
        name: &str,
        roles: &[Role],
        unit: Option<UnitId>,
        organisation: Option<OrganisationId>,
    ) -> Person {
        let email = format!("{}@people.example", name.to_lowercase().replace(' ', "."));
        let new = NewAccount {
            email: email.clone(),
            name: name.to_owned(),
            password_hash: PASSWORD_HASH.clone(),
            roles: roles.to_vec(),
            unit_id: unit,
            organisation_id: organisation,
        };
        let account = self
            .db
            .write(Facts::internal(self.clock.now()).unwrap(), move |tx| accounts::service::create(tx, tenant, &new).map(|row| row.id))
            .await
            .unwrap();
        if roles.contains(&Role::Auditor) {
            self.open_to_auditor(tenant, account).await;
        }
        Person { account, email, client: self.client_of(tenant, account).await }
    }

    /// Confirms the address of an account that was registered with an organisation.
    pub async fn confirm(&self, email: &str) {
        let token = secret_mailed_to(self, email).await;
        self.public().post("/api/v1/account-confirmations").json(serde_json::json!({"token": token})).await.is(204);
    }

    /// A notice that opens every unit and year to an auditor.
    pub async fn open_to_auditor(&self, tenant: TenantId, auditor: AccountId) {
        let id = uuid::Uuid::now_v7();
        let row = format!(
            "INSERT INTO audit_notices (id, tenant_id, number, subject, auditor_id, from_year, to_year, valid_from, valid_until, issued_by, version, \
             created_at) VALUES ('{id}', '{tenant}', '{id}', '全区', '{auditor}', 2000, 2100, '2000-01-01', '2100-12-31', '{auditor}', 1, '2026-01-01 00:00:00')"
        );
        chain::run_sql_noted(self, row, "audit_notice", id).await;
    }

    /// Says that the story changes behind the API what the journal tells of, so that rows and journal are not compared at its end.
    pub fn meddle(&self) {
        self.meddled.store(true, Ordering::Relaxed);
    }

    /// A fresh session of an account.
    pub async fn client_of(&self, tenant: TenantId, account: AccountId) -> Client {
        let opened = self
            .db
            .write(Facts::internal(self.clock.now()).unwrap(), move |tx| sessions::service::open(tx, tenant, account, Proven::SecondFactor))
            .await
            .unwrap()
            .unwrap();
        let token = self.mint.issue(account, opened.session).unwrap();
        Client::new(self.http.clone(), self.base.clone(), Some(token))
    }

    /// Runs a check on a snapshot.
    pub async fn read<T: Send + 'static>(&self, check: impl FnOnce(&mut baiyi::db::Db) -> T + Send + 'static) -> T {
        self.db.read(|snapshot| Ok(check(snapshot))).await.unwrap()
    }

    /// What must hold at the end of every test.
    pub async fn check_at_the_end(&self) {
        let (_, failed) = jobs::drain_outbox(&self.db, &self.postman).await.unwrap();
        assert_eq!(failed, 0, "mail that could not be delivered");
        let waiting = self.db.read(|snapshot| baiyi::notices::outbox::waiting(snapshot)).await.unwrap();
        assert_eq!(waiting, 0, "messages left in the outbox");
        let faults = self.walk_the_tree().await;
        assert_eq!(faults, [""; 0], "the journal, its tree and its checkpoints");
        let bundle = self.db.read(|snapshot| export::read(snapshot)).await.unwrap();
        // Tables that a test fills by itself have rows that no entry tells of.
        let unknown = |fault: &String| !fault.ends_with("the journal does not know of it");
        let faults: Vec<String> = resources::faults(&bundle).into_iter().filter(unknown).collect();
        assert!(faults.is_empty() || self.meddled.load(Ordering::Relaxed), "rows that are not as the journal recorded them: {faults:?}");
        let violations = self.db.read(|snapshot| check_invariants(snapshot)).await.unwrap();
        assert_eq!(violations, [], "invariants of the ledger that do not hold");
        self.server.stop(false).await;
    }
}

impl TestApp {
    /// Sequences the journal and checks all of it; gives what is wrong.
    pub async fn walk_the_tree(&self) -> Vec<String> {
        self.walk_with(Vec::new()).await
    }

    /// The same with checkpoints that somebody kept.
    pub async fn walk_with(&self, kept: Vec<String>) -> Vec<String> {
        jobs::sequence(&self.db, &self.clock, &self.journal).await.unwrap();
        let verifier = self.journal.verifier();
        let found = self.db.read(move |snapshot| verify::whole(snapshot, &verifier, &kept)).await.unwrap();
        let mut faults = found.faults;
        faults.extend((found.waiting > 0).then(|| "entries wait".to_owned()));
        faults
    }

    /// Every place that holds one of the needles: the database's tables and files, documents, mail and the log.
    pub async fn search_everything_stored(&self, needles: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        if matches!(self.target, Target::Postgres(_)) {
            found.extend(self.search_tables(needles).await);
        }
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    found.extend(
                        needles
                            .iter()
                            .filter(|needle| contains(&bytes, needle.as_bytes()))
                            .map(|needle| format!("{needle} in {}", path.display())),
                    );
                }
            }
        }
        let log = log_so_far();
        found.extend(needles.iter().filter(|needle| contains(&log, needle.as_bytes())).map(|needle| format!("{needle} in the log")));
        found
    }

    /// PostgreSQL's files belong to its server, so its tables are read as text, row by row.
    async fn search_tables(&self, needles: &[String]) -> Vec<String> {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Text {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let Target::Postgres(url) = &self.target else { return Vec::new() };
        let mut connection = diesel::PgConnection::establish(url).unwrap();
        let tables: Vec<Text> =
            diesel::sql_query("SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'")
                .load(&mut connection)
                .unwrap();
        let mut found = Vec::new();
        for table in tables {
            let rows: Vec<Text> = diesel::sql_query(format!("SELECT t::text AS text FROM {} t", table.text)).load(&mut connection).unwrap();
            for row in rows {
                // Binary columns print as hex.
                found.extend(
                    needles
                        .iter()
                        .filter(|needle| row.text.contains(needle.as_str()) || row.text.contains(&hex::encode(needle.as_bytes())))
                        .map(|needle| format!("{needle} in {}", table.text)),
                );
            }
        }
        found
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// A log at the finest level for the whole test run, kept in memory.
#[derive(Clone, Default)]
struct LogBuffer(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

static LOG: LazyLock<LogBuffer> = LazyLock::new(|| {
    let buffer = LogBuffer::default();
    let writer = buffer.clone();
    tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(move || writer.clone()).init();
    buffer
});

fn log_so_far() -> Vec<u8> {
    LOG.0.lock().unwrap().clone()
}

/// The secret of the last mail to an address.
pub async fn secret_mailed_to(app: &TestApp, email: &str) -> String {
    let to = email.to_owned();
    let letters: Vec<String> = app
        .read(move |db| {
            let mine = schema::outbox::table.filter(schema::outbox::recipient.eq(to));
            mine.order(schema::outbox::due_at.desc()).select(schema::outbox::body).load(db).unwrap()
        })
        .await;
    let secret = letters.iter().flat_map(|body| body.lines()).find(|line| line.len() == 43 && !line.contains(' '));
    secret.unwrap_or_else(|| panic!("no secret in {letters:?}")).to_owned()
}
