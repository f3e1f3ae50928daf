//! Bids over HTTP. A plain offer is sealed outside the transaction and never stored, logged or hashed in the clear.

use actix_web::middleware::from_fn;
use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::attachments::{self, AttachmentRow};
use super::model::{BidRow, BidState, SealedBy};
use super::offer::PlainOffer;
use super::receipts_api::{AwaitIntegration, Keys, ReceiptView, Receipting, awaited};
use super::rules::FORMAT;
use super::{
    arrival, attachments_api, consortium, consortium_api, drafts_api, policy, receipts, receipts_api, reuse, reveals_api, service, store,
};
use crate::db::Tx;
use crate::kernel::error;
use crate::kernel::id::{AttachmentId, BidId, LotId, OrganisationId, TenderId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::policy::{District, authorize};
use crate::people::{self, Subject};
use crate::procurement::openers;
use crate::trust::checkpoint::JournalKey;
use crate::trust::held::Held;
use crate::trust::receipt::ReceiptKey;
use crate::trust::sealing::{self, SealTo, SealingKey};
use crate::web::limits::BID_BODY_BYTES;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply, hang_up};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(prepare_bid).service(submit_bid).service(list_bids).service(get_bid).service(withdraw_bid);
    config.configure(attachments_api::routes).configure(drafts_api::routes).configure(consortium_api::routes);
    config.configure(receipts_api::routes).configure(reveals_api::routes);
}

/// Where anybody finds the chain of the receipts' keys.
const RECEIPT_KEYS_URL: &str = "/api/v1/journal/keys?of=receipts";

/// A bid as its bidder sees it: everything but the content.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BidView {
    /// Id.
    pub id: BidId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Number of the bidder's submission for this lot.
    #[schema(example = 1)]
    pub sequence: i32,
    /// Where it stands.
    pub state: BidState,
    /// Why it is invalid.
    #[schema(example = "over_ceiling")]
    pub invalid_because: Option<String>,
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// SHA-256 of the stored ciphertext, which is the binary age file.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
    /// Instant of its last byte.
    pub received_at: UtcInstant,
    /// The receipt, in the answer of a submission; later at `GET /bids/{bid_id}/receipt`.
    pub receipt: Option<ReceiptView>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<BidRow> for BidView {
    fn from(row: BidRow) -> Self {
        Self {
            id: row.id,
            tender_id: row.tender_id,
            lot_id: row.lot_id,
            organisation_id: row.organisation_id,
            sequence: row.sequence,
            state: row.state,
            invalid_because: row.invalid_because,
            sealed_by: row.sealed_by,
            ciphertext_sha256: row.ciphertext_sha256,
            received_at: row.received_at,
            receipt: None,
            version: row.version,
        }
    }
}

/// What a sealed payload must hold.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealingView {
    /// age recipient to seal to.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: String,
    /// Value of `format`.
    #[schema(example = "baiyi-bid-1")]
    pub format: &'static str,
    /// Value of `tender_id`.
    pub tender_id: TenderId,
    /// Value of `lot_id`.
    pub lot_id: LotId,
    /// Value of `amendment`.
    #[schema(example = 0)]
    pub amendment: i32,
    /// Value of `organisation_id`.
    pub organisation_id: OrganisationId,
    /// Value of `sequence`.
    #[schema(example = 1)]
    pub sequence: i32,
    /// Value of `consortium`: the members who have confirmed.
    #[schema(max_items = 10)]
    pub consortium: Vec<OrganisationId>,
    /// What a signature names as `previous_sha256`: the hash of your submission before; null for the first.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub previous_sha256: Option<String>,
    /// The verifier key of receipts at present. Keep it from now, before there is anything to dispute.
    #[schema(example = "baiyi/330502/receipts+c74f20a3+ARpc…")]
    pub receipt_verifier_key: String,
    /// Where the receipts' keys are listed, each announced and signed by the one before it.
    #[schema(example = "/api/v1/journal/keys?of=receipts")]
    pub receipt_keys_url: &'static str,
    /// The verifier key of the journal's checkpoints.
    #[schema(example = "baiyi/330502+c74f20a3+ARpc…")]
    pub journal_verifier_key: String,
    /// Pad the JSON with spaces to a multiple of this many bytes.
    #[schema(example = 4096)]
    pub padding_bytes: usize,
}

