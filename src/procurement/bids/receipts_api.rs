//! Receipts over HTTP.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::BidRow;
use super::receipts::{self, ReceiptRow};
use super::store;
use crate::db::Db;
use crate::kernel::id::BidId;
use crate::kernel::{Error, Result, error};
use crate::people::{self, Subject};
use crate::trust::checkpoint::JournalKey;
use crate::trust::held::Held;
use crate::trust::keychain::KeyOf;
use crate::trust::receipt::{self, ReceiptKey};
use crate::trust::sequencer;
use crate::web::{Answer, Call, Failure, Id, Params, Reply};
use crate::words;

/// Longest wait for a final receipt, in seconds.
const WAIT_MAX: u64 = 10;
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_bid_receipt);
}

crate::text_enum! {
    /// Whether a receipt proves its place in the journal.
    pub enum ReceiptState {
        /// The entry awaits its place; ask again.
        Provisional = "provisional",
        /// It has index, inclusion proof and checkpoint, and will not change.
        Final = "final",
    }
}

/// The receipt of a bid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReceiptView {
    /// Whether it proves its place.
    pub state: ReceiptState,
    /// A C2SP signed note, byte by byte: keep it as a file.
    #[schema(example = "baiyi/330502/receipts\nbaiyi-receipt-1\nbid 0192…\n…\n\n— baiyi/330502/receipts x09…=\n")]
    pub note: String,
    /// The verifier key (vkey) of the note: the key that signed it. Compare it with those that the district publishes.
    #[schema(example = "baiyi/330502/receipts+c74f20a3+ARpc…")]
    pub verifier_key: String,
    /// The verifier key of the checkpoint in it.
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub journal_verifier_key: String,
}

/// The keys behind a receipt.
#[derive(Clone)]
pub(super) struct Keys {
    /// Signs receipts.
    pub receipts: Arc<ReceiptKey>,
    /// Signs checkpoints.
    pub journal: Arc<JournalKey>,
}

impl Keys {
    /// The keys that count now; after a rotation the new key of receipts is taken from its file.
    pub(super) async fn current(call: &Call, receipts: &web::Data<Held<ReceiptKey>>, journal: &web::Data<JournalKey>) -> Result<Self> {
        let held = receipts.get().verifier();
        let (chain, _) = call.desk.db.read(move |snapshot| sequencer::chain(snapshot, KeyOf::Receipts, &held)).await?;
        if let Err(fault) = receipts.follow(&chain) {
            // Reading goes on; what would be signed is refused in its turn.
            tracing::error!(%fault, "the key of receipts could not be followed");
        }
        Ok(Self { receipts: receipts.get(), journal: Arc::clone(journal) })
    }

    /// The view of a receipt, with the keys that signed it and its checkpoint: after a rotation a stored receipt stays what it was.
    pub(super) fn view(&self, db: &mut Db, row: &ReceiptRow) -> Result<ReceiptView> {
        let (note, own) = (row.note().to_owned(), self.receipts.verifier());
        let (chain, _) = sequencer::chain(db, KeyOf::Receipts, &own)?;
        let signed = chain.keys().find_map(|key| Some((key.to_owned(), receipt::open(&note, key)?)));
        let (verifier_key, place) = signed.map_or((own, None), |(key, said)| (key, said.place));
        let (keys, _) = sequencer::chain(db, KeyOf::Journal, &self.journal.verifier())?;
        let head = place.and_then(|place| keys.open(&place.checkpoint));
        Ok(ReceiptView {
            state: if row.finished.is_some() { ReceiptState::Final } else { ReceiptState::Provisional },
            verifier_key,
            journal_verifier_key: head.map_or(keys.last(), |head| keys.at(head.size)).to_owned(),
            note,
        })
    }
}

/// How long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AwaitReceipt {
    /// Seconds to wait for the final receipt, at most 10; without it the answer is what is there.
    #[serde(default)]
    #[param(minimum = 0, maximum = 10, example = 5)]
    wait: u64,
}

/// Read the receipt of a bid
///
/// The signed note of a submission: bid, lot, SHA-256 of the ciphertext, instant, and the journal entry with its salt; once the entry has its place also index,
/// inclusion proof and checkpoint. Its own organisation only. `docs/trust.md` checks it with a few lines of Python.
#[utoipa::path(tag = "bids", params(("bid_id" = BidId, Path, description = "The bid"), AwaitReceipt),
    responses((status = 200, description = "The receipt", body = ReceiptView)), security(("bearer" = [])))]
