//! The write path under load and under faults: what was acknowledged is there exactly once, what failed left nothing.
//!
//! The faults of the disk are SQLite's: PostgreSQL meets its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use baiyi::db::schema::tenants;
use baiyi::db::{Database, Facts, Settings, Target, Tx};
use baiyi::kernel::id::TenantId;
use baiyi::kernel::{Error, Result, UtcInstant, error};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::{BoxFuture, FutureExt, join_all};

use crate::support::{Backend, FreshTarget, fresh_target, start_instant};

/// Names the database and the part to play, when this binary is started again as a child.
const CHILD_URL: &str = "BAIYI_TEST_WRITER_URL";
const CHILD_PART: &str = "BAIYI_TEST_WRITER_PART";
const WRITERS: usize = 64;

/// A row whose label may come twice, so that a write done twice is seen.
#[derive(Insertable)]
#[diesel(table_name = tenants, treat_none_as_default_value = false)]
struct Row<'a> {
    id: TenantId,
    code: String,
    name_zh: &'a str,
    name_en: &'a str,
    created_at: UtcInstant,
}

fn insert(tx: &mut Tx<'_>, label: &str) -> Result<()> {
    let id: TenantId = tx.new_id();
    let row = Row { id, code: id.to_string(), name_zh: label, name_en: "0", created_at: tx.now() };
    diesel::insert_into(tenants::table).values(&row).execute(&mut **tx)?;
    Ok(())
}

fn facts() -> Facts {
    Facts::internal(start_instant()).unwrap()
}

fn open(target: &Target) -> Database {
    Database::open(&Settings { target: target.clone(), connections: 4, patience: Duration::from_secs(20) }).unwrap()
}

/// How often each label is stored.
async fn stored(db: &Database) -> BTreeMap<String, u32> {
    let labels: Vec<String> = db.read(|snapshot| Ok(tenants::table.select(tenants::name_zh).load(&mut **snapshot)?)).await.unwrap();
    let mut counts = BTreeMap::new();
    for label in labels {
        *counts.entry(label).or_default() += 1;
    }
    counts
}

fn each_once(labels: impl IntoIterator<Item = String>) -> BTreeMap<String, u32> {
    labels.into_iter().map(|label| (label, 1)).collect()
}

