//! The journal's cadence: batches of one size at fixed beats, filled up with leaves that stand for nothing, so that how the tree grows tells nothing
//! of how much happened. Pure.

use std::num::NonZeroU32;

use super::journal::leaf_hash;
use super::tree::Hash;
use crate::kernel::UtcInstant;

/// The text of a leaf that stands for no entry. Every entry's text has ten members, so that none can be taken for the other.
const PADDING: &str = "{\"action\":\"journal.padding\"}";

/// Batches of a fixed size at fixed beats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// From one beat to the next; beats are counted from 1970.
    pub seconds: NonZeroU32,
    /// Leaves of every batch. What does not fit waits for the next beat.
    pub leaves: NonZeroU32,
}

/// Whether the journal has a cadence. With one, checkpoints and tiles are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rhythm(pub Option<Cadence>);

impl Cadence {
    fn beat(self, at: UtcInstant) -> i64 {
        at.unix_seconds().div_euclid(i64::from(self.seconds.get()))
    }

    /// Whether a batch is due: a beat has begun since the last one. Beats that passed while no process ran are not made up for.
    pub fn due(self, last: Option<UtcInstant>, now: UtcInstant) -> bool {
        last.is_none_or(|last| self.beat(now) > self.beat(last))
    }

    /// Leaves of a batch.
    pub fn size(self) -> usize {
        usize::try_from(self.leaves.get()).unwrap_or(usize::MAX)
    }
}

/// The leaf of a padding with this salt.
pub fn padding_leaf(salt: &[u8]) -> Hash {
    leaf_hash(salt, PADDING)
}

/// Puts a batch in an order that tells nothing of the order in which its leaves came: whoever knows the index of one entry learns nothing of how many
/// came before it. `random` gives fresh random bits.
pub fn shuffle<T>(batch: &mut [T], mut random: impl FnMut() -> [u8; 32]) {
    for last in (1..batch.len()).rev() {
        let [a, b, c, d, e, f, g, h, ..] = random();
        let drawn = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        // Of 64 random bits and a batch of some hundreds the bias is below 2^-50.
        let below = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        let chosen = drawn.checked_rem(below).and_then(|chosen| usize::try_from(chosen).ok()).unwrap_or(last);
        batch.swap(last, chosen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcInstant {
        UtcInstant::parse(text).unwrap()
    }

    #[test]
    fn a_batch_is_due_once_in_every_beat() {
        let cadence = Cadence { seconds: NonZeroU32::new(60).unwrap(), leaves: NonZeroU32::new(8).unwrap() };
        let last = Some(at("2026-03-02T01:00:59Z"));
        assert!(cadence.due(None, at("2026-03-02T01:00:00Z")));
        assert!(!cadence.due(last, at("2026-03-02T01:00:59.999Z")));
        assert!(cadence.due(last, at("2026-03-02T01:01:00Z")));
        assert!(!cadence.due(last, at("2026-03-02T00:58:00Z")), "a clock that went back makes no batch");
    }

    #[test]
    fn shuffling_keeps_every_leaf_and_reaches_every_place() {
        let mut entropy = crate::kernel::Entropy::from_seed([3; 32]);
        let mut first_places = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let mut batch: Vec<u8> = (0..8).collect();
            shuffle(&mut batch, || entropy.next_256());
            first_places.insert(batch.iter().position(|one| *one == 0).unwrap());
            batch.sort_unstable();
            assert_eq!(batch, (0..8).collect::<Vec<u8>>());
        }
        assert_eq!(first_places.len(), 8);
    }
}
