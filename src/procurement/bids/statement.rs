//! What an organisation signs when it submits, replaces or takes back a bid: everything that says which bid it is and where it stands in the bidder's
//! own row of bids. Pure.

use serde::{Deserialize, Serialize};

use crate::kernel::Result;
use crate::kernel::error::problems;
use crate::kernel::id::{LotId, OrganisationId, TenderId};
use crate::trust::signing;

problems! {
    /// The signature is not of this.
    SIGNATURE_WRONG = "bid_signature_wrong", 422, "签名不符", "The signature does not fit",
        "签名须由本组织已确认的密钥，对本项目、采购包、澄清版次、密文、序号与前一份响应的规范 JSON 作出。",
        "The signature must be by a confirmed key of your organisation, over exactly this tender, lot, amendment, ciphertext, sequence and previous bid.";
    /// The organisation asked that its bids be signed.
    SIGNATURE_MISSING = "bid_signature_missing", 422, "缺少签名", "A signature is missing",
        "本组织要求其响应与撤回均须签名；平台代为密封的响应无法事先签名。",
        "Your organisation asked that its bids and withdrawals be signed; a plain offer is sealed on arrival and cannot be signed before.";
}

/// Format of a signature over a submission, also when it replaces an earlier one.
const SUBMISSION: &str = "baiyi-bid-signature-1";
/// Format of a signature over a withdrawal.
const WITHDRAWAL: &str = "baiyi-withdrawal-signature-1";

crate::text_enum! {
    /// Which step of a bid was signed.
    pub enum Step {
        /// It was submitted.
        Submission = "submission",
        /// It was taken back.
        Withdrawal = "withdrawal",
    }
}

/// The statement; its canonical JSON (RFC 8785) is what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What kind of statement it is.
    pub format: String,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Amendment in force.
    pub amendment: i32,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// SHA-256 of the binary age file, lower-case hex.
    pub ciphertext_sha256: String,
    /// Number of the bidder's submission for this lot, from 1.
    pub sequence: i32,
    /// The same hash of the bidder's submission before it; null for the first.
    pub previous_sha256: Option<String>,
}

impl Statement {
    /// Names the step that is signed.
    pub fn of(mut self, step: Step) -> Self {
        self.format = match step {
            Step::Submission => SUBMISSION,
            Step::Withdrawal => WITHDRAWAL,
        }
        .to_owned();
        self
    }

    /// The text that is signed.
    pub fn text(&self) -> Result<String> {
        signing::canonical(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_text_is_canonical_and_no_two_places_or_steps_share_one() {
        let id = |n| Uuid::from_u128(n);
        let base = Statement {
            format: String::new(),
            tender_id: id(1).into(),
            lot_id: id(2).into(),
            amendment: 0,
            organisation_id: id(3).into(),
            ciphertext_sha256: "ab".repeat(32),
            sequence: 1,
            previous_sha256: None,
        };
        let first = base.clone().of(Step::Submission);
        assert_eq!(
            first.text().unwrap(),
            format!(
                r#"{{"amendment":0,"ciphertext_sha256":"{}","format":"baiyi-bid-signature-1","lot_id":"{}","organisation_id":"{}","previous_sha256":null,"sequence":1,"tender_id":"{}"}}"#,
                "ab".repeat(32),
                id(2),
                id(3),
                id(1)
            )
        );
        let others = [
            base.clone().of(Step::Withdrawal),
            Statement { tender_id: id(9).into(), ..first.clone() },
            Statement { lot_id: id(9).into(), ..first.clone() },
            Statement { amendment: 1, ..first.clone() },
            Statement { organisation_id: id(9).into(), ..first.clone() },
            Statement { ciphertext_sha256: "cd".repeat(32), ..first.clone() },
            Statement { sequence: 2, ..first.clone() },
            Statement { previous_sha256: Some("ab".repeat(32)), ..first.clone() },
        ];
        for other in others {
            assert_ne!(other.text().unwrap(), first.text().unwrap());
        }
    }
}
