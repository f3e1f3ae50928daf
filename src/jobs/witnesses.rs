//! Brings each checkpoint to the configured witnesses (C2SP tlog-witness), and keeps the cosignatures that verify.

use std::time::Duration;

use futures_util::future::join_all;

use crate::db::{Database, Facts};
use crate::kernel::{Clock, Error, Result};
use crate::trust::sequencer::CheckpointRow;
use crate::trust::witness::{Request, cosigned, name_of};
use crate::trust::{checkpoint, cosignatures, sequencer};

/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read.
const ANSWER_BYTES: usize = 16 * 1024;

/// One witness.
#[derive(Debug, Clone)]
struct Witness {
    name: String,
    verifier: String,
    address: url::Url,
}

/// The witnesses of this journal.
pub struct Witnesses {
    all: Vec<Witness>,
    http: reqwest::Client,
}

/// How one round went.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cosigned {
    /// Cosignatures that were kept.
    pub kept: usize,
    /// Why witnesses did not cosign, by their names.
    pub refused: Vec<(String, String)>,
}

impl Witnesses {
    /// From submission prefixes and verifier keys; a bad one is refused by name.
    pub fn new<'a>(configured: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let bad = |what: &str, why: &dyn std::fmt::Display| Error::internal(format!("configuration: journal.witnesses: {what}: {why}"));
        let witness = |(prefix, key): (&str, &str)| {
            let name = name_of(key).ok_or_else(|| bad(key, &"not a verifier key of a cosignature"))?;
            let address = url::Url::parse(&format!("{}/add-checkpoint", prefix.trim_end_matches('/'))).map_err(|e| bad(prefix, &e))?;
            Ok(Witness { name: name.to_owned(), verifier: key.to_owned(), address })
        };
        let all = configured.into_iter().map(witness).collect::<Result<Vec<_>>>()?;
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| Error::internal(format!("witnesses: {e}")))?;
        Ok(Self { all, http })
    }

    /// Brings the latest checkpoint to every witness that has not cosigned it yet. A witness that does not answer or refuses is told in the log, and
    /// asked again with the next checkpoint or the next round.
    pub async fn cosign(&self, db: &Database, clock: &Clock) -> Result<Cosigned> {
        if self.all.is_empty() {
            return Ok(Cosigned::default());
        }
        let Some(head) = db.read(|snapshot| sequencer::latest(snapshot)).await? else { return Ok(Cosigned::default()) };
        let mut told = Cosigned::default();
        let outcomes = join_all(self.all.iter().map(|witness| self.ask(db, clock, witness, &head))).await;
        for (witness, outcome) in self.all.iter().zip(outcomes) {
            match outcome? {
                Ok(kept) => told.kept = told.kept.saturating_add(usize::from(kept)),
                Err(why) => {
                    tracing::error!(witness = witness.name, size = head.size, why, "a witness did not cosign the journal's checkpoint");
                    told.refused.push((witness.name.clone(), why));
                }
            }
        }
        Ok(told)
    }

    /// Whether a cosignature was kept; or why there is none.
    async fn ask(
        &self,
        db: &Database,
        clock: &Clock,
        witness: &Witness,
        head: &CheckpointRow,
    ) -> Result<std::result::Result<bool, String>> {
        let name = witness.name.clone();
        let size = u64::try_from(head.size).map_err(|_| Error::internal("a checkpoint of a negative size"))?;
        let last = db.read(move |snapshot| cosignatures::last_of(snapshot, &name)).await?;
        let mut old = u64::try_from(last).unwrap_or(0);
        if old >= size {
            return Ok(Ok(false));
        }
        // What is kept here may be behind what the witness saw, when its answer was lost: then it names its size, and is asked once more from there.
        for again in [false, true] {
            let from = old;
            let proof = db.read(move |snapshot| sequencer::consistency(snapshot, from, size)).await?;
            let request = Request { old, proof, note: head.note.clone() };
            let (status, body) = match self.post(witness, request.body()).await {
                Ok(answer) => answer,
                Err(why) => return Ok(Err(why)),
            };
            match status {
                200 => return self.keep(db, clock, witness, head, &body).await,
                409 => match body.trim_end().parse::<u64>() {
                    Ok(seen) if seen > size => return Ok(Err(format!("it has seen a tree of {seen} entries, and this one has {size}"))),
                    Ok(seen) if !again && seen != old => old = seen,
                    _ => return Ok(Err("it has seen another tree of this size".to_owned())),
                },
                404 => return Ok(Err("it does not know this journal".to_owned())),
                403 => return Ok(Err("it does not know this journal's key".to_owned())),
                422 => return Ok(Err("the journal does not continue the tree that it has seen".to_owned())),
                other => return Ok(Err(format!("it answered {other}"))),
            }
        }
        Ok(Err("it names another size each time".to_owned()))
    }

    async fn post(&self, witness: &Witness, body: String) -> std::result::Result<(u16, String), String> {
        let mut answer = self.http.post(witness.address.clone()).body(body).send().await.map_err(|e| e.without_url().to_string())?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| e.without_url().to_string())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES {
                return Err("its answer is too long".to_owned());
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| "its answer is no text".to_owned())?;
        Ok((answer.status().as_u16(), text))
    }

    async fn keep(
        &self,
        db: &Database,
        clock: &Clock,
        witness: &Witness,
        head: &CheckpointRow,
        body: &str,
    ) -> Result<std::result::Result<bool, String>> {
        let found = checkpoint::parts(&head.note).and_then(|(text, _)| cosigned(text, body.lines(), &witness.verifier));
        let Some((_, line)) = found else { return Ok(Err("its cosignature does not verify with the configured key".to_owned())) };
        let (size, name, line) = (head.size, witness.name.clone(), line.to_owned());
        db.write(Facts::internal(clock.now())?, move |tx| cosignatures::keep(tx, size, &name, &line)).await?;
        Ok(Ok(true))
    }
}
