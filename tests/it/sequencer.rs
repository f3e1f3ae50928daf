//! The sequencer under 64 writers, with several sequencers of which the leading one is killed again and again: every committed entry stands in the tree
//! exactly once, without a gap, and one that commits late under a lower id is not lost.
//!
//! `BAIYI_TEST_SEQUENCER_SECONDS` says for how long: three when absent, a minute in CI.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use baiyi::db::schema::{journal_entries as entries, journal_nodes as nodes};
use baiyi::db::{Database, Facts, Settings, Target};
use baiyi::kernel::id::{JournalEntryId, TenantId};
use baiyi::kernel::{Clock, Result, UtcInstant};
use baiyi::people::tenants;
use baiyi::trust::cadence::Cadence;
use baiyi::trust::checkpoint::JournalKey;
use baiyi::trust::journal::{self, Event};
use baiyi::trust::{keys, sequencer, verify};
use baiyi::{db::Tx, jobs};
use diesel::prelude::*;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Backend, FreshTarget, fresh_target};

const WRITERS: usize = 64;
pub const ORIGIN: &str = "baiyi/330502";
const CHILD_URL: &str = "BAIYI_TEST_SEQUENCER_URL";
const CHILD_KEY: &str = "BAIYI_TEST_SEQUENCER_KEY";
/// How long a sequencer lives before it is killed.
const LIFE: Duration = Duration::from_millis(700);

fn duration() -> Duration {
    let seconds = std::env::var("BAIYI_TEST_SEQUENCER_SECONDS").map_or(3, |seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds)
}

fn open(target: &Target) -> Database {
    Database::open(&Settings { target: target.clone(), connections: 8, patience: Duration::from_secs(60) }).unwrap()
}

pub fn facts(at: UtcInstant) -> Facts {
    Facts::internal(at).unwrap()
}

/// The runtime of one test; several threads, as in the server.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

fn entry(tx: &mut Tx<'_>, tenant: TenantId, number: u64) -> Result<JournalEntryId> {
    let resource = tx.new_id();
    let event =
        Event { tenant, action: "test.written", kind: "test", resource, version: 1, case: None, content: json!({"number": number}) };
    journal::record(tx, &event)
}

/// A migrated database with a district and a journal key.
pub struct House {
    fresh: FreshTarget,
    pub db: Database,
    pub tenant: TenantId,
    pub key_file: std::path::PathBuf,
    key: Arc<JournalKey>,
}

impl House {
    pub async fn of(backend: Backend) -> Option<Self> {
        let fresh = fresh_target(backend)?;
        let db = open(&fresh.target);
        let key_file = fresh.folder.path().join("journal.pem");
        keys::create_signing_key(&key_file).unwrap();
        let key = Arc::new(JournalKey::read(&key_file, ORIGIN).unwrap());
        let made = |tx: &mut Tx<'_>| tenants::ensure(tx, "330502", "湖州市吴兴区", "Wuxing District, Huzhou");
        let tenant = db.write(facts(UtcInstant::machine_now()), made).await.unwrap();
        Some(Self { fresh, db, tenant, key_file, key })
    }

    /// Writes an entry at an instant; told again when the server has no room.
    pub async fn write(&self, at: UtcInstant, number: u64) -> JournalEntryId {
        let tenant = self.tenant;
        loop {
            match self.db.write(facts(at), move |tx| entry(tx, tenant, number)).await {
                Ok(id) => return id,
                Err(refused) => assert_eq!(refused.code(), "unavailable", "{refused}"),
            }
        }
    }

    async fn sequence(&self) -> usize {
        jobs::sequence(&self.db, &Clock::machine(), &self.key).await.unwrap()
    }

