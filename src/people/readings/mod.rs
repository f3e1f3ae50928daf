//! The reading log: who read personal data and the content of bids, and everything that auditors read. Written before the answer is given.

pub mod api;
pub mod policy;
pub(crate) mod store;

use crate::db::Facts;
use crate::kernel::Result;
use crate::people::proof::Proof;
use crate::people::{Actor, Role};
use crate::web::Call;

/// What an answer shows of people.
pub const PERSONAL_DATA: &str = "personal_data";
/// What an answer shows of bids that are not public.
pub const BID_CONTENT: &str = "bid_content";
/// Whatever an auditor reads.
const AUDIT: &str = "audit";

/// Why the reading of an answer is logged; `None` when it is not.
pub fn why(actor: Option<&Actor>, shows: Option<&'static str>) -> Option<&'static str> {
    let actor = actor?;
    shows.or_else(|| actor.own.contains(&Role::Auditor).then_some(AUDIT))
}

/// Logs a reading. What cannot be logged is not shown: the caller passes the error on in place of the answer.
pub async fn log(call: &Call, actor: &Actor, why: &'static str) -> Result<()> {
    let facts = Facts { account: Some(actor.account), ..call.facts() };
    let token = match &actor.proof {
        Proof::Token(grant) => Some(grant.token),
        Proof::Fresh | Proof::Stale => None,
    };
    let (tenant, account, operation, request) = (actor.tenant, actor.account, call.operation.clone(), call.request());
    call.desk
        .db
        .write(facts, move |tx| {
            let row = store::ReadingRow {
                id: tx.new_id(),
                tenant_id: tenant,
                account_id: account,
                token_id: token,
                operation: operation.chars().take(500).collect(),
                why: why.to_owned(),
                request_id: request.map(crate::kernel::id::AnyId::new),
                created_at: tx.now(),
            };
            store::insert(tx, &row)
        })
        .await
}
