//! What a sealed payload holds and whether it is bound to where it was found. Pure.

use serde::{Deserialize, Serialize};

use crate::kernel::error::{Fields, problems};
use crate::kernel::fen::MAX_FEN;
use crate::kernel::id::{LotId, OrganisationId, TenderId};
use crate::kernel::{Fen, Result, UtcInstant};
use crate::parties::organisations::OrganisationState;
use crate::procurement::tenders::TenderRow;
use crate::procurement::tenders::model::Mode;
use crate::words;

problems! {
    /// Too late, or not yet.
    BIDDING_CLOSED = "bidding_closed", 409, "不在接收响应期间", "Bids are not taken now",
        "项目尚未发布，或响应截止时间已过。截止以服务器收到最后一个字节的时刻为准。",
        "The tender is not published or its deadline has passed. The instant of the last byte received counts.";
    /// The organisation may not bid.
    NOT_ELIGIBLE = "bidder_not_eligible", 409, "不具备参与资格", "The organisation may not bid",
        "组织须已核验且未被暂停；项目委托须在孵化中或已出壳。",
        "The organisation must be verified and not suspended; an entrustment needs incubation.";
    /// The tender takes sealed bids only.
    PLAIN_REFUSED = "plain_offer_refused", 422, "本项目只接受自行密封的响应", "This tender takes sealed bids only",
        "请按 GET /lots/{lot_id}/sealing 给出的公钥与字段自行密封后提交。",
        "Seal the bid yourself with the recipient and fields of GET /lots/{lot_id}/sealing.";
    /// Not an age file.
    NOT_SEALED = "not_an_age_file", 422, "不是 age 密文", "Not an age file",
        "ciphertext 须为 age 加密文件（ASCII armor）。",
        "ciphertext must be an age file in ASCII armor.";
}

/// The only payload format so far.
pub const FORMAT: &str = "baiyi-bid-1";
/// Longest offer text, in characters.
pub const OFFER_MAX: usize = 20_000;
/// Largest ciphertext, in bytes.
pub const CIPHERTEXT_MAX: usize = 300 * 1024;

/// The plaintext of a bid: JSON, padded with spaces before sealing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidPayload {
    /// [`FORMAT`].
    pub format: String,
    /// The tender.
    pub tender_id: TenderId,
    /// The lot.
    pub lot_id: LotId,
    /// Number of the amendment that the bidder had read; 0 without any.
    pub amendment: i32,
    /// The bidder.
    pub organisation_id: OrganisationId,
    /// Number of the bidder's submission for this lot, from 1.
    pub sequence: i32,
    /// 128 random bits or more, in hex, so that equal offers have different hashes.
    pub nonce: String,
    /// The price.
    pub price_fen: i64,
    /// What is offered.
    pub offer: String,
    /// SHA-256 of every attachment, lower-case hex.
    pub attachments: Vec<String>,
}

impl std::fmt::Debug for BidPayload {
    /// Never the price or the text: a payload may pass through a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BidPayload").field("lot_id", &self.lot_id).field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

/// Where a sealed bid was found.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its tender.
    pub tender: TenderId,
    /// Its lot.
    pub lot: LotId,
    /// Its bidder.
    pub organisation: OrganisationId,
    /// Its sequence number.
    pub sequence: i32,
}

/// What opening a bid gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// In order.
    Valid {
        /// The price.
        price: Fen,
        /// What is offered.
        offer: String,
    },
    /// Readable, but not to be considered.
    Invalid {
        /// Stable reason: `over_ceiling` or `price_not_positive`.
        because: &'static str,
        /// The price.
        price: Fen,
        /// What is offered.
        offer: String,
    },
    /// Not readable or not bound: `unreadable`, `unknown_format`, `not_bound`.
    Unusable(&'static str),
}

