//! Tender, lot and criterion rows, their states and commands.

use diesel::prelude::*;

use super::procedure::{Profile, Solicitation, profile};
use crate::db::schema::{criteria, lots, tenders};
use crate::kernel::id::{AccountId, AnyId, CaseId, CatalogueItemId, FundId, LotId, OrganisationId, RuleSetId, TenantId, TenderId, UnitId};
use crate::kernel::{BasisPoints, Fen, UtcInstant, Words};
use crate::law::Procedure;
use crate::money::funding::NewLine;
use crate::people::{Action, Actor, Role, Subject};
pub use crate::procurement::plans::model::Mode;
use crate::words;

crate::text_enum! {
    /// Where a tender stands. Closed is computed from the clock, what follows the opening from the lots.
    pub enum TenderState {
        /// Being written.
        Draft = "draft",
        /// With the finance officer; money is reserved.
        InReview = "in_review",
        /// Back with the purchaser.
        Returned = "returned",
        /// May be published.
        Approved = "approved",
        /// Public.
        Published = "published",
        /// Ended before publication.
        Cancelled = "cancelled",
    }
}

crate::text_enum! {
    /// Where a lot stands after its tender is published.
    pub enum LotState {
        /// Bids may come.
        Open = "open",
        /// Too few bids: nothing was opened.
        FailedUnopened = "failed_unopened",
        /// Bids are opened.
        Opened = "opened",
        /// Score sheets come in.
        Evaluating = "evaluating",
        /// An award is proposed.
        AwardProposed = "award_proposed",
        /// Awarded.
        Awarded = "awarded",
        /// Ended without an award.
        Failed = "failed",
    }
}

crate::text_enum! {
    /// How a criterion is scored.
    pub enum CriterionKind {
        /// By the evaluators.
        Quality = "quality",
        /// By the formula of R040.
        Price = "price",
    }
}

/// A stored tender.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = tenders, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct TenderRow {
    /// Id.
    pub id: TenderId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The case, born here.
    pub case_id: CaseId,
    /// The purchaser (购买主体).
    pub unit_id: UnitId,
    /// What is bought.
    pub catalogue_item_id: CatalogueItemId,
    /// The rule set it was made under and keeps.
    pub rule_set_id: RuleSetId,
    /// Title.
    pub title: String,
    /// What is needed.
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// How the supplier is found.
    pub procedure: Procedure,
    /// Whether plain offers over TLS are taken and sealed on arrival.
    pub plain_offers: bool,
    /// Where it stands.
    pub state: TenderState,
    /// Why it was returned or cancelled.
    pub return_reason: Option<String>,
    /// Who wrote it.
    pub drafted_by: AccountId,
    /// Who approved it.
    pub approved_by: Option<AccountId>,
    /// When it became public.
    pub published_at: Option<UtcInstant>,
    /// First instant at which no bid is taken.
    pub bid_deadline: Option<UtcInstant>,
    /// When its bids were opened.
    pub opened_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
    /// Who is asked to bid.
    pub solicitation: Solicitation,
    /// Number of the amendment in force; 0 before any.
    pub amendment: i32,
    /// Why this procedure, where it must be stated.
    pub procedure_reason: Option<String>,
    /// The supplier named without competition.
    pub named_organisation_id: Option<OrganisationId>,
    /// Last instant of the publicity before a single-source purchase (R033).
    pub publicity_until: Option<UtcInstant>,
    /// The lot that failed and is run again.
    pub predecessor_lot_id: Option<LotId>,
}

/// Roles that see what their unit has not published yet.
pub const INSIDERS: &[Role] =
    &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent, Role::Supervisor, Role::Auditor, Role::PlatformAdmin];

impl TenderRow {
    /// Whether bids may still come at `now`.
    pub fn takes_bids(&self, now: UtcInstant) -> bool {
        self.state == TenderState::Published && self.bid_deadline.is_some_and(|deadline| now < deadline)
    }

