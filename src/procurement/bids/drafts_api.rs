//! Drafts over HTTP. Answers that are saved for repeats never hold what a draft says.

use actix_web::middleware::from_fn;
use actix_web::{delete, get, post, put, web};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{BidView, fault_again, hidden_fingerprint, submitted};
use super::model::SealedBy;
use super::offer::{OfferDraft, PlainOffer};
use super::receipts_api::{AwaitIntegration, Keys, Receipting, awaited};
use super::{attachments, drafts, policy, reuse, rules, service};
use crate::kernel::id::{BidDraftId, LotId};
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::procurement::openers;
use crate::trust::sealing::{SealTo, SealingKey};
use crate::web::limits::BID_BODY_BYTES;
use crate::web::{Answer, Body, Call, Id, Params, Reply, hang_up};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(keep_draft_bid).service(read_draft_bid).service(discard_draft_bid).service(submit_draft_bid);
}

/// That a draft is kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeptDraft {
    /// Id.
    pub id: BidDraftId,
    /// Lot.
    pub lot_id: LotId,
    /// When it was written last.
    pub updated_at: UtcInstant,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<drafts::DraftRow> for KeptDraft {
    fn from(row: drafts::DraftRow) -> Self {
        Self { id: row.id, lot_id: row.lot_id, updated_at: row.updated_at, version: row.version }
    }
}

/// A draft with what it says.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DraftView {
    /// That it is kept.
    pub kept: KeptDraft,
    /// What it says.
    pub draft: OfferDraft,
}

/// Keep a draft of a bid
///
/// Sealed to the server's key and shown to one's own organisation only; not a bid. A draft that is there is replaced and needs its version.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), request_body = OfferDraft,
    responses((status = 200, description = "Kept", body = KeptDraft)),
    extensions(("x-action" = json!(policy::KEEP_DRAFT.name)), ("x-problems" = json!(["bidding_closed", "plain_offer_refused"]))), security(("bearer" = [])))]
#[put("/lots/{lot_id}/draft-bid", wrap = "from_fn(hang_up)")]
async fn keep_draft_bid(call: Call, id: Id<LotId>, key: web::Data<SealingKey>, body: Body<OfferDraft, BID_BODY_BYTES>) -> Answer {
    let (lot, recipient) = (id.0, key.recipient());
    let sealed = body.get().and_then(|draft| drafts::seal(draft, &key)).map_err(|fault| fault_again(&fault));
    people::command(
        call,
        hidden_fingerprint("draft", lot),
        move |tx, actor| drafts::may(tx, actor, &policy::KEEP_DRAFT, lot),
        move |tx, granted| {
            let ciphertext = sealed.as_ref().map_err(|again| again())?;
            let row = drafts::keep(tx, &granted, &recipient, ciphertext)?;
            let version = row.version;
            Ok(Reply::ok(&KeptDraft::from(row))?.tagged(version))
        },
    )
    .await
}

/// Read my organisation's draft
///
/// To everybody else it does not exist.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "The draft", body = DraftView)),
    extensions(("x-action" = json!(policy::READ_DRAFT.name))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/draft-bid", wrap = "from_fn(hang_up)")]
async fn read_draft_bid(call: Call, id: Id<LotId>, key: web::Data<SealingKey>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let granted = drafts::may(snapshot, viewer.person()?, &policy::READ_DRAFT, id.0)?;
        let row = drafts::existing(granted.subject())?.clone();
        let draft = drafts::open(&row, &key)?;
        let version = row.version;
        Ok(Reply::ok(&DraftView { kept: row.into(), draft })?.tagged(version))
    })
    .await
}

/// Discard a draft
///
/// Nothing of it is kept.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 204, description = "Discarded")),
    extensions(("x-action" = json!(policy::KEEP_DRAFT.name))), security(("bearer" = [])))]
#[delete("/lots/{lot_id}/draft-bid")]
async fn discard_draft_bid(call: Call, id: Id<LotId>) -> Answer {
    let lot = id.0;
    people::command(
        call,
        hidden_fingerprint("discard", lot),
        move |tx, actor| drafts::may(tx, actor, &policy::KEEP_DRAFT, lot),
        |tx, granted| {
            let row = drafts::existing(granted.subject())?.clone();
            drafts::discard(tx, &granted, &row)?;
            Ok(Reply::empty())
        },
    )
    .await
}

