//! `command` and `query` with people: the caller is identified and authorised inside the transaction.

use super::actor::{Actor, Viewer, identify, viewer};
use super::policy::{Authorized, Subject};
use super::{readings, tenants};
use crate::db::{Snapshot, Tx};
use crate::kernel::Result;
use crate::kernel::id::TenantId;
use crate::web::{self, Answer, Call, Caller, Failure, Reply};

/// A change by a signed-in person. `admit` proves the authorisation (404, 403); then version (428, 412) and state (409) are checked;
/// then `effect` runs.
pub async fn command<T, A, E>(call: Call, fingerprint: [u8; 32], admit: A, effect: E) -> Answer
where
    T: Subject,
    A: Fn(&mut Tx<'_>, &Actor) -> Result<Authorized<T>> + Send + 'static,
    E: Fn(&mut Tx<'_>, Authorized<T>) -> Result<Reply> + Send + 'static,
{
    web::command(
        call,
        fingerprint,
        move |tx, call| {
            let actor = identify(tx, call)?;
            let granted = admit(tx, &actor)?;
            tx.act_for(actor.account);
            tx.act_as(granted.capacity().note());
            Ok((Caller { tenant: actor.tenant, name: actor.account.to_string() }, granted))
        },
        move |tx, granted| {
            granted.begin(tx)?;
            effect(tx, granted)
        },
    )
    .await
}

/// A change that anybody may ask for, without an account (a registration).
pub async fn public_command<E>(call: Call, fingerprint: [u8; 32], effect: E) -> Answer
where
    E: Fn(&mut Tx<'_>, TenantId) -> Result<Reply> + Send + 'static,
{
    web::command(
        call,
        fingerprint,
        |tx, call| {
            let tenant = tenants::by_code(tx, &call.district)?;
            Ok((Caller { tenant, name: "public".to_owned() }, tenant))
        },
        effect,
    )
    .await
}

/// A change by a signed-in person whose answer holds a secret: never saved under an idempotency key. Otherwise like [`command`].
pub async fn unsaved<T, R, A, E>(call: &Call, admit: A, effect: E) -> Result<R>
where
    T: Subject,
    R: Send + 'static,
    A: Fn(&mut Tx<'_>, &Actor) -> Result<Authorized<T>> + Send + 'static,
    E: Fn(&mut Tx<'_>, &Authorized<T>) -> Result<R> + Send + 'static,
{
    let inner = call.clone();
    call.desk
        .db
        .write(call.facts(), move |tx| {
            let actor = identify(tx, &inner)?;
            let granted = admit(tx, &actor)?;
            tx.act_for(actor.account);
            tx.act_as(granted.capacity().note());
            granted.begin(tx)?;
            effect(tx, &granted)
        })
        .await
}

/// A read by a person or the public. What shows people or bids, and whatever an auditor reads, is logged before it is shown.
pub async fn query<Q>(call: Call, answer: Q) -> Answer
where
    Q: FnOnce(&mut Snapshot<'_>, &Viewer) -> Result<Reply> + Send + 'static,
{
    let inner = call.clone();
    let (reply, actor) = call
        .desk
        .db
        .read(move |snapshot| {
            let viewer = viewer(snapshot, &inner)?;
            let reply = answer(snapshot, &viewer)?;
            Ok((reply, viewer.actor))
        })
        .await
        .map_err(Failure)?;
    if let Some((actor, why)) = actor.as_ref().zip(readings::why(actor.as_ref(), reply.logged)) {
        readings::log(&call, actor, why).await?;
    }
    Ok(reply.into_response(&call))
}

/// Looks something up for an answer that is not JSON (a file); logged like [`query`]. `shows` says what the file shows of people or bids.
pub async fn fetch<T, Q>(call: &Call, shows: Option<&'static str>, look: Q) -> Result<T>
where
    T: Send + 'static,
    Q: FnOnce(&mut Snapshot<'_>, &Viewer) -> Result<T> + Send + 'static,
{
    let inner = call.clone();
    let (found, actor) = call
        .desk
        .db
        .read(move |snapshot| {
            let viewer = viewer(snapshot, &inner)?;
            let found = look(snapshot, &viewer)?;
            Ok((found, viewer.actor))
        })
        .await?;
    if let Some((actor, why)) = actor.as_ref().zip(readings::why(actor.as_ref(), shows)) {
        readings::log(call, actor, why).await?;
    }
    Ok(found)
}

/// Refuses a caller who may not, before anything slow is done for it outside the transaction, and gives what the slow work needs to know. The command
/// checks again.
pub async fn admit<T, A>(call: &Call, check: A) -> Result<T>
where
    T: Send + 'static,
    A: FnOnce(&mut Snapshot<'_>, &Actor) -> Result<T> + Send + 'static,
{
    let inner = call.clone();
    call.desk
        .db
        .read(move |snapshot| {
            let actor = identify(snapshot, &inner)?;
            check(snapshot, &actor)
        })
        .await
}