/// Prepare a sealed bid
///
/// What the bidder's own client needs to seal: the recipient and the fields that bind the payload. The payload is a JSON object with
/// `format, tender_id, lot_id, amendment, organisation_id, sequence, nonce, price_fen, offer, attachments`, where `attachments` holds the
/// SHA-256 of each file's plaintext, and if wanted `consortium, subcontracting, declarations`. `nonce` is the hex of 32 random bytes. `baiyi seal` takes this
/// answer as a file and works offline.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "What to bind", body = SealingView)),
    extensions(("x-action" = json!(policy::PREPARE.name))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/sealing")]
async fn prepare_bid(
    call: Call,
    id: Id<LotId>,
    key: web::Data<SealingKey>,
    receipts: web::Data<Held<ReceiptKey>>,
    journal: web::Data<JournalKey>,
) -> Answer {
    let keys = Keys::current(&call, &receipts, &journal).await?;
    let (of_server, receipt_verifier_key, journal_verifier_key) = (key.recipient(), keys.receipts.verifier(), journal.verifier());
    people::query(call, move |snapshot, viewer| {
        let granted = service::may(snapshot, viewer.person()?, &policy::PREPARE, id.0)?;
        let desk = granted.subject();
        Reply::ok(&SealingView {
            recipient: openers::recipient(snapshot, &desk.file.tender, &of_server)?,
            format: FORMAT,
            tender_id: desk.file.tender.id,
            lot_id: desk.file.lot.id,
            amendment: desk.file.tender.amendment,
            organisation_id: desk.organisation,
            sequence: service::next_sequence(snapshot, desk)?,
            consortium: consortium::confirmed(snapshot, desk.file.lot.id, desk.organisation)?,
            previous_sha256: service::previous_sha256(snapshot, desk)?,
            receipt_verifier_key,
            receipt_keys_url: RECEIPT_KEYS_URL,
            journal_verifier_key,
            padding_bytes: sealing::PADDING_BYTES,
        })
    })
    .await
}

/// A bid: either sealed by the bidder or a plain offer.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"offer": {"price": {"amount_fen": 18_000_000, "currency": "CNY"}, "text": "两名持证社工，每周两次上门。"}}))]
pub struct SubmitBid {
    /// age file: its ASCII armor, or the base64 of the binary file, which is what is stored and hashed. At most 300 KiB in binary.
    #[serde(default)]
    #[schema(max_length = 450_000, example = "-----BEGIN AGE ENCRYPTED FILE-----\n…\n-----END AGE ENCRYPTED FILE-----\n")]
    pub ciphertext: Option<String>,
    /// A plain offer, sealed on arrival, where the tender takes it.
    #[serde(default)]
    pub offer: Option<PlainOffer>,
    /// Files uploaded for this lot that go with it, in their order. With a plain offer they are files that were sealed on arrival.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachment_ids: Vec<AttachmentId>,
    /// Signature of a confirmed key of your organisation, base64, over the canonical JSON (RFC 8785) of `format` (`baiyi-bid-signature-1`), `tender_id`,
    /// `lot_id`, `amendment`, `organisation_id`, `ciphertext_sha256`, `sequence` and `previous_sha256`. A bid without one is marked unsigned in the record.
    #[serde(default)]
    #[schema(
        min_length = 88,
        max_length = 88,
        example = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA=="
    )]
    pub signature: Option<String>,
    /// Whether the ciphertext has a second recipient: your own recovery key.
    #[serde(default)]
    #[schema(example = false)]
    pub recovery_recipient: bool,
}

