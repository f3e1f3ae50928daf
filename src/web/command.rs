//! `command` and `query`: the only two ways from a handler to the database.

use super::Answer;
use super::call::{Call, Caller};
use super::idempotency::{self, Claim};
use super::problem::Failure;
use super::reply::Reply;
use crate::db::{Snapshot, Tx};
use crate::kernel::Result;

/// Runs one write transaction: who may (401, 404, 403) → replay → preconditions (428, 412, 409) → effect → saved answer → commit.
///
/// `admit` finds the caller and proves the authorisation; `effect` checks preconditions first and changes things after.
/// Both may run more than once.
pub async fn command<G, A, E>(call: Call, fingerprint: [u8; 32], admit: A, effect: E) -> Answer
where
    A: Fn(&mut Tx<'_>, &Call) -> Result<(Caller, G)> + Send + 'static,
    E: Fn(&mut Tx<'_>, G) -> Result<Reply> + Send + 'static,
{
    let inner = call.clone();
    let reply = call
        .desk
        .db
        .write(call.facts(), move |tx| {
            let (caller, granted) = admit(tx, &inner)?;
            match idempotency::claim(tx, &inner, &caller, &fingerprint)? {
                Claim::Replay(reply) => Ok(reply),
                Claim::None => effect(tx, granted),
                Claim::Fresh(id) => {
                    let reply = effect(tx, granted)?;
                    idempotency::save(tx, id, &reply)?;
                    Ok(reply)
                }
            }
        })
        .await
        .map_err(Failure)?;
    Ok(reply.into_response(&call))
}

/// Answers from one consistent snapshot.
pub async fn query<Q>(call: Call, answer: Q) -> Answer
where
    Q: FnOnce(&mut Snapshot<'_>, &Call) -> Result<Reply> + Send + 'static,
{
    let inner = call.clone();
    let reply = call.desk.db.read(move |snapshot| answer(snapshot, &inner)).await.map_err(Failure)?;
    Ok(reply.into_response(&call))
}
