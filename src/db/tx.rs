//! What a use case is handed: a write transaction with the request's facts, or a read-only snapshot.

use std::ops::{Deref, DerefMut};

use uuid::Uuid;

use super::types::Db;
use crate::kernel::id::AccountId;
use crate::kernel::{Entropy, Error, Result, UtcInstant, error};
use crate::words;

/// What the caller said about the version it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: a change is refused with `precondition_required`.
    Absent,
    /// It read this version.
    Version(i64),
    /// The caller is the system itself (a job, the demo), which read the row in this very transaction.
    Internal,
}

/// Facts fixed before the transaction starts, so that running it twice changes nothing.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The business instant.
    pub now: UtcInstant,
    /// Source of ids and salts.
    pub entropy: Entropy,
    /// Who asks; `None` for the public.
    pub account: Option<AccountId>,
    /// The request, for the log.
    pub request: Option<Uuid>,
    /// The version the caller read.
    pub precondition: Precondition,
}

impl Facts {
    /// Facts of an action that the system takes by itself at `now`.
    pub fn internal(now: UtcInstant) -> Result<Self> {
        let entropy = Entropy::fresh().map_err(|e| Error::internal(format!("no randomness: {e}")))?;
        Ok(Self { now, entropy, account: None, request: None, precondition: Precondition::Internal })
    }

    /// The same, acting for an account.
    pub fn on_behalf_of(now: UtcInstant, account: AccountId) -> Result<Self> {
        Ok(Self { account: Some(account), ..Self::internal(now)? })
    }
}

/// A write transaction. Only `db` opens one.
pub struct Tx<'c> {
    db: &'c mut Db,
    facts: Facts,
    capacity: Option<serde_json::Value>,
}

impl<'c> Tx<'c> {
    pub(super) fn new(db: &'c mut Db, facts: Facts) -> Self {
        Self { db, facts, capacity: None }
    }

    /// The business instant of this transaction.
    pub const fn now(&self) -> UtcInstant {
        self.facts.now
    }

    /// Who asks.
    pub const fn account(&self) -> Option<AccountId> {
        self.facts.account
    }

    /// Notes who asks, once the caller is identified: a machine's token names its account only in the database.
    pub fn act_for(&mut self, account: AccountId) {
        self.facts.account = Some(account);
    }

    /// Notes in what capacity the asker acts, when it is not by an own role; the journal says so.
    pub fn act_as(&mut self, capacity: Option<serde_json::Value>) {
        self.capacity = capacity;
    }

    /// In what capacity the asker acts; `None` for an own role.
    pub const fn capacity(&self) -> Option<&serde_json::Value> {
        self.capacity.as_ref()
    }

    /// A new id of any kind.
    pub fn new_id<I: From<Uuid>>(&mut self) -> I {
        let now = self.facts.now;
        I::from(self.facts.entropy.uuid_v7(now))
    }

    /// 256 fresh random bits.
    pub fn salt(&mut self) -> [u8; 32] {
        self.facts.entropy.next_256()
    }

    /// Compares the caller's version with the stored one: 428 when it named none, 412 when it is another.
    pub fn expect_version(&self, stored: i64) -> Result<()> {
        match self.facts.precondition {
            Precondition::Internal => Ok(()),
            Precondition::Version(named) if named == stored => Ok(()),
            Precondition::Version(named) => Err(error::STALE
                .because(words!("您读取的是版本 {named}，现为版本 {stored}", "you read version {named}, it is now version {stored}"))),
            Precondition::Absent => Err(error::PRECONDITION_REQUIRED.error()),
        }
    }
}

impl Deref for Tx<'_> {
    type Target = Db;
    fn deref(&self) -> &Db {
        self.db
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        self.db
    }
}

/// A consistent, read-only view of the database.
pub struct Snapshot<'c> {
    db: &'c mut Db,
}

impl<'c> Snapshot<'c> {
    pub(super) fn new(db: &'c mut Db) -> Self {
        Self { db }
    }
}

impl Deref for Snapshot<'_> {
    type Target = Db;
    fn deref(&self) -> &Db {
        self.db
    }
}

impl DerefMut for Snapshot<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        self.db
    }
}