/// Submit a bid
///
/// Before the deadline, once for each replacement. A plain offer is sealed to the tender's recipient before anything is stored and marked
/// `sealed_by: server`; a tender may forbid it. The answer waits for the journal to integrate the bid and holds its receipt, marked provisional if that took too long. Repeats under one Idempotency-Key are recognised by key, lot
/// and bidder alone: no hash of a price is stored.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot"), AwaitIntegration), request_body = SubmitBid,
    responses((status = 201, description = "Received", body = BidView)),
    extensions(("x-action" = json!(policy::SUBMIT.name)), ("x-problems" = json!(["bidding_closed", "bidder_not_eligible", "plain_offer_refused", "not_an_age_file", "extra_recipients", "truncated_ciphertext", "duplicate_ciphertext", "bid_signature_wrong", "bid_signature_missing", "consortium_not_confirmed", "rule_broken", "conflict"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/bids", wrap = "from_fn(hang_up)")]
async fn submit_bid(
    call: Call,
    id: Id<LotId>,
    key: web::Data<SealingKey>,
    receipting: Receipting,
    patience: Params<AwaitIntegration>,
    body: Body<SubmitBid, BID_BODY_BYTES>,
) -> Answer {
    let (receipts, journal, configured) = receipting;
    // The extractors have read the last byte.
    let received_at = call.desk.clock.now();
    let (lot, of_server, keys) = (id.0, key.recipient(), Keys::current(&call, &receipts, &journal).await?);
    let reading = call.clone();
    let named = body.get().map(|asked| asked.attachment_ids.clone()).unwrap_or_default();
    let offered = body.get().ok().and_then(|asked| asked.offer.as_ref());
    let declared = offered.map(|offer| offer.declarations.clone()).unwrap_or_default();
    // Sealing is slow and stays outside the transaction; the facts it binds are checked again inside.
    let (bound, files, recipient) = call
        .desk
        .db
        .read({
            let named = named.clone();
            move |snapshot| {
                let actor = people::actor::identify(snapshot, &reading)?;
                let granted = service::may(snapshot, &actor, &policy::SUBMIT, lot)?;
                let files = reuse::check(snapshot, granted.subject(), &declared, "/offer/declarations")
                    .and_then(|()| attachments::named(snapshot, granted.subject(), &named))
                    .map_err(|fault| fault_again(&fault));
                let recipient = openers::recipient(snapshot, &granted.subject().file.tender, &of_server)?;
                Ok((service::bound(snapshot, granted.subject())?, files, recipient))
            }
        })
        .await?;
    let (signature, recovery) = body.get().map(|asked| (asked.signature.clone(), asked.recovery_recipient)).unwrap_or_default();
    let sealed = match files {
        Err(again) => Err(again),
        Ok(files) => body
            .get()
            .and_then(|asked| arrival::seal(asked, &bound, &files, &key, &SealTo::parse(&recipient)?))
            .map_err(|fault| fault_again(&fault)),
    };
    let (wait, told, after) = (patience.get()?.time(**configured)?, keys.clone(), call.clone());
    let answer = people::command(
        call,
        hidden_fingerprint("bid", lot),
        move |tx, actor| service::may(tx, actor, &policy::SUBMIT, lot),
        move |tx, granted| {
            let (sealed_by, ciphertext) = sealed.as_ref().map_err(|again| again())?;
            let received = service::Received {
                sealed_by: *sealed_by,
                recipient: recipient.clone(),
                sequence: bound.sequence,
                ciphertext: ciphertext.clone(),
                attachments: named.clone(),
                members: bound.members.clone(),
                signature: signature.clone(),
                recovery,
                at: received_at,
            };
            submitted(service::submit_bound(tx, &granted, &bound, &received)?, tx, &keys)
        },
    )
    .await?;
    awaited(&after, answer, &told, wait).await
}

/// The answer of a submission, with its receipt.
pub(super) fn submitted(row: BidRow, tx: &mut Tx<'_>, keys: &Keys) -> Result<Reply> {
    let receipt = receipts::settle(tx, &row, &keys.receipts)?;
    let (id, version) = (row.id, row.version);
    let view = BidView { receipt: Some(keys.view(tx, &receipt)?), ..row.into() };
    Ok(Reply::created(format!("/api/v1/bids/{id}"), &view)?.tagged(version))
}

/// What an idempotency key of a secret request is bound to: what is asked and the lot. A stored hash of a price could be guessed.
pub(super) fn hidden_fingerprint(what: &str, lot: LotId) -> [u8; 32] {
    let mut fingerprint = Sha256::new();
    fingerprint.update(what.as_bytes());
    fingerprint.update(lot.uuid().as_bytes());
    fingerprint.finalize().into()
}

/// The hashes of the plaintexts of files that the server sealed.
pub(super) fn plain_hashes(files: &[AttachmentRow], key: &SealingKey) -> Result<Vec<String>> {
    let hash = |(index, file): (usize, &AttachmentRow)| {
        file.plain(key).map(|plain| plain.sha256).ok_or_else(|| {
            Error::field(
                format!("/attachment_ids/{index}"),
                words!("自行密封的附件须随自行密封的响应提交", "a file that you sealed goes with a bid that you sealed"),
            )
        })
    };
    files.iter().enumerate().map(hash).collect()
}

pub(super) type Again = Box<dyn Fn() -> Error + Send + Sync>;

/// Keeps a refusal so that it can be told in its turn, and again if the transaction runs twice.
pub(super) fn fault_again(fault: &Error) -> Again {
    match fault {
        Error::Refused(refusal) => {
            let (problem, detail, fields) = (refusal.problem, refusal.detail.clone(), refusal.fields.clone());
            Box::new(move || match (&detail, fields.is_empty()) {
                (_, false) => Error::fields(fields.clone()),
                (Some(detail), true) => problem.because(detail.clone()),
                (None, true) => problem.error(),
            })
        }
        other => {
            let words = other.to_string();
            Box::new(move || Error::internal(words.clone()))
        }
    }
}

/// Page of the bid list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBids {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List my organisation's bids
///
/// Newest first; no one else's are ever listed.
#[utoipa::path(tag = "bids", params(ListBids), responses((status = 200, description = "A page of bids", body = Page<BidView>)),
    extensions(("x-action" = json!(policy::LIST.name))), security(("bearer" = [])))]
#[get("/bids")]
async fn list_bids(call: Call, params: Params<ListBids>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        authorize(actor, &policy::LIST, District(actor.tenant))?;
        let organisation = actor.organisation.ok_or_else(|| error::FORBIDDEN.error())?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), "bids")?;
        let before = request.after_instant()?.map(|(at, id)| (at, BidId::new(id)));
        let rows = store::list(snapshot, actor.tenant, organisation, before, request.rows())?;
        Reply::page(&request.page(rows, |row| (row.received_at.to_string(), row.id.uuid()), BidView::from), &params.path, &params.raw)
    })
    .await
}

