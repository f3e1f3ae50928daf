//! What an opener contributes for a point: share × point with a proof (Chaum–Pedersen) that it is the share behind the opener's verifying share.
#![expect(clippy::arithmetic_side_effects, reason = "scalars and points wrap around in their group: nothing overflows")]

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::points::{Point, decompress, lift};

/// Bytes of a contribution to one point: the product, then challenge and response of its proof.
pub const PARTIAL_BYTES: usize = 96;

const PROOF: &[u8] = b"baiyi-opener-proof-1";
const NONCE: &[u8] = b"baiyi-opener-nonce-1";

/// An opener's share of the group's secret.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Share(Scalar);

impl Share {
    /// From its canonical bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        Option::from(Scalar::from_canonical_bytes(*bytes)).map(Self)
    }

    /// What the share is verified against, in public.
    pub fn verifying(&self) -> EdwardsPoint {
        ED25519_BASEPOINT_POINT * self.0
    }

    /// share × point with its proof, bound to a context. `None` for a point that openers do not work on. No clamping: the share is a scalar of the
    /// group, and the point has prime order.
    pub fn contribute(&self, context: &[u8], point: &Point) -> Option<[u8; PARTIAL_BYTES]> {
        let lifted = lift(point)?;
        let value = lifted * self.0;
        // Hedged: a broken source of randomness alone does not repeat a nonce under another challenge.
        let mut random = [0_u8; 32];
        OsRng.fill_bytes(&mut random);
        let mut nonce = wide(NONCE, &[&random, self.0.as_bytes(), context, point]);
        let (verifying, commitments) = (self.verifying(), [ED25519_BASEPOINT_POINT * nonce, lifted * nonce]);
        let challenge = challenge(context, point, &verifying, &value, &commitments);
        let response = nonce + challenge * self.0;
        nonce.zeroize();
        random.zeroize();
        let mut bytes = [0_u8; PARTIAL_BYTES];
        let parts = [value.compress().to_bytes(), challenge.to_bytes(), response.to_bytes()];
        for (place, part) in bytes.chunks_exact_mut(32).zip(parts) {
            place.copy_from_slice(&part);
        }
        Some(bytes)
    }
}

/// The product in a contribution whose proof holds; `None` for a wrong one.
pub fn verify(verifying: &EdwardsPoint, context: &[u8], point: &Point, bytes: &[u8]) -> Option<EdwardsPoint> {
    let mut parts = bytes.chunks_exact(32);
    let (value, claimed, response) = (decompress(parts.next()?)?, scalar(parts.next()?)?, scalar(parts.next()?)?);
    if bytes.len() != PARTIAL_BYTES {
        return None;
    }
    let lifted = lift(point)?;
    let commitments = [ED25519_BASEPOINT_POINT * response - verifying * claimed, lifted * response - value * claimed];
    (challenge(context, point, verifying, &value, &commitments) == claimed).then_some(value)
}

fn scalar(bytes: &[u8]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(bytes.try_into().ok()?).into()
}

fn challenge(context: &[u8], point: &Point, verifying: &EdwardsPoint, value: &EdwardsPoint, commitments: &[EdwardsPoint; 2]) -> Scalar {
    let points = [verifying, value].into_iter().chain(commitments).map(|point| point.compress().to_bytes()).collect::<Vec<_>>();
    wide(PROOF, &[context, point, points.concat().as_slice()])
}

/// SHA-512 over a domain and parts, each after its length, reduced modulo the order of the group.
fn wide(domain: &[u8], parts: &[&[u8]]) -> Scalar {
    let mut hash = Sha512::new();
    hash.update(domain);
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}
