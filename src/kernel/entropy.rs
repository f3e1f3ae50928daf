//! A request's own random stream, so that a transaction that runs twice makes the same ids and salts.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::time::UtcInstant;

/// 256 bits drawn once outside the transaction, expanded by SHA-256 in counter mode.
#[derive(Clone)]
pub struct Entropy {
    seed: [u8; 32],
    counter: u64,
    ids: u16,
}

impl Entropy {
    /// Draws a fresh seed from the operating system. Fails only when the system has no randomness to give.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self { seed, counter: 0, ids: 0 })
    }

    /// A stream that is the same for the same seed (examples and tests).
    pub const fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0, ids: 0 }
    }

    /// The next 256 bits.
    pub fn next_256(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.counter.to_be_bytes());
        self.counter = self.counter.wrapping_add(1);
        hash.finalize().into()
    }

    /// A UUIDv7 (RFC 9562) of the given instant. Its first 12 bits after the time count on (section 6.2, method 1), so that ids made in one
    /// transaction sort in the order they were made; 62 bits are random.
    pub fn uuid_v7(&mut self, at: UtcInstant) -> Uuid {
        let block = self.next_256();
        let mut bits = [0; 10];
        bits.copy_from_slice(block.get(..10).unwrap_or(&[0; 10]));
        let [high, low] = self.ids.to_be_bytes();
        let [first, second, ..] = &mut bits;
        (*first, *second) = (high, low);
        self.ids = self.ids.wrapping_add(1);
        let millis = u64::try_from(at.unix_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_transaction_sort_in_the_order_they_were_made_and_a_rerun_makes_the_same() {
        let at = UtcInstant::parse("2026-03-02T01:00:00Z").unwrap();
        let make = || {
            let mut entropy = Entropy::from_seed([7; 32]);
            (0..1000).map(|_| entropy.uuid_v7(at)).collect::<Vec<_>>()
        };
        let ids = make();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(ids, make());
        let other = Entropy::from_seed([8; 32]).uuid_v7(at);
        assert_ne!(ids[0], other);
    }
}
