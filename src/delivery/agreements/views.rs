//! How contracts and milestones are shown. Accounts are left out: who did what is in the case file.

use chrono::NaiveDate;
use serde::Serialize;

use super::model::{ContractParty, ContractRow, ContractState};
use super::schedule::{MilestoneRow, MilestoneState};
use super::seals::SealRow;
use crate::db::Db;
use crate::kernel::id::{AwardId, CaseId, ContractId, FundId, MilestoneId, OrganisationId, ProjectId, UnitId};
use crate::kernel::{Money, Result, UtcInstant};
use crate::money::funding;
use crate::money::funding::views::FundingLineView;
use crate::web::{Reply, Tag};

/// A contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ContractView {
    /// Id.
    pub id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// The award it fulfils.
    pub award_id: AwardId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Fund of its first line; `funding` has all.
    pub fund_id: FundId,
    /// Hundred project that it feeds.
    pub project_id: Option<ProjectId>,
    /// Title.
    #[schema(example = "月河街道居家养老服务合同")]
    pub title: String,
    /// Price; the milestones add up to it.
    pub price: Money,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// State.
    pub state: ContractState,
    /// Why it is suspended or was terminated.
    #[schema(example = "服务场所维修，暂停上门。")]
    pub halt_reason: Option<String>,
    /// What of the price went free without being spent.
    pub released: Money,
    /// When the supplier signed.
    pub org_signed_at: Option<UtcInstant>,
    /// When the unit signed.
    pub purchaser_signed_at: Option<UtcInstant>,
    /// SHA-256 of the stamped scan or sealed file that the supplier's signature stands for.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub org_signed_sha256: Option<String>,
    /// The same of the unit's.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub purchaser_signed_sha256: Option<String>,
    /// Within how many working days of its claim a payment is made; null where none was agreed.
    #[schema(example = 20)]
    pub payment_term_days: Option<i32>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was drafted.
    pub created_at: UtcInstant,
}

impl From<ContractRow> for ContractView {
    fn from(row: ContractRow) -> Self {
        Self {
            id: row.id,
            case_id: row.case_id,
            award_id: row.award_id,
            unit_id: row.unit_id,
            organisation_id: row.organisation_id,
            fund_id: row.fund_id,
            project_id: row.project_id,
            title: row.title,
            price: row.price_fen.into(),
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            state: row.state,
            halt_reason: row.halt_reason,
            released: row.released_fen.into(),
            org_signed_at: row.org_signed_at,
            purchaser_signed_at: row.purchaser_signed_at,
            org_signed_sha256: row.org_signed_sha256,
            purchaser_signed_sha256: row.purchaser_signed_sha256,
            payment_term_days: row.payment_term_days,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// A milestone of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MilestoneView {
    /// Id.
    pub id: MilestoneId,
    /// Contract.
    pub contract_id: ContractId,
    /// Place in the schedule, from 1.
    #[schema(example = 1)]
    pub number: i32,
    /// What is to be delivered.
    #[schema(example = "上半年服务 400 人次")]
    pub title: String,
    /// By when.
    pub due_on: NaiveDate,
    /// What it is to bring.
    #[schema(max_items = 20, example = json!(["服务台账", "满意度调查报告"]))]
    pub deliverables: Vec<String>,
    /// What is paid for it.
    pub amount: Money,
    /// How much of it an advance had paid before its acceptance; the rest is claimed.
    pub cleared: Money,
    /// What of its amount was not accepted and went free; null until it is accepted.
    pub deducted: Option<Money>,
    /// When it was last delivered.
    pub delivered_at: Option<UtcInstant>,
    /// State.
    pub state: MilestoneState,
    /// What the supplier says it delivered.
    #[schema(example = "已服务 412 人次，附签到表。")]
    pub delivery_note: Option<String>,
    /// What those served say of it (R015).
    #[schema(example = "访谈老人 20 位，19 位满意。")]
    pub beneficiaries_opinion: Option<String>,
    /// Why it was rejected.
    #[schema(example = "签到表与台账不符。")]
    pub reason: Option<String>,
    /// Version, also in the ETag of the milestone.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<MilestoneRow> for MilestoneView {
    fn from(row: MilestoneRow) -> Self {
        Self {
            id: row.id,
            contract_id: row.contract_id,
            number: row.number,
            deliverables: row.deliverables(),
            title: row.title,
            due_on: row.due_on,
            amount: row.amount_fen.into(),
            cleared: row.cleared_fen.into(),
            deducted: (row.state == MilestoneState::Accepted).then(|| row.deducted_fen.into()),
            delivered_at: row.delivered_at,
            state: row.state,
            delivery_note: row.delivery_note,
            beneficiaries_opinion: row.beneficiaries_opinion,
            reason: row.reason,
            version: row.version,
        }
    }
}

/// A contract with its schedule.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ContractDetail {
    /// The contract.
    #[serde(flatten)]
    pub contract: ContractView,
    /// What pays for it, line by line; empty until finance approved.
    #[schema(max_items = 100)]
    pub funding: Vec<FundingLineView>,
    /// Its milestones in their order.
    #[schema(max_items = 24)]
    pub milestones: Vec<MilestoneView>,
    /// Electronic seals of its parties, where they gave one with their signature.
    #[schema(max_items = 2)]
    pub seals: Vec<SealView>,
}

/// An electronic seal under a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealView {
    /// Whose.
    pub party: ContractParty,
    /// Which service signed for it.
    #[schema(example = "湖州政务印章")]
    pub service: String,
    /// The sealed document.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_sha256: String,
    /// When it was sealed.
    pub sealed_at: UtcInstant,
}

impl From<SealRow> for SealView {
    fn from(row: SealRow) -> Self {
        Self { party: row.party, service: row.service, document_sha256: row.document_sha256, sealed_at: row.sealed_at }
    }
}

/// The contract with its funding and its schedule. The tag names the schedule's versions and the lines' too, because they move without
/// the contract.
pub fn detail(db: &mut Db, row: ContractRow) -> Result<Reply> {
    let milestones = super::schedule::of_contract(db, row.tenant_id, row.id)?;
    let lines = funding::lines(db, row.tenant_id, row.cause())?;
    let versions = milestones.iter().map(|milestone| milestone.version).chain(lines.iter().map(|line| line.version));
    let moves = versions.fold(0_i64, i64::saturating_add);
    let (version, phase) = (row.version, format!("m{moves}"));
    let milestones = milestones.into_iter().map(MilestoneView::from).collect();
    let funding = lines.into_iter().map(FundingLineView::from).collect();
    let seals = super::seals::of_contract(db, row.id)?.into_iter().map(SealView::from).collect();
    Ok(Reply::ok(&ContractDetail { contract: row.into(), funding, milestones, seals })?.tagged(Tag { version, phase: &phase, view: "" }))
}
