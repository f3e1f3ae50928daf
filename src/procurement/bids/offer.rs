//! What a bidder offers, as the API takes it, and how it becomes a sealed payload. Nothing here is stored, logged or hashed in the clear.

use serde::{Deserialize, Serialize};

use super::rules::{self, BidPayload, Declared, FORMAT};
use crate::kernel::id::{AttachmentId, LotId, OrganisationId, TenderId};
use crate::kernel::{Entropy, Error, Money, Result};
use crate::trust::sealing::SealTo;

/// A plain offer.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"price": {"amount_fen": 18_000_000, "currency": "CNY"}, "text": "两名持证社工，每周两次上门。"}))]
pub struct PlainOffer {
    /// The price. Above the ceiling is found invalid at the opening, not here.
    pub price: Money,
    /// What is offered.
    #[schema(min_length = 1, max_length = 20_000, example = "两名持证社工，每周两次上门。")]
    pub text: String,
    /// What is given to subcontractors and to whom; absent when nothing is.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2_000, example = "助浴设备的运输分包给本地物流企业，占报价 5%。")]
    pub subcontracting: Option<String>,
    /// Declarations made or reused, with their expiry.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub declarations: Vec<Declared>,
}

/// A draft: anything of an offer may still be missing.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "两名持证社工，每周两次上门。"}))]
pub struct OfferDraft {
    /// The price.
    #[serde(default)]
    pub price: Option<Money>,
    /// What is offered.
    #[serde(default)]
    #[schema(max_length = 20_000, example = "两名持证社工，每周两次上门。")]
    pub text: String,
    /// What is given to subcontractors.
    #[serde(default)]
    #[schema(max_length = 2_000, example = "助浴设备的运输分包给本地物流企业，占报价 5%。")]
    pub subcontracting: Option<String>,
    /// Declarations.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub declarations: Vec<Declared>,
    /// Attachments to go with it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachment_ids: Vec<AttachmentId>,
}

/// Where an offer goes and what goes with it.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Tender.
    pub tender: TenderId,
    /// Lot.
    pub lot: LotId,
    /// Bidder.
    pub organisation: OrganisationId,
    /// Amendment in force.
    pub amendment: i32,
    /// Number of the bidder's submission for this lot.
    pub sequence: i32,
    /// Consortium members who confirmed.
    pub members: Vec<OrganisationId>,
}

impl PlainOffer {
    /// The offer of a finished draft.
    pub fn of_draft(draft: OfferDraft) -> Result<(Self, Vec<AttachmentId>)> {
        let price = draft.price.ok_or_else(|| rules::DRAFT_UNFINISHED.error())?;
        let offer = Self { price, text: draft.text, subcontracting: draft.subcontracting, declarations: draft.declarations };
        rules::check_plain(price.amount_fen, &offer.text, offer.subcontracting.as_deref(), &offer.declarations)
            .map_err(|_| rules::DRAFT_UNFINISHED.error())?;
        Ok((offer, draft.attachment_ids))
    }

    /// The JSON of the offer's payload, bound to its place and to the hashes of its attachments' plaintexts, with a fresh nonce.
    pub fn payload(&self, bound: &Bound, attachments: Vec<String>) -> Result<zeroize::Zeroizing<String>> {
        rules::check_plain(self.price.amount_fen, &self.text, self.subcontracting.as_deref(), &self.declarations)?;
        let nonce = Entropy::fresh().map_err(|e| Error::internal(format!("no randomness: {e}")))?.next_256();
        let payload = BidPayload {
            format: FORMAT.to_owned(),
            tender_id: bound.tender,
            lot_id: bound.lot,
            amendment: bound.amendment,
            organisation_id: bound.organisation,
            sequence: bound.sequence,
            nonce: hex::encode(nonce),
            price_fen: self.price.amount_fen.get(),
            offer: self.text.trim().to_owned(),
            attachments,
            consortium: bound.members.clone(),
            subcontracting: self.subcontracting.as_ref().map(|text| text.trim().to_owned()),
            declarations: self.declarations.clone(),
        };
        serde_json::to_string(&payload).map(zeroize::Zeroizing::new).map_err(|_| Error::internal("a bid could not be written"))
    }

    /// Seals the offer to the tender's recipient.
    pub fn seal(&self, bound: &Bound, attachments: Vec<String>, to: &SealTo) -> Result<Vec<u8>> {
        to.seal(&self.payload(bound, attachments)?)
    }
}
