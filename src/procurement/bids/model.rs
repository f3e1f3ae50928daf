//! Bid rows and states.

use diesel::prelude::*;

use crate::db::schema::bids;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, BidId, CaseId, LotId, OrganisationId, TenantId, TenderId};
use crate::people::{Actor, Role, Subject};
use crate::procurement::tenders::model::LotFile;

crate::text_enum! {
    /// Where a bid stands.
    pub enum BidState {
        /// Received, unreadable.
        Sealed = "sealed",
        /// A later one of the same bidder took its place.
        Replaced = "replaced",
        /// Taken back before the deadline.
        Withdrawn = "withdrawn",
        /// Opened and in order.
        Valid = "valid",
        /// Opened and not in order, with the reason.
        Invalid = "invalid",
        /// Scored.
        Ranked = "ranked",
        /// Awarded.
        Won = "won",
        /// Not awarded.
        Lost = "lost",
    }
}

impl BidState {
    /// The states of a bid that was opened.
    pub const OPENED: &'static [Self] = &[Self::Valid, Self::Invalid, Self::Ranked, Self::Won, Self::Lost];

    /// Whether the bid was opened.
    pub fn is_opened(self) -> bool {
        Self::OPENED.contains(&self)
    }
}

crate::text_enum! {
    /// Who sealed a bid.
    pub enum SealedBy {
        /// The bidder: nobody can read it before its opening.
        Bidder = "bidder",
        /// The server, on arrival of a plain offer.
        Server = "server",
    }
}

/// A stored bid without its ciphertext, which is read where it is opened only: it is larger than everything else together.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = bids, treat_none_as_default_value = false)]
pub struct BidRow {
    /// Id.
    pub id: BidId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Number of the bidder's submission for this lot, from 1.
    pub sequence: i32,
    /// Where it stands.
    pub state: BidState,
    /// Why it is invalid.
    pub invalid_because: Option<String>,
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// The server's age recipient when it came: only that key opens it.
    pub recipient: String,
    /// SHA-256 of the age file, lower-case hex.
    pub ciphertext_sha256: String,
    /// Who sent it.
    pub submitted_by: AccountId,
    /// Instant of its last byte.
    pub received_at: UtcInstant,
    /// Version.
    pub version: i64,
}

impl Subject for BidRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.reaches(&[Role::OrgAdmin, Role::OrgMember], None, Some(self.organisation_id))
    }
}

/// A lot as the place where an organisation bids.
#[derive(Debug, Clone)]
pub struct BidDesk {
    /// The lot with its tender.
    pub file: LotFile,
    /// The bidder.
    pub organisation: OrganisationId,
}

impl Subject for BidDesk {
    fn tenant(&self) -> TenantId {
        self.file.lot.tenant_id
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.file.tender.visible_to(actor)
    }
}
