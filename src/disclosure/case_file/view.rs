//! The case file as the API shows it.

use chrono::NaiveDate;
use serde::Serialize;

pub use super::delivery_view::{CaseChange, CaseFiling, CaseReview, CaseSeal, CaseSignature, CaseSubcontract};
pub use super::origin_view::{CaseBudget, CaseChallenge, CaseComplaint, CaseObjective, CasePlan, CasePoint};
pub use super::outcome_view::{CaseEvidence, CaseProject, CaseReport, CaseSession, CaseSplit, CaseValue};
use crate::kernel::id::{
    AccountId, AnyId, AwardId, BidId, CaseId, CatalogueItemId, ContractId, DocumentId, FundId, FundingLineId, JournalEntryId, LotId,
    MilestoneId, OrganisationId, PaymentId, PostingId, RuleSetId, TenderId, UnitId,
};
use crate::kernel::{CatalogueCode, Fen, Money, UtcInstant};

/// One case from its need to its outcome.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseFile {
    /// The case.
    pub case_id: CaseId,
    /// Plans with the needs that they answer, oldest first.
    #[schema(max_items = 100)]
    pub plans: Vec<CasePlan>,
    /// What was asked for, oldest first: a plan may have several, and a lot may be run again.
    #[schema(max_items = 100)]
    pub tenders: Vec<CaseTender>,
    /// What paid or was to pay for lots and contracts, line by line.
    #[schema(max_items = 1000)]
    pub funding: Vec<CaseFunding>,
    /// Lots with what became of them.
    #[schema(max_items = 100)]
    pub lots: Vec<CaseLot>,
    /// Bids, once opened.
    #[schema(max_items = 1000)]
    pub bids: Vec<CaseBid>,
    /// Awards.
    #[schema(max_items = 100)]
    pub awards: Vec<CaseAward>,
    /// Challenges with their complaints, oldest first.
    #[schema(max_items = 1000)]
    pub challenges: Vec<CaseChallenge>,
    /// Contracts with milestones and payments.
    #[schema(max_items = 100)]
    pub contracts: Vec<CaseContract>,
    /// Hundred projects with their outcome reports.
    #[schema(max_items = 100)]
    pub projects: Vec<CaseProject>,
    /// Every posting of the case, oldest first.
    #[schema(max_items = 10_000)]
    pub postings: Vec<CasePosting>,
    /// Documents by hash.
    #[schema(max_items = 1000)]
    pub documents: Vec<CaseDocument>,
    /// Who did what when, oldest first, each with the hash of its journal leaf.
    #[schema(max_items = 10_000)]
    pub history: Vec<CaseEvent>,
}

/// A funding line of a lot or a contract.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CaseFunding {
    /// Id.
    pub id: FundingLineId,
    /// Kind of what it funds.
    #[schema(example = "lot")]
    pub owner_kind: String,
    /// What it funds.
    pub owner_id: AnyId,
    /// The fund; null while a later year's money has none.
    pub fund_id: Option<FundId>,
    /// Stream.
    #[schema(example = "fiscal")]
    pub stream: String,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// How much.
    pub amount: Money,
    /// State.
    #[schema(example = "committed")]
    pub state: String,
}

/// A tender of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseTender {
    /// Id.
    pub id: TenderId,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Its name.
    #[schema(example = "月河街道办事处")]
    pub unit_name_zh: String,
    /// Catalogue item.
    pub catalogue_item_id: CatalogueItemId,
    /// Its code.
    pub catalogue_code: CatalogueCode,
    /// Its name.
    #[schema(example = "居家养老服务")]
    pub catalogue_name_zh: String,
    /// Whether the item is confirmed or awaits it.
    #[schema(example = "district_proposal")]
    pub catalogue_origin: String,
    /// Rule set it keeps.
    pub rule_set_id: RuleSetId,
    /// Title.
    #[schema(example = "月河街道居家养老上门服务")]
    pub title: String,
    /// Mode.
    #[schema(example = "contracting_out")]
    pub mode: String,
    /// Procedure.
    #[schema(example = "consultation")]
    pub procedure: String,
    /// State.
    #[schema(example = "published")]
    pub state: String,
    /// Publication.
    pub published_at: Option<UtcInstant>,
    /// Deadline.
    pub bid_deadline: Option<UtcInstant>,
    /// Opening.
    pub opened_at: Option<UtcInstant>,
}