#[get("/bids/{bid_id}/receipt")]
async fn get_bid_receipt(
    call: Call,
    id: Id<BidId>,
    params: Params<AwaitReceipt>,
    receipts: web::Data<Held<ReceiptKey>>,
    journal: web::Data<JournalKey>,
) -> Answer {
    let keys = Keys::current(&call, &receipts, &journal).await.map_err(Failure)?;
    let bid = own(&call, id.0).await.map_err(Failure)?;
    let wait = params.get().map_err(Failure)?.wait;
    if wait > WAIT_MAX {
        return Err(Failure(Error::field("wait", words!("最多 {WAIT_MAX} 秒", "at most {WAIT_MAX} seconds"))));
    }
    let row = settled(&call, &bid, &keys, Duration::from_secs(wait)).await.map_err(Failure)?;
    let view = call.desk.db.read(move |snapshot| keys.view(snapshot, &row)).await.map_err(Failure)?;
    Ok(Reply::ok(&view).map_err(Failure)?.into_response(&call))
}

/// A bid of the caller's organisation.
async fn own(call: &Call, id: BidId) -> Result<BidRow> {
    people::desk::admit(call, move |db, actor| {
        store::find(db, actor.tenant, id)?.filter(|row| row.visible_to(actor)).ok_or_else(|| error::NOT_FOUND.error())
    })
    .await
}

/// How long a submission waits for the final receipt when its sender does not say; configured.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReceiptWait(pub Duration);

/// What a submission's receipt is made with.
pub(super) type Receipting = (web::Data<Held<ReceiptKey>>, web::Data<JournalKey>, web::Data<ReceiptWait>);

/// How long a submission waits.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AwaitIntegration {
    /// Seconds that the answer waits until the journal has integrated the bid, at most 10; without it as many as this server is configured to. The bid is
    /// received before the wait begins. A receipt that is not final by then says that it is provisional.
    #[param(minimum = 0, maximum = 10, example = 5)]
    wait: Option<u64>,
}

impl AwaitIntegration {
    /// The time to wait.
    pub(super) fn time(&self, configured: ReceiptWait) -> Result<Duration> {
        match self.wait {
            None => Ok(configured.0),
            Some(wait) if wait <= WAIT_MAX => Ok(Duration::from_secs(wait)),
            Some(_) => Err(Error::field("wait", words!("最多 {WAIT_MAX} 秒", "at most {WAIT_MAX} seconds"))),
        }
    }
}

/// The answer of a submission once its receipt is final, or the time is over. What is kept for repeats stays the provisional one, and so does the answer
/// when the waiting fails: the bid is received.
pub(super) async fn awaited(call: &Call, answer: HttpResponse, keys: &Keys, wait: Duration) -> Answer {
    if answer.status() != StatusCode::CREATED || wait.is_zero() {
        return Ok(answer);
    }
    let (head, body) = answer.into_parts();
    let body = to_bytes(body).await.map_err(|_| Failure(Error::internal("the answer of a submission broke off")))?;
    let told = match finished(call, &body, keys, wait).await {
        Ok(text) => BoxBody::new(text),
        Err(fault) => {
            tracing::error!(%fault, "the receipt of a submission could not be waited for");
            BoxBody::new(body)
        }
    };
    Ok(head.set_body(told))
}

/// The body of a submission's answer with the receipt as it stands after the wait.
async fn finished(call: &Call, body: &[u8], keys: &Keys, wait: Duration) -> Result<String> {
    let unread = || Error::internal("the answer of a submission is no bid");
    let mut view: Value = serde_json::from_slice(body).map_err(|_| unread())?;
    let id: BidId = view.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()).ok_or_else(unread)?;
    let row = settled(call, &own(call, id).await?, keys, wait).await?;
    let keys = keys.clone();
    let receipt = call.desk.db.read(move |snapshot| keys.view(snapshot, &row)).await?;
    *view.get_mut("receipt").ok_or_else(unread)? = json!(receipt);
    Ok(view.to_string())
}

async fn settled(call: &Call, bid: &BidRow, keys: &Keys, wait: Duration) -> Result<ReceiptRow> {
    let mut left = wait;
    loop {
        let (bid, key) = (bid.clone(), Arc::clone(&keys.receipts));
        let row = call.desk.db.write(call.facts(), move |tx| receipts::settle(tx, &bid, &key)).await?;
        if row.finished.is_some() || left.is_zero() {
            return Ok(row);
        }
        tokio::time::sleep(PAUSE.min(left)).await;
        left = left.saturating_sub(PAUSE);
    }
}
