//! The runner: sequences the journal, delivers the outbox and clears old idempotency keys. Each step is a function that tests call directly.

use std::sync::Arc;
use std::time::Duration;

use crate::db::{Database, Facts};
use crate::kernel::{Clock, Result, UtcInstant};
use crate::notices::mail::Postman;
use crate::notices::outbox;
use crate::parties::declarations;
use crate::parties::organisations::{records, standings};
use crate::people::tokens::Mint;
use crate::procurement::openers::closings;
use crate::procurement::opening::closing;
use crate::trust::cadence::Cadence;
use crate::trust::checkpoint::JournalKey;
use crate::trust::documents::DocumentStore;
use crate::trust::held::Held;
use crate::trust::keychain::{KeyChain, KeyOf};
use crate::trust::receipt::ReceiptKey;
use crate::trust::sequencer;
use crate::web::idempotency;

pub mod witnesses;

use witnesses::Witnesses;

/// Messages claimed at a time: handed over one after another, they take no longer than a claim lasts.
const OUTBOX_BATCH: i64 = 3;
/// Organisations and declarations that one round follows the calendar with.
const CALENDAR_BATCH: i64 = 100;
/// Tenders that one round closes.
const CLOSING_BATCH: i64 = 20;
/// How long an idempotency key is remembered, in seconds.
const KEY_SECONDS: i64 = 48 * 3600;
/// Pause between two looks when there was nothing to do.
const PAUSE: Duration = Duration::from_secs(2);

/// Delivers every due message; returns how many were delivered and how many failed.
pub async fn drain_outbox(db: &Database, postman: &Postman) -> Result<(usize, usize)> {
    let (mut sent, mut failed) = (0_usize, 0_usize);
    loop {
        let batch = db.write(Facts::internal(UtcInstant::machine_now())?, |tx| outbox::claim(tx, OUTBOX_BATCH)).await?;
        if batch.is_empty() {
            return Ok((sent, failed));
        }
        for message in batch {
            let outcome = postman.deliver(&message).await;
            match &outcome {
                Ok(()) => sent = sent.saturating_add(1),
                Err(reason) => {
                    failed = failed.saturating_add(1);
                    tracing::warn!(message = %message.id, attempt = message.attempts, reason, "mail was not delivered");
                }
            }
            db.write(Facts::internal(UtcInstant::machine_now())?, move |tx| match &outcome {
                Ok(()) => outbox::mark_sent(tx, message.id),
                Err(reason) => outbox::mark_failed(tx, &message, reason),
            })
            .await?;
        }
    }
}

/// Forgets idempotency keys older than two days of the business clock.
pub async fn purge_keys(db: &Database, clock: &Clock) -> Result<usize> {
    let cutoff = clock.now().plus_seconds(KEY_SECONDS.saturating_neg());
    db.write(Facts::internal(clock.now())?, move |tx| idempotency::purge(tx, cutoff, 500)).await
}

/// Lets the stored state of organisations follow the days of their standings, and warns of declarations and entries of files that expire; returns how many of each.
pub async fn follow_the_calendar(db: &Database, clock: &Clock) -> Result<(usize, usize)> {
    db.write(Facts::internal(clock.now())?, |tx| {
        let settled = standings::settle(tx, CALENDAR_BATCH)?;
        let warned = declarations::warn_expiring(tx, CALENDAR_BATCH)?.saturating_add(records::warn_expiring(tx, CALENDAR_BATCH)?);
        Ok((settled, warned))
    })
    .await
}

/// Calls the reserve openers of tenders to whose closing too few contributed in time; returns of how many.
pub async fn call_reserves(db: &Database, clock: &Clock) -> Result<usize> {
    db.write(Facts::internal(clock.now())?, |tx| closings::call_reserves(tx, CALENDAR_BATCH)).await
}

/// What the runner closes tenders with.
#[derive(Clone)]
pub struct ClosingDesk {
    /// Where the files of bids are.
    pub documents: DocumentStore,
    /// The recipient of the server, which bids are sealed to where no openers hold the key.
    pub of_server: String,
}

/// Publishes the closings of tenders whose deadline is over; returns how many.
pub async fn close_tenders(db: &Database, clock: &Clock, desk: &ClosingDesk) -> Result<usize> {
    let (now, of_server) = (clock.now(), desk.of_server.clone());
    let due = db.read(move |snapshot| closing::due(snapshot, now, CLOSING_BATCH, &of_server)).await?;
    let mut closed = 0_usize;
    for (tender, draft) in due {
        let gathered = closing::gather(draft, &desk.documents).await?;
        let published = db.write(Facts::internal(clock.now())?, move |tx| closing::publish_due(tx, &tender, &gathered)).await?;
        closed = closed.saturating_add(usize::from(published));
    }
    Ok(closed)
}

