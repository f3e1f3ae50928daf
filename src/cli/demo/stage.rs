//! What the demo plays on: a database, and facts that are the same for the same seed.

use std::cell::Cell;

use sha2::{Digest, Sha256};

use crate::db::{Database, Facts, Precondition, Tx};
use crate::kernel::id::{AccountId, TenantId};
use crate::kernel::{Entropy, Error, Result, UtcInstant};
use crate::people::{Actor, actor};
use crate::trust::documents::DocumentStore;

/// The database, the tenant and the stream that every id and salt of the demo comes from.
pub struct Stage {
    /// The database.
    pub db: Database,
    /// The district.
    pub tenant: TenantId,
    /// Where documents are kept; none where no case needs one.
    pub documents: Option<DocumentStore>,
    seed: u64,
    steps: Cell<u64>,
    at: Cell<UtcInstant>,
}

impl Stage {
    /// A stage whose business instant is `at`.
    pub fn new(db: Database, tenant: TenantId, seed: u64, at: UtcInstant) -> Self {
        Self { db, tenant, documents: None, seed, steps: Cell::new(0), at: Cell::new(at) }
    }

    /// The same with a place for documents.
    pub fn with_documents(self, documents: DocumentStore) -> Self {
        Self { documents: Some(documents), ..self }
    }

    /// The next step happens at this instant.
    pub fn at(&self, at: UtcInstant) {
        self.at.set(at);
    }

    /// Facts of the next step.
    fn facts(&self, account: Option<AccountId>) -> Facts {
        let step = self.steps.get().saturating_add(1);
        self.steps.set(step);
        let entropy = stream("step", self.seed, step);
        Facts { now: self.at.get(), entropy, account, request: None, precondition: Precondition::Internal }
    }

    /// One use case in a transaction of its own, by an account or by the operator.
    pub async fn step<T, F>(&self, by: Option<AccountId>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, Option<&Actor>) -> Result<T> + Send + 'static,
    {
        self.db
            .write(self.facts(by), move |tx| {
                let acting = by.map(|account| actor::of_account(tx, account)).transpose()?;
                work(tx, acting.as_ref())
            })
            .await
    }

    /// The same by a person.
    pub async fn act<T, F>(&self, by: AccountId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.step(Some(by), move |tx, acting| work(tx, acting.ok_or_else(|| Error::internal("this step needs a person"))?)).await
    }
}

/// A random stream of the seed, by purpose and number.
fn stream(purpose: &str, seed: u64, number: u64) -> Entropy {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update(seed.to_be_bytes());
    hash.update(number.to_be_bytes());
    Entropy::from_seed(hash.finalize().into())
}

/// Draws that are the same for the same seed.
pub struct Dice(Entropy);

impl Dice {
    /// The dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(stream("dice", seed, 0))
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let block = self.0.next_256();
        let mut word = [0; 8];
        word.copy_from_slice(block.get(..8).unwrap_or(&[0; 8]));
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        let drawn = u64::from_be_bytes(word).checked_rem(span).unwrap_or(0);
        low.saturating_add(i64::try_from(drawn).unwrap_or(0))
    }

    /// A place below `count`.
    pub fn place(&mut self, count: usize) -> usize {
        let last = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(1);
        usize::try_from(self.between(0, last)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_of_a_seed_fall_the_same_and_stay_within_their_bounds() {
        let throw = |seed| (0..500).map(|_| 0).scan(Dice::new(seed), |dice, _: i32| Some(dice.between(3, 9))).collect::<Vec<_>>();
        assert_eq!(throw(7), throw(7));
        assert_ne!(throw(7), throw(8));
        assert!(throw(7).iter().all(|n| (3..=9).contains(n)) && throw(7).contains(&3) && throw(7).contains(&9));
    }
}