/// Judges an opened plaintext: format, binding, then price against the ceiling (政府采购法实施条例; 87号令 第63条).
pub fn judge(plaintext: Option<&str>, place: Place, ceiling: Fen) -> Opened {
    let Some(text) = plaintext else { return Opened::Unusable("unreadable") };
    let Ok(payload) = serde_json::from_str::<BidPayload>(text.trim_end()) else { return Opened::Unusable("unreadable") };
    if payload.format != FORMAT {
        return Opened::Unusable("unknown_format");
    }
    let bound = payload.tender_id == place.tender
        && payload.lot_id == place.lot
        && payload.organisation_id == place.organisation
        && payload.sequence == place.sequence
        && payload.amendment == 0
        && payload.attachments.is_empty();
    if !bound {
        return Opened::Unusable("not_bound");
    }
    let (price, offer) = (Fen::new(payload.price_fen), payload.offer);
    if price <= Fen::ZERO || payload.price_fen > MAX_FEN {
        Opened::Invalid { because: "price_not_positive", price: Fen::new(payload.price_fen.clamp(0, MAX_FEN)), offer }
    } else if price > ceiling {
        Opened::Invalid { because: "over_ceiling", price, offer }
    } else {
        Opened::Valid { price, offer }
    }
}

/// Checks a plain offer. A price above the ceiling is not refused here: nobody may learn it before the opening.
pub fn check_plain(price: Fen, text: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(price > Fen::ZERO, "/offer/price/amount_fen", || words!("须大于零", "must be more than zero"));
    fields.text(text, "/offer/text", 1, OFFER_MAX);
    fields.finish()
}

/// Whether this organisation may bid for this tender now: the deadline, its standing, and incubation where the mode asks for it.
pub fn may_bid(tender: &TenderRow, now: UtcInstant, standing: OrganisationState, incubated: bool) -> Result<()> {
    if !tender.takes_bids(now) {
        return Err(BIDDING_CLOSED.error());
    }
    if standing != OrganisationState::Verified {
        return Err(NOT_ELIGIBLE.because(words!(
            "组织状态为 {0}，须为 verified",
            "the organisation is {0}, it must be verified",
            standing
        )));
    }
    if tender.mode == Mode::Entrustment && !incubated {
        return Err(
            NOT_ELIGIBLE.because(words!("项目委托只面向孵化中的或已出壳的组织", "an entrustment is open to incubated organisations only"))
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn place() -> Place {
        Place {
            tender: TenderId::new(Uuid::from_u128(1)),
            lot: LotId::new(Uuid::from_u128(2)),
            organisation: OrganisationId::new(Uuid::from_u128(3)),
            sequence: 1,
        }
    }

    fn payload() -> BidPayload {
        let place = place();
        BidPayload {
            format: FORMAT.into(),
            tender_id: place.tender,
            lot_id: place.lot,
            amendment: 0,
            organisation_id: place.organisation,
            sequence: 1,
            nonce: "00".repeat(16),
            price_fen: 100,
            offer: "方案".into(),
            attachments: vec![],
        }
    }

    fn judged(payload: &BidPayload) -> Opened {
        let text = crate::trust::sealing::pad(&serde_json::to_string(payload).unwrap());
        judge(Some(&text), place(), Fen::new(100))
    }

    #[test]
    fn the_ceiling_itself_is_valid_and_one_fen_above_is_not() {
        assert!(matches!(judged(&payload()), Opened::Valid { .. }));
        assert!(matches!(judged(&BidPayload { price_fen: 101, ..payload() }), Opened::Invalid { because: "over_ceiling", .. }));
        assert!(matches!(judged(&BidPayload { price_fen: 0, ..payload() }), Opened::Invalid { because: "price_not_positive", .. }));
    }

    #[test]
    fn a_payload_for_another_place_is_not_bound() {
        let other = Uuid::from_u128(9);
        for moved in [
            BidPayload { tender_id: other.into(), ..payload() },
            BidPayload { lot_id: other.into(), ..payload() },
            BidPayload { organisation_id: other.into(), ..payload() },
            BidPayload { sequence: 2, ..payload() },
            BidPayload { amendment: 1, ..payload() },
            BidPayload { attachments: vec!["ab".into()], ..payload() },
        ] {
            assert_eq!(judged(&moved), Opened::Unusable("not_bound"));
        }
        assert_eq!(judged(&BidPayload { format: "v0".into(), ..payload() }), Opened::Unusable("unknown_format"));
        assert_eq!(judge(None, place(), Fen::new(1)), Opened::Unusable("unreadable"));
        assert_eq!(judge(Some("{}"), place(), Fen::new(1)), Opened::Unusable("unreadable"));
    }

    #[test]
    fn a_payload_in_a_log_shows_neither_price_nor_text() {
        let shown = format!("{:?}", BidPayload { price_fen: 4_242_424, ..payload() });
        assert!(!shown.contains("4242424") && !shown.contains("方案"), "{shown}");
    }
}