/// A lot of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseLot {
    /// Id.
    pub id: LotId,
    /// Title.
    #[schema(example = "上门服务")]
    pub title: String,
    /// Highest price.
    pub ceiling: Money,
    /// State.
    #[schema(example = "awarded")]
    pub state: String,
    /// Why it failed.
    #[schema(example = "too_few_bids")]
    pub failed_because: Option<String>,
}

/// An opened bid of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseBid {
    /// Id.
    pub id: BidId,
    /// Lot.
    pub lot_id: LotId,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Its name.
    #[schema(example = "吴兴区夕阳红社会工作服务中心")]
    pub organisation_name_zh: String,
    /// State.
    #[schema(example = "won")]
    pub state: String,
    /// Why it is invalid.
    #[schema(example = "over_ceiling")]
    pub invalid_because: Option<String>,
    /// Who sealed it.
    #[schema(example = "server")]
    pub sealed_by: String,
    /// Price.
    pub price: Option<Money>,
    /// Place in the ranking.
    #[schema(example = 1)]
    pub place: Option<i32>,
    /// Points in hundredths.
    #[schema(example = 8400)]
    pub points_bp: Option<i64>,
    /// When it came.
    pub received_at: UtcInstant,
    /// SHA-256 of its ciphertext.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub ciphertext_sha256: String,
}

/// An award of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseAward {
    /// Id.
    pub id: AwardId,
    /// Lot.
    pub lot_id: LotId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price: Money,
    /// State.
    #[schema(example = "contracting")]
    pub state: String,
}

/// A contract of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseContract {
    /// Id.
    pub id: ContractId,
    /// Award.
    pub award_id: AwardId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Title.
    #[schema(example = "月河街道居家养老上门服务合同")]
    pub title: String,
    /// Price.
    pub price: Money,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// State.
    #[schema(example = "completed")]
    pub state: String,
    /// What pays for it, line by line.
    #[schema(max_items = 100)]
    pub funding: Vec<CaseFunding>,
    /// Milestones.
    #[schema(max_items = 24)]
    pub milestones: Vec<CaseMilestone>,
    /// Electronic seals.
    #[schema(max_items = 2)]
    pub seals: Vec<CaseSeal>,
    /// Changes, oldest first.
    #[schema(max_items = 1000)]
    pub changes: Vec<CaseChange>,
    /// Publication and filing.
    #[schema(max_items = 2)]
    pub filings: Vec<CaseFiling>,
    /// Subcontracts, oldest first.
    #[schema(max_items = 1000)]
    pub subcontracts: Vec<CaseSubcontract>,
    /// Performance review at the end.
    pub review: Option<CaseReview>,
    /// Payments.
    #[schema(max_items = 100)]
    pub payments: Vec<CasePayment>,
}

/// A leg of a payment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CasePaymentLeg {
    /// Funding line.
    pub line_id: FundingLineId,
    /// Its part.
    pub amount: Money,
    /// What of it came back.
    pub refunded: Money,
}

