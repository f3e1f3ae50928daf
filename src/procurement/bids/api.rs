//! Bids over HTTP. A plain offer is sealed outside the transaction and never stored, logged or hashed in the clear.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::attachments::{self, AttachmentRow};
use super::model::{BidRow, BidState, SealedBy};
use super::offer::{Bound, PlainOffer};
use super::rules::{self, CIPHERTEXT_MAX, FORMAT};
use super::{attachments_api, consortium, consortium_api, drafts_api, policy, service, store};
use crate::kernel::error;
use crate::kernel::id::{AttachmentId, BidId, LotId, OrganisationId, TenderId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::people::policy::{District, authorize};
use crate::people::{self, Subject};
use crate::procurement::openers;
use crate::trust::sealing::{self, SealTo, SealingKey};
use crate::web::limits::BID_BODY_BYTES;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(prepare_bid).service(submit_bid).service(list_bids).service(get_bid).service(withdraw_bid);
    config.configure(attachments_api::routes).configure(drafts_api::routes).configure(consortium_api::routes);
}

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
    /// SHA-256 of the stored ciphertext: the receipt.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
    /// Instant of its last byte.
    pub received_at: UtcInstant,
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
    /// Pad the JSON with spaces to a multiple of this many bytes.
    #[schema(example = 4096)]
    pub padding_bytes: usize,
}

/// Prepare a sealed bid
///
/// What the bidder's own client needs to seal: the recipient and the fields that bind the payload. The payload is a JSON object with
/// `format, tender_id, lot_id, amendment, organisation_id, sequence, nonce, price_fen, offer, attachments`, where `attachments` holds the
/// SHA-256 of each file's plaintext, and if wanted `consortium, subcontracting, declarations`.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "What to bind", body = SealingView)),
    extensions(("x-action" = json!(policy::PREPARE.name))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/sealing")]
async fn prepare_bid(call: Call, id: Id<LotId>, key: web::Data<SealingKey>) -> Answer {
    let of_server = key.recipient();
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
    /// age file in ASCII armor.
    #[serde(default)]
    #[schema(max_length = 307_200, example = "-----BEGIN AGE ENCRYPTED FILE-----\n…\n-----END AGE ENCRYPTED FILE-----\n")]
    pub ciphertext: Option<String>,
    /// A plain offer, sealed on arrival, where the tender takes it.
    #[serde(default)]
    pub offer: Option<PlainOffer>,
    /// Files uploaded for this lot that go with it, in their order. With a plain offer they are files that were sealed on arrival.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachment_ids: Vec<AttachmentId>,
}

/// Submit a bid
///
/// Before the deadline, once for each replacement. A plain offer is sealed to the tender's recipient before anything is stored and marked
/// `sealed_by: server`; a tender may forbid it. The answer is the receipt. Repeats under one Idempotency-Key are recognised by key, lot
/// and bidder alone: no hash of a price is stored.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), request_body = SubmitBid,
    responses((status = 201, description = "Received", body = BidView)),
    extensions(("x-action" = json!(policy::SUBMIT.name)), ("x-problems" = json!(["bidding_closed", "bidder_not_eligible", "plain_offer_refused", "not_an_age_file", "consortium_not_confirmed", "rule_broken", "conflict"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/bids")]
async fn submit_bid(call: Call, id: Id<LotId>, key: web::Data<SealingKey>, body: Body<SubmitBid, BID_BODY_BYTES>) -> Answer {
    // The extractors have read the last byte.
    let received_at = call.desk.clock.now();
    let (lot, of_server) = (id.0, key.recipient());
    let reading = call.clone();
    let named = body.get().map(|asked| asked.attachment_ids.clone()).unwrap_or_default();
    // Sealing is slow and stays outside the transaction; the facts it binds are checked again inside.
    let (bound, files, recipient) = call
        .desk
        .db
        .read({
            let named = named.clone();
            move |snapshot| {
                let actor = people::actor::identify(snapshot, &reading)?;
                let granted = service::may(snapshot, &actor, &policy::SUBMIT, lot)?;
                let files = attachments::named(snapshot, granted.subject(), &named).map_err(|fault| fault_again(&fault));
                let recipient = openers::recipient(snapshot, &granted.subject().file.tender, &of_server)?;
                Ok((service::bound(snapshot, granted.subject())?, files, recipient))
            }
        })
        .await?;
    let sealed = match files {
        Err(again) => Err(again),
        Ok(files) => {
            body.get().and_then(|asked| seal(asked, &bound, &files, &key, &SealTo::parse(&recipient)?)).map_err(|fault| fault_again(&fault))
        }
    };
    people::command(
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
                at: received_at,
            };
            let row = service::submit(tx, &granted, &received)?;
            let (id, version) = (row.id, row.version);
            Ok(Reply::created(format!("/api/v1/bids/{id}"), &BidView::from(row))?.tagged(version))
        },
    )
    .await
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

fn seal(asked: &SubmitBid, bound: &Bound, files: &[AttachmentRow], key: &SealingKey, to: &SealTo) -> Result<(SealedBy, Vec<u8>)> {
    match (&asked.ciphertext, &asked.offer) {
        (Some(ciphertext), None) => {
            if ciphertext.len() > CIPHERTEXT_MAX {
                return Err(Error::field("/ciphertext", words!("最多 {CIPHERTEXT_MAX} 字节", "at most {CIPHERTEXT_MAX} bytes")));
            }
            if !sealing::looks_sealed(ciphertext.as_bytes()) {
                return Err(rules::NOT_SEALED.error());
            }
            Ok((SealedBy::Bidder, ciphertext.clone().into_bytes()))
        }
        (None, Some(offer)) => Ok((SealedBy::Server, offer.seal(bound, plain_hashes(files, key)?, to)?)),
        _ => Err(Error::field("", words!("须恰好给出 ciphertext 与 offer 之一", "give exactly one of ciphertext and offer"))),
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

/// Withdraw a bid
///
/// Takes a sealed bid back before the deadline.
#[utoipa::path(tag = "bids", params(("bid_id" = BidId, Path, description = "The bid")), responses((status = 200, description = "Withdrawn", body = BidView)),
    extensions(("x-action" = json!(policy::WITHDRAW.name)), ("x-problems" = json!(["bidding_closed"]))), security(("bearer" = [])))]
#[post("/bids/{bid_id}/withdrawal")]
async fn withdraw_bid(call: Call, id: Id<BidId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| service::may_withdraw(tx, actor, id.0),
        |tx, granted| {
            let row = service::withdraw(tx, &granted)?;
            let version = row.version;
            Ok(Reply::ok(&BidView::from(row))?.tagged(version))
        },
    )
    .await
}