/// Gives waiting journal entries their place in the tree until fewer wait than one batch holds, so that it ends while others go on writing; returns how
/// many.
pub async fn sequence(db: &Database, clock: &Clock, key: &Arc<JournalKey>) -> Result<usize> {
    let mut integrated = 0_usize;
    loop {
        let key = Arc::clone(key);
        let count = db.write(Facts::internal(clock.now())?, move |tx| sequencer::integrate(tx, &key)).await?;
        integrated = integrated.saturating_add(count);
        if count < sequencer::FULL_BATCH {
            return Ok(integrated);
        }
    }
}

/// One batch of a journal with a cadence, if it is due; returns how many entries it took.
pub async fn sequence_on(db: &Database, clock: &Clock, key: &Arc<JournalKey>, cadence: Cadence) -> Result<usize> {
    let key = Arc::clone(key);
    db.write(Facts::internal(clock.now())?, move |tx| sequencer::integrate_at(tx, &key, Some(cadence))).await
}

/// What the runner keeps of the journal.
#[derive(Clone)]
pub struct JournalDesk {
    /// Signs checkpoints.
    pub key: Arc<JournalKey>,
    /// Batches at fixed beats, or as soon as something waits.
    pub cadence: Option<Cadence>,
    /// Who cosigns.
    pub witnesses: Arc<Witnesses>,
}

/// The keys of a serving process that follow their rotations.
#[derive(Clone)]
pub struct Signers {
    /// Signs access tokens.
    pub mint: Arc<Mint>,
    /// Signs receipts.
    pub receipts: Arc<Held<ReceiptKey>>,
}

impl Signers {
    /// Takes the keys that the journal announced last. What is wrong with a chain, and a key that is not at hand, are told in the log: the process goes
    /// on with what it holds.
    pub async fn follow(&self, db: &Database) -> Result<()> {
        let tokens = announced(db, KeyOf::Tokens, self.mint.verifier()).await?;
        let receipts = announced(db, KeyOf::Receipts, self.receipts.get().verifier()).await?;
        for fault in [self.mint.follow(&tokens), self.receipts.follow(&receipts)].into_iter().filter_map(Result::err) {
            tracing::error!(%fault, "a signing key could not be followed");
        }
        Ok(())
    }
}

async fn announced(db: &Database, of: KeyOf, own: String) -> Result<KeyChain> {
    let (chain, faults) = db.read(move |snapshot| sequencer::chain(snapshot, of, &own)).await?;
    for fault in faults {
        tracing::error!(fault, "the journal does not announce the key that this process holds");
    }
    Ok(chain)
}

/// Runs until the process ends. Mail goes its own way: a relay that keeps it waiting holds up neither the journal nor a closing.
pub async fn run(db: Database, clock: Clock, postman: Arc<Postman>, journal: JournalDesk, signers: Signers, closing: ClosingDesk) {
    let letters = {
        let db = db.clone();
        again_and_again(move || post(db.clone(), postman.clone()))
    };
    let rounds = again_and_again(move || round(db.clone(), clock.clone(), journal.clone(), signers.clone(), closing.clone()));
    tokio::join!(letters, rounds);
}

/// Each round is a task of its own, so that a panic in one ends nothing else.
async fn again_and_again<F: Future<Output = ()> + Send + 'static>(next: impl Fn() -> F) {
    loop {
        if let Err(fault) = tokio::spawn(next()).await {
            tracing::error!(%fault, "a round of the runner did not finish");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn post(db: Database, postman: Arc<Postman>) {
    if let Err(fault) = drain_outbox(&db, &postman).await {
        tracing::error!(%fault, "the outbox could not be drained");
    }
}

async fn round(db: Database, clock: Clock, journal: JournalDesk, signers: Signers, closing: ClosingDesk) {
    if let Err(fault) = signers.follow(&db).await {
        tracing::error!(%fault, "the keys that the journal announces could not be read");
    }
    // Before the journal is sequenced, so that a closing waits for no second round.
    if let Err(fault) = close_tenders(&db, &clock, &closing).await {
        tracing::error!(%fault, "tenders could not be closed");
    }
    let sequenced = match journal.cadence {
        Some(cadence) => sequence_on(&db, &clock, &journal.key, cadence).await,
        None => sequence(&db, &clock, &journal.key).await,
    };
    if let Err(fault) = sequenced {
        tracing::error!(%fault, "the journal could not be sequenced");
    }
    if let Err(fault) = journal.witnesses.cosign(&db, &clock).await {
        tracing::error!(%fault, "the journal's checkpoint could not be brought to its witnesses");
    }
    if let Err(fault) = purge_keys(&db, &clock).await {
        tracing::error!(%fault, "old idempotency keys could not be cleared");
    }
    if let Err(fault) = call_reserves(&db, &clock).await {
        tracing::error!(%fault, "reserve openers could not be called");
    }
    if let Err(fault) = follow_the_calendar(&db, &clock).await {
        tracing::error!(%fault, "standings and declarations could not follow the calendar");
    }
}
