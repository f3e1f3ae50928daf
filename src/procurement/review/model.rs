//! Review, finding and low-price rows, their states and commands.

use diesel::prelude::*;

use crate::db::schema::{lot_reviews, low_price_notices, review_findings};
use crate::kernel::id::{AccountId, BidId, CaseId, FindingId, LotId, LowPriceNoticeId, OrganisationId, TenantId, TenderId, UnitId};
use crate::kernel::{BasisPoints, Fen, UtcInstant};
use crate::law::facts::InvalidGround;
use crate::people::{Actor, Role, Subject};
use crate::procurement::tenders::model::LotFile;

crate::text_enum! {
    /// Where the review of a lot stands.
    pub enum ReviewState {
        /// Findings come in.
        Open = "open",
        /// Over: what it found is told.
        Concluded = "concluded",
    }
}

crate::text_enum! {
    /// What is looked at.
    pub enum Stage {
        /// 资格审查, by the purchaser or its agent (87号令 第44条).
        Qualification = "qualification",
        /// 符合性审查, by the panel (87号令 第50条).
        Responsiveness = "responsiveness",
    }
}

crate::text_enum! {
    /// Where a request to explain a low price stands.
    pub enum NoticeState {
        /// The bidder may explain.
        Asked = "asked",
        /// It has.
        Explained = "explained",
        /// The panel finds the price reasonable.
        Accepted = "accepted",
        /// It does not: the bid is invalid.
        Rejected = "rejected",
    }
}

/// The review of a lot.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = lot_reviews, treat_none_as_default_value = false)]
pub struct ReviewRow {
    /// Lot.
    pub lot_id: LotId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// Where it stands.
    pub state: ReviewState,
    /// Share of the ceiling below which a price must be explained.
    pub low_share_bp: BasisPoints,
    /// Who began it.
    pub started_by: AccountId,
    /// When.
    pub started_at: UtcInstant,
    /// Who ended it.
    pub concluded_by: Option<AccountId>,
    /// When.
    pub concluded_at: Option<UtcInstant>,
    /// What is said of it as a whole.
    pub note: Option<String>,
    /// Version: grows with every finding.
    pub version: i64,
}

/// What was found of a bid on one criterion.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = review_findings, treat_none_as_default_value = false)]
pub struct FindingRow {
    /// Id.
    pub id: FindingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// The bid.
    pub bid_id: BidId,
    /// What is looked at.
    pub stage: Stage,
    /// The criterion, in the words of the documents.
    pub criterion: String,
    /// Whether it is met.
    pub passed: bool,
    /// Which of the grounds of R044 it falls under, when it is not.
    pub ground: Option<InvalidGround>,
    /// Why not.
    pub reason: Option<String>,
    /// Who found it.
    pub made_by: AccountId,
    /// When.
    pub made_at: UtcInstant,
}

/// A finding as it is handed in.
#[derive(Debug, Clone)]
pub struct NewFinding {
    /// The bid.
    pub bid: BidId,
    /// The criterion.
    pub criterion: String,
    /// Whether it is met.
    pub passed: bool,
    /// The ground, when it is not.
    pub ground: Option<InvalidGround>,
    /// Why not.
    pub reason: Option<String>,
}

/// A request to explain a low price.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = low_price_notices, treat_none_as_default_value = false)]
pub struct NoticeRow {
    /// Id.
    pub id: LowPriceNoticeId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// The bid; asked once.
    pub bid_id: BidId,
    /// Case.
    pub case_id: CaseId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// The raw price that is asked about.
    pub price_fen: Fen,
    /// What triggered it, in words of `LowTrigger`, with commas; empty when the panel asks on its own judgement (R046).
    pub triggers: String,
    /// Where it stands.
    pub state: NoticeState,
    /// What the panel wants to know.
    pub question: String,
    /// Who asked.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: UtcInstant,
    /// First instant at which no explanation is taken.
    pub ends_at: UtcInstant,
    /// What the bidder says.
    pub explanation: Option<String>,
    /// Who spoke for it.
    pub explained_by: Option<AccountId>,
    /// When.
    pub explained_at: Option<UtcInstant>,
    /// Why the panel decided so.
    pub decision_reason: Option<String>,
    /// Who recorded the decision.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

/// A lot with its review, as the subject of what happens in it.
#[derive(Debug, Clone)]
pub struct ReviewDesk {
    /// The lot with its tender.
    pub file: LotFile,
    /// The review, once begun.
    pub review: Option<ReviewRow>,
}

impl Subject for ReviewDesk {
    fn tenant(&self) -> TenantId {
        self.file.tenant()
    }
    fn year(&self) -> Option<i32> {
        self.file.year()
    }
    fn version(&self) -> Option<i64> {
        self.review.as_ref().map(|review| review.version)
    }
    fn state(&self) -> Option<&'static str> {
        self.file.state()
    }
    fn unit(&self) -> Option<UnitId> {
        self.file.unit()
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.file.visible_to(actor)
    }
}

/// A request to explain with the unit that asks.
#[derive(Debug, Clone)]
pub struct NoticeDesk {
    /// The request.
    pub row: NoticeRow,
    /// The lot with its tender.
    pub file: LotFile,
    /// Whether the actor is appointed to evaluate the lot.
    pub sits: bool,
}

impl Subject for NoticeDesk {
    fn tenant(&self) -> TenantId {
        self.row.tenant_id
    }
    fn year(&self) -> Option<i32> {
        self.file.year()
    }
    fn version(&self) -> Option<i64> {
        Some(self.row.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        self.file.unit()
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.row.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        const UNIT: &[Role] = &[Role::Purchaser, Role::PurchaserLead, Role::Agent, Role::Supervisor, Role::Auditor];
        self.sits || actor.sees(UNIT, self) || actor.reaches(&[Role::OrgAdmin, Role::OrgMember], None, Some(self.row.organisation_id))
    }
}