/// Submit the draft
///
/// The draft becomes the bid, with the attachments that it names, and is discarded. An earlier bid is replaced.
#[utoipa::path(tag = "bids", params(("lot_id" = LotId, Path, description = "The lot"), AwaitIntegration), responses((status = 201, description = "Received", body = BidView)),
    extensions(("x-action" = json!(policy::SUBMIT_DRAFT.name)),
        ("x-problems" = json!(["bidding_closed", "bidder_not_eligible", "plain_offer_refused", "draft_unfinished", "bid_signature_missing", "consortium_not_confirmed", "rule_broken", "conflict"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/draft-bid/submission")]
async fn submit_draft_bid(
    call: Call,
    id: Id<LotId>,
    key: web::Data<SealingKey>,
    receipting: Receipting,
    patience: Params<AwaitIntegration>,
) -> Answer {
    let (receipts, journal, configured) = receipting;
    let received_at = call.desk.clock.now();
    let keys = Keys::current(&call, &receipts, &journal).await?;
    let (lot, reading) = (id.0, call.clone());
    let prepared = call
        .desk
        .db
        .read(move |snapshot| {
            let actor = people::actor::identify(snapshot, &reading)?;
            let granted = drafts::may(snapshot, &actor, &policy::SUBMIT_DRAFT, lot)?;
            let row = drafts::existing(granted.subject())?.clone();
            let bound = service::bound(snapshot, &granted.subject().desk)?;
            // What the draft lacks is told in its turn, after the precondition.
            let recipient = openers::recipient(snapshot, &granted.subject().desk.file.tender, &key.recipient())?;
            let sealed = seal_draft(snapshot, &granted.subject().desk, &row, &bound, &key, &recipient).map_err(|fault| fault_again(&fault));
            Ok((row.version, bound, sealed, recipient))
        })
        .await?;
    let (drafted, bound, sealed, recipient) = prepared;
    let (wait, told, after) = (patience.get()?.time(**configured)?, keys.clone(), call.clone());
    let answer = people::command(
        call,
        hidden_fingerprint("submit", lot),
        move |tx, actor| {
            let granted = drafts::may(tx, actor, &policy::SUBMIT_DRAFT, lot)?;
            drafts::existing(granted.subject())?;
            Ok(granted)
        },
        move |tx, granted| {
            let (ciphertext, files) = sealed.as_ref().map_err(|again| again())?;
            let row = drafts::existing(granted.subject())?.clone();
            if granted.subject().version() != Some(drafted) {
                return Err(error::CONFLICT.error());
            }
            let granted = granted.narrow(|desk| desk.desk);
            let received = service::Received {
                sealed_by: SealedBy::Server,
                recipient: recipient.clone(),
                sequence: bound.sequence,
                ciphertext: ciphertext.clone(),
                attachments: files.clone(),
                members: bound.members.clone(),
                signature: None,
                recovery: false,
                at: received_at,
            };
            let bid = service::submit_bound(tx, &granted, &bound, &received)?;
            drafts::discard(tx, &granted, &row)?;
            submitted(bid, tx, &keys)
        },
    )
    .await?;
    awaited(&after, answer, &told, wait).await
}

type SealedDraft = (Vec<u8>, Vec<crate::kernel::id::AttachmentId>);

fn seal_draft(
    db: &mut crate::db::Db,
    desk: &super::model::BidDesk,
    row: &drafts::DraftRow,
    bound: &super::offer::Bound,
    key: &SealingKey,
    recipient: &str,
) -> Result<SealedDraft, Error> {
    let (offer, files) = PlainOffer::of_draft(drafts::open(row, key)?)?;
    reuse::check(db, desk, &offer.declarations, "/declarations").map_err(|fault| match fault {
        Error::Refused(_) => rules::DRAFT_UNFINISHED.because(words!(
            "引用的声明须为本组织在截止日有效的同类声明",
            "a declaration that it repeats must be one of your own file, of the same kind, in force on the day of the deadline"
        )),
        other => other,
    })?;
    let named = attachments::named(db, desk, &files)?;
    let hashes = super::api::plain_hashes(&named, key)?;
    Ok((offer.seal(bound, hashes, &SealTo::parse(recipient)?)?, files))
}