    /// Sequences what is left and compares: what was acknowledged is in the tree, each once, without a gap, and nothing else.
    async fn check(&self, acknowledged: &BTreeSet<JournalEntryId>) {
        self.sequence().await;
        let verifier = self.key.verifier();
        let found = self.db.read(move |snapshot| verify::whole(snapshot, &verifier, &[])).await.unwrap();
        assert_eq!(found.faults, [""; 0]);
        assert_eq!(found.waiting, 0);
        let (stored, indices, leaves): (Vec<JournalEntryId>, Vec<Option<i64>>, i64) = self
            .db
            .read(|snapshot| {
                let rows: Vec<(JournalEntryId, Option<i64>)> =
                    entries::table.select((entries::id, entries::sequence)).order(entries::sequence).load(&mut **snapshot)?;
                let leaves = nodes::table.filter(nodes::level.eq(0)).count().get_result(&mut **snapshot)?;
                let (ids, indices) = rows.into_iter().unzip();
                Ok((ids, indices, leaves))
            })
            .await
            .unwrap();
        assert_eq!(indices, (0..leaves).map(Some).collect::<Vec<_>>(), "no gap and nothing twice");
        let stored: BTreeSet<JournalEntryId> = stored.into_iter().collect();
        assert!(acknowledged.is_subset(&stored), "{} acknowledged entries are not stored", acknowledged.difference(&stored).count());
        assert_eq!(stored.len(), indices.len());
    }
}

macro_rules! on_both_databases {
    ($(async fn $name:ident($house:ident: &House) $body:block)+) => {$(
        mod $name {
            use super::*;
            async fn story($house: &House) $body
            fn on(backend: Backend) {
                block_on(async {
                    if let Some(house) = House::of(backend).await {
                        story(&house).await;
                    }
                });
            }
            #[test]
            fn sqlite() {
                on(Backend::Sqlite);
            }
            #[test]
            fn postgres() {
                on(Backend::Postgres);
            }
        }
    )+};
}