fn on(backend: Backend, story: impl AsyncFnOnce(Database, &FreshTarget)) {
    let Some(fresh) = fresh_target(backend) else { return };
    block_on(async { story(open(&fresh.target), &fresh).await });
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

macro_rules! on_both_databases {
    ($(async fn $name:ident($db:ident: Database, $fresh:ident: &FreshTarget) $body:block)+) => {$(
        mod $name {
            use super::*;
            async fn story($db: Database, $fresh: &FreshTarget) $body
            #[test]
            fn sqlite() {
                on(Backend::Sqlite, story);
            }
            #[test]
            fn postgres() {
                on(Backend::Postgres, story);
            }
        }
    )+};
}

on_both_databases! {
    async fn what_64_writers_were_told_is_stored_is_there_exactly_once(db: Database, _fresh: &FreshTarget) {
        let writers = (0..WRITERS).map(|writer| {
            let db = db.clone();
            async move {
                let mut acknowledged = Vec::new();
                for round in 0..16 {
                    let label = format!("{writer}/{round}");
                    let inner = label.clone();
                    db.write(facts(), move |tx| insert(tx, &inner)).await.unwrap();
                    acknowledged.push(label);
                }
                acknowledged
            }
        });
        let acknowledged: Vec<String> = join_all(writers).await.into_iter().flatten().collect();
        assert_eq!(acknowledged.len(), WRITERS * 16);
        assert_eq!(stored(&db).await, each_once(acknowledged));
    }

    async fn what_was_acknowledged_before_a_kill_is_there_after_it(db: Database, fresh: &FreshTarget) {
        let (acknowledged, status) = run_child("write_forever", &fresh.target, Some(500), |child| child.kill().unwrap());
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
        assert!(acknowledged.len() >= 500);
        drop(db);
        let db = open(&fresh.target);
        let found = stored(&db).await;
        for label in &acknowledged {
            assert_eq!(found.get(label), Some(&1), "{label} was acknowledged before the kill");
        }
        assert!(found.values().all(|count| *count == 1));
        db.write(facts(), |tx| insert(tx, "after the kill")).await.unwrap();
        assert_eq!(stored(&db).await.get("after the kill"), Some(&1));
    }

    async fn increments_of_64_writers_are_all_counted(db: Database, _fresh: &FreshTarget) {
        db.write(facts(), |tx| insert(tx, "counter")).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let writers = (0..WRITERS).map(|_| {
            let (db, runs) = (db.clone(), runs.clone());
            async move {
                let job = move |tx: &mut Tx<'_>| {
                    runs.fetch_add(1, Ordering::SeqCst);
                    // Read, think, write: the classic lost update below SERIALIZABLE.
                    let seen: String = tenants::table.filter(tenants::name_zh.eq("counter")).select(tenants::name_en).first(&mut **tx)?;
                    let next = (seen.parse::<u32>().unwrap() + 1).to_string();
                    diesel::update(tenants::table.filter(tenants::name_zh.eq("counter"))).set(tenants::name_en.eq(next)).execute(&mut **tx)?;
                    Ok(())
                };
                // A caller who is told "unavailable" tries again, as the answer asks.
                while let Err(refused) = db.write(facts(), job.clone()).await {
                    assert_eq!(refused.code(), "unavailable", "{refused}");
                }
            }
        });
        join_all(writers).await;
        let counted: String =
            db.read(|s| Ok(tenants::table.filter(tenants::name_zh.eq("counter")).select(tenants::name_en).first(&mut **s)?)).await.unwrap();
        assert_eq!(counted, WRITERS.to_string(), "after {} runs", runs.load(Ordering::SeqCst));
    }

    async fn a_panicking_job_harms_nobody_but_its_caller(db: Database, _fresh: &FreshTarget) {
        let runs = Arc::new(AtomicU32::new(0));
        let panics: Vec<Job> = vec![Box::new(|tx| {
            insert(tx, "of the panicking job")?;
            panic!("a job panics on purpose")
        })];
        let outcomes = in_one_batch(&db, panics, &runs).await;
        assert_eq!(outcomes.iter().map(|outcome| outcome.as_ref().err().map(Error::code)).collect::<Vec<_>>(), [Some("internal")]);
        assert_eq!(stored(&db).await, each_once(small_labels()));
        assert_eq!(runs.load(Ordering::SeqCst), 2 * SMALL, "nobody else had to run again");
        // More panics than the pool has connections: none stays behind broken.
        for _ in 0..8 {
            let refused = db.write(facts(), |_| -> Result<()> { panic!("a job panics on purpose") }).await.unwrap_err();
            assert_eq!(refused.code(), "internal");
            let refused = db.read(|_| -> Result<()> { panic!("a read panics on purpose") }).await.unwrap_err();
            assert_eq!(refused.code(), "internal");
        }
        db.write(facts(), |tx| insert(tx, "after the panic")).await.unwrap();
        assert_eq!(stored(&db).await.len(), 2 * SMALL as usize + 1);
    }

    async fn a_refused_job_takes_back_its_own_effects_only(db: Database, _fresh: &FreshTarget) {
        let runs = Arc::new(AtomicU32::new(0));
        let refused: Vec<Job> = vec![
            Box::new(|tx| {
                insert(tx, "of the refused job")?;
                Err(error::CONFLICT.error())
            }),
            Box::new(|tx| {
                insert(tx, "of the faulty job")?;
                diesel::sql_query("SELECT * FROM no_such_table").execute(&mut **tx)?;
                Ok(())
            }),
            Box::new(|tx| {
                let row = Row { id: tx.new_id(), code: "taken".to_owned(), name_zh: "of the colliding job", name_en: "0", created_at: tx.now() };
                diesel::insert_into(tenants::table).values(&row).execute(&mut **tx)?;
                let again = Row { id: tx.new_id(), ..row };
                diesel::insert_into(tenants::table).values(&again).execute(&mut **tx)?;
                Ok(())
            }),
        ];
        let outcomes = in_one_batch(&db, refused, &runs).await;
        let codes: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().err().map(Error::code)).collect();
        assert_eq!(codes, [Some("conflict"), Some("internal"), Some("conflict")]);
        assert_eq!(stored(&db).await, each_once(small_labels()));
        assert_eq!(runs.load(Ordering::SeqCst), 2 * SMALL, "nobody else had to run again");
    }
}

