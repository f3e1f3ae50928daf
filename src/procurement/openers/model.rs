//! Rows of openers' keys, ceremonies, closings and contributions.

use diesel::prelude::*;

use crate::db::schema::{ceremony_members, ceremony_shares, closings, opener_ceremonies, opener_keys, opening_contributions};
use crate::kernel::id::{AccountId, AnyId, CaseId, CeremonyId, JournalEntryId, OpenerKeyId, TenantId, TenderId, UnitId};
use crate::kernel::{Error, Result, UtcInstant, Words, error};
use crate::people::{Action, Actor, Subject};
use crate::trust::quorum::messages::{self, Statement};
use crate::words;

crate::text_enum! {
    /// Whether an opener's key is taken for its own.
    pub enum OpenerKeyState {
        /// Waits for a second person to compare the fingerprint.
        Proposed = "proposed",
        /// Compared.
        Confirmed = "confirmed",
        /// No longer used.
        Revoked = "revoked",
    }
}

crate::text_enum! {
    /// How far a ceremony is.
    pub enum CeremonyState {
        /// First packages come in.
        Packages = "packages",
        /// Sealed shares come in.
        Shares = "shares",
        /// Openers sign the transcript.
        Signatures = "signatures",
        /// Everybody signed the same: the key is the tender's.
        Complete = "complete",
        /// Given up; another may begin.
        Abandoned = "abandoned",
    }
}

crate::text_enum! {
    /// Whether a contribution is used.
    pub enum ContributionState {
        /// Its proofs hold.
        Accepted = "accepted",
        /// Its sender signed it and its proofs do not hold.
        Wrong = "wrong",
    }
}

/// An opener's public keys. The private ones never leave its machine.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = opener_keys, treat_none_as_default_value = false)]
pub struct OpenerKeyRow {
    /// Id.
    pub id: OpenerKeyId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Whose.
    pub account_id: AccountId,
    /// Ed25519 public key, hex.
    pub signing_key: String,
    /// age recipient.
    pub recipient: String,
    /// What people compare.
    pub fingerprint: String,
    /// State.
    pub state: OpenerKeyState,
    /// Who confirmed or revoked it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was registered.
    pub created_at: UtcInstant,
}

impl Subject for OpenerKeyRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.has_any(super::policy::READERS)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let (own, name) = (account == self.account_id, action.name);
        (own && name == super::policy::CONFIRM_KEY.name)
            .then(|| words!("密钥须由另一人核对指纹后确认", "another person compares the fingerprint and confirms the key"))
    }
}

/// A ceremony.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = opener_ceremonies, treat_none_as_default_value = false)]
pub struct CeremonyRow {
    /// Id.
    pub id: CeremonyId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The tender.
    pub tender_id: TenderId,
    /// Its case.
    pub case_id: CaseId,
    /// Its purchaser.
    pub unit_id: UnitId,
    /// Openers needed to open.
    pub threshold: i32,
    /// State.
    pub state: CeremonyState,
    /// The recipient that came of it, once everybody signed.
    pub recipient: Option<String>,
    /// The transcript's canonical text, once everybody signed.
    pub transcript: Option<String>,
    /// Who named the openers.
    pub named_by: AccountId,
    /// Why it was given up.
    pub abandoned_because: Option<String>,
    /// Version.
    pub version: i64,
    /// When the openers were named.
    pub created_at: UtcInstant,
    /// When everybody had signed.
    pub completed_at: Option<UtcInstant>,
    /// Hours after the closing in which too few contributed before reserves are called.
    pub reserve_after_hours: i32,
}

/// An opener in a ceremony, with what it sent.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = ceremony_members, treat_none_as_default_value = false)]
pub struct MemberRow {
    /// Ceremony.
    pub ceremony_id: CeremonyId,
    /// Position, from 1.
    pub position: i32,
    /// Its key.
    pub key_id: OpenerKeyId,
    /// Its account.
    pub account_id: AccountId,
    /// The public body it belonged to when it was named.
    pub unit_id: UnitId,
    /// Its name.
    pub name: String,
    /// Ed25519 public key, hex.
    pub signing_key: String,
    /// age recipient.
    pub recipient: String,
    /// First package, base64.
    pub package: Option<String>,
    /// Its signature, base64.
    pub package_signature: Option<String>,
    /// Signature of the transcript, base64.
    pub transcript_signature: Option<String>,
    /// Whether it is called only when others stay away.
    pub reserve: bool,
}

