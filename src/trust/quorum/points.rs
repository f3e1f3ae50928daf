//! Points of age files: the ephemeral shares in X25519 stanzas, lifted to the Edwards curve on which openers work, and the group key as an age recipient.

use std::cell::RefCell;

use age_core::format::{FileKey, Stanza};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::montgomery::MontgomeryPoint;
use curve25519_dalek::traits::IsIdentity;

/// A u-coordinate, as an X25519 stanza holds it.
pub type Point = [u8; 32];

/// X25519 stanzas of one file that are looked at: the quorum's, a bidder's own recovery key, and some to spare.
pub const POINTS_MAX: usize = 4;

/// Tag of the stanza (C2SP age).
pub(super) const TAG: &str = "X25519";

/// The ephemeral share of a stanza in canonical form; `None` for any other stanza.
pub(super) fn point_of(stanza: &Stanza) -> Option<Point> {
    let [encoded] = stanza.args.as_slice() else { return None };
    if stanza.tag != TAG {
        return None;
    }
    STANDARD_NO_PAD.decode(encoded).ok()?.try_into().ok()
}

/// Notes the shares of a header and opens nothing; age itself parses the header.
#[derive(Default)]
struct Collector(RefCell<Vec<Point>>);

impl age::Identity for Collector {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        self.0.borrow_mut().extend(point_of(stanza));
        None
    }
}

/// The points of an age file, binary or armored, that openers can work on: at most [`POINTS_MAX`], in their order. Empty for what is no age file.
pub fn points_of(ciphertext: &[u8]) -> Vec<Point> {
    let collector = Collector::default();
    let identity: &dyn age::Identity = &collector;
    if let Ok(decryptor) = age::Decryptor::new(age::armor::ArmoredReader::new(ciphertext)) {
        // It fails, because nothing is unwrapped; by then every stanza was shown.
        drop(decryptor.decrypt(std::iter::once(identity)).map(|_| ()));
    }
    let mut points = collector.0.into_inner();
    points.retain(|point| lift(point).is_some());
    points.truncate(POINTS_MAX);
    points
}

/// The Edwards point with this u-coordinate. Which of the two (±) does not matter: a multiple of either has the same u. Anything outside the
/// subgroup of prime order is refused, so that an opener's share leaks nothing modulo the cofactor; what stock age writes always lies in it.
pub fn lift(point: &Point) -> Option<EdwardsPoint> {
    let lifted = MontgomeryPoint(*point).to_edwards(0)?;
    let sound = lifted.is_torsion_free() && !lifted.is_identity() && lifted.to_montgomery().to_bytes() == *point;
    sound.then_some(lifted)
}

/// An Edwards point of prime order as it is written down; `None` for any other bytes.
pub fn decompress(bytes: &[u8]) -> Option<EdwardsPoint> {
    let point = CompressedEdwardsY::from_slice(bytes).ok()?.decompress()?;
    (point.is_torsion_free() && !point.is_identity()).then_some(point)
}

/// The age recipient of a group key: its u-coordinate in Bech32.
pub fn recipient_of(group: &EdwardsPoint) -> Option<String> {
    let prefix = bech32::Hrp::parse("age").ok()?;
    bech32::encode::<bech32::Bech32>(prefix, group.to_montgomery().as_bytes()).ok()
}