type Job = Box<dyn FnMut(&mut Tx<'_>) -> Result<()> + Send>;

/// Small jobs on either side of the odd ones.
const SMALL: u32 = 8;

fn small_labels() -> impl Iterator<Item = String> {
    (0..2 * SMALL).map(|number| format!("small {number}"))
}

/// Queues small jobs, the odd ones and small jobs again while the writer is held up, so that they come into one batch. The small ones
/// must succeed; the outcomes of the odd ones are returned and `runs` counts how often small jobs ran.
async fn in_one_batch(db: &Database, odd: Vec<Job>, runs: &Arc<AtomicU32>) -> Vec<Result<()>> {
    let (release, held) = mpsc::channel::<()>();
    let mut jobs: Vec<BoxFuture<'_, Result<()>>> = Vec::new();
    let holds = matches!(db.target(), Target::Sqlite(_));
    jobs.push(
        db.write(facts(), move |_| {
            // Only the first run waits; PostgreSQL has no queue to hold up.
            if holds {
                let _ = held.recv();
            }
            Ok(())
        })
        .boxed(),
    );
    let small = |label: String| {
        let runs = runs.clone();
        db.write(facts(), move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            insert(tx, &label)
        })
        .boxed()
    };
    let mut labels = small_labels();
    jobs.extend(labels.by_ref().take(SMALL as usize).map(small));
    let first_odd = jobs.len();
    jobs.extend(odd.into_iter().map(|job| db.write(facts(), job).boxed()));
    let after_odd = jobs.len();
    jobs.extend(labels.map(small));
    // join_all polls in order, so everything is queued when this one lets the writer go.
    jobs.push(
        async move {
            drop(release);
            Ok(())
        }
        .boxed(),
    );
    let mut outcomes = join_all(jobs).await;
    let late = outcomes.split_off(after_odd);
    let odd = outcomes.split_off(first_odd);
    outcomes.into_iter().chain(late).for_each(Result::unwrap);
    odd
}

/// A job that inserts one row, then more than `pages` of the database's pages can hold.
fn too_big(label: &'static str) -> Job {
    Box::new(move |tx| {
        insert(tx, label)?;
        tx.batch_execute("PRAGMA max_page_count = 1")?; // SQLite raises it to the present size: not one page more
        let filler = "x".repeat(3000);
        for _ in 0..64 {
            insert(tx, &filler)?;
        }
        Ok(())
    })
}

#[test]
fn a_job_for_which_the_disk_has_no_room_fails_alone() {
    on(Backend::Sqlite, async |db, fresh| {
        let runs = Arc::new(AtomicU32::new(0));
        let outcomes = in_one_batch(&db, vec![too_big("of the big job"), too_big("of another big job")], &runs).await;
        for outcome in outcomes {
            let refused = outcome.unwrap_err();
            assert_eq!(refused.code(), "unavailable", "{refused}");
        }
        assert!(runs.load(Ordering::SeqCst) > 2 * SMALL, "SQLite took the batch back, so its small jobs ran again");
        assert_eq!(stored(&db).await, each_once(small_labels()), "the small jobs once, of the big ones nothing");
        // The new connection has the room that the lost one was denied.
        db.write(facts(), |tx| insert(tx, "afterwards")).await.unwrap();
        drop(db);
        let labels = small_labels().chain(["afterwards".to_owned()]);
        assert_eq!(stored(&open(&fresh.target)).await, each_once(labels), "and durably so");
    });
}

#[test]
fn a_statement_that_sqlite_takes_back_by_itself_costs_only_its_job() {
    on(Backend::Sqlite, async |db, _| {
        let runs = Arc::new(AtomicU32::new(0));
        let many_rows_at_once: Vec<Job> = vec![Box::new(|tx| {
            insert(tx, "of the big job")?;
            tx.batch_execute("PRAGMA max_page_count = 1")?;
            diesel::sql_query(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
                 INSERT INTO tenants (id, code, name_zh, name_en, created_at) SELECT 'bulk' || i, 'bulk' || i, printf('%3000d', i), '0', '2026-03-02' FROM n",
            )
            .execute(&mut **tx)?;
            Ok(())
        })];
        let outcomes = in_one_batch(&db, many_rows_at_once, &runs).await;
        assert_eq!(outcomes[0].as_ref().unwrap_err().code(), "unavailable");
        assert_eq!(stored(&db).await, each_once(small_labels()));
        // The limit may still hold on this connection; a job that needs a page finds out and gets a new one.
        db.write(facts(), |tx| insert(tx, "afterwards")).await.unwrap();
    });
}

#[test]
fn writes_go_on_under_real_io_errors_and_after_them() {
    on(Backend::Sqlite, async |db, fresh| {
        drop(db);
        let (acknowledged, status) = run_child("meet_io_errors", &fresh.target, None, |_| ());
        assert!(status.success(), "the child's own checks");
        let db = open(&fresh.target);
        assert_eq!(stored(&db).await, each_once(acknowledged), "what was acknowledged, once, and nothing else");
        for number in 0..4 {
            db.write(facts(), move |tx| insert(tx, &format!("{number} {}", "x".repeat(1 << 20)))).await.unwrap();
        }
    });
}