    /// What the clock makes of it: nothing, `publicity`, `open` or `closed`.
    pub fn phase(&self, now: UtcInstant) -> &'static str {
        match self.state {
            TenderState::Published if self.takes_bids(now) => "open",
            TenderState::Published if self.in_publicity(now) => "publicity",
            TenderState::Published => "closed",
            _ => "",
        }
    }

    /// Whether the publicity of a single-source purchase still runs.
    pub fn in_publicity(&self, now: UtcInstant) -> bool {
        self.publicity_until.is_some_and(|until| now < until)
    }

    /// What its procedure asks for.
    pub const fn profile(&self) -> &'static Profile {
        profile(self.procedure)
    }

    /// The instant at which the clock changes its phase, if that is still to come.
    pub fn next_phase_at(&self) -> Option<UtcInstant> {
        self.bid_deadline.or(self.publicity_until)
    }
}

impl Subject for TenderRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
    fn case(&self) -> Option<AnyId> {
        Some(self.case_id.any())
    }
    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.published_at.is_some() || actor.sees(INSIDERS, self)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let approves = action.name == super::policy::APPROVE.name || action.name == super::policy::RETURN.name;
        (approves && account == self.drafted_by).then(|| words!("起草人不得审批自己的项目", "the drafter may not review the tender"))
    }
}

/// A stored lot.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = lots, treat_none_as_default_value = false)]
pub struct LotRow {
    /// Id.
    pub id: LotId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Case.
    pub case_id: CaseId,
    /// Number inside the tender, from 1.
    pub number: i32,
    /// Title.
    pub title: String,
    /// Highest price (最高限价).
    pub ceiling_fen: Fen,
    /// Where it stands.
    pub state: LotState,
    /// Why it failed.
    pub failed_because: Option<String>,
    /// Version.
    pub version: i64,
}

/// A lot together with its tender, as the subject of what happens to the lot.
#[derive(Debug, Clone)]
pub struct LotFile {
    /// The lot.
    pub lot: LotRow,
    /// Its tender.
    pub tender: TenderRow,
}

impl Subject for LotFile {
    fn tenant(&self) -> TenantId {
        self.lot.tenant_id
    }
    fn year(&self) -> Option<i32> {
        self.tender.year()
    }
    fn version(&self) -> Option<i64> {
        Some(self.lot.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.lot.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.tender.unit_id)
    }
    fn case(&self) -> Option<AnyId> {
        Some(self.tender.case_id.any())
    }
    fn resource(&self) -> Option<AnyId> {
        Some(self.lot.id.any())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.tender.visible_to(actor)
    }
}

/// A stored criterion of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = criteria)]
pub struct CriterionRow {
    /// Lot.
    pub lot_id: LotId,
    /// Place in the list, from 1.
    pub position: i32,
    /// Name.
    pub name: String,
    /// How it is scored.
    pub kind: CriterionKind,
    /// Weight; the weights of a lot add up to 10 000.
    pub weight_bp: BasisPoints,
}

/// A tender with everything that is published of it.
#[derive(Debug, Clone)]
pub struct TenderFile {
    /// The tender.
    pub tender: TenderRow,
    /// Its lots by number.
    pub lots: Vec<LotRow>,
    /// Their criteria by lot and position.
    pub criteria: Vec<CriterionRow>,
}

/// What is needed to make or rewrite a tender.
#[derive(Debug, Clone)]
pub struct NewTender {
    /// What is bought.
    pub catalogue_item: CatalogueItemId,
    /// The fund that pays for every lot that has no funding lines of its own.
    pub fund: Option<FundId>,
    /// Title.
    pub title: String,
    /// What is needed.
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// How the supplier is found.
    pub procedure: Procedure,
    /// Who is asked; none means what the procedure does first.
    pub solicitation: Option<Solicitation>,
    /// Why this procedure.
    pub procedure_reason: Option<String>,
    /// The supplier named without competition.
    pub named_organisation: Option<OrganisationId>,
    /// Whether plain offers are taken.
    pub plain_offers: bool,
    /// Lots.
    pub lots: Vec<NewLot>,
}

/// A lot of a new tender.
#[derive(Debug, Clone)]
pub struct NewLot {
    /// Title.
    pub title: String,
    /// Highest price.
    pub ceiling: Fen,
    /// What pays for it; empty when the tender's fund does.
    pub funding: Vec<NewLine>,
    /// Criteria.
    pub criteria: Vec<NewCriterion>,
}

/// A criterion of a new lot.
#[derive(Debug, Clone)]
pub struct NewCriterion {
    /// Name.
    pub name: String,
    /// How it is scored.
    pub kind: CriterionKind,
    /// Weight.
    pub weight: BasisPoints,
}
