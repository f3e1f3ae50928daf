//! `command` and `query` with people: the caller is identified and authorised inside the transaction.

use super::actor::{Actor, Viewer, identify, viewer};
use super::policy::{Authorized, Subject};
use super::tenants;
use crate::db::{Snapshot, Tx};
use crate::kernel::Result;
use crate::kernel::id::TenantId;
use crate::web::{self, Answer, Call, Caller, Reply};

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

/// A read by a person or the public.
pub async fn query<Q>(call: Call, answer: Q) -> Answer
where
    Q: FnOnce(&mut Snapshot<'_>, &Viewer) -> Result<Reply> + Send + 'static,
{
    web::query(call, move |snapshot, call| {
        let viewer = viewer(snapshot, call)?;
        answer(snapshot, &viewer)
    })
    .await
}

/// Refuses a caller who may not, before anything slow is done for it outside the transaction. The command checks again.
pub async fn admit<A>(call: &Call, check: A) -> Result<()>
where
    A: FnOnce(&mut Snapshot<'_>, &Actor) -> Result<()> + Send + 'static,
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