#[test]
fn two_transactions_that_each_break_what_the_other_relied_on_do_not_both_commit() {
    on(Backend::Postgres, async |db, _| {
        // Two doctors are on duty and one must stay (write skew): each sees the other on duty and leaves.
        for doctor in ["Hua Tuo", "Sun Simiao"] {
            db.write(facts(), move |tx| insert(tx, doctor)).await.unwrap();
        }
        let meeting = Arc::new(Barrier::new(2));
        let runs = Arc::new(AtomicU32::new(0));
        let leave = |doctor: &'static str| {
            let (meeting, runs) = (meeting.clone(), runs.clone());
            let mut first = true;
            db.write(facts(), move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                let on_duty: i64 = tenants::table.filter(tenants::name_en.eq("0")).count().get_result(&mut **tx)?;
                if std::mem::take(&mut first) {
                    meeting.wait();
                }
                if on_duty < 2 {
                    return Err(error::CONFLICT.error());
                }
                diesel::update(tenants::table.filter(tenants::name_zh.eq(doctor))).set(tenants::name_en.eq("1")).execute(&mut **tx)?;
                Ok(())
            })
        };
        let (one, other) = tokio::join!(leave("Hua Tuo"), leave("Sun Simiao"));
        let outcomes: BTreeSet<_> = [one, other].iter().map(|outcome| outcome.as_ref().err().map(Error::code)).collect();
        assert_eq!(outcomes, BTreeSet::from([None, Some("conflict")]));
        assert_eq!(runs.load(Ordering::SeqCst), 3, "one of them ran again");
    });
}

/// Starts this binary again to play a part on the database. Reads `lines` acknowledgements (or all), does `then`, reads the rest.
fn run_child(part: &str, target: &Target, lines: Option<usize>, then: impl FnOnce(&mut Child)) -> (Vec<String>, std::process::ExitStatus) {
    let url = match target {
        Target::Sqlite(path) => format!("sqlite:{}", path.display()),
        Target::Postgres(url) => url.clone(),
    };
    let mut command = match target {
        // Half a mebibyte more (in blocks of 512 bytes) and the kernel refuses to let the file grow.
        Target::Sqlite(path) if part == "meet_io_errors" => {
            let mut shell = Command::new("sh");
            let blocks = file_size(path) / 512 + 1024;
            shell.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh", &blocks.to_string()]);
            shell.arg(std::env::current_exe().unwrap());
            shell
        }
        _ => Command::new(std::env::current_exe().unwrap()),
    };
    let mut child = command
        .args(["writer::child_process", "--exact", "--nocapture"])
        .env(CHILD_URL, url)
        .env(CHILD_PART, part)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(|line| line.ok())
        .filter_map(|line| line.split_once("acknowledged: ").map(|(_, label)| label.to_owned()));
    let mut acknowledged: Vec<String> = heard.by_ref().take(lines.unwrap_or(usize::MAX)).collect();
    then(&mut child);
    acknowledged.extend(heard);
    (acknowledged, child.wait().unwrap())
}

fn file_size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

fn tell(label: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("acknowledged: {label}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The child's side. Without its variables, as in an ordinary run, there is nothing to do.
#[test]
fn child_process() {
    let (Ok(url), Ok(part)) = (std::env::var(CHILD_URL), std::env::var(CHILD_PART)) else { return };
    let db = open(&Target::parse(&url).unwrap());
    match part.as_str() {
        "write_forever" => block_on(write_forever(&db)),
        "meet_io_errors" => block_on(meet_io_errors(&db)),
        other => panic!("no such part: {other}"),
    }
}

async fn write_forever(db: &Database) {
    let writers = (0..WRITERS).map(|writer| async move {
        for round in 0_u64.. {
            let label = format!("{writer}/{round}");
            let inner = label.clone();
            db.write(facts(), move |tx| insert(tx, &inner)).await.unwrap();
            tell(&label);
        }
    });
    join_all(writers).await;
}

/// Rounds of small jobs with one among them that the file cannot take.
async fn meet_io_errors(db: &Database) {
    for round in 0..4 {
        let big = format!("big {round} {}", "x".repeat(4 << 20));
        let small = (0..SMALL).map(|number| {
            let label = format!("small {round}/{number}");
            async move {
                let inner = label.clone();
                db.write(facts(), move |tx| insert(tx, &inner)).await.unwrap();
                tell(&label);
            }
        });
        let big = async {
            let refused = db.write(facts(), move |tx| insert(tx, &big)).await.unwrap_err();
            assert_eq!(refused.code(), "unavailable", "{refused}");
        };
        tokio::join!(join_all(small), big);
    }
}