/// A milestone of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseMilestone {
    /// Id.
    pub id: MilestoneId,
    /// Number.
    #[schema(example = 1)]
    pub number: i32,
    /// Title.
    #[schema(example = "第一季度服务")]
    pub title: String,
    /// Due date.
    pub due_on: NaiveDate,
    /// What it is to bring.
    #[schema(max_items = 20, example = json!(["服务台账"]))]
    pub deliverables: Vec<String>,
    /// Share of the price; of a milestone with a unit price the ceiling of what is paid for it.
    pub amount: Money,
    /// What is counted, where it is settled by unit price times quantity.
    #[schema(example = "人次")]
    pub unit_label: Option<String>,
    /// What one costs, as the contract agrees; null where the amount is settled as a whole.
    pub unit_price: Option<Money>,
    /// State.
    #[schema(example = "accepted")]
    pub state: String,
    /// What the people served said.
    #[schema(example = "老人普遍满意，建议增加助浴。")]
    pub beneficiaries_opinion: Option<String>,
    /// How much was counted at its acceptance, where it has a unit price.
    #[schema(example = 388)]
    pub quantity: Option<i64>,
    /// What was accepted of its amount; null before its acceptance.
    pub accepted: Option<Money>,
    /// What of its amount was not accepted.
    pub deducted: Money,
    /// Average score of its acceptance in hundredths of a point.
    #[schema(example = 8867)]
    pub score_hundredths: Option<i32>,
    /// Who signed its acceptance, oldest first.
    #[schema(max_items = 1000)]
    pub signatures: Vec<CaseSignature>,
}

/// A payment of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CasePayment {
    /// Id.
    pub id: PaymentId,
    /// Milestone.
    pub milestone_id: MilestoneId,
    /// For what was accepted (`milestone`) or in advance (`advance`).
    #[schema(example = "milestone")]
    pub kind: String,
    /// Amount.
    pub amount: Money,
    /// Which funding lines paid how much.
    #[schema(max_items = 12)]
    pub legs: Vec<CasePaymentLeg>,
    /// Invoice number.
    #[schema(example = "25337000000012345678")]
    pub invoice_number: String,
    /// State.
    #[schema(example = "paid")]
    pub state: String,
    /// Bank's reference.
    #[schema(example = "HZYH20260702-0001")]
    pub bank_reference: Option<String>,
    /// When it was paid.
    pub paid_at: Option<UtcInstant>,
}

/// A posting of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CasePosting {
    /// Id.
    pub id: PostingId,
    /// Fund.
    pub fund_id: FundId,
    /// Kind.
    #[schema(example = "commitment")]
    pub kind: String,
    /// When.
    pub at: UtcInstant,
    /// Kind of what it was made for.
    #[schema(example = "payment")]
    pub cause_kind: String,
    /// What it was made for, such as the payment of this id.
    pub cause_id: AnyId,
    /// Signed legs that add up to nothing.
    #[schema(max_items = 8)]
    pub legs: Vec<CaseLeg>,
}

/// A leg of a posting.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseLeg {
    /// Account.
    #[schema(example = "committed")]
    pub account: String,
    /// Signed amount in fen.
    pub amount_fen: Fen,
}

/// A document of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseDocument {
    /// Id.
    pub id: DocumentId,
    /// Kind of its owner.
    #[schema(example = "contract")]
    pub owner_kind: String,
    /// Its owner.
    pub owner_id: AnyId,
    /// What it is for.
    #[schema(example = "stamped_contract")]
    pub purpose: String,
    /// Name.
    #[schema(example = "合同盖章件.pdf")]
    pub filename: String,
    /// SHA-256.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

/// A step in the history of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseEvent {
    /// Journal entry.
    pub entry_id: JournalEntryId,
    /// When.
    pub at: UtcInstant,
    /// What.
    #[schema(example = "tender.published")]
    pub action: String,
    /// To what.
    #[schema(example = "tender")]
    pub resource_kind: String,
    /// Which.
    pub resource_id: AnyId,
    /// Its version after the step.
    #[schema(example = 4)]
    pub resource_version: i64,
    /// Who; null for the system.
    pub actor_id: Option<AccountId>,
    /// Its name.
    #[schema(example = "林经办")]
    pub actor_name: Option<String>,
    /// Hash of the journal leaf, hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: String,
}
