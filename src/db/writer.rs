//! SQLite's single writer: a thread that runs queued jobs in batches, each in a savepoint, and acknowledges after COMMIT.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::tx::{Facts, Tx};
use super::types::Db;
use super::{Target, batch, pool};
use crate::kernel::{Error, Result, error};

/// Most jobs in one COMMIT.
const BATCH_JOBS: usize = 256;
/// Longest time that jobs are run before their COMMIT.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Jobs that may wait; beyond it callers wait, and after their patience are told to try again.
const QUEUE: usize = 4096;

/// A handle to the writer thread.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

/// A queued write. It may run more than once and is acknowledged exactly once.
trait Job: Send {
    /// Runs and keeps its result; says whether its effects are to be kept.
    fn run(&mut self, db: &mut Db) -> bool;
    /// Gives the kept result, after COMMIT.
    fn acknowledge(self: Box<Self>);
    /// Gives a failure in place of the result.
    fn fail(self: Box<Self>, failure: Error);
}

struct Queued<T, F> {
    facts: Facts,
    work: F,
    result: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Queued<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
{
    fn run(&mut self, db: &mut Db) -> bool {
        let mut tx = Tx::new(db, self.facts.clone());
        let work = &mut self.work;
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx))).unwrap_or_else(|_| Err(Error::internal("a write job panicked")));
        let result = match result {
            // With one writer nobody can have raced: a unique violation is a plain conflict.
            Err(Error::Collision(_)) => Err(error::CONFLICT.error()),
            other => other,
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn acknowledge(self: Box<Self>) {
        let result = self.result.unwrap_or_else(|| Err(Error::internal("a write job was acknowledged before it ran")));
        // A caller that went away does not need its answer.
        let _ = self.answer.send(result);
    }

    fn fail(self: Box<Self>, failure: Error) {
        let _ = self.answer.send(Err(failure));
    }
}

impl Writer {
    /// Opens the writing connection and starts the thread.
    pub(super) fn start(path: PathBuf) -> Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let mut desk = Desk { target: Target::Sqlite(path), db: None };
        desk.connection()?;
        std::thread::Builder::new()
            .name("baiyi-writer".to_owned())
            .spawn(move || desk.serve(jobs))
            .map_err(|e| Error::internal(format!("cannot start the writer: {e}")))?;
        Ok(Self { queue })
    }

    /// Queues a job and waits for its durable result.
    pub(super) async fn submit<T, F>(&self, facts: Facts, work: F, patience: Duration) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job = Box::new(Queued { facts, work, result: None, answer });
        if self.queue.send_timeout(job, patience).await.is_err() {
            return Err(error::UNAVAILABLE.error().retry_after(1));
        }
        result.await.unwrap_or_else(|_| Err(Error::internal("the writer stopped before it answered")))
    }
}

struct Desk {
    target: Target,
    db: Option<Db>,
}

/// The connection lost its transaction (disk full, I/O error): nothing of the batch is durable.
struct TransactionLost(String);

impl Desk {
    fn connection(&mut self) -> Result<&mut Db> {
        let db = match self.db.take() {
            Some(db) => db,
            None => pool::connect(&self.target).map_err(|e| Error::internal(format!("cannot open the database for writing: {e}")))?,
        };
        Ok(self.db.insert(db))
    }

    fn serve(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(first) = jobs.blocking_recv() {
            let lost = self.run_batch(first, &mut jobs);
            // Each job of a lost batch runs again alone, so that the one that cannot be stored fails alone.
            for job in lost {
                self.run_alone(job);
            }
        }
    }

    /// Runs jobs until the batch is full by count or time, commits, acknowledges. Returns the jobs whose effects were lost.
    fn run_batch(&mut self, first: Box<dyn Job>, jobs: &mut mpsc::Receiver<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let started = Instant::now();
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut next = Some(first);
        let outcome = (|| {
            let db = self.connection().map_err(|e| TransactionLost(e.to_string()))?;
            begin(db)?;
            while let Some(mut job) = next.take() {
                let ran = run_in_savepoint(db, job.as_mut());
                done.push(job);
                ran?;
                if done.len() < BATCH_JOBS && started.elapsed() < BATCH_TIME {
                    next = jobs.try_recv().ok();
                }
            }
            commit(db)
        })();
        match outcome {
            Ok(()) => {
                metrics::histogram!("baiyi_writer_batch_jobs").record(u32::try_from(done.len()).unwrap_or(u32::MAX));
                done.into_iter().for_each(Job::acknowledge);
                Vec::new()
            }
            Err(TransactionLost(words)) => {
                tracing::error!(fault = words, jobs = done.len(), "the write transaction was lost; its jobs run again one by one");
                self.db = None;
                done.extend(next);
                done
            }
        }
    }

    fn run_alone(&mut self, mut job: Box<dyn Job>) {
        let outcome = (|| {
            let db = self.connection().map_err(|e| TransactionLost(e.to_string()))?;
            begin(db)?;
            run_in_savepoint(db, job.as_mut())?;
            commit(db)
        })();
        match outcome {
            Ok(()) => job.acknowledge(),
            Err(TransactionLost(words)) => {
                tracing::error!(fault = words, "a write could not be made durable");
                self.db = None;
                job.fail(error::UNAVAILABLE.error().retry_after(5));
            }
        }
    }
}

fn begin(db: &mut Db) -> std::result::Result<(), TransactionLost> {
    batch(db, "BEGIN IMMEDIATE").map_err(|e| TransactionLost(e.to_string()))
}

fn commit(db: &mut Db) -> std::result::Result<(), TransactionLost> {
    batch(db, "COMMIT").map_err(|e| TransactionLost(e.to_string()))
}

/// Runs one job. When SQLite rolled the whole transaction back by itself, the savepoint is gone and the statement below says so.
fn run_in_savepoint(db: &mut Db, job: &mut dyn Job) -> std::result::Result<(), TransactionLost> {
    let lost = |e: Error| TransactionLost(e.to_string());
    batch(db, "SAVEPOINT job").map_err(lost)?;
    if job.run(db) { batch(db, "RELEASE job").map_err(lost) } else { batch(db, "ROLLBACK TO job; RELEASE job").map_err(lost) }
}
