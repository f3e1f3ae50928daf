//! Commitments to score sheets: hashes that bind an evaluator to its points and words, and tell nothing of them. Pure.
//!
//! From a nonce of 32 random bytes follow two keys, so that points can be published without the words, and without naming the evaluator:
//!
//! ```text
//! scores key  = H("baiyi/sheet/scores-key/v1\n" ‖ nonce)
//! words key   = H("baiyi/sheet/words-key/v1\n" ‖ nonce)
//! scores hash = H("baiyi/sheet/scores/v1\n" ‖ scores key ‖ JCS({"lot_id", "scores": [{"bid_id", "points_bp", "position"}, …]}))
//! words hash  = H("baiyi/sheet/words/v1\n" ‖ words key ‖ JCS({"comment", "evaluator_id", "remarks": [{"bid_id", "text"}, …]}))
//! commitment  = H("baiyi/sheet/v1\n" ‖ scores hash ‖ words hash)
//! ```
//!
//! H is SHA-256, JCS is RFC 8785. Scores are in the order of bid and criterion, remarks in that of the bid; words are trimmed. A score has few possible
//! values; without the nonce all of them are equally likely behind the hash.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::service::Filled;
use crate::kernel::id::{AccountId, BidId, LotId};
use crate::kernel::{Error, Result};

/// A SHA-256 hash, a nonce or a key.
pub type Hash = [u8; 32];

/// One score: bid, criterion, points in hundredths.
pub type Score = (BidId, i32, i32);

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The key of the points.
pub fn scores_key(nonce: &Hash) -> Hash {
    sha256(&[b"baiyi/sheet/scores-key/v1\n", nonce])
}

fn canonical(value: &Value) -> Result<String> {
    serde_json_canonicalizer::to_string(value).map_err(|e| Error::internal(format!("score sheet: {e}")))
}

/// The hash of the points of a sheet, whatever their order.
pub fn scores_hash(key: &Hash, lot: LotId, scores: &[Score]) -> Result<Hash> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    let scores: Vec<Value> =
        sorted.iter().map(|(bid, position, points)| json!({"bid_id": bid, "position": position, "points_bp": points})).collect();
    let text = canonical(&json!({"lot_id": lot, "scores": scores}))?;
    Ok(sha256(&[b"baiyi/sheet/scores/v1\n", key, text.as_bytes()]))
}

/// The hash of the words of a sheet and of whose it is.
pub fn words_hash(nonce: &Hash, evaluator: AccountId, comment: &str, remarks: &[(BidId, String)]) -> Result<Hash> {
    let key = sha256(&[b"baiyi/sheet/words-key/v1\n", nonce]);
    let mut sorted = remarks.to_vec();
    sorted.sort_unstable();
    let remarks: Vec<Value> = sorted.iter().map(|(bid, text)| json!({"bid_id": bid, "text": text.trim()})).collect();
    let text = canonical(&json!({"evaluator_id": evaluator, "comment": comment.trim(), "remarks": remarks}))?;
    Ok(sha256(&[b"baiyi/sheet/words/v1\n", &key, text.as_bytes()]))
}

/// The commitment of both.
pub fn commitment(scores: &Hash, words: &Hash) -> Hash {
    sha256(&[b"baiyi/sheet/v1\n", scores, words])
}

/// The commitment to a whole sheet.
pub fn commit(nonce: &Hash, lot: LotId, evaluator: AccountId, filled: &Filled) -> Result<Hash> {
    let scores: Vec<Score> = filled.scores.iter().map(|(bid, position, points)| (*bid, *position, points.get())).collect();
    let words = words_hash(nonce, evaluator, &filled.comment, &filled.remarks)?;
    Ok(commitment(&scores_hash(&scores_key(nonce), lot, &scores)?, &words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::BasisPoints;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn bid(n: u128) -> BidId {
        BidId::new(Uuid::from_u128(n))
    }

    fn filled(points: &[i32], comment: &str) -> Filled {
        let scores = (1_u128..).zip(points).map(|(n, p)| (bid(n), 1, BasisPoints::new(*p).unwrap())).collect();
        Filled { comment: comment.to_owned(), scores, remarks: vec![(bid(1), "偏少".to_owned())], nonce: None }
    }

    proptest! {
        #[test]
        fn a_commitment_binds_points_words_lot_and_evaluator(points in prop::collection::vec(0_i32..=9_999, 1..6), place in any::<prop::sample::Index>(), nonce in any::<[u8; 32]>()) {
            let (lot, evaluator) = (LotId::new(Uuid::from_u128(1)), AccountId::new(Uuid::from_u128(2)));
            let made = commit(&nonce, lot, evaluator, &filled(&points, "好")).unwrap();
            let mut turned = filled(&points, " 好 ");
            turned.scores.reverse();
            prop_assert_eq!(made, commit(&nonce, lot, evaluator, &turned).unwrap(), "the order in which a sheet is filled changes nothing");
            let mut other = points.clone();
            other[place.index(points.len())] += 1;
            prop_assert_ne!(made, commit(&nonce, lot, evaluator, &filled(&other, "好")).unwrap());
            prop_assert_ne!(made, commit(&nonce, lot, evaluator, &filled(&points, "差")).unwrap());
            prop_assert_ne!(made, commit(&nonce, LotId::new(Uuid::from_u128(9)), evaluator, &filled(&points, "好")).unwrap());
            prop_assert_ne!(made, commit(&nonce, lot, AccountId::new(Uuid::from_u128(9)), &filled(&points, "好")).unwrap());
            let mut changed = nonce;
            changed[0] ^= 1;
            prop_assert_ne!(made, commit(&changed, lot, evaluator, &filled(&points, "好")).unwrap(), "known points alone do not give the hash");
        }
    }
}