/// Read a bid
///
/// Only its own organisation can read it here; after the opening, the opening record is public.
#[utoipa::path(tag = "bids", params(("bid_id" = BidId, Path, description = "The bid")), responses((status = 200, description = "The bid", body = BidView)), security(("bearer" = [])))]
#[get("/bids/{bid_id}")]
async fn get_bid(call: Call, id: Id<BidId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = store::find(snapshot, actor.tenant, id.0)?.filter(|row| row.visible_to(actor)).ok_or_else(|| error::NOT_FOUND.error())?;
        let version = row.version;
        Ok(Reply::ok(&BidView::from(row))?.tagged(version))
    })
    .await
}

/// How a bid is taken back.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBid {
    /// Signature over the statement of the bid with `format` `baiyi-withdrawal-signature-1` and the amendment in force, base64.
    #[serde(default)]
    #[schema(
        min_length = 88,
        max_length = 88,
        example = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA=="
    )]
    pub signature: Option<String>,
}

/// Withdraw a bid
///
/// Takes a sealed bid back before the deadline.
#[utoipa::path(tag = "bids", params(("bid_id" = BidId, Path, description = "The bid")), request_body = WithdrawBid,
    responses((status = 200, description = "Withdrawn", body = BidView)),
    extensions(("x-action" = json!(policy::WITHDRAW.name)), ("x-problems" = json!(["bidding_closed", "bid_signature_wrong", "bid_signature_missing"]))),
    security(("bearer" = [])))]
#[post("/bids/{bid_id}/withdrawal")]
async fn withdraw_bid(call: Call, id: Id<BidId>, body: Body<WithdrawBid>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_withdraw(tx, actor, id.0),
        move |tx, granted| {
            let row = service::withdraw(tx, &granted, body.get()?.signature.as_deref())?;
            let version = row.version;
            Ok(Reply::ok(&BidView::from(row))?.tagged(version))
        },
    )
    .await
}