/// A sealed share on its way.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = ceremony_shares)]
pub struct ShareRow {
    /// Ceremony.
    pub ceremony_id: CeremonyId,
    /// Position of the sender.
    pub sender: i32,
    /// Position of the receiver.
    pub receiver: i32,
    /// age file, base64.
    pub ciphertext: String,
    /// Signature, base64.
    pub signature: String,
}

crate::text_enum! {
    /// Whose keys open the bids of a tender.
    pub enum OpenedWith {
        /// The server's.
        Server = "server",
        /// The openers' contributions, in time or after they were given up.
        Openers = "openers",
        /// The openers were given up: what bidders revealed of their own bids.
        Reveals = "reveals",
    }
}

/// The closing of a tender.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = closings, treat_none_as_default_value = false)]
pub struct ClosingRow {
    /// Tender.
    pub tender_id: TenderId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The ceremony that made its key; `None` where the server holds it.
    pub ceremony_id: Option<CeremonyId>,
    /// Canonical text.
    pub content: String,
    /// Root, hex.
    pub root: String,
    /// The journal's entry that names the root.
    pub entry_id: JournalEntryId,
    /// When.
    pub closed_at: UtcInstant,
    /// When the reserves were called.
    pub reserves_called_at: Option<UtcInstant>,
    /// When the openers were given up.
    pub lost_at: Option<UtcInstant>,
    /// Why.
    pub lost_because: Option<String>,
}

/// What an opener contributed to an opening.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = opening_contributions, treat_none_as_default_value = false)]
pub struct ContributionRow {
    /// Tender.
    pub tender_id: TenderId,
    /// Position of the opener.
    pub position: i32,
    /// Its account.
    pub account_id: AccountId,
    /// Whether it is used.
    pub state: ContributionState,
    /// Why not.
    pub wrong_because: Option<String>,
    /// Products and proofs, base64.
    pub partials: String,
    /// Signature, base64.
    pub signature: String,
    /// When it came.
    pub contributed_at: UtcInstant,
}

/// A ceremony with its openers by position.
#[derive(Debug, Clone)]
pub struct CeremonyFile {
    /// The ceremony.
    pub row: CeremonyRow,
    /// Openers.
    pub members: Vec<MemberRow>,
}

impl CeremonyFile {
    /// The seat of an account; 403 when it has none.
    pub fn seat(&self, account: AccountId) -> Result<&MemberRow> {
        self.members.iter().find(|member| member.account_id == account).ok_or_else(|| error::FORBIDDEN.error())
    }

    /// Openers needed to open.
    pub fn threshold(&self) -> Result<u16> {
        narrow(self.row.threshold)
    }

    /// What the ceremony is about, as openers hash it.
    pub fn statement(&self) -> Result<Statement> {
        Ok(Statement {
            format: messages::STATEMENT.to_owned(),
            ceremony_id: self.row.id,
            tender_id: self.row.tender_id,
            threshold: self.threshold()?,
            members: self.members.iter().map(MemberRow::named).collect::<Result<_>>()?,
        })
    }
}

impl MemberRow {
    /// The opener as the statement names it.
    pub fn named(&self) -> Result<messages::Member> {
        Ok(messages::Member {
            position: narrow(self.position)?,
            account_id: self.account_id,
            unit_id: self.unit_id,
            name: self.name.clone(),
            signing_key: self.signing_key.clone(),
            recipient: self.recipient.clone(),
        })
    }
}

/// A stored position or threshold.
pub fn narrow(number: i32) -> Result<u16> {
    u16::try_from(number).map_err(|_| Error::internal(format!("{number} is no position of an opener")))
}

impl Subject for CeremonyFile {
    fn tenant(&self) -> TenantId {
        self.row.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.row.created_at.year_in_shanghai())
    }
    fn version(&self) -> Option<i64> {
        Some(self.row.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.row.unit_id)
    }
    fn case(&self) -> Option<AnyId> {
        Some(self.row.case_id.any())
    }
    fn resource(&self) -> Option<AnyId> {
        Some(self.row.id.any())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.sees(super::policy::READERS, self)
    }
}