/// Starts this binary again as a sequencer of its own process.
fn sequencer_process(house: &House) -> Child {
    let url = match &house.fresh.target {
        Target::Sqlite(path) => format!("sqlite:{}", path.display()),
        Target::Postgres(url) => url.clone(),
    };
    Command::new(std::env::current_exe().unwrap())
        .args(["sequencer::child_process", "--exact", "--nocapture"])
        .env(CHILD_URL, url)
        .env(CHILD_KEY, &house.key_file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a sequencer after its life, starts the next, until told to stop; says how many were killed and how many entries they said they took.
fn killed_again_and_again(house: &House, stop: &AtomicBool) -> (usize, u64) {
    let (mut killed, mut taken) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let mut child = sequencer_process(house);
        let born = Instant::now();
        while born.elapsed() < LIFE && !stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        let heard = BufReader::new(child.stdout.take().unwrap()).lines().map_while(|line| line.ok());
        taken += heard.filter_map(|line| line.split_once("took ").and_then(|(_, count)| count.parse::<u64>().ok())).sum::<u64>();
        child.wait().unwrap();
        killed += 1;
    }
    (killed, taken)
}

/// The child's side. Without its variables, as in an ordinary run, there is nothing to do.
#[test]
fn child_process() {
    let (Ok(url), Ok(key)) = (std::env::var(CHILD_URL), std::env::var(CHILD_KEY)) else { return };
    let db = open(&Target::parse(&url).unwrap());
    let key = Arc::new(JournalKey::read(std::path::Path::new(&key), ORIGIN).unwrap());
    block_on(async {
        loop {
            let key = key.clone();
            if let Ok(count) = db.write(facts(UtcInstant::machine_now()), move |tx| sequencer::integrate(tx, &key)).await {
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(format!("took {count}\n").as_bytes());
                let _ = out.flush();
            }
        }
    });
}

on_both_databases! {
    async fn what_64_writers_commit_is_in_the_tree_once_while_leaders_are_killed(house: &House) {
        let (numbers, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let end = Instant::now() + duration();
        let writers = join_all((0..WRITERS).map(|_| async {
            let mut acknowledged = Vec::new();
            while Instant::now() < end {
                acknowledged.push(house.write(UtcInstant::machine_now(), numbers.fetch_add(1, Ordering::SeqCst)).await);
            }
            acknowledged
        }));
        // One more sequences in this process, so that there are always two that want the same entries.
        let own = async {
            while Instant::now() < end {
                // Who lost a race too often is told so, and simply comes again.
                let _ = jobs::sequence(&house.db, &Clock::machine(), &house.key).await;
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        let (acknowledged, killed) = std::thread::scope(|scope| {
            let killer = scope.spawn(|| killed_again_and_again(house, &stop));
            let (acknowledged, ()) = tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(futures_util::future::join(writers, own))
            });
            stop.store(true, Ordering::SeqCst);
            (acknowledged, killer.join().unwrap())
        });
        let acknowledged: BTreeSet<JournalEntryId> = acknowledged.into_iter().flatten().collect();
        eprintln!("{} entries, {} sequencers killed, which took {}", acknowledged.len(), killed.0, killed.1);
        assert!(acknowledged.len() > WRITERS && killed.0 > 1);
        assert!(killed.1 > 0, "none of those that were killed ever led");
        house.check(&acknowledged).await;
    }

    async fn an_entry_that_commits_late_under_a_lower_id_is_not_lost(house: &House) {
        let (early, late) = (UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(), UtcInstant::parse("2026-03-02T02:00:00Z").unwrap());
        let mut acknowledged = BTreeSet::new();
        // The transaction has written its entry and stays open while later ones come, commit and are integrated. SQLite has one writer, so that there
        // the entry of the earlier instant is written after them.
        let (wrote, open) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        let tenant = house.tenant;
        let waits = matches!(house.fresh.target, Target::Postgres(_));
        let db = house.db.clone();
        let straggler = tokio::spawn(async move {
            let mut first = waits;
            db.write(facts(early), move |tx| {
                let id = entry(tx, tenant, 0)?;
                if std::mem::take(&mut first) {
                    wrote.send(()).unwrap();
                    held.recv().unwrap();
                }
                Ok(id)
            })
            .await
            .unwrap()
        });
        let straggler = if waits {
            tokio::task::block_in_place(|| open.recv().unwrap());
            Some(straggler)
        } else {
            acknowledged.insert(straggler.await.unwrap());
            None
        };
        if !waits {
            assert_eq!(house.sequence().await, 1);
        }
        for number in 1..20 {
            acknowledged.insert(house.write(late, number).await);
        }
        assert_eq!(house.sequence().await, 19);
        let lower = match straggler {
            Some(straggler) => {
                release.send(()).unwrap();
                straggler.await.unwrap()
            }
            None => house.write(early, 20).await,
        };
        assert!(acknowledged.iter().next_back().unwrap() > &lower, "its id is the lower one");
        acknowledged.insert(lower);
        assert_eq!(house.sequence().await, 1, "it was found");
        house.check(&acknowledged).await;
    }

    async fn with_a_cadence_every_batch_has_one_size_whatever_waits(house: &House) {
        let cadence = Cadence { seconds: std::num::NonZeroU32::new(60).unwrap(), leaves: std::num::NonZeroU32::new(8).unwrap() };
        let clock = Clock::fixed(UtcInstant::parse("2026-03-02T01:00:00Z").unwrap());
        let mut acknowledged = BTreeSet::new();
        let mut sizes = Vec::new();
        // Nothing, a few, more than fit, and what was left over.
        for (minute, written) in [0_u64, 3, 11, 0, 0].into_iter().enumerate() {
            for number in 0..written {
                acknowledged.insert(house.write(clock.now(), number).await);
            }
            clock.advance_to(UtcInstant::parse(&format!("2026-03-02T01:0{}:10Z", minute + 1)).unwrap());
            jobs::sequence_on(&house.db, &clock, &house.key, cadence).await.unwrap();
            assert_eq!(jobs::sequence_on(&house.db, &clock, &house.key, cadence).await.unwrap(), 0, "one batch a beat");
            sizes.push(house.db.read(|snapshot| sequencer::size(snapshot)).await.unwrap());
        }
        assert_eq!(sizes, [8, 16, 24, 32, 40]);
        let verifier = house.key.verifier();
        let found = house.db.read(move |snapshot| verify::whole(snapshot, &verifier, &[])).await.unwrap();
        assert_eq!((found.faults, found.waiting, found.size, found.paddings), (vec![], 0, 40, 40 - 14));
        assert_eq!(found.entries, 14);
        // A padding that was none, or an entry taken out and called a padding, is found.
        house
            .db
            .write(facts(clock.now()), |tx| {
                diesel::sql_query("UPDATE journal_paddings SET salt = (SELECT salt FROM journal_paddings ORDER BY position LIMIT 1) WHERE position = (SELECT MAX(position) FROM journal_paddings)").execute(&mut **tx)?;
                Ok(())
            })
            .await
            .unwrap();
        let verifier = house.key.verifier();
        let found = house.db.read(move |snapshot| verify::whole(snapshot, &verifier, &[])).await.unwrap();
        assert!(found.faults[0].contains("padding at index") && found.faults[0].contains("not the one in the tree"), "{:?}", found.faults);
    }
}
