//! Opening: t openers' contributions give the shared secret of each stanza by interpolation in the exponent, and an age identity that knows these secrets
//! unwraps the stanzas. No share is ever here.
#![expect(clippy::arithmetic_side_effects, reason = "scalars and points wrap around in their group: nothing overflows")]

use std::collections::BTreeMap;

use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::primitives::{aead_decrypt, hkdf};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;
use zeroize::Zeroizing;

use super::Fault;
use super::partial::{PARTIAL_BYTES, verify};
use super::points::{Point, decompress, point_of, recipient_of};

/// Label of the key that wraps a file key (C2SP age).
const LABEL: &[u8] = b"age-encryption.org/v1/X25519";

/// What one opener contributed: its products by point, their proofs verified.
#[derive(Clone)]
pub struct Contributed {
    /// Its position in the ceremony.
    pub position: u16,
    products: Vec<EdwardsPoint>,
}

impl Contributed {
    /// Verifies the proofs of a contribution to these points; names its sender when one does not hold.
    pub fn check(position: u16, verifying: &[u8], context: &[u8], points: &[Point], bytes: &[u8]) -> Result<Self, Fault> {
        let verifying =
            decompress(verifying).ok_or_else(|| Fault::refused(format!("the verifying share of opener {position} is no point")))?;
        if bytes.len() != points.len().saturating_mul(PARTIAL_BYTES) {
            return Err(Fault::of(position, format!("{} bytes for {} points", bytes.len(), points.len())));
        }
        let mut products = Vec::with_capacity(points.len());
        for (index, (point, partial)) in points.iter().zip(bytes.chunks_exact(PARTIAL_BYTES)).enumerate() {
            let wrong = || Fault::of(position, format!("the proof for point {index} does not hold"));
            products.push(verify(&verifying, context, point, partial).ok_or_else(wrong)?);
        }
        Ok(Self { position, products })
    }
}

/// Opens what is sealed to the group, as far as openers contributed.
pub struct QuorumIdentity {
    key: [u8; 32],
    recipient: String,
    secrets: BTreeMap<Point, Zeroizing<[u8; 32]>>,
}

impl QuorumIdentity {
    /// From the contributions of different openers to the same points; the first `threshold` of them are used, any would do.
    pub fn combine(group: &[u8], threshold: u16, points: &[Point], contributed: &[Contributed]) -> Result<Self, Fault> {
        let mut identity = Self::shut(group)?;
        let mut chosen: BTreeMap<u16, &Contributed> = BTreeMap::new();
        for one in contributed.iter().filter(|one| one.position > 0 && one.products.len() == points.len()) {
            if chosen.len() < usize::from(threshold) {
                chosen.insert(one.position, one);
            }
        }
        if threshold == 0 || chosen.len() < usize::from(threshold) {
            return Err(Fault::refused(format!("{} of {threshold} contributions", chosen.len())));
        }
        let positions: Vec<u16> = chosen.keys().copied().collect();
        let weighted: Vec<(Scalar, &Contributed)> = chosen.into_values().map(|one| (weight(one.position, &positions), one)).collect();
        for (index, point) in points.iter().enumerate() {
            let products = weighted.iter().filter_map(|(weight, one)| one.products.get(index).map(|product| product * weight));
            let shared = products.fold(EdwardsPoint::identity(), |sum, product| sum + product);
            identity.secrets.insert(*point, Zeroizing::new(shared.to_montgomery().to_bytes()));
        }
        Ok(identity)
    }

    /// Opens nothing: for a closing of which no lot has enough bids.
    pub fn shut(group: &[u8]) -> Result<Self, Fault> {
        let group = decompress(group).ok_or_else(|| Fault::refused("the group key is no point"))?;
        let recipient = recipient_of(&group).ok_or_else(|| Fault::refused("the group key has no recipient"))?;
        Ok(Self { key: group.to_montgomery().to_bytes(), recipient, secrets: BTreeMap::new() })
    }

    /// The group's recipient.
    pub fn recipient(&self) -> &str {
        &self.recipient
    }
}

/// The Lagrange coefficient of a position at zero.
fn weight(of: u16, positions: &[u16]) -> Scalar {
    let x = Scalar::from(of);
    positions.iter().filter(|other| **other != of).fold(Scalar::ONE, |product, other| {
        let other = Scalar::from(*other);
        product * other * (other - x).invert()
    })
}

impl age::Identity for QuorumIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        let point = point_of(stanza)?;
        let secret = self.secrets.get(&point)?;
        let salt = [point, self.key].concat();
        let key = Zeroizing::new(hkdf(&salt, LABEL, secret.as_slice()));
        // A stanza for somebody else does not open with this key; that is no fault.
        let unwrapped = Zeroizing::new(aead_decrypt(&key, FILE_KEY_BYTES, &stanza.body).ok()?);
        let fault = || age::DecryptError::InvalidHeader;
        Some(FileKey::try_init_with_mut(|file_key| {
            file_key.copy_from_slice(unwrapped.get(..FILE_KEY_BYTES).ok_or_else(fault)?);
            Ok(())
        }))
    }
}
